"""A person exports what a list shows, watches the file being made, and downloads it."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from data_in.models import Export
from operations.doors import jobs
from tests.browser.test_bulk import STATES, assert_calm

pytestmark = [pytest.mark.browser, pytest.mark.once]

LIST = "/admin/exports/"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def test_from_the_list_to_the_file(page: Page, complaints: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    page.goto(LIST)
    expect(page.get_by_role("heading", name="No exports yet")).to_be_visible()
    assert_calm(page)
    fill_in_the_form(page)
    page.wait_for_url(f"**{LIST}")
    expect(page.get_by_text("Being made", exact=True)).to_be_visible()
    assert_calm(page)
    jobs.work_on(Export.objects.get().job_id or 0)
    expect(page.get_by_role("button", name="Download")).to_be_visible(timeout=20_000)
    assert_calm(page)
    rows = download(page)
    assert rows
    assert list(rows[0])[-1] == "name"
    page.reload()
    expect(page.get_by_text("downloaded once")).to_be_visible()
    assert complaints == []


def fill_in_the_form(page: Page) -> None:
    """Go from a searched list to the form, make a mistake, and choose one attribute."""
    page.goto(f"{STATES}&q=w")
    page.locator(".cio-actions").get_by_role("link", name="Export").click()
    expect(page.get_by_text("found by “w”")).to_be_visible()
    names = page.get_by_label("Other attributes")
    expect(names).to_be_hidden()
    page.get_by_label("Only these").check()
    expect(names).to_be_visible()
    assert_calm(page)
    page.get_by_label("Only these").check()
    button = page.get_by_role("button", name="Export")
    button.click()
    expect(page.get_by_text("Choose at least one attribute").first).to_be_visible()
    page.get_by_label("name", exact=True).check()
    button.click()


def download(page: Page) -> list[dict[str, str]]:
    """Press the button and read the file that comes."""
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download").click()
    assert begun.value.suggested_filename == Export.objects.get().file_name
    text = Path(begun.value.path()).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
