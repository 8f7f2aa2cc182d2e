"""Keys and the audit log in a browser: made, limited, rotated, and found in the log."""

import re

import pytest
from playwright.sync_api import Page, expect

from operations.models import Job
from tests.make import RECEIVED_AT, make_person
from workspaces.models import AuditEntry, Credential, Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]


def test_a_key_is_made_limited_rotated_and_all_of_it_audited(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    make_a_key(page)
    rotate_it(page)
    assert Credential.objects.filter(name="Warehouse", allowed_networks="10.0.0.0/8").count() == 2
    find_it_in_the_log(page)
    assert AuditEntry.objects.latest("pk").kind == AuditEntry.Kind.EXPORTED
    assert complaints == []


def make_a_key(page: Page) -> None:
    page.goto("/admin/workspaces/credential/")
    page.get_by_role("link", name="Add credential").first.click()
    page.get_by_label("Name").fill("Warehouse")
    networks = page.get_by_label("Addresses that this key may call from")
    networks.fill("10.0.0.1/8")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("write 10.0.0.0/8 or 10.0.0.1").first).to_be_visible()
    expect(networks).to_have_value("10.0.0.1/8")
    networks.fill("10.0.0.0/8")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Copy your key")).to_be_visible()
    page.reload()
    expect(page).to_have_url(re.compile(r"/workspaces/credential/$"))
    assert Credential.objects.filter(name="Warehouse").count() == 1


def rotate_it(page: Page) -> None:
    page.get_by_role("row", name="Warehouse").get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("rotate")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("After an hour").check()
    page.get_by_role("button", name="Rotate").click()
    expect(page.get_by_text("The old key works until")).to_be_visible()


def find_it_in_the_log(page: Page) -> None:
    page.goto("/admin/workspaces/auditentry/")
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("What").select_option("key_rotated")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#result_list tbody tr, .cio-table tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Key rotated").first.click()
    expect(page.get_by_text('"overlap_hours": 1')).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export 1 entry").click()
    assert download.value.suggested_filename.startswith("audit_")


def test_duplicates_are_found_and_one_is_dismissed(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    for number in range(2):
        make_person(samples, f"twin-{number}", {"phone": f"+49 30 90182{'-' * number}0"})
    page.goto("/admin/people/duplicates/")
    page.get_by_role("button", name="Search for duplicates").click()
    group = page.locator(".cio-duplicate", has_text="Same phone number")
    expect(group).to_have_count(1)
    group.get_by_role("link", name="Merge").click()
    expect(page.get_by_text("twin-1").first).to_be_visible()
    page.go_back()
    group.get_by_role("button", name="Not a duplicate").click()
    expect(group).to_have_count(0)
    assert complaints == []


def test_the_icon_shows_what_is_running_and_opens_by_the_keyboard(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    page.goto("/admin/")
    icon = page.locator(".cio-tasks > summary")
    expect(page.locator("[data-tasks-number]")).to_have_text("")
    icon.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing has run yet")).to_be_visible()
    job = Job.objects.create(
        workspace=samples,
        kind="delete",
        state=Job.State.RUNNING,
        actor="ada",
        title="Delete 9 people",
        total=9,
        done=3,
        created_at=RECEIVED_AT,
        queued_at=RECEIVED_AT,
    )
    line = page.locator(".cio-tasks li", has_text="Delete 9 people")
    expect(line).to_be_visible()
    expect(page.locator("[data-tasks-number]")).to_have_text("1")
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, done=9)
    expect(line).to_contain_text("Done")
    expect(page.locator("[data-tasks-number]")).to_have_text("")
    page.keyboard.press("Escape")
    expect(line).to_be_hidden()
    assert complaints == []
