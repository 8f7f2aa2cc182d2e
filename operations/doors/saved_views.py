"""Saved views: what of a list's address they keep, who sees and changes them, where they lead."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, PAGE_VAR
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from operations.doors.condition_builder import FIELD
from operations.doors.current import current_workspace, may_here
from operations.doors.keyset_list import COLUMNS_VAR, LIST_VARS, SORT_VAR, VIEW_VAR
from operations.doors.list_columns import ListName, write_codes
from operations.wire.columns import Kind
from workspaces.models import SavedView
from workspaces.permissions import Permission

VIEWS_READ: Final = 300
# Django redirects to no address of more than 2,048 characters.
QUERY_MAX_CHARS: Final = 1_700
TYPE_VAR: Final = "object_type"
_NOT_KEPT: Final = frozenset({*LIST_VARS, ORDER_VAR, PAGE_VAR, ERROR_FLAG, TYPE_VAR})
_KEPT: Final = "visible_views"
_LISTS: Final = {
    Kind.PEOPLE: "admin:people_person_changelist",
    Kind.OBJECTS: "admin:objects_object_changelist",
    Kind.RELATIONSHIPS: "admin:relationships_relationship_changelist",
}


@dataclass(frozen=True, slots=True)
class ListState:
    """What a view keeps of a list: search and filters, the order, and the columns."""

    query: str
    sort: str
    columns: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing is searched, filtered or sorted."""
        return not self.query and not self.sort


def visible_views(request: HttpRequest) -> tuple[SavedView, ...]:
    """Read somebody's own views and the shared ones, once for each page."""
    kept = vars(request)
    if _KEPT not in kept:
        kept[_KEPT] = _read_views(request)
    found: tuple[SavedView, ...] = kept[_KEPT]
    return found


def views_of_list(request: HttpRequest, listed: ListName) -> tuple[SavedView, ...]:
    """Give the views of one list, the shared ones first."""
    return tuple(
        view
        for view in visible_views(request)
        if view.kind == listed.kind and view.type_number == listed.type_number
    )


def opened_view(request: HttpRequest, listed: ListName) -> SavedView | None:
    """Find the view that the address names, if it is one of this list."""
    key = request.GET.get(VIEW_VAR, "")
    return next((view for view in views_of_list(request, listed) if str(view.pk) == key), None)


def kept_query(sent: QueryDict) -> str:
    """Write the search and the filters of an address, always in the same order."""
    pairs = [
        (name, value)
        for name in sorted(sent)
        for value in sent.getlist(name)
        if value and name not in _NOT_KEPT and not name.startswith(f"{FIELD}.")
    ]
    return urlencode(pairs)


def kept_sort(sent: QueryDict) -> str:
    """Give the order that an address names."""
    return sent.get(SORT_VAR, "")[:100]


def address_of(view: SavedView) -> str:
    """Give the address that opens a view: its filters stand there, so that they can be changed."""
    sort = [(SORT_VAR, view.sort)] if view.sort else []
    end = urlencode([*sort, (VIEW_VAR, view.pk)])
    listed = ListName(Kind(view.kind), view.type_number)
    return _joined(listed, view.query, end)


def address_with_columns(listed: ListName, sent: QueryDict, codes: tuple[str, ...]) -> str:
    """Give the address of a list as it is, with these columns."""
    kept = {name: sent[name] for name in (SORT_VAR, VIEW_VAR) if sent.get(name)}
    if codes:
        kept[COLUMNS_VAR] = write_codes(codes)
    return _joined(listed, kept_query(sent), urlencode(kept))


def list_address(listed: ListName) -> str:
    """Give the address of a list that nothing is asked of."""
    return _joined(listed, "", "")


def may_share(request: HttpRequest) -> bool:
    """Tell whether the member may show views to the whole workspace."""
    return may_here(request, Permission.EDIT)


def may_change(request: HttpRequest, view: SavedView) -> bool:
    """Tell whether the member may change a view: its owner, and of a shared one an admin."""
    is_admin = may_here(request, Permission.MANAGE_MEMBERS)
    return view.owner_id == request.user.pk or (view.is_shared and is_admin)


def query_of(view: SavedView) -> str:
    """Write the query string by which the rows of a view are chosen without a request."""
    about = [(TYPE_VAR, view.type_number)] if view.type_number else []
    return "&".join(part for part in (urlencode(about), view.query) if part)


def _read_views(request: HttpRequest) -> tuple[SavedView, ...]:
    workspace, key = current_workspace(request), request.user.pk
    if workspace is None or key is None:
        return ()
    found = SavedView.objects.for_workspace(workspace).seen_by(key)
    return tuple(found.order_by("-is_shared", "name", "pk")[:VIEWS_READ])


def _joined(listed: ListName, *parts: str) -> str:
    about = urlencode({TYPE_VAR: listed.type_number}) if listed.type_number else ""
    query = "&".join(part for part in (about, *parts) if part)
    address: Any = reverse(_LISTS[listed.kind])
    return f"{address}?{query}" if query else str(address)
