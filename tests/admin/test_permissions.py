"""What each role sees and may do in the admin, and what another workspace never sees."""

import pytest
from django.test import Client

from objects.models import Object
from operations.models import Job
from people.models import Person
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, TYPES, add, deletion, list_of, page
from tests.make import make_superuser, make_workspace
from workspaces.models import Credential, Membership, Workspace

DATA = (OBJECTS, PEOPLE, RELATIONSHIPS)


@pytest.fixture
def rows(relationship: Relationship) -> dict[str, Object | Person | Relationship]:
    return {
        OBJECTS: relationship.object,
        PEOPLE: relationship.person,
        RELATIONSHIPS: relationship,
    }


@pytest.mark.parametrize("name", DATA)
def test_viewers_read(viewer: Client, rows: dict, name: str) -> None:
    assert viewer.get(list_of(name)).status_code == 200
    response = viewer.get(page(name, rows[name]))
    assert response.status_code == 200
    assert b"data-attributes" not in response.content
    assert b'name="_save"' not in response.content


@pytest.mark.parametrize("name", DATA)
def test_viewers_change_nothing(viewer: Client, rows: dict, name: str) -> None:
    row = rows[name]
    assert viewer.get(add(name)).status_code == 403
    assert viewer.post(page(name, row), {"attributes": "{}"}).status_code == 403
    assert viewer.post(deletion(name, row)).status_code == 403
    viewer.post(
        list_of(name),
        {"action": "delete_selected", "_selected_action": [row.pk]},
    )
    assert not Job.objects.exists()
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", DATA)
def test_authors_edit_but_do_not_import_or_export(author: Client, rows: dict, name: str) -> None:
    assert author.get(add(name)).status_code == 200
    assert author.get(f"{list_of(name)}import/").status_code == 403
    assert author.get(f"{list_of(name)}export/").status_code == 403
    assert author.post(f"{list_of(name)}process_import/").status_code == 403
    assert b"/import/" not in author.get(list_of(name)).content


@pytest.mark.parametrize("name", (*DATA, TYPES))
def test_another_workspace_finds_nothing(stranger: Client, rows: dict, name: str) -> None:
    row = rows[name] if name in rows else rows[OBJECTS].object_type
    assert page(name, row).encode() not in stranger.get(list_of(name)).content
    for address in (page(name, row), f"{page(name, row)}?tab=relationships", deletion(name, row)):
        assert stranger.get(address).status_code == 302
    assert stranger.post(deletion(name, row), {"typed": str(row)}).status_code == 302
    assert type(row).objects.filter(pk=row.pk).exists()


def test_people_without_a_workspace_see_an_explanation_and_nothing_else(company: Object) -> None:
    nobody = sign_in(None)
    response = nobody.get("/admin/")
    assert b"not a member of any workspace" in response.content
    assert nobody.get(list_of(OBJECTS)).status_code == 403
    assert nobody.get(list_of(PEOPLE)).status_code == 403


def test_strangers_are_asked_to_sign_in(client: Client, company: Object) -> None:
    for address in (list_of(OBJECTS), page(OBJECTS, company), "/admin/workspace/"):
        assert "/login/" in client.get(address).url


def test_switching_needs_a_membership(viewer: Client, workspace: Workspace) -> None:
    other = make_workspace()
    viewer.post("/admin/workspace/", {"workspace": other.pk})
    assert viewer.get("/admin/").context["workspace"] == workspace


def test_a_superuser_switches_between_all_workspaces(company: Object) -> None:
    other = make_workspace()
    client = Client()
    client.force_login(make_superuser())
    client.post("/admin/workspace/", {"workspace": company.workspace_id})
    assert b"Acme" in client.get(list_of(OBJECTS)).content
    client.post("/admin/workspace/", {"workspace": other.pk})
    assert b"Acme" not in client.get(list_of(OBJECTS)).content


@pytest.mark.parametrize("value", ["", "x", "9" * 40, "-1", "²"])
def test_a_workspace_that_is_no_number_is_not_switched_to(viewer: Client, value: str) -> None:
    assert viewer.post("/admin/workspace/", {"workspace": value}).status_code == 302


def test_a_key_is_shown_once_and_never_again(admin: Client, workspace: Workspace) -> None:
    typed = {"name": "Website", "kind": "api", "role": "author"}
    response = admin.post(add("workspaces_credential"), typed)
    secret = response.context["secret"]
    stored = Credential.objects.get()
    assert secret.encode() in response.content
    assert "no-store" in response["Cache-Control"]
    assert stored.workspace == workspace
    assert secret not in str(vars(stored))
    assert secret.encode() not in admin.get(list_of("workspaces_credential")).content


def test_a_revoked_key_cannot_be_edited(admin: Client) -> None:
    admin.post(add("workspaces_credential"), {"name": "Old", "kind": "app", "role": "viewer"})
    stored = Credential.objects.get()
    admin.post(
        list_of("workspaces_credential"),
        {"action": "revoke", "_selected_action": [stored.pk]},
    )
    stored.refresh_from_db()
    assert stored.revoked_at is not None
    typed = {"name": "New", "kind": "app", "role": "admin"}
    assert admin.post(page("workspaces_credential", stored), typed).status_code == 403


def test_a_rotated_key_has_another_secret_and_the_old_one_is_revoked(admin: Client) -> None:
    typed = {"name": "Website", "kind": "track", "role": "author"}
    first = admin.post(add("workspaces_credential"), typed).context["secret"]
    old = Credential.objects.get()
    chosen = {
        "action": "rotate",
        "_selected_action": [old.pk],
        "confirmed": "yes",
        "overlap_hours": "0",
    }
    answer = admin.post(list_of("workspaces_credential"), chosen)
    assert answer.context["secret"] != first
    assert "no-store" in answer["Cache-Control"]
    old.refresh_from_db()
    made = Credential.objects.exclude(pk=old.pk).get()
    assert old.revoked_at is not None and made.revoked_at is None
    assert (made.name, made.kind, made.role) == ("Website", "track", "author")
    again = admin.post(list_of("workspaces_credential"), chosen)
    assert again.status_code == 302
    assert Credential.objects.count() == 2


@pytest.mark.parametrize("name", ["workspaces_credential", "workspaces_workspace", "auth_user"])
def test_authors_do_not_see_settings(author: Client, name: str) -> None:
    assert author.get(list_of(name)).status_code == 403


def test_a_workspace_admin_manages_members_of_that_workspace_only(
    admin: Client, workspace: Workspace
) -> None:
    other = make_workspace()
    assert admin.get(page("workspaces_workspace", workspace)).status_code == 200
    assert admin.get(page("workspaces_workspace", other)).status_code in {302, 403}
    assert admin.get(add("workspaces_workspace")).status_code == 403
    assert admin.get(list_of("auth_user")).status_code == 403
    assert Membership.objects.filter(workspace=workspace).count() == 1


def test_nobody_writes_the_activity_log(admin: Client, company: Object) -> None:
    assert admin.get(list_of("operations_activity")).status_code == 200
    assert admin.get(add("operations_activity")).status_code == 403
