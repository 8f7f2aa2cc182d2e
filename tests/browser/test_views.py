"""Somebody chooses columns, saves and shares a view, and makes a segment, in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from people.models import Segment
from tests.make import member
from workspaces.models import Role, Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once]

PEOPLE = "/admin/people/person/"


def headers(page: Page) -> list[str]:
    found = page.locator("#result_list thead th .text").all_inner_texts()
    return [text.strip() for text in found if text.strip() and "Select" not in text]


def open_columns(page: Page) -> Locator:
    page.locator(".cio-columns-menu > summary").click()
    menu = page.locator("[data-columns]")
    expect(menu).to_be_visible()
    return menu


def sign_in_beside(page: Page, username: str) -> Page:
    """Give a page of another member, signed in in a browser of their own."""
    other: Any = page.context.browser.new_context(base_url=page.url.split("/admin")[0])
    opened: Page = other.new_page()
    opened.goto("/admin/login/")
    opened.get_by_label("Username").fill(username)
    opened.get_by_label("Password").fill("pass")
    opened.get_by_role("button", name="Log in").click()
    opened.wait_for_url("**/admin/")
    return opened


def test_columns_a_shared_view_and_a_segment(
    page: Page, complaints: list[str], samples: Workspace
) -> None:
    member(Role.VIEWER, samples, username="vera")
    show_the_party_first(page)
    save_a_shared_view(page)
    other = sign_in_beside(page, "vera")
    other.goto(page.url)
    expect(other.get_by_text("party is Democrat")).to_be_visible()
    assert headers(other)[:2] == ["party", "Name"]
    other.goto(PEOPLE)
    assert "party" not in headers(other), "the columns of a view are not everybody's"
    nav = other.get_by_role("navigation", name="Main")
    nav.get_by_role("link", name=re.compile("Democrats")).click()
    expect(other.get_by_text("party is Democrat")).to_be_visible()
    expect(other.get_by_text("As a segment…")).to_have_count(0)
    make_a_segment(page)
    in_segment = page.locator(".cio-total").inner_text()
    filter_by_the_segment(page)
    assert page.locator(".cio-total").inner_text() == in_segment
    assert Segment.objects.get().is_dynamic
    assert complaints == []


def show_the_party_first(page: Page) -> None:
    page.goto(PEOPLE)
    menu = open_columns(page)
    menu.get_by_label("Attribute to show").fill("party")
    page.keyboard.press("Enter")
    menu.get_by_role("button", name="Hide Updated").click()
    for _ in range(5):
        menu.get_by_role("button", name="Move up: party").click()
    menu.get_by_role("button", name="Apply").last.click()
    page.wait_for_load_state()
    assert headers(page)[:2] == ["party", "Name"]
    assert "Updated" not in headers(page)


def save_a_shared_view(page: Page) -> None:
    """Save a filter, then sort the list and save it again."""
    row = open_first_row(page)
    row.get_by_label("Attribute name").fill("party")
    row.get_by_label("Value", exact=True).fill("Democrat")
    page.locator(".cio-filter-form").get_by_role("button", name="Apply").click()
    expect(page.get_by_text("party is Democrat")).to_be_visible()
    page.get_by_text("Save view").click()
    page.get_by_label("Name of the view").fill("Democrats")
    page.get_by_label("Share with everybody").check()
    page.locator(".cio-view-form").get_by_role("button", name="Save").click()
    tabs = page.get_by_role("navigation", name="Views")
    expect(tabs.get_by_role("link", name="Democrats")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.get_by_text("Modified")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Modified")).to_have_count(0)


def make_a_segment(page: Page) -> None:
    page.locator(".cio-view-save > summary").click()
    page.get_by_role("link", name="As a segment…").click()
    page.get_by_label("Name", exact=True).fill("All Democrats")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("region", name="Segment")).to_contain_text("party is Democrat")


def filter_by_the_segment(page: Page) -> None:
    page.goto(PEOPLE)
    row = open_first_row(page)
    row.get_by_label("What the condition is about").select_option("segment")
    row.get_by_label("Segment").select_option(label="All Democrats")
    page.locator(".cio-filter-form").get_by_role("button", name="Apply").click()
    expect(page.get_by_text("in segment All Democrats")).to_be_visible()


def open_first_row(page: Page) -> Locator:
    page.locator("details.cio-filters > summary").click()
    return page.locator("[data-row]").nth(0)


def test_columns_are_ordered_by_keyboard_and_without_scripts(
    page: Page, complaints: list[str]
) -> None:
    page.goto(PEOPLE)
    menu = open_columns(page)
    down = menu.get_by_role("button", name="Move Name down")
    down.focus()
    page.keyboard.press("Enter")
    expect(down).to_be_focused()
    expect(menu.get_by_role("status")).to_have_text("Name is column 2")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()

    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url)
    plain.locator(".cio-columns-menu > summary").click()
    plain.get_by_role("button", name="Move Name down").click()
    first = plain.locator("[data-column] [data-column-name]").first
    expect(first).to_have_text("E-mail")
    plain.get_by_role("button", name="Hide Updated").click()
    plain.get_by_label("Attribute to show").fill("party")
    plain.get_by_role("button", name="Add", exact=True).click()
    plain.get_by_role("button", name="Apply").last.click()
    assert headers(plain)[:2] == ["E-mail", "Name"]
    assert headers(plain)[-1] == "party"
    assert complaints == []


def test_a_column_is_dragged(page: Page, complaints: list[str]) -> None:
    page.goto(PEOPLE)
    menu = open_columns(page)
    lines = menu.locator("[data-column-list] > [data-column]")
    lines.nth(2).drag_to(lines.nth(0), target_position={"x": 20, "y": 4})
    expect(lines.nth(0)).to_contain_text("Id")
    menu.get_by_role("button", name="Apply").last.click()
    page.wait_for_load_state()
    assert headers(page)[0] == "Id"
    assert complaints == []
