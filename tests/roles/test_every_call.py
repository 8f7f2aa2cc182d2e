"""Every address of the API, called with every method by tokens of every role."""

from typing import Any

import pytest
from django.test import Client

from tests.roles.addresses import every_address, path_of
from tests.roles.conftest import everything
from tests.roles.expected import CALLS
from tests.roles.table import CALLERS, compare, read_table
from workspaces.models import Workspace

pytestmark = pytest.mark.slow

METHODS = ("GET", "POST", "PATCH", "DELETE")


def test_each_role_gets_what_the_table_says(tokens: dict[str, str], rows: dict) -> None:
    found = {
        f"{method}:{address.name}": tuple(
            str(call(method, path_of(address, rows), token=tokens.get(caller)))
            for caller in reversed(CALLERS)
        )[::-1]
        for address in every_address()
        if address.name.startswith("api-")
        for method in METHODS
        if method != "DELETE"
    }
    problems = compare(found, read_table(CALLS))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("caller", ["anonymous", "viewer", "stranger"])
def test_whoever_may_not_write_changes_nothing_by_a_call(
    tokens: dict[str, str], rows: dict, first: Workspace, caller: str
) -> None:
    before = everything(first)
    for address in every_address():
        if not address.name.startswith("api-"):
            continue
        for method in METHODS[1:]:
            path = path_of(address, rows)
            assert call(method, path, token=tokens.get(caller)) < 500, path
    after = everything(first)
    assert {**after, "workspaces.Credential": None} == {**before, "workspaces.Credential": None}


def call(method: str, path: str, *, token: str | None) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    client = Client(raise_request_exception=False)
    sent = {"data": {}, "content_type": "application/json"} if method != "GET" else {}
    return client.generic(
        method, path, data="{}" if sent else "", content_type="application/json", headers=headers
    ).status_code
