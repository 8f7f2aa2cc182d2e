"""A person edits and deletes many rows at once in a real browser, and watches a task."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from objects.models import Object
from operations.doors import jobs
from operations.doors.jobs import work_on
from operations.models import Job
from people.models import Person
from tests.browser.test_axe import AXE, RUN

pytestmark = [pytest.mark.browser, pytest.mark.once]

WIDTHS = (1440, 390)
STATES = "/admin/objects/object/?object_type=2"
SECONDS = 1_000


def run_action(page: Page, address: str, action: str, *, rows: int = 0) -> None:
    """Choose the first rows of a list, or all that match, and run an action on them."""
    page.goto(address)
    if rows:
        for number in range(rows):
            page.locator("input.action-select").nth(number).check()
    else:
        page.locator("#action-toggle").check()
        everything = page.get_by_role("link", name="Select all").or_(
            page.get_by_role("button", name="Select all")
        )
        if everything.count():
            everything.first.click()
    page.locator("select[name=action]").select_option(action)
    page.get_by_role("button", name="Run").click()
    page.wait_for_url("**/job/**")


def assert_calm(page: Page) -> None:
    """Look at the page in every width and both themes: it fits, and axe has nothing serious."""
    for width in WIDTHS:
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 860})
            page.evaluate("t => localStorage.setItem('adminTheme', JSON.stringify(t))", theme)
            page.reload()
            page.wait_for_function("window.Alpine !== undefined")
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, f"{page.url} at {width}"
        page.evaluate(AXE)
        assert page.evaluate(RUN) == [], f"{page.url} at {width}"
    page.set_viewport_size({"width": WIDTHS[0], "height": 860})


def test_sets_an_attribute_of_checked_rows_after_a_preview(
    page: Page, complaints: list[str]
) -> None:
    run_action(page, STATES, "set_attributes", rows=3)
    assert_calm(page)
    page.get_by_label("Attribute name").first.fill("seats")
    page.get_by_label("Attribute type").first.select_option("number")
    page.get_by_label("Attribute value").first.fill("9007199254740993")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Before and after").first).to_be_visible()
    assert_calm(page)
    page.get_by_role("button", name="Set seats on 3 States").click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    assert_calm(page)
    assert Object.objects.filter(attributes__seats=9007199254740993).count() == 3
    page.get_by_role("link", name="Back to States").click()
    page.wait_for_url("**/objects/object/?object_type=2")
    assert complaints == []


def test_deletes_all_that_match_in_the_background(
    page: Page, complaints: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    count = Object.objects.filter(object_type__number=2).count()
    run_action(page, STATES, "delete_selected")
    expect(page.get_by_role("button", name=f"Delete {count} States")).to_be_visible()
    assert_calm(page)
    page.get_by_role("button", name=f"Delete {count} States").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("python manage.py db_worker")).to_be_visible(timeout=20 * SECONDS)
    assert_calm(page)
    work_on(Job.objects.get().pk)
    expect(page.get_by_text("Relationships along")).to_be_visible(timeout=20 * SECONDS)
    assert not Object.objects.filter(object_type__number=2).exists()
    page.goto("/admin/operations/job/")
    assert_calm(page)
    assert complaints == []


def test_deletes_people_without_scripts(page: Page) -> None:
    person = Person.objects.order_by("pk")[0]
    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url.replace("/admin/", f"/admin/people/person/?cio_id={person.cio_id}"))
    plain.locator("input.action-select").first.check()
    plain.locator("select[name=action]").select_option("delete_selected")
    plain.locator("button[name=index], form#changelist-form button[type=submit]").first.click()
    plain.get_by_label("Also suppress them").check()
    plain.get_by_role("button", name="Delete 1 person").click()
    expect(plain.get_by_text("Done", exact=True)).to_be_visible()
    assert not Person.objects.filter(pk=person.pk).exists()
