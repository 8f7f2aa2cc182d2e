"""Somebody filters a list with the condition builder in a real browser."""

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from objects.models import Object

pytestmark = [pytest.mark.browser, pytest.mark.once]

LIST = "/admin/objects/object/?object_type=2"


def open_builder(page: Page, address: str = LIST) -> Locator:
    page.goto(address)
    page.locator("details.cio-filters > summary").click()
    builder = page.locator("[data-conditions]")
    expect(builder.locator("[data-row]").first).to_be_visible()
    return builder


def fill(row: Locator, name: str, operator: str, value: str = "") -> None:
    row.get_by_label("Attribute name").fill(name)
    row.get_by_label("Comparison").select_option(operator)
    if value:
        row.get_by_label("Value", exact=True).fill(value)


def filter_of(page: Page) -> object:
    return json.loads(parse_qs(urlsplit(page.url).query)["f"][0])


def a_state() -> Object:
    return Object.objects.filter(object_type__number=2).order_by("pk")[0]


def test_filters_with_rows_and_takes_one_away_by_its_chip(
    page: Page, complaints: list[str]
) -> None:
    state = a_state()
    builder = open_builder(page)
    fill(builder.locator("[data-row]").nth(0), "name", "starts_with", state.name[:3])
    builder.locator("[data-outer] ~ .cio-condition-add [data-add-row]").click()
    second = builder.locator("[data-row]").nth(1)
    expect(second.get_by_label("Attribute name")).to_be_focused()
    second.get_by_label("What the condition is about").select_option("count")
    expect(second.get_by_label("Attribute name")).to_be_hidden()
    second.get_by_label("Comparison").select_option("at_most")
    second.get_by_label("Value", exact=True).fill("100")
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_text(f"name starts with {state.name[:3]}")).to_be_visible()
    expect(page.get_by_role("link", name=state.name, exact=True)).to_be_visible()
    assert filter_of(page) == {
        "and": [
            {
                "object_attribute": {
                    "field": "name",
                    "operator": "starts_with",
                    "value": state.name[:3],
                }
            },
            {"related": {"at_most": 100}},
        ]
    }
    page.get_by_role("link", name=re.compile("Remove the filter related to at most")).click()
    expect(page.get_by_text("related to at most")).to_have_count(0)
    assert "object_attribute" in filter_of(page)
    assert complaints == []


def test_builds_a_group_by_keyboard_and_finds_it_again(page: Page, complaints: list[str]) -> None:
    builder = open_builder(page)
    fill(builder.locator("[data-row]").nth(0), "name", "exists")
    expect(builder.locator("[data-row]").nth(0).get_by_label("Value", exact=True)).to_be_hidden()
    builder.get_by_role("button", name="Group").focus()
    page.keyboard.press("Enter")
    group = builder.get_by_role("group", name="Group of conditions")
    expect(group.get_by_label("How the group is joined")).to_be_focused()
    group.get_by_label("How the group is joined").select_option("none")
    fill(group.locator("[data-row]").nth(0), "nothing", "between", "1")
    group.get_by_label("Highest value").fill("2")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("f="))
    page.locator("details.cio-filters > summary").click()
    group = page.get_by_role("group", name="Group of conditions")
    expect(group.get_by_label("How the group is joined")).to_have_value("none")
    expect(group.get_by_label("Highest value")).to_have_value("2")
    group.get_by_role("button", name="Remove the condition").focus()
    page.keyboard.press("Enter")
    expect(group).to_have_count(0)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("name is set")).to_be_visible()
    assert "and" not in filter_of(page)
    page.get_by_role("link", name="Clear all").click()
    assert "f=" not in page.url
    assert complaints == []


def test_a_date_is_chosen_and_a_mistake_stays_to_be_mended(
    page: Page, complaints: list[str]
) -> None:
    builder = open_builder(page)
    row = builder.locator("[data-row]").nth(0)
    fill(row, "created_at", "after")
    expect(row.get_by_label("Value", exact=True)).to_have_attribute("type", "date")
    row.get_by_label("Value", exact=True).fill("2020-02-29")
    row.get_by_label("Comparison").select_option("in_last_days")
    row.get_by_label("Value", exact=True).fill("soon")
    page.get_by_role("button", name="Apply").click()

    row = page.locator("[data-conditions] [data-row]").nth(0)
    expect(row.get_by_role("alert")).to_contain_text('not "soon"')
    expect(row.get_by_label("Value", exact=True)).to_have_value("soon")
    row.get_by_label("Comparison").select_option("after")
    row.get_by_label("Value", exact=True).fill("2020-02-29")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("created_at is after 2020-02-29")).to_be_visible()
    assert complaints == []


def test_json_says_what_rows_cannot(page: Page, complaints: list[str]) -> None:
    node = {"or": [{"and": [{"or": [{"related": {"at_least": 1}}]}]}]}
    page.goto(f"{LIST}&f={quote(json.dumps(node))}")
    page.locator("details.cio-filters > summary").click()
    expect(page.get_by_label("Conditions as JSON")).to_be_visible()
    expect(page.get_by_role("button", name="Conditions")).to_be_disabled()
    page.get_by_label("Conditions as JSON").fill('{"related":{"at_most":0}}')
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("related to at most 0 people")).to_be_visible()
    assert complaints == []


def test_escape_closes_the_builder_and_gives_the_focus_back(page: Page) -> None:
    builder = open_builder(page)
    page.keyboard.press("Escape")
    expect(builder).to_be_hidden()
    expect(page.locator("details.cio-filters > summary")).to_be_focused()


def test_filters_without_scripts(page: Page) -> None:
    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url.replace("/admin/", LIST))
    plain.locator("details.cio-filters > summary").click()
    plain.get_by_label("Conditions as JSON").fill('{"related":{"at_least":1}}')
    plain.get_by_role("button", name="Apply").click()
    expect(plain.get_by_text("related to at least 1 person")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_builder_fits_the_page(
    page: Page, complaints: list[str], width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    rows = [{"object_attribute": {"field": f"n{n}", "operator": "exists"}} for n in range(12)]
    wrong = {"object_attribute": {"field": "a", "operator": "between", "value": [1, "x"]}}
    node = {"and": [*rows, {"or": [rows[0], wrong]}]}
    page.goto(f"{LIST}&f={quote(json.dumps(node))}")
    expect(page.get_by_role("button", name="Apply")).to_be_in_viewport()
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0
    assert complaints == []


def test_a_type_is_chosen_by_its_name(page: Page, complaints: list[str]) -> None:
    builder = open_builder(page, "/admin/people/person/")
    row = builder.locator("[data-row]").nth(0)
    row.get_by_label("What the condition is about").select_option("object_type")
    row.get_by_label("Object type").select_option(label="States")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("related to the type States")).to_be_visible()
    page.locator("details.cio-filters > summary").click()
    expect(page.locator("[data-row]").nth(0).get_by_label("Object type")).to_have_value("2")
    assert filter_of(page) == {"related": {"where": {"object_type": {"id": 2}}}}
    assert complaints == []


def test_offers_no_number_in_a_group_about_one_relationship(
    page: Page, complaints: list[str]
) -> None:
    builder = open_builder(page)
    builder.get_by_role("button", name="Group").click()
    group = builder.locator("[data-group]")
    join = group.get_by_label("How the group is joined")
    about = group.get_by_label("What the condition is about")
    number, related = 'option[value="count"]', 'option[value="related"]'

    about.first.select_option("count")
    expect(join.locator(related)).to_be_disabled()
    about.first.select_option("attribute")
    expect(join.locator(related)).to_be_enabled()

    join.select_option("related")
    expect(about.first.locator(number)).to_be_disabled()
    group.get_by_role("button", name="Condition", exact=True).click()
    expect(about).to_have_count(2)
    expect(about.nth(1).locator(number)).to_be_disabled()
    expect(builder.locator("[data-outer]").locator(number)).to_be_enabled()

    join.select_option("any")
    expect(about.first.locator(number)).to_be_enabled()
    assert complaints == []


def test_a_group_about_one_relationship_is_limited_when_the_page_opens(page: Page) -> None:
    where = {"attribute": {"field": "name", "operator": "exists"}}
    both = {"relationship_attribute": {"field": "role", "operator": "exists"}}
    node = {"related": {"where": {"and": [where, both]}}}
    builder = open_builder(page, f"{LIST}&f={quote(json.dumps(node))}")
    group = builder.locator("[data-group]")
    about = group.get_by_label("What the condition is about")
    expect(about.first.locator('option[value="count"]')).to_be_disabled()
