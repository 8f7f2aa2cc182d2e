"""The active workspace of a request, read once for each page."""

from django.http import HttpRequest

from workspaces.models import Workspace
from workspaces.permissions import Permission, active_workspace, may

_KEPT = "current_workspace"
SHOWN_LIST = "shown_list"
SHOWN_TYPE = "shown_type"


def current_workspace(request: HttpRequest) -> Workspace | None:
    """Give the active workspace; a page asks many times, the database is asked once."""
    kept = vars(request)
    if _KEPT not in kept:
        kept[_KEPT] = active_workspace(request)
    workspace: Workspace | None = kept[_KEPT]
    return workspace


def mark_in_navigation(
    request: HttpRequest, *, list_name: str = "", type_number: int | None = None
) -> None:
    """Say to which entry a page belongs in place of what its address tells: a list, or a type."""
    vars(request)[SHOWN_LIST] = list_name
    if type_number is not None:
        vars(request)[SHOWN_TYPE] = type_number


def may_here(request: HttpRequest, permission: Permission) -> bool:
    """Tell whether the user may do this in the active workspace."""
    return may(request.user, current_workspace(request), permission)
