"""A person imports a file in a real browser: from the file over its columns to the result."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from data_in.models import Import
from operations.doors import jobs
from operations.doors.jobs import work_on
from operations.models import AttributeName
from people.models import Person
from tests.browser.conftest import SAMPLES
from tests.browser.test_bulk import assert_calm
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once]

SECONDS = 1_000


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def file(tmp_path: Path, samples: Workspace) -> Path:
    """Take the sample people: one new, one with too long an id, a column spelled otherwise."""
    AttributeName.objects.update_or_create(
        workspace=samples, kind="people", name="birthday", defaults={"row_count": 20}
    )
    header, *lines = (SAMPLES / "people.csv").read_text(encoding="utf-8").splitlines()
    header = header.replace("birthday", "Birthday")
    changed = lines[0].replace("Senate", "House")
    added = ["NEW-1" + lines[1][7:], "x" * 151 + lines[2][7:]]
    path = tmp_path / "people.csv"
    path.write_text("\n".join([header, changed, *lines[1:], *added, ""]), encoding="utf-8")
    return path


def upload(page: Page, file: Path) -> None:
    page.goto("/admin/imports/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("People").check()
    page.get_by_label("Choose a CSV file").set_input_files(file)
    page.get_by_label("Name", exact=True).fill("Congress")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/setup/")


def go_on(page: Page, name: str) -> None:
    page.locator(".cio-relate-bar").get_by_role("button", name=name, exact=True).click()


def test_walks_a_file_from_the_upload_to_the_result(
    page: Page, file: Path, complaints: list[str]
) -> None:
    page.goto("/admin/imports/add/?kind=people")
    assert_calm(page)
    upload(page, file)
    expect(page.get_by_role("cell", name="Cantwell", exact=True)).to_be_visible()
    assert_calm(page)
    page.get_by_label("Between cells").select_option(";")
    expect(page.get_by_role("columnheader", name="Cantwell")).to_have_count(0)
    expect(page.get_by_role("columnheader")).to_have_count(2)
    page.get_by_label("Between cells").select_option("")
    expect(page.get_by_role("columnheader", name="last_name")).to_be_visible()
    go_on(page, "Next")
    choose_columns(page)
    look_through_the_review(page)
    go_on(page, "Complete import")

    expect(page.get_by_text("Imported", exact=True)).to_be_visible()
    expect(page.get_by_text("id is 151 characters long; the limit is 150")).to_be_visible()
    assert_calm(page)
    assert Person.objects.get(person_id="NEW-1").attributes["birthday"]
    assert Import.objects.get().name == "Congress"
    correct_the_refused_row(page)
    assert Person.objects.filter(person_id="NEW-2").exists()
    assert complaints == []


def choose_columns(page: Page) -> None:
    """Take an attribute that there is, and leave the identifier out at first."""
    page.wait_for_url("**/columns/")
    assert_calm(page)
    page.get_by_role("button", name="Use birthday").click()
    expect(page.get_by_label("Attribute of Birthday")).to_have_value("birthday")
    page.get_by_label("id becomes", exact=True).select_option("skip")
    page.get_by_label("url becomes").select_option("skip")
    go_on(page, "Check the file")
    expect(page.get_by_role("alert")).to_contain_text("people need a column")
    expect(page.get_by_label("Attribute of Birthday")).to_have_value("birthday")
    assert_calm(page)
    page.get_by_label("id becomes", exact=True).select_option("key:id")
    go_on(page, "Check the file")


def look_through_the_review(page: Page) -> None:
    expect(page.get_by_role("link", name="To create 1")).to_be_visible()
    expect(page.get_by_role("cell", name="id is 151 characters long")).to_be_visible()
    assert_calm(page)
    page.get_by_role("link", name="To update 1").click()
    expect(page.locator("del")).to_have_text("Senate")
    expect(page.locator("ins")).to_have_text("House")
    assert_calm(page)


def correct_the_refused_row(page: Page) -> None:
    page.get_by_role("link", name="Correct rows here").click()
    assert_calm(page)
    page.get_by_role("textbox", name="id").fill("NEW-2")
    page.get_by_role("button", name="Check the corrected rows").click()
    go_on(page, "Complete import")
    expect(page.get_by_text("Imported", exact=True)).to_be_visible()


def test_the_progress_follows_a_worker_and_the_list_too(
    page: Page, file: Path, complaints: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    upload(page, file)
    go_on(page, "Next")
    go_on(page, "Check the file")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("python manage.py db_worker")).to_be_visible(timeout=20 * SECONDS)
    assert_calm(page)
    page.goto("/admin/imports/")
    expect(page.get_by_text("Being checked")).to_be_visible()
    work_on(Import.objects.get().check_job_id)
    expect(page.get_by_text("Ready to import")).to_be_visible(timeout=20 * SECONDS)
    page.get_by_role("link", name="Congress").click()
    go_on(page, "Complete import")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert_calm(page)
    work_on(Import.objects.get().job_id)
    expect(page.get_by_text("Imported", exact=True)).to_be_visible(timeout=20 * SECONDS)
    assert complaints == []


def test_a_wrong_file_is_refused_before_it_is_sent(
    page: Page, tmp_path: Path, complaints: list[str]
) -> None:
    page.goto("/admin/imports/add/?kind=people")
    wrong = tmp_path / "rows.csv"
    wrong.write_bytes(b"PK\x03\x04 a workbook")
    page.get_by_label("Choose a CSV file").set_input_files(wrong)
    expect(page.get_by_role("alert")).to_contain_text("This is not a CSV file")
    expect(page.get_by_role("button", name="Upload")).to_be_disabled()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    wrong.write_bytes(b"id\nann\n")
    with page.expect_file_chooser() as asked:
        page.get_by_label("Choose a CSV file").click()
    asked.value.set_files(wrong)
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()
    assert complaints == []


def test_what_the_server_refuses_is_said_beside_the_file(
    page: Page, tmp_path: Path, complaints: list[str]
) -> None:
    page.goto("/admin/imports/add/?kind=people")
    wrong = tmp_path / "rows.csv"
    wrong.write_bytes(b"\0" * 200)
    page.get_by_label("Choose a CSV file").set_input_files(wrong)
    page.get_by_label("Name", exact=True).fill("Kept")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("NUL")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept")
    assert complaints == []


def test_no_script_is_needed(page: Page, file: Path) -> None:
    context = page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url.replace("/admin/", "/admin/imports/add/?kind=people"))
    plain.get_by_label("Choose a CSV file").set_input_files(file)
    plain.get_by_role("button", name="Upload").click()
    plain.get_by_label("Between cells").select_option(";")
    plain.get_by_role("button", name="Read again").click()
    expect(plain.get_by_role("columnheader")).to_have_count(2)
    plain.get_by_label("Between cells").select_option(",")
    go_on(plain, "Next")
    plain.get_by_role("button", name="Use birthday").click()
    expect(plain.get_by_label("Attribute of Birthday")).to_have_value("birthday")
    go_on(plain, "Check the file")
    go_on(plain, "Complete import")
    expect(plain.get_by_text("Imported", exact=True)).to_be_visible()


def test_the_keyboard_is_enough(page: Page, file: Path) -> None:
    upload(page, file)
    go = page.locator(".cio-relate-bar").get_by_role("button").last
    go.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/columns/")
    page.get_by_label("Attribute of url").focus()
    page.keyboard.type(" of the office")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Complete import")).to_be_visible()
    page.get_by_role("button", name="Complete import").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Imported", exact=True)).to_be_visible()
