"""Who may do what in which workspace: the admin, the imports and the APIs all ask here."""

from enum import StrEnum
from typing import Final, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest

from workspaces.models import Membership, Role, Workspace

DEFAULT_WORKSPACE_NAME: Final = "Default"
_CHOSEN: Final = "workspace_id"
_ACTIVE: Final = "_active_workspace"
_OFFERED: Final = "_offered_workspaces"
_OFFERED_MAX: Final = 50
_MEMBERSHIPS: Final = "_memberships"

AnyUser: TypeAlias = AbstractUser | AbstractBaseUser | AnonymousUser


class Permission(StrEnum):
    """What somebody may want to do in a workspace."""

    VIEW = "view"
    EDIT = "edit"
    DELETE = "delete"
    MANAGE_TYPES = "manage_types"
    IMPORT = "import"
    EXPORT = "export"
    MANAGE_KEYS = "manage_keys"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ATTRIBUTES = "manage_attributes"


_VIEWER: Final = frozenset({Permission.VIEW})
_AUTHOR: Final = _VIEWER | {Permission.EDIT, Permission.DELETE}
PERMISSIONS: Final = {
    Role.VIEWER: _VIEWER,
    Role.AUTHOR: _AUTHOR,
    Role.ADMIN: frozenset(Permission),
}


def may(user: AnyUser, workspace: Workspace | None, permission: Permission) -> bool:
    """Tell whether the user may do this in the workspace."""
    return role_permits(role_of(user, workspace), permission)


def role_permits(role: Role | None, permission: Permission) -> bool:
    """Tell whether a role includes a permission."""
    return role is not None and permission in PERMISSIONS[role]


def role_of(user: AnyUser, workspace: Workspace | None) -> Role | None:
    """Find the user's role in a workspace; a superuser is an admin of every one.

    The memberships are read once for each user in memory, that is, once for each request.
    """
    if workspace is None or not (user.is_authenticated and user.is_active):
        return None
    if _is_superuser(user):
        return Role.ADMIN
    membership = _memberships(user).get(workspace.pk)
    return Role(membership.role) if membership else None


def sees_sensitive(user: AnyUser, workspace: Workspace | None) -> bool:
    """Tell whether the user may see the values of sensitive attributes in the workspace."""
    role = role_of(user, workspace)
    if workspace is None or role is None:
        return False
    return role == Role.ADMIN or _memberships(user)[workspace.pk].sees_sensitive


def is_last_admin(membership: Membership) -> bool:
    """Tell whether a workspace would have no admin among its members without this one."""
    if membership._state.adding or membership.role != Role.ADMIN:
        return False
    others = Membership.objects.filter(workspace=membership.workspace_id, role=Role.ADMIN)
    return not others.exclude(pk=membership.pk).exists()


def workspaces_of(user: AnyUser) -> QuerySet[Workspace]:
    """Give the workspaces that the user may see, the default one first, then by name."""
    if not (user.is_authenticated and user.is_active):
        return Workspace.objects.none()
    is_default = When(name=DEFAULT_WORKSPACE_NAME, then=Value(0))
    rank = Case(is_default, default=Value(1), output_field=IntegerField())
    there = Workspace.objects.filter(removal_started_at=None)
    ordered = there.order_by(rank, "name", "pk")
    if _is_superuser(user):
        return ordered
    return ordered.filter(memberships__user=user.pk)


def offered_workspaces(request: HttpRequest) -> list[Workspace]:
    """Give the first of the workspaces that the user may see, read once for each request."""
    known = vars(request)
    if _OFFERED not in known:
        known[_OFFERED] = list(workspaces_of(request.user)[:_OFFERED_MAX])
    workspaces: list[Workspace] = known[_OFFERED]
    return workspaces


def active_workspace(request: HttpRequest) -> Workspace | None:
    """Give the workspace chosen in this session, or else the first that the user may see.

    It is looked up once for each request: a page asks for it dozens of times.
    """
    known = vars(request)
    if _ACTIVE not in known:
        known[_ACTIVE] = _find_active(request)
    workspace: Workspace | None = known[_ACTIVE]
    return workspace


def choose_workspace(request: HttpRequest, workspace: Workspace) -> bool:
    """Remember the workspace for this session, if the user may see it."""
    if not may(request.user, workspace, Permission.VIEW):
        return False
    request.session[_CHOSEN] = workspace.pk
    vars(request)[_ACTIVE] = workspace
    return True


def _find_active(request: HttpRequest) -> Workspace | None:
    offered = offered_workspaces(request)
    chosen = request.session.get(_CHOSEN)
    found = next((workspace for workspace in offered if workspace.pk == chosen), None)
    if found is None and isinstance(chosen, int) and len(offered) == _OFFERED_MAX:
        found = workspaces_of(request.user).filter(pk=chosen).first()
    return found or next(iter(offered), None)


def _is_superuser(user: AnyUser) -> bool:
    return bool(getattr(user, "is_superuser", False))


def _memberships(user: AnyUser) -> dict[int, Membership]:
    if not isinstance(user, AbstractBaseUser):
        return {}
    known = vars(user)
    if _MEMBERSHIPS not in known:
        found = Membership.objects.filter(user=user.pk)
        known[_MEMBERSHIPS] = {each.workspace_id: each for each in found}
    memberships: dict[int, Membership] = known[_MEMBERSHIPS]
    return memberships
