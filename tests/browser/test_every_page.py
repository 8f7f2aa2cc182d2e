"""Every page of the product in a browser: empty, full, without hits, and with a form in error.

The table of the roles names all addresses, so a page that is added is visited without a word here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Response, sync_playwright

from tests.browser.test_axe import AXE, RUN
from tests.make import make_superuser, make_workspace
from tests.roles.addresses import Address, every_address, path_of
from tests.roles.expected import PAGES
from tests.roles.rows import make_rows
from tests.roles.table import CALLERS, read_table
from workspaces.models import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]

WIDTHS = (390, 1440)
# What answers a script or sends a file.
NO_PAGES = frozenset(
    {
        "health",
        "admin:search",
        "admin:jsi18n",
        "admin:tasks_state",
        "admin:operations_job_state",
        "admin:data_index_export",
        "admin:people_person_export_one",
        "admin:objects_object_export_one",
        "admin:imports_state",
        "admin:import_state",
        "admin:import_file",
        "admin:import_template",
        "admin:export_file",
        "api-imports",
        "api-imports-one",
        "api-exports",
        "api-exports-one",
        "api-exports-file",
        "api-schema",
    }
)
WITHOUT_HITS = "?q=nothing-like-this"
# Forms about nothing that is typed, and those that are saved however empty they are.
TAKE_ANYTHING = frozenset(
    {
        "admin:list_columns",
        "admin:export_add",
        "admin:import_columns",
        "admin:data_index_attribute",
        "admin:workspaces_membership_change",
        "admin:people_person_liquid",
        "admin:objects_object_liquid",
    }
)
SAYS_WRONG = "main [role=alert], main .errorlist, main [aria-invalid=true]"
SPOIL = """() => {
  const kinds = ["text", "email", "password", "file"].map((kind) => `input[type=${kind}]`);
  const typed = [...kinds, "textarea"].join();
  const form = [...document.querySelectorAll("main form[method=post]")]
    .find((each) => each.querySelector(typed) && each.querySelector("[type=submit]"));
  if (!form) return "";
  form.noValidate = true;
  form.querySelectorAll(typed).forEach((each) => {
    if (each.name && each.type !== "file") each.value = each.name === "attributes" ? "{" : "";
  });
  form.querySelectorAll("[name=attributes_rows]").forEach((each) => each.remove());
  return (form.action = form.action, form.id = form.id || "spoiled");
}"""


@pytest.fixture
def first(transactional_db: None) -> Workspace:
    return make_workspace("First")


@pytest.fixture
def page(
    chromium: str, first: Workspace, live_server: Any, complaints: list[str]
) -> Iterator[Page]:
    """Open a browser in which a superuser is signed in, at work in the first workspace."""
    client = Client()
    client.force_login(make_superuser("ada"))
    session = client.session
    session["workspace_id"] = first.pk
    session.save()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{**cookie, "url": live_server.url}])
        opened = context.new_page()
        opened.on("pageerror", lambda error: complaints.append(f"{opened.url}: {error}"))
        opened.on("console", lambda said: note(complaints, opened.url, said))
        yield opened
        browser.close()


def note(complaints: list[str], address: str, said: Any) -> None:
    if said.type in {"error", "warning"}:
        complaints.append(f"{address}: {said.text}")


def pages() -> list[Address]:
    """Give the addresses that show a page to a superuser."""
    table, column = read_table(PAGES), CALLERS.index("superuser")
    return [
        address
        for address in every_address()
        if table.get(address.name, ("",) * len(CALLERS))[column] == "200"
        and address.name not in NO_PAGES
    ]


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def test_an_empty_workspace(page: Page, complaints: list[str]) -> None:
    found = []
    for address in pages():
        if not address.keys:
            found += visit(page, path_of(address, {}))
    assert not [*found, *complaints], "\n".join([*found, *complaints])


def test_pages_with_rows(page: Page, first: Workspace, complaints: list[str]) -> None:
    rows = make_rows(first, make_workspace("Second"))
    found = []
    for address in pages():
        found += visit(page, path_of(address, rows))
    assert not [*found, *complaints], "\n".join([*found, *complaints])


def test_lists_without_hits(page: Page, first: Workspace, complaints: list[str]) -> None:
    make_rows(first, make_workspace("Second"))
    found = []
    for address in pages():
        if address.name.endswith("_changelist") or address.name == "admin:data_index":
            found += visit(page, path_of(address, {}) + WITHOUT_HITS)
    assert not [*found, *complaints], "\n".join([*found, *complaints])


def test_forms_in_error(page: Page, first: Workspace, complaints: list[str]) -> None:
    rows = make_rows(first, make_workspace("Second"))
    found = []
    for address in pages():
        path = path_of(address, rows)
        if address.name in TAKE_ANYTHING or not is_form(address.name):
            continue
        page.goto(f"{path}?tab=manage" if address.name.endswith("_change") else path)
        form = page.evaluate(SPOIL)
        if form:
            button = page.locator(f"#{form} [type=submit]").last
            with page.expect_navigation() as going:
                button.evaluate("(each) => each.form.requestSubmit(each)")
            found += look(page, going.value, path)
            if not page.locator(SAYS_WRONG).count():
                found.append(f"{path}: nothing is said to be wrong")
    assert not [*found, *complaints], "\n".join([*found, *complaints])


def is_form(name: str) -> bool:
    return name.startswith("admin:") and not name.endswith("_changelist")


def visit(page: Page, path: str) -> list[str]:
    """Open a page and say what is wrong with it."""
    answer = page.goto(path)
    assert answer is not None
    return look(page, answer, path)


def look(page: Page, answer: Response, path: str) -> list[str]:
    """Say what is wrong with the page that is open, at both widths."""
    if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
        return [f"{path}: {answer.status} {answer.headers['content-type']}"]
    found = []
    is_of_admin = urlsplit(page.url).path.startswith("/admin/")
    titles = page.locator("h1").count()
    if is_of_admin and titles != 1:
        found.append(f"{path}: {titles} titles")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 860})
        too_wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if too_wide > 0:
            found.append(f"{path}: {too_wide} pixels too wide at {width}")
    if not is_of_admin:
        return found  # made by other packages
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    return found + [f"{path}: {each}" for each in page.evaluate(RUN)]
