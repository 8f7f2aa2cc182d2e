"""Who may do what in which workspace."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from tests.make import make_superuser, make_user, make_workspace, member
from workspaces.models import Membership, Role, Workspace
from workspaces.permissions import (
    Permission,
    active_workspace,
    choose_workspace,
    may,
    role_of,
    workspaces_of,
)

pytestmark = pytest.mark.django_db

ALLOWED = {
    "viewer": {"view"},
    "author": {"view", "edit", "delete"},
    "admin": {permission.value for permission in Permission},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_includes_the_ones_before_it(role: str):
    workspace = make_workspace()
    user = member(role, workspace)
    allowed = {each.value for each in Permission if may(user, workspace, each)}
    assert allowed == ALLOWED[role]


def test_a_role_counts_in_its_workspace_only():
    workspace, other = make_workspace(), make_workspace()
    user = member("admin", workspace)
    Membership.objects.create(workspace=other, user=user, role=Role.VIEWER)
    assert role_of(user, workspace) is Role.ADMIN
    assert role_of(user, other) is Role.VIEWER
    assert role_of(user, make_workspace()) is None


def test_a_superuser_is_an_admin_everywhere():
    assert role_of(make_superuser(), make_workspace()) is Role.ADMIN


def test_nobody_else_has_a_role():
    workspace = make_workspace()
    disabled = member("admin", workspace)
    disabled.is_active = False
    for user in (AnonymousUser(), make_user(), disabled):
        assert role_of(user, workspace) is None
        assert not workspaces_of(user).exists()
        assert not may(user, workspace, Permission.VIEW)
    assert not may(make_superuser(), None, Permission.VIEW)


def test_the_default_workspace_comes_first():
    Workspace.objects.get_or_create(name="Default")
    for name in ("Alpha", "Zeta"):
        make_workspace(name)
    names = list(workspaces_of(make_superuser()).values_list("name", flat=True))
    assert names == ["Default", "Alpha", "Zeta"]


def test_a_member_sees_the_own_workspaces():
    workspace, _ = make_workspace(), make_workspace()
    assert list(workspaces_of(member("viewer", workspace))) == [workspace]


def test_the_first_workspace_is_active_until_one_is_chosen():
    first, second = make_workspace("A"), make_workspace("B")
    user = member("viewer", second)
    Membership.objects.create(workspace=first, user=user)
    request = _request(user)
    assert active_workspace(request) == first
    assert choose_workspace(request, second)
    assert active_workspace(request) == second
    assert active_workspace(_request(user, request.session)) == second


def test_a_workspace_of_others_cannot_be_chosen():
    own, other = make_workspace(), make_workspace()
    user = member("admin", own)
    request = _request(user)
    assert not choose_workspace(request, other)
    request.session["workspace_id"] = other.pk
    assert active_workspace(_request(user, request.session)) == own


@pytest.mark.parametrize("chosen", ["1", None, [], 10**30, -1])
def test_a_strange_choice_is_no_choice(chosen: object):
    own = make_workspace()
    request = _request(member("viewer", own))
    request.session["workspace_id"] = chosen
    assert active_workspace(request) == own


def test_somebody_without_workspaces_has_no_active_one():
    assert active_workspace(_request(make_user())) is None


def test_asking_many_times_takes_one_statement(django_assert_num_queries):
    workspace = make_workspace()
    request = _request(member("author", workspace))
    with django_assert_num_queries(2):
        for permission in Permission:
            may(request.user, active_workspace(request), permission)


def _request(user, session=None):
    request = RequestFactory().get("/")
    request.user = user
    request.session = session or SessionStore()
    return request
