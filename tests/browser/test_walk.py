"""A person walks through the admin in a real browser."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from objects.models import Object
from people.models import Person
from tests.browser.conftest import SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.once]

WIDTHS = (1440, 390)


def a_committee() -> tuple[str, str, str]:
    """Give the id and name of a committee of the samples, and the id of one of its people."""
    with (SAMPLES / "committee_memberships.csv").open(newline="", encoding="utf-8-sig") as file:
        membership = next(csv.DictReader(file))
    committee = Object.objects.get(object_id=membership["object_id"], object_type__number=1)
    person = Person.objects.get(person_id=membership["id"])
    return committee.object_id, committee.name, person.name


def test_opens_committees_finds_one_and_reads_its_people(
    page: Page, complaints: list[str]
) -> None:
    object_id, name, person = a_committee()

    page.get_by_role("link", name="Committees").first.click()
    expect(page.get_by_role("heading", name="Committees")).to_be_visible()
    page.get_by_role("searchbox").fill(object_id)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("navigation", name="Parts of this page").get_by_text("Relationships").click()
    page.get_by_role("searchbox").fill(person)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=person, exact=True).click()

    expect(page.get_by_role("heading", name=person, level=2)).to_be_visible()
    assert complaints == []


def test_edits_attributes_as_rows_without_losing_a_digit(
    page: Page, complaints: list[str]
) -> None:
    object_id, name, _ = a_committee()
    stored = Object.objects.get(object_id=object_id, object_type__number=1)
    page.goto(f"/admin/objects/object/{stored.pk}/change/?tab=manage")

    page.get_by_role("button", name="Add attribute").click()
    page.get_by_label("Attribute name").last.fill("budget")
    page.get_by_label("Attribute type").last.select_option("number")
    page.locator("[data-row]").last.locator("[data-text]").fill("9007199254740993")
    page.get_by_role("button", name="Raw JSON").click()
    raw = page.get_by_label("Attributes as JSON")
    expect(raw).to_have_value(re.compile("9007199254740993"))
    page.get_by_role("button", name="Table").click()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("changed successfully")).to_be_visible()
    stored.refresh_from_db()
    assert stored.attributes["budget"] == 9007199254740993
    assert stored.name == name
    assert complaints == []


def test_selecting_rows_offers_to_delete_them_with_counts(
    page: Page, complaints: list[str]
) -> None:
    page.goto("/admin/objects/object/?object_type=1")
    for number in range(2):
        page.locator("input.action-select").nth(number).check()
    expect(page.locator(".action-counter")).to_contain_text("2 of")
    page.locator("select[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("button", name="Delete 2 ")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    assert Object.objects.filter(object_type__number=1).count() > 2
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_complains_or_scrolls_sideways(
    page: Page, complaints: list[str], width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    stored = Object.objects.filter(totals__relationship_count__gt=0).first()
    for address in (
        "/admin/",
        "/admin/objects/object/?object_type=1",
        "/admin/objects/object/?object_type=1&q=nothing-like-this",
        "/admin/objects/object/add/?object_type=1",
        f"/admin/objects/object/{stored.pk}/change/",
        f"/admin/objects/object/{stored.pk}/change/?tab=manage",
        f"/admin/objects/object/{stored.pk}/change/?tab=relationships",
        f"/admin/objects/object/{stored.pk}/change/?tab=activity",
        f"/admin/objects/object/{stored.pk}/delete/",
        f"/admin/relationships/relationship/add/?object={stored.pk}",
        "/admin/people/person/",
        "/admin/people/person/import/",
        "/admin/people/person/export/",
        "/admin/relationships/relationship/",
        "/admin/objects/objecttype/",
        "/admin/objects/objecttype/add/",
        "/admin/operations/activity/",
        "/admin/operations/changeset/",
        "/admin/workspaces/workspace/",
        "/admin/workspaces/credential/add/",
        "/admin/auth/user/",
    ):
        response = page.goto(address)
        assert response.status == 200, address
        page.wait_for_function("window.Alpine !== undefined")
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{address} at {width}"
    assert complaints == []


def test_saves_the_raw_json_without_scripts(page: Page) -> None:
    stored = Object.objects.filter(object_type__number=1).first()
    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(
        page.url.replace("/admin/", f"/admin/objects/object/{stored.pk}/change/?tab=manage")
    )
    plain.get_by_label("Attributes as JSON").fill('{"name": "Without scripts", "n": 1}')
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.get_by_role("heading", name="Without scripts", level=2)).to_be_visible()
    stored.refresh_from_db()
    assert stored.attributes["n"] == 1
