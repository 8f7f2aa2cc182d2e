"""A signed-in browser, the sample data, and a list of what the console complains about."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, sync_playwright

from tests.make import make_superuser
from workspaces.models import Workspace

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@pytest.fixture(autouse=True)
def blocking_database_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright runs an event loop in this thread, where Django refuses its plain calls."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def samples(transactional_db: None) -> Workspace:
    workspace, _ = Workspace.objects.get_or_create(name="Default")
    imports = (
        ("people", "people", {}),
        ("committees", "objects", {"type": 1, "type_name": "Committees"}),
        ("states", "objects", {"type": 2, "type_name": "States"}),
        ("committee_memberships", "relationships", {}),
        ("state_delegations", "relationships", {}),
    )
    for file, kind, options in imports:
        call_command("import_csv", str(SAMPLES / f"{file}.csv"), kind=kind, verbosity=0, **options)
    return workspace


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(
    chromium: str, samples: Workspace, live_server: object, complaints: list[str]
) -> Iterator[Page]:
    make_superuser("ada")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(base_url=live_server.url)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        opened.goto("/admin/login/")
        opened.get_by_label("Username").fill("ada")
        opened.get_by_label("Password").fill("pass")
        opened.get_by_role("button", name="Log in").click()
        opened.wait_for_url("**/admin/")
        yield opened
        browser.close()
