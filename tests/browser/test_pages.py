"""A person works on the page of an object and of a person in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from objects.models import Object
from people.models import Person
from relationships.models import Relationship
from tests.make import make_object, make_person, relate
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once]


def a_relationship() -> Relationship:
    found = Relationship.objects.select_related("person", "object").order_by("pk").first()
    assert found is not None
    return found


def related_tab(row: Object | Person) -> str:
    kind = "objects/object" if isinstance(row, Object) else "people/person"
    return f"/admin/{kind}/{row.pk}/change/?tab=relationships"


def count_of(page: Page, title: str) -> re.Pattern[str]:
    return re.compile(rf"attributes? of the relationship with {re.escape(title)}$")


def test_manages_attributes_of_every_type(page: Page, complaints: list[str]) -> None:
    row = a_relationship().object
    page.goto(f"/admin/objects/object/{row.pk}/change/")
    page.get_by_role("link", name="Manage", exact=True).click()
    for name, kind, value in (("seats", "number", "12"), ("tags", "json", '["a"]')):
        page.get_by_role("button", name="Add attribute").click()
        page.keyboard.type(name)
        page.get_by_label("Attribute type").last.select_option(kind)
        page.locator("[data-row]").last.locator("[data-text]").fill(value)
    page.get_by_role("button", name="Save", exact=True).click()

    line = page.get_by_role("row", name=re.compile("^seats"))
    expect(line).to_contain_text("12")
    expect(line).to_contain_text("just now")
    page.get_by_role("link", name="Manage", exact=True).click()
    page.get_by_role("group", name="seats").get_by_role("button", name="Remove attribute").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("^tags"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^seats"))).to_have_count(0)
    assert complaints == []


def test_the_focus_goes_to_the_first_wrong_attribute(page: Page, complaints: list[str]) -> None:
    row = a_relationship().object
    page.goto(f"/admin/objects/object/{row.pk}/change/?tab=manage")
    page.get_by_role("button", name="Add attribute").click()
    page.keyboard.type("relationship")
    page.locator("[data-row]").last.locator("[data-text]").fill("x")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("[data-error-summary]")).to_contain_text("reserved")
    wrong = page.locator("[data-row] [data-name][aria-invalid=true]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("relationship")
    described = wrong.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("reserved")
    assert complaints == []


def test_raw_json_tells_line_and_column_before_it_is_sent(
    page: Page, complaints: list[str]
) -> None:
    row = a_relationship().object
    page.goto(f"/admin/objects/object/{row.pk}/change/?tab=manage")
    page.get_by_role("button", name="Raw JSON").click()
    page.get_by_label("Attributes as JSON").fill('{\n  "a": 1,\n  b\n}')
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_role("alert")).to_contain_text("line 3, column 3")
    expect(page.get_by_label("Attributes as JSON")).to_be_focused()
    assert complaints == []


def test_asks_whose_values_to_keep_when_somebody_else_saved(
    page: Page, complaints: list[str]
) -> None:
    row = a_relationship().object
    make_object(row.object_type, row.object_id, {"plan": "gold", "seats": 3})
    page.goto(f"/admin/objects/object/{row.pk}/change/?tab=manage")
    page.get_by_role("group", name="plan").locator("[data-text]").fill("silver")
    make_object(row.object_type, row.object_id, {"plan": "bronze", "seats": 4})
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Somebody else saved this")).to_be_visible()
    page.get_by_label("Theirs: bronze").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("changed successfully")).to_be_visible()
    row.refresh_from_db()
    assert (row.attributes["plan"], row.attributes["seats"]) == ("bronze", 4)
    assert complaints == []


def test_the_panel_creates_edits_and_removes_attributes_with_the_keyboard(
    page: Page, complaints: list[str]
) -> None:
    relationship = a_relationship()
    title = str(relationship.person)
    page.goto(f"{related_tab(relationship.object)}&q={title}")
    count = page.get_by_role("link", name=count_of(page, title)).first
    count.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Relationship attributes")
    expect(panel.get_by_role("heading")).to_be_focused()

    panel.get_by_role("button", name="Create new attribute").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("panel_role")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("owner")
    panel.get_by_role("button", name="Save").click()

    expect(panel).to_be_hidden()
    expect(count).to_be_focused()
    relationship.refresh_from_db()
    assert relationship.attributes["panel_role"] == "owner"
    expect(count).to_have_text(str(len(relationship.attributes)))

    page.keyboard.press("Enter")
    row = panel.get_by_role("group", name="panel_role")
    row.get_by_role("button", name="Remove attribute").click()
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_be_hidden()
    relationship.refresh_from_db()
    assert "panel_role" not in relationship.attributes
    assert complaints == []


def test_what_was_typed_in_the_panel_survives_a_server_that_does_not_answer(
    page: Page,
) -> None:
    page.goto(related_tab(a_relationship().person))
    page.locator("a[data-panel]").first.click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("button", name="Create new attribute").click()
    page.keyboard.type("kept")
    page.route("**/relationships/relationship/**", lambda route: route.abort())
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Not saved: the server")).to_be_focused()
    expect(panel.get_by_label("Attribute name").last).to_have_value("kept")


def test_escape_closes_the_panel_and_asks_first_when_something_was_typed(
    page: Page, complaints: list[str]
) -> None:
    relationship = a_relationship()
    title = str(relationship.object)
    page.goto(related_tab(relationship.person))
    count = page.get_by_role("link", name=count_of(page, title)).first
    count.click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(count).to_be_focused()

    count.click()
    panel.get_by_role("button", name="Create new attribute").click()
    page.keyboard.type("half")
    page.keyboard.press("Escape")
    expect(panel.get_by_text("Not saved yet.")).to_be_visible()
    panel.get_by_role("button", name="Discard").click()
    expect(panel).to_be_hidden()
    expect(count).to_be_focused()
    assert complaints == []


def test_the_panel_shows_an_error_and_keeps_what_was_typed(
    page: Page, complaints: list[str]
) -> None:
    relationship = a_relationship()
    page.goto(related_tab(relationship.person))
    page.locator("a[data-panel]").first.click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("button", name="Create new attribute").click()
    page.keyboard.type("seats")
    panel.get_by_label("Attribute type").last.select_option("number")
    panel.locator("[data-row]").last.locator("[data-text]").fill("many")
    panel.get_by_role("button", name="Save").click()

    expect(panel.locator("[data-error-summary]")).to_contain_text("many is not a number")
    expect(panel.locator("[data-row] [aria-invalid=true]").first).to_be_focused()
    assert complaints == []


def test_deletes_several_relationships_after_counting_them(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    row = a_relationship().object
    for number in range(3):
        relate(make_person(samples, f"extra-{number}", {"name": f"Extra {number}"}), row)
    before = Relationship.objects.filter(object=row).count()
    page.goto(f"{related_tab(row)}&q=Extra")
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_disabled()
    page.get_by_label("Select all on this page").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label("Select Extra 1").uncheck()
    delete.click()
    page.get_by_role("button", name="Delete 2 relationships").click()

    expect(page.get_by_text("Deleted 2 relationships.")).to_be_visible()
    assert Relationship.objects.filter(object=row).count() == before - 2
    assert complaints == []


def test_merges_two_people_from_the_menu(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    kept = make_person(samples, "kept", {"name": "Kept Person"})
    gone = make_person(samples, "gone", {"name": "Gone Person", "city": "Oslo"})
    page.goto(f"/admin/people/person/{kept.pk}/change/")
    page.get_by_text("Options").click()
    page.get_by_role("link", name="Merge…").click()
    page.get_by_role("searchbox").fill("Gone Pers")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Gone Person").click()
    expect(page.get_by_role("heading", name="Merge Gone Person into Kept Person?")).to_be_visible()
    page.get_by_role("button", name="Merge into Kept Person").click()

    expect(page.get_by_text("Merged Gone Person into Kept Person.")).to_be_visible()
    kept.refresh_from_db()
    assert kept.attributes["city"] == "Oslo"
    assert not Person.objects.filter(pk=gone.pk).exists()
    assert complaints == []


def test_suppresses_a_person_and_frees_the_identifiers(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    person = make_person(samples, "leaving", {"name": "Leaving Person"})
    page.goto(f"/admin/people/person/{person.pk}/change/")
    page.get_by_text("Options").click()
    page.get_by_role("link", name="Suppress…").click()
    page.get_by_role("button", name="Suppress").click()
    expect(page.get_by_text("Suppressed Leaving Person.")).to_be_visible()

    page.goto("/admin/people/suppression/")
    expect(page.get_by_text("leaving", exact=True)).to_be_visible()
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option("unsuppress")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Unsuppress").click()
    expect(page.get_by_text("Unsuppressed 1 person.")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_a_row_scrolls_sideways_or_has_small_targets(
    page: Page, complaints: list[str], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    relationship = a_relationship()
    of_object = f"/admin/objects/object/{relationship.object_id}"
    of_person = f"/admin/people/person/{relationship.person_id}"
    other = Person.objects.exclude(pk=relationship.person_id).first()
    for address in (
        f"{of_object}/change/",
        f"{of_object}/change/?tab=manage",
        f"{of_object}/change/?tab=relationships",
        f"{of_object}/change/?tab=relationships&q=nothing-like-this",
        f"{of_object}/change/?tab=activity",
        f"{of_person}/change/",
        f"{of_person}/change/?tab=manage",
        f"{of_person}/change/?tab=relationships",
        f"{of_person}/merge/",
        f"{of_person}/merge/?q=a",
        f"{of_person}/merge/?other={other.pk}",
        f"{of_person}/suppress/",
        "/admin/people/suppression/",
    ):
        response = page.goto(address)
        assert response.status == 200, address
        page.wait_for_function("window.Alpine !== undefined")
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{address} at {width}"
        assert page.evaluate(SMALL_TARGETS) == [], f"{address} at {width}"
    assert complaints == []


SMALL_TARGETS = """
() => [...document.querySelectorAll("#content-main :is(button, select, summary, .cio-row-check)")]
    .filter((target) => target.offsetParent !== null)
    .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < 24)
    .map(([html]) => html)
"""


@pytest.mark.parametrize("width", [1440, 390])
def test_the_choice_of_an_action_has_the_colours_of_the_theme(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.goto("/admin/people/person/")
    page.locator("input.action-select").first.check()
    choice = page.locator("select[name=action]")
    for theme in ("light", "dark"):
        page.evaluate(
            "dark => document.documentElement.classList.toggle('dark', dark)", theme == "dark"
        )
        surface = page.evaluate(
            "() => { const at = document.body.appendChild(document.createElement('i'));"
            "at.className = 'cio-input'; const found = getComputedStyle(at).backgroundColor;"
            "at.remove(); return found; }"
        )
        expect(choice).to_have_css("background-color", surface)
        expect(choice).to_have_css("color-scheme", "dark" if theme == "dark" else "normal")
