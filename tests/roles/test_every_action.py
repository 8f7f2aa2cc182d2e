"""Every action of every list, tried by every role and from another workspace."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.roles.conftest import everything
from tests.roles.expected import ACTIONS
from tests.roles.table import CALLERS, compare, read_table
from workspaces.models import Workspace

pytestmark = pytest.mark.slow

READERS = ("anonymous", "viewer", "stranger")


def test_each_role_gets_what_the_table_says(callers: dict[str, Client], rows: dict) -> None:
    found = {
        f"{name}.{action}": tuple(
            str(callers[caller].post(address, choice(key, action)).status_code)
            for caller in CALLERS
        )
        for name, address, key, action in every_action(callers["superuser"], rows)
    }
    problems = compare(found, read_table(ACTIONS))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("caller", READERS)
def test_whoever_may_not_write_changes_nothing_by_an_action(
    callers: dict[str, Client], rows: dict, first: Workspace, caller: str
) -> None:
    actions = every_action(callers["superuser"], rows)
    before = everything(first)
    for _name, address, key, action in actions:
        for form in (choice(key, action), choice(key, action) | {"post": "yes", "confirm": "1"}):
            for across in ("0", "1"):
                answer = callers[caller].post(address, form | {"select_across": across})
                assert answer.status_code != 500, action
    assert everything(first) == before


def test_no_action_gives_a_file_to_who_may_not_export(
    callers: dict[str, Client], rows: dict
) -> None:
    for _name, address, key, action in every_action(callers["superuser"], rows):
        for caller in ("anonymous", "viewer", "author"):
            answer = callers[caller].post(address, choice(key, action) | {"post": "yes"})
            assert not answer.get("Content-Disposition"), f"{caller} gets a file by {action}"


def every_action(client: Client, rows: dict[str, Any]) -> list[tuple[str, str, Any, str]]:
    """List name, address, row and action of every list that somebody may see."""
    found = []
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"admin:{name}_changelist")
        form = client.get(address).context.get("action_form")
        choices = form.fields["action"].choices if form else ()
        found += [(name, address, rows[f"{name}.object_id"], key) for key, _ in choices if key]
    assert found
    return found


def choice(key: Any, action: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [key], "index": 0, "select_across": "0"}
