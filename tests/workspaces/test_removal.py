"""A superuser deletes a workspace: it is gone at once, its rows a little later, no others."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from operations.doors.workspace_removal import remove_workspace, resume_removals
from operations.types import PersonKey, Suppress
from tests.make import (
    api_token,
    apply_one,
    make_object,
    make_person,
    make_superuser,
    make_type,
    make_workspace,
    member,
    relate,
)
from workspaces.models import AuditEntry, Role, Workspace


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(make_superuser("root"))
    return client


def fill(workspace: Workspace) -> str:
    for number in range(3):
        person = make_person(workspace, f"p{number}", email=f"p{number}@example.com")
        relate(person, make_object(make_type(workspace, f"Types {number}")))
    apply_one(workspace, Suppress(key=PersonKey(id="p2")))
    member(Role.ADMIN, workspace)
    return api_token(workspace)


def address(workspace: Workspace) -> str:
    return reverse("admin:workspaces_workspace_delete", args=[workspace.pk])


def rows_of(key: int) -> dict[str, int]:
    models = [
        model
        for model in apps.get_models()
        if any(field.name == "workspace" for field in model._meta.fields)
    ]
    counts = {
        model._meta.label: model._default_manager.filter(workspace=key).count()
        for model in models
        if model is not AuditEntry
    }
    return {label: count for label, count in counts.items() if count}


def test_everything_of_the_workspace_goes_and_nothing_else(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.engine.removal.ROWS_AT_ONCE", 2)
    doomed, other = make_workspace("Doomed"), make_workspace("Other")
    token = fill(doomed)
    fill(other)
    kept, key = rows_of(other.pk), doomed.pk
    assert {"people.Person", "operations.Activity", "relationships.Relationship"} < set(kept)
    root.post(address(doomed), {"typed": "Doomed"})
    sent = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/people", headers=sent).status_code == 401
    listed = root.get("/admin/workspaces/workspace/").context["cl"].result_list
    assert {"Other"} <= {row.name for row in listed}
    assert key not in {row.pk for row in listed}
    remove_workspace.call(workspace=key)
    assert not Workspace.objects.filter(pk=key).exists()
    assert rows_of(key) == {}
    assert rows_of(other.pk) == kept
    entry = AuditEntry.objects.get(kind=AuditEntry.Kind.WORKSPACE_DELETED)
    assert (entry.actor, entry.workspace_name) == ("root", "Doomed")
    assert entry.details["people"] == 2


def test_the_name_has_to_be_typed(root: Client) -> None:
    workspace = make_workspace("Doomed")
    assert "Doomed" in root.get(address(workspace)).content.decode()
    answer = root.post(address(workspace), {"typed": "doomed"})
    assert "This is not the name." in answer.content.decode()
    workspace.refresh_from_db()
    assert workspace.removal_started_at is None


def test_its_name_is_free_again_at_once(root: Client) -> None:
    workspace = make_workspace("Doomed")
    root.post(address(workspace), {"typed": "Doomed"})
    make_workspace("Doomed")


def test_a_worker_that_died_is_followed_by_another(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace("Doomed")
    fill(workspace)
    root.post(address(workspace), {"typed": "Doomed"})
    monkeypatch.setattr("operations.doors.workspace_removal.TURN_SECONDS", -1.0)
    for _turn in range(30):
        remove_workspace.call(workspace=workspace.pk)
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    resume_removals()


@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_deletes_one(db: None, role: Role) -> None:
    workspace = make_workspace("Doomed")
    client = Client()
    client.force_login(member(role, workspace))
    assert client.post(address(workspace), {"typed": "Doomed"}).status_code == 403
    workspace.refresh_from_db()
    assert workspace.removal_started_at is None


def test_the_last_workspace_stays(root: Client) -> None:
    [last] = Workspace.objects.all()
    answer = root.post(address(last), {"typed": last.name}, follow=True)
    assert "This is the last workspace" in answer.content.decode()
    last.refresh_from_db()
    assert last.removal_started_at is None
