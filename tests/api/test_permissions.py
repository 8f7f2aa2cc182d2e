"""Who may call the REST API: tokens, members, and what each role includes."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.caller import Caller, errors_of, member_caller, token_caller
from tests.api.resources import RESOURCES, Resource
from tests.make import (
    RECEIVED_AT,
    api_token,
    make_person,
    make_superuser,
    make_type,
    make_user,
    make_workspace,
    member,
)
from workspaces.credentials import revoke_credential
from workspaces.models import Credential, Workspace

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "author", "admin")
each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)


@each_resource
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ["token", "session"])
def test_the_role_decides(kind: str, role: str, resource: Resource, workspace: Workspace):
    caller = _caller(kind, role, workspace)
    path = resource.make(workspace, 0)
    may_write = ROLES.index(role) >= ROLES.index(resource.writer)
    assert caller.get(resource.name).status_code == 200
    assert caller.get(path).status_code == 200
    assert caller.post(resource.name, resource.new).status_code == (409 if may_write else 403)
    assert caller.patch(path, resource.change).status_code == (200 if may_write else 403)
    assert caller.delete(path).status_code == (204 if may_write else 403)
    assert resource.model.objects.count() == (0 if may_write else 1)


@each_resource
@pytest.mark.parametrize(
    "token", [None, "", "wrong", "wrong wrong", "ä".encode().decode("latin-1")]
)
def test_without_a_valid_token_nothing_answers(
    token: str | None, resource: Resource, workspace: Workspace
):
    path = resource.make(workspace, 0)
    caller = Caller(token)
    for response in (
        caller.get(resource.name),
        caller.get(path),
        caller.post(resource.name, resource.new),
        caller.patch(path, resource.change),
        caller.delete(path),
    ):
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        errors_of(response)
    assert resource.model.objects.count() == 1


def test_a_revoked_token_is_refused(workspace: Workspace):
    caller = token_caller(workspace)
    assert caller.get("people").status_code == 200
    revoke_credential(Credential.objects.get(), at=RECEIVED_AT)
    assert caller.get("people").status_code == 401


@pytest.mark.parametrize("kind", [kind for kind in Credential.Kind if kind != "api"])
def test_keys_of_other_apis_are_refused(kind: Credential.Kind, workspace: Workspace):
    token = api_token(workspace)
    Credential.objects.update(kind=kind)
    assert Caller(token).get("people").status_code == 401


def test_a_bearer_token_outweighs_the_session(workspace: Workspace):
    caller = member_caller(make_superuser())
    assert caller.get("people").status_code == 200
    assert caller.get("people", Authorization="Bearer wrong").status_code == 401


def test_a_user_without_any_role_is_refused(workspace: Workspace):
    response = member_caller(make_user()).get("people")
    assert response.status_code == 403
    assert errors_of(response)[0]["code"] == "permission_denied"


def test_a_superuser_sees_the_workspace_chosen_in_the_session(workspace: Workspace):
    make_person(workspace, "ada")
    caller = member_caller(make_superuser())
    session = caller.client.session
    session["workspace_id"] = workspace.pk
    session.save()
    assert [row["id"] for row in caller.get("people").json()["results"]] == ["ada"]


def test_a_session_cannot_choose_a_workspace_of_others(workspace: Workspace):
    make_person(workspace, "ada")
    caller = member_caller(member("admin", make_workspace()))
    session = caller.client.session
    session["workspace_id"] = workspace.pk
    session.save()
    assert caller.get("people").json()["results"] == []


def test_a_writing_session_needs_the_csrf_token(workspace: Workspace):
    make_type(workspace)
    caller = member_caller(member("admin", workspace), checks_csrf=True)
    response = caller.post("people", {"id": "ada"})
    assert response.status_code == 403
    assert "CSRF" in errors_of(response)[0]["message"]
    page = caller.get("people", Accept="text/html")
    csrf_token = page.cookies["csrftoken"].value
    response = caller.post("people", {"id": "ada"}, **{"X-CSRFToken": csrf_token})
    assert response.status_code == 201


def test_a_token_needs_no_csrf_token(workspace: Workspace):
    caller = Caller(api_token(workspace), checks_csrf=True)
    assert caller.post("people", {"id": "ada"}).status_code == 201


def test_remembers_the_use_of_a_token_at_most_once_a_minute(workspace: Workspace, statements):
    caller = token_caller(workspace)
    caller.get("people")
    first = Credential.objects.get().last_used_at
    assert first is not None
    with statements() as run:
        caller.get("people")
    assert not [query for query in run if query["sql"].startswith("UPDATE")]
    Credential.objects.update(last_used_at=first - timedelta(seconds=61))
    caller.get("people")
    assert Credential.objects.get().last_used_at > first
    assert first <= datetime.now(tz=UTC)


def _caller(kind: str, role: str, workspace: Workspace) -> Caller:
    if kind == "token":
        return token_caller(workspace, role)
    return member_caller(member(role, workspace))
