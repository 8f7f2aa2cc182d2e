"""A person adds relationships to many at once, with scripts and without."""

import pytest
from playwright.sync_api import Page, expect

from objects.models import Object
from operations.engine import apply
from operations.types import Call, IdentifyPerson, PersonKey
from people.models import Person
from relationships.models import Relationship
from tests.make import origin
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once]

PEOPLE = 60
WIDTHS = (1440, 390)


@pytest.fixture
def crowd(samples: Workspace) -> list[Person]:
    """Make sixty people who all are called Crowd, so that a search finds two pages of them."""
    asked = origin(samples)
    operations = (
        IdentifyPerson(PersonKey(id=f"crowd-{n:02}"), {"name": f"Crowd {n:02}"})
        for n in range(PEOPLE)
    )
    apply([Call(asked, (operation,)) for operation in operations])
    return list(Person.objects.filter(person_id__startswith="crowd-").order_by("pk"))


def go_on(page: Page) -> None:
    page.locator(".cio-relate-bar").get_by_role("button", name="Next", exact=True).click()


def check_the_crowd(page: Page) -> None:
    page.get_by_role("searchbox").fill("crowd")
    page.keyboard.press("Enter")
    expect(page.get_by_text("60 rows", exact=True)).to_be_visible()
    page.get_by_label("Select all rows of this page").check()
    expect(page.locator("[data-selected]")).to_have_text("50 selected")
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("input[name=chosen]")).to_have_count(10)
    page.get_by_label("Select all rows of this page").check()
    expect(page.locator("[data-selected]")).to_have_text("60 selected")


def test_relates_sixty_people_over_two_pages_to_two_objects(
    page: Page, crowd: list[Person], complaints: list[str]
) -> None:
    committees = list(Object.objects.filter(object_type__number=1).order_by("-created_at", "-pk"))
    page.goto("/admin/relationships/add/")
    expect(page).to_have_title("Step 1 of 5: Choose people | CIO Objects")
    check_the_crowd(page)
    go_on(page)
    page.get_by_label("Committees").check()
    go_on(page)
    for committee in committees[:2]:
        page.locator(f"#row-{committee.pk}").check()
    go_on(page)
    page.get_by_role("button", name="Add attribute").click()
    page.get_by_label("Attribute name").last.fill("role")
    page.locator("[data-row]").last.locator("[data-text]").fill("observer")
    page.locator(".cio-relate-bar").get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Add 120 relationships").click()
    expect(page).to_have_title("Relate 120 pairs of people and Committees | CIO Objects")

    related = Relationship.objects.filter(person__in=crowd)
    assert set(related.values_list("attributes__role", flat=True)) == {"observer"}
    page.goto(f"/admin/people/person/{crowd[0].pk}/change/?tab=relationships")
    expect(page.get_by_role("link", name=committees[0].name).first).to_be_visible()
    page.goto(f"/admin/objects/object/{committees[0].pk}/change/?tab=relationships&q=crowd")
    expect(page.get_by_role("link", name="Crowd 59").first).to_be_visible()
    assert complaints == []


def test_boxes_are_kept_without_scripts(page: Page, crowd: list[Person]) -> None:
    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url.replace("/admin/", "/admin/relationships/add/"))
    plain.locator("input[name=chosen]").first.check()
    plain.get_by_role("searchbox").fill("crowd 00")
    plain.keyboard.press("Enter")
    expect(plain.locator("[data-selected]")).to_have_text("1 selected")
    plain.locator("input[name=chosen]").first.check()
    go_on(plain)
    expect(plain.get_by_role("heading", level=1)).to_have_text(
        "Step 2 of 5: Choose an object type"
    )
    expect(plain.get_by_text("2 selected").first).to_be_visible()


def test_all_that_match_and_a_pasted_list(page: Page, crowd: list[Person]) -> None:
    page.goto("/admin/relationships/add/?q=crowd")
    page.get_by_text("Paste a list of ids or e-mail addresses").click()
    page.get_by_label("Ids, one on each line").fill("crowd-00\nnobody")
    page.get_by_role("button", name="Look up and select").click()
    expect(page.get_by_label("Ids, one on each line")).to_have_value("nobody")
    expect(page.locator("[data-selected]")).to_have_text("1 selected")
    page.get_by_role("searchbox").fill("crowd 1")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select all 10 rows").click()
    expect(page.locator("[data-selected]")).to_have_text("11 selected")


def test_the_keyboard_is_enough(page: Page, crowd: list[Person]) -> None:
    page.goto("/admin/relationships/add/")
    page.locator("input[name=chosen]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Next", exact=True).last.focus()
    page.keyboard.press("Enter")
    page.locator("input[name=type]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Next", exact=True).last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Step 3 of 5: Choose objects")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_step_complains_or_scrolls_sideways(
    page: Page, crowd: list[Person], complaints: list[str], width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    page.goto(f"/admin/relationships/add/?person={crowd[0].pk}")
    page.get_by_label("Committees").check()
    go_on(page)
    page.locator("input[name=chosen]").first.check()
    go_on(page)
    page.wait_for_url("**/attributes/")
    for name in ("people", "type", "objects", "attributes", "review"):
        response = page.goto(page.url.rsplit("/", 2)[0] + f"/{name}/")
        assert response.status == 200
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{name} at {width}"
    assert complaints == []
