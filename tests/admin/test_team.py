"""Team and roles: members are added by name, and a workspace keeps an admin."""

import pytest
from django.test import Client

from tests.admin.pages import add, deletion, errors, list_of, page
from tests.make import make_user, make_workspace, member
from workspaces.models import Membership, Role, Workspace

TEAM = "workspaces_membership"


def test_adds_a_member_by_username_or_email(admin: Client, workspace: Workspace) -> None:
    grace = make_user("grace")
    linus = make_user("linus")
    linus.email = "linus@example.com"
    linus.save()
    admin.post(add(TEAM), {"member": "grace", "role": "viewer"})
    admin.post(add(TEAM), {"member": "LINUS@example.com", "role": "author"})
    roles = dict(Membership.objects.filter(workspace=workspace).values_list("user", "role"))
    assert (roles[grace.pk], roles[linus.pk]) == ("viewer", "author")


@pytest.mark.parametrize("name", ["nobody", "there-already", "", "\x00", "x" * 999])
def test_says_why_somebody_cannot_be_added_and_keeps_what_was_typed(
    admin: Client, workspace: Workspace, name: str
) -> None:
    member(Role.VIEWER, workspace, username="there-already")
    before = Membership.objects.count()
    answer = admin.post(add(TEAM), {"member": name, "role": "author"})
    assert errors(answer)["member"]
    assert Membership.objects.count() == before
    assert answer.context["adminform"].form["role"].value() == "author"


def test_an_email_of_two_users_asks_for_the_username(admin: Client) -> None:
    for name in ("one", "two"):
        user = make_user(name)
        user.email = "shared@example.com"
        user.save()
    answer = admin.post(add(TEAM), {"member": "shared@example.com", "role": "viewer"})
    assert "username" in errors(answer)["member"][0]


def test_changes_a_role_and_removes_a_member(admin: Client, workspace: Workspace) -> None:
    member(Role.VIEWER, workspace, username="grace")
    row = Membership.objects.get(user__username="grace")
    admin.post(page(TEAM, row), {"role": "author"})
    row.refresh_from_db()
    assert row.role == "author"
    admin.post(deletion(TEAM, row), {"post": "yes"})
    assert not Membership.objects.filter(pk=row.pk).exists()


def test_the_last_admin_stays(admin: Client, workspace: Workspace) -> None:
    row = Membership.objects.get(workspace=workspace)
    answer = admin.post(page(TEAM, row), {"role": "viewer"})
    assert "last workspace admin" in errors(answer)["role"][0]
    assert admin.post(deletion(TEAM, row), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.role == Role.ADMIN


def test_members_of_another_workspace_are_not_to_be_seen(admin: Client) -> None:
    other = make_workspace()
    member(Role.AUTHOR, other, username="elsewhere")
    row = Membership.objects.get(user__username="elsewhere")
    assert b"elsewhere" not in admin.get(list_of(TEAM)).content
    assert admin.get(page(TEAM, row)).status_code == 302
    admin.post(page(TEAM, row), {"role": "admin"})
    row.refresh_from_db()
    assert row.role == Role.AUTHOR


def test_a_lost_role_shuts_the_door_at_once(client: Client, workspace: Workspace) -> None:
    user = member(Role.ADMIN, workspace)
    client.force_login(user)
    assert client.get(add(TEAM)).status_code == 200
    Membership.objects.filter(user=user).update(role=Role.VIEWER)
    assert client.post(add(TEAM), {"member": "x", "role": "admin"}).status_code == 403
