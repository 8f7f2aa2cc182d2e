"""Keys on their pages and at the door: from where they may call, and how they are rotated."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from operations.doors.origin import read_clock
from tests.make import api_token, make_workspace, member
from workspaces.credentials import find_credential
from workspaces.models import AuditEntry, Credential, Role, Workspace

Kind = AuditEntry.Kind
LIST = "/admin/workspaces/credential/"


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def admin(workspace: Workspace) -> Client:
    client = Client()
    client.force_login(member(Role.ADMIN, workspace, username="ada"))
    return client


def call(token: str, address: str = "203.0.113.7", **headers: str) -> int:
    sent = {"Authorization": f"Bearer {token}", **headers}
    return Client(REMOTE_ADDR=address).get("/api/people", headers=sent).status_code


def limit(networks: str, of: Credential | Workspace) -> None:
    of.allowed_networks = networks
    of.save(update_fields=["allowed_networks"])


def secret_of(page: str) -> str:
    return re.findall(r'data-copy="([^"]+)"', page)[-1]


def test_a_key_without_a_list_is_used_from_everywhere(workspace: Workspace) -> None:
    assert call(api_token(workspace), "198.51.100.1") == 200


def test_a_key_is_refused_from_outside_of_its_networks(workspace: Workspace) -> None:
    token = api_token(workspace)
    limit("203.0.113.0/24", Credential.objects.get())
    assert call(token) == 200
    sent = {"Authorization": f"Bearer {token}"}
    answer = Client(REMOTE_ADDR="198.51.100.1").get("/api/people", headers=sent)
    assert answer.status_code == 403
    [error] = answer.json()["errors"]
    assert error["code"] == "address_not_allowed"
    assert "198.51.100.1" in error["message"]


def test_the_list_of_the_workspace_holds_for_each_key(workspace: Workspace) -> None:
    token = api_token(workspace)
    limit("203.0.113.0/24", workspace)
    assert (call(token), call(token, "198.51.100.1")) == (200, 403)
    limit("198.51.100.0/24", Credential.objects.get())
    assert (call(token), call(token, "198.51.100.1")) == (403, 403)


def test_a_refused_write_writes_nothing(workspace: Workspace) -> None:
    token = api_token(workspace)
    limit("203.0.113.0/24", Credential.objects.get())
    sent = {"Authorization": f"Bearer {token}"}
    client = Client(REMOTE_ADDR="198.51.100.1")
    body = '{"id": "ann"}'
    answer = client.post("/api/people", body, "application/json", headers=sent)
    assert answer.status_code == 403
    assert Credential.objects.get().last_used_at is None


def test_a_made_up_header_does_not_change_the_address(workspace: Workspace) -> None:
    token = api_token(workspace)
    limit("203.0.113.0/24", Credential.objects.get())
    forged = {"X-Forwarded-For": "203.0.113.7"}
    assert call(token, "198.51.100.1", **forged) == 403


def test_refusals_are_audited_once_for_a_key_and_an_address(workspace: Workspace) -> None:
    token = api_token(workspace)
    limit("203.0.113.0/24", Credential.objects.get())
    for address in ("198.51.100.1", "198.51.100.1", "198.51.100.2"):
        call(token, address)
    found = AuditEntry.objects.filter(kind=Kind.KEY_REFUSED).order_by("pk")
    assert [each.address for each in found] == ["198.51.100.1", "198.51.100.2"]
    assert found[0].workspace_id == workspace.pk
    assert token not in str(list(found.values()))


def test_a_key_is_made_with_its_networks_and_shown_once(
    admin: Client, workspace: Workspace
) -> None:
    form = {"name": "Sync", "kind": "api", "role": "viewer", "allowed_networks": "203.0.113.7/32"}
    answer = admin.post(f"{LIST}add/", form)
    token = secret_of(answer.content.decode())
    assert call(token) == 200
    assert call(token, "203.0.113.8") == 403
    entry = AuditEntry.objects.get(kind=Kind.KEY_CREATED)
    assert entry.details["after"]["allowed_networks"] == ["203.0.113.7"]
    assert token not in str(entry.details)


def test_a_network_that_is_none_is_named_and_what_was_typed_stays(admin: Client) -> None:
    form = {"name": "Sync", "kind": "api", "role": "viewer", "allowed_networks": "10.0.0.1/8"}
    page = admin.post(f"{LIST}add/", form).content.decode()
    assert "write 10.0.0.0/8 or 10.0.0.1" in page
    assert "10.0.0.1/8</textarea>" in page
    assert not Credential.objects.exists()


def test_a_key_is_changed_and_the_difference_audited(admin: Client, workspace: Workspace) -> None:
    api_token(workspace)
    key = Credential.objects.get()
    page = reverse("admin:workspaces_credential_change", args=[key.pk])
    admin.post(page, {"name": "Renamed", "role": "admin", "allowed_networks": "203.0.113.7"})
    key.refresh_from_db()
    assert (key.name, key.allowed_networks, key.kind) == ("Renamed", "203.0.113.7", "api")
    details = AuditEntry.objects.get(kind=Kind.KEY_CHANGED).details
    assert details["before"]["name"] == "test token"
    assert details["after"]["allowed_networks"] == ["203.0.113.7"]


def test_a_rotated_key_works_as_long_as_was_said(admin: Client, workspace: Workspace) -> None:
    old = api_token(workspace, Role.VIEWER)
    key = Credential.objects.get()
    key.sees_sensitive = False
    key.save()
    limit("203.0.113.0/24", key)
    chosen = {"action": "rotate", "_selected_action": key.pk}
    asked = admin.post(LIST, chosen)
    assert "The old secret stops working" in asked.content.decode()
    assert Credential.objects.count() == 1
    answer = admin.post(LIST, chosen | {"confirmed": "yes", "overlap_hours": "1"})
    new = secret_of(answer.content.decode())
    made = Credential.objects.exclude(pk=key.pk).get()
    assert (made.role, made.allowed_networks) == ("viewer", "203.0.113.0/24")
    assert not made.sees_sensitive
    assert (call(old), call(new)) == (200, 200)
    Credential.objects.filter(pk=key.pk).update(revoked_at=read_clock() - timedelta(seconds=1))
    assert (call(old), call(new)) == (401, 200)
    assert AuditEntry.objects.get(kind=Kind.KEY_ROTATED).details["overlap_hours"] == 1


def test_a_key_can_be_rotated_at_once(admin: Client, workspace: Workspace) -> None:
    old = api_token(workspace)
    chosen = {"action": "rotate", "_selected_action": Credential.objects.get().pk}
    admin.post(LIST, chosen | {"confirmed": "yes", "overlap_hours": "0"})
    assert call(old) == 401


def test_an_overlap_that_was_not_offered_is_refused(admin: Client, workspace: Workspace) -> None:
    api_token(workspace)
    chosen = {"action": "rotate", "_selected_action": Credential.objects.get().pk}
    admin.post(LIST, chosen | {"confirmed": "yes", "overlap_hours": "99999"})
    assert Credential.objects.count() == 1


def test_a_key_in_its_overlap_can_be_revoked(admin: Client, workspace: Workspace) -> None:
    token = api_token(workspace)
    key = Credential.objects.get()
    Credential.objects.filter(pk=key.pk).update(revoked_at=read_clock() + timedelta(hours=1))
    assert call(token) == 200
    admin.post(LIST, {"action": "revoke", "_selected_action": key.pk})
    assert call(token) == 401
    assert AuditEntry.objects.get().kind == Kind.KEY_REVOKED


def test_without_an_instant_only_keys_without_an_end_are_found(workspace: Workspace) -> None:
    token = api_token(workspace)
    Credential.objects.update(revoked_at=read_clock() + timedelta(hours=1))
    assert find_credential(kind=Credential.Kind.API, secret=token) is None
    assert find_credential(kind=Credential.Kind.API, secret=token, at=read_clock()) is not None
