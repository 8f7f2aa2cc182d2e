"""The palette, the single keys and the menus, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from objects.models import Object
from people.models import Person
from tests.make import make_person
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_the_palette_leads_to_a_person_and_remembers_it(page: Page, complaints: list[str]) -> None:
    person = Person.objects.exclude(name="").order_by("pk")[0]
    page.goto("/admin/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Go to a person, an object or a page")
    expect(field).to_be_focused()
    field.fill(person.name)
    option = page.get_by_role("option", name=person.name).first
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=person.name, level=2)).to_be_visible()

    page.keyboard.press("Control+k")
    recent = page.get_by_role("group", name="Recent")
    expect(recent.get_by_role("option", name=person.name)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert complaints == []


def test_the_palette_says_when_nothing_matches(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("button", name="Go to…").click()
    page.keyboard.type("nothing like this at all")
    expect(page.locator(".cio-palette-none")).to_be_visible()


def test_the_palette_shows_names_as_text(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    make_person(samples, "strange", {"name": "<img src=x>"})
    page.goto("/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("<img")
    expect(page.locator("#palette-list")).to_contain_text("<img")
    assert page.locator("#palette-list img").count() == 0
    assert complaints == []


def test_j_and_k_walk_the_rows_x_selects_and_enter_opens(page: Page) -> None:
    page.goto("/admin/objects/object/?object_type=1")
    links = page.locator("#result_list tbody tr .cio-name, #result_list tbody th a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("#result_list tbody input[type=checkbox]").first).to_be_checked()
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")


def test_single_keys_rest_in_fields_and_can_be_switched_off(page: Page) -> None:
    page.goto("/admin/objects/object/?object_type=1")
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    expect(page.get_by_role("searchbox")).to_have_value("jk?")
    expect(page.locator("#keys")).to_be_hidden()

    page.goto("/admin/objects/object/?object_type=1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("body")).to_be_focused()
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_menu_of_the_account_is_reached_by_keyboard(page: Page, complaints: list[str]) -> None:
    page.goto("/admin/")
    menu = page.locator(".cio-user > summary")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Dark")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("html.dark")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    assert complaints == []


def test_the_first_tab_leads_to_the_content(page: Page) -> None:
    page.goto("/admin/people/person/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_pointing_at_a_row_lights_its_dot(page: Page) -> None:
    row = Object.objects.filter(totals__relationship_count__gt=1)[0]
    page.goto(f"/admin/objects/object/{row.pk}/change/?tab=neighbourhood")
    page.locator("tr[data-dot='1']").hover()
    expect(page.locator("svg a[data-dot='1']")).to_have_class("cio-dot-person cio-lit")
