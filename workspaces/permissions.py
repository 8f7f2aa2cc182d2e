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
_ROLES: Final = "_roles"

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
    return _roles(user).get(workspace.pk)


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
    ordered = Workspace.objects.order_by(rank, "name", "pk")
    if _is_superuser(user):
        return ordered
    return ordered.filter(memberships__user=user.pk)


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
    allowed = workspaces_of(request.user)
    chosen = request.session.get(_CHOSEN)
    workspace = allowed.filter(pk=chosen).first() if isinstance(chosen, int) else None
    return workspace or allowed.first()


def _is_superuser(user: AnyUser) -> bool:
    return bool(getattr(user, "is_superuser", False))


def _roles(user: AnyUser) -> dict[int, Role]:
    if not isinstance(user, AbstractBaseUser):
        return {}
    known = vars(user)
    if _ROLES not in known:
        memberships = Membership.objects.filter(user=user.pk)
        known[_ROLES] = {each.workspace_id: Role(each.role) for each in memberships}
    roles: dict[int, Role] = known[_ROLES]
    return roles
