"""Requests that no page of ours makes: an answer, never a crash."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from objects.models import Object
from operations.doors.import_forms import sign_file_name
from operations.wire.columns import Kind
from people.models import Person
from tests.admin.conftest import sign_in
from workspaces.models import Workspace


def test_an_action_on_a_key_that_is_no_number_is_a_bad_request(author: Client) -> None:
    answer = author.post(
        reverse("admin:people_person_changelist"),
        {"action": "delete_selected", "_selected_action": "abc"},
    )
    assert answer.status_code == 400


def test_an_export_with_an_unknown_filter_leads_back_to_the_list(admin: Client) -> None:
    answer = admin.get(reverse("admin:people_person_export"), {"format": "abc"})
    assert answer.status_code == 302


@pytest.mark.parametrize("key", ["99999999999999999999", "abc", "-1"])
def test_a_preselection_that_is_no_key_is_left_out(
    author: Client, company: Object, key: str
) -> None:
    address = reverse("admin:relationships_relationship_add")
    assert author.get(address, {"object": key, "person": key}).status_code == 200


@pytest.mark.parametrize("change", [{"format": "77"}, {"format": "abc"}, {"resource": "77"}])
def test_a_changed_confirmation_asks_for_the_file_again(
    admin: Client, workspace: Workspace, change: dict[str, Any]
) -> None:
    name = sign_file_name("gone.csv", workspace_id=workspace.pk, kind=Kind.PEOPLE)
    form = {"import_file_name": name, "original_file_name": "a.csv", "format": "0", **change}
    answer = admin.post(reverse("admin:people_person_process_import"), form)
    assert answer.status_code in {200, 302, 400}
    assert not Person.objects.for_workspace(workspace).exists()


def test_a_file_previewed_as_people_is_not_imported_as_objects(
    admin: Client, workspace: Workspace
) -> None:
    name = sign_file_name("gone.csv", workspace_id=workspace.pk, kind=Kind.PEOPLE)
    form = {"import_file_name": name, "original_file_name": "a.csv", "format": "0"}
    answer = admin.post(reverse("admin:objects_object_process_import"), form, follow=True)
    assert b"not known here" in answer.content or answer.status_code == 200
    assert not Object.objects.for_workspace(workspace).exists()


def test_saving_a_workspace_leaves_the_numbers_of_its_types_alone(
    workspace: Workspace,
) -> None:
    client = sign_in(workspace)
    form = {
        "name": "Renamed",
        "colour": workspace.colour,
        "limits": workspace.limits,
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    address = reverse("admin:workspaces_workspace_change", args=[workspace.pk])
    with CaptureQueriesContext(connection) as captured:
        assert client.post(address, form).status_code == 302
    written = [one["sql"] for one in captured if one["sql"].startswith("UPDATE")]
    assert any("Renamed" in sql for sql in written)
    assert not any("next_type_number" in sql for sql in written)
