"""Every address of the product, asked for by every role and from another workspace."""

from typing import Any

import pytest
from django.test import Client

from tests.roles.addresses import every_address, path_of
from tests.roles.conftest import everything
from tests.roles.expected import PAGES
from tests.roles.table import CALLERS, compare, read_table
from workspaces.models import Workspace

pytestmark = pytest.mark.slow

# Nothing of the first workspace may stand in an answer to a stranger.
SECRETS = (
    b"Secret Acme",
    b"Secret Ann",
    b"ann@example.com",
    b"secret-user",
    b"secret-gone",
    b"Secret segment",
    b"Secret view",
    b"Secret export",
    b"Secret import",
    b"secret-row",
)
QUERIES = ("?tab=relationships", "?tab=activity", "?q=Secret", "?hops=2")
PICKERS = tuple(
    f"/admin/autocomplete/?app_label={app}&model_name={model}&field_name={field}&term=Secret"
    for app, model, field in (
        ("relationships", "relationship", "person"),
        ("relationships", "relationship", "object"),
        ("workspaces", "membership", "user"),
    )
)
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"post": "yes", "typed": "Companies", "name": "New", "role": "admin", "member": "secret-user"},
    {"confirm": "yes", "action": "delete_selected", "select_across": "1", "_selected_action": "1"},
)


def test_each_role_gets_what_the_table_says(callers: dict[str, Client], rows: dict) -> None:
    found = {
        address.name: tuple(status(callers[name], path_of(address, rows)) for name in CALLERS)
        for address in every_address()
        if address.name != "admin:logout"
    }
    problems = compare(found, read_table(PAGES))
    assert not problems, "\n".join(problems)


def test_no_page_tells_a_stranger_anything(callers: dict[str, Client], rows: dict) -> None:
    paths = [path_of(address, rows) for address in every_address()]
    asked = [path + query for path in paths for query in ("", *QUERIES)]
    for path in (*asked, *PICKERS):
        answer = body(callers["stranger"].get(path))
        told = [secret for secret in SECRETS if secret in answer]
        assert not told, f"{path} tells {told}"


@pytest.mark.parametrize("caller", ["anonymous", "viewer", "stranger"])
def test_whoever_may_not_write_changes_nothing_wherever_they_post(
    callers: dict[str, Client], rows: dict, first: Workspace, caller: str
) -> None:
    before = everything(first)
    for address in every_address():
        if address.name in ("admin:logout", "admin:login"):
            continue
        path = path_of(address, rows)
        for form in FORMS:
            assert callers[caller].post(path, form).status_code != 500, path
    assert everything(first) == before


@pytest.mark.parametrize("caller", ["author", "admin", "superuser"])
def test_no_form_however_filled_in_makes_the_server_fail(
    callers: dict[str, Client], rows: dict, caller: str
) -> None:
    paths = [
        path_of(address, rows)
        for address in every_address()
        if address.name not in ("admin:logout", "admin:login")
    ]
    failed = [
        path
        for path in paths
        for form in FORMS
        if callers[caller].post(path, form).status_code >= 500
    ]
    assert not failed


def test_suppressed_identifiers_are_told_to_workspace_admins_only(
    callers: dict[str, Client], rows: dict
) -> None:
    paths = [path_of(address, rows) for address in every_address() if "suppress" in address.name]
    for caller in ("viewer", "author"):
        told = [path for path in paths if b"secret-gone" in body(callers[caller].get(path))]
        assert not told, f"{caller} reads {told}"


def status(client: Client, path: str) -> str:
    return str(client.get(path).status_code)


def body(response: Any) -> bytes:
    streamed = getattr(response, "streaming", False)
    return b"".join(response.streaming_content) if streamed else response.content
