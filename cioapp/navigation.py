"""The navigation: what a member may see, types beneath people, numbers that are kept."""

from typing import Any, TypeAlias

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.capped_counts import COUNTED_MAX
from operations.doors.changelist import TYPES_IN_NAVIGATION
from operations.doors.counts import Counts, counts_of_page
from operations.doors.current import (
    SHOWN_LIST,
    SHOWN_TYPE,
    current_workspace,
    may_here,
)
from operations.doors.keyset_list import VIEW_VAR
from operations.doors.saved_views import address_of, visible_views
from operations.wire.columns import Kind
from workspaces.models import SavedView, Workspace
from workspaces.permissions import Permission, sees_sensitive

Entry: TypeAlias = dict[str, Any]
_OBJECTS = "objects_object_changelist"
_THOUSAND = 1000
_TEN = 10
# What an entry need not say; the template finds it said, which is quicker than looking in vain.
_NO_GROUP: Entry = {"title": ""}
_NO_ENTRY: Entry = {
    "is_type": False,
    "is_nested": False,
    "is_view": False,
    "count": "",
    "short_count": "",
}
VIEWS_IN_NAVIGATION = 5


def build_navigation(request: HttpRequest) -> list[Entry]:
    """List what the member may see, in groups; the template escapes every title."""
    groups: list[Entry] = [{"items": [_entry(request, _("Home"), "home", "index")]}]
    workspace = current_workspace(request)
    if workspace is not None:
        groups.append({"items": _row_entries(request, workspace)})
        groups.append({"title": _("Data"), "items": _data_entries(request)})
    groups.append({"title": _("Settings"), "items": _settings_entries(request, workspace)})
    return [
        _NO_GROUP | group | {"items": [_NO_ENTRY | entry for entry in group["items"]]}
        for group in groups
        if group["items"]
    ]


def shorten(count: int) -> str:
    """Write a number in at most four characters: 999, 1.2K, 34K, 5.6M."""
    if count < _THOUSAND:
        return str(count)
    for unit in "KMB":
        count, rest = divmod(count, _THOUSAND)
        if count < _THOUSAND:
            tenths = rest * 10 // _THOUSAND
            is_short = count < _TEN and tenths
            return f"{count}.{tenths}{unit}" if is_short else f"{count}{unit}"
    return f"{count}B"


def _row_entries(request: HttpRequest, workspace: Workspace) -> list[Entry]:
    counts = counts_of_page(request, workspace)
    people = _entry(request, _("People"), "person", "people_person_changelist")
    people["active"] = people["active"] and not _is_of_segment(request)
    relationships = _entry(
        request, _("Relationships"), "link", "relationships_relationship_changelist"
    )
    return [
        *_with_views(request, people | _number(counts.people), kind=Kind.PEOPLE),
        _segments_entry(request),
        *_type_entries(request, workspace, counts=counts),
        *_with_views(
            request,
            relationships | _number(counts.all_relationships),
            kind=Kind.RELATIONSHIPS,
        ),
        _entry(request, _("Activity log"), "history", "operations_activity_changelist"),
    ]


def _segments_entry(request: HttpRequest) -> Entry:
    """Lead to the segments; the list of the people of one belongs to them, too."""
    entry = _entry(request, _("Segments"), "group_work", "people_segment_changelist")
    is_of_one = _is_of_segment(request)
    return entry | {"is_nested": True, "active": entry["active"] or is_of_one}


def _is_of_segment(request: HttpRequest) -> bool:
    people = reverse("admin:people_person_changelist")
    return request.path == people and bool(request.GET.get("segment"))


def _type_entries(request: HttpRequest, workspace: Workspace, *, counts: Counts) -> list[Entry]:
    enabled = ObjectType.objects.for_workspace(workspace).filter(enabled=True)
    types = list(enabled.order_by("number")[: TYPES_IN_NAVIGATION + 1])
    if len(types) > TYPES_IN_NAVIGATION:
        every = _entry(request, _("Custom objects"), "category", _OBJECTS)
        entry = every | {"is_nested": True} | _number(counts.all_objects)
        return _with_views(request, entry, kind=Kind.OBJECTS)
    address = reverse(f"admin:{_OBJECTS}")
    shown = vars(request).get(SHOWN_TYPE, request.GET.get("object_type"))
    is_among_objects = _is_at(request, _OBJECTS)
    entries = [
        {
            "title": row.name,
            "icon": row.icon,
            "link": f"{address}?object_type={row.number}",
            "active": is_among_objects and str(shown) == str(row.number),
            "is_type": True,
            **_number(counts.objects.get(row.number, 0)),
        }
        for row in types
    ]
    return [
        entry
        for row, of_type in zip(types, entries, strict=True)
        for entry in _with_views(request, of_type, kind=Kind.OBJECTS, type_number=row.number)
    ]


def _with_views(
    request: HttpRequest, entry: Entry, *, kind: Kind, type_number: int | None = None
) -> list[Entry]:
    """Put the views of a list that are to stand in the navigation beneath its entry."""
    views = [
        view
        for view in visible_views(request)
        if view.is_pinned and view.kind == kind and type_number in (None, view.type_number)
    ]
    opened = request.GET.get(VIEW_VAR, "") if entry["active"] else ""
    entries: list[Entry] = [
        {
            "title": view.name,
            "icon": "bookmark",
            "link": address_of(view),
            "active": str(view.pk) == opened,
            "is_view": True,
            **_kept_number(_count_for(request, view)),
        }
        for view in views[:VIEWS_IN_NAVIGATION]
    ]
    is_open = any(each["active"] for each in entries)
    return [entry | {"active": entry["active"] and not is_open}, *entries]


def _count_for(request: HttpRequest, view: SavedView) -> int | None:
    """Give the kept count of a view, but not where it tells of what the member may not see."""
    sees = not view.is_count_sensitive or sees_sensitive(request.user, current_workspace(request))
    return view.row_count if sees else None


def _data_entries(request: HttpRequest) -> list[Entry]:
    entries = []
    if may_here(request, Permission.IMPORT):
        entries.append(_entry(request, _("Imports"), "upload", "imports"))
    if may_here(request, Permission.EXPORT):
        entries.append(_entry(request, _("Exports"), "download", "exports"))
    if may_here(request, Permission.VIEW):
        entries += [
            _entry(request, _("Data index"), "data_object", "data_index"),
            _entry(request, _("Change sets"), "stacks", "operations_changeset_changelist"),
            _entry(request, _("Tasks"), "task_alt", "operations_job_changelist"),
            _entry(request, _("Duplicates"), "join_inner", "duplicates"),
        ]
    return entries


def _settings_entries(request: HttpRequest, workspace: Workspace | None) -> list[Entry]:
    entries = []
    if may_here(request, Permission.VIEW):
        entries.append(
            _entry(request, _("Object types"), "schema", "objects_objecttype_changelist")
        )
        entries.append(_entry(request, _("Suppressed"), "block", "people_suppression_changelist"))
        entries.append(_entry(request, _("Usage"), "monitoring", "usage"))
    if may_here(request, Permission.MANAGE_KEYS):
        entries.append(
            _entry(request, _("API credentials"), "key", "workspaces_credential_changelist")
        )
    if workspace is not None and may_here(request, Permission.MANAGE_MEMBERS):
        entries.append(
            _entry(request, _("Team and roles"), "group", "workspaces_membership_changelist")
        )
        entries.append(_workspace_entry(request, workspace))
        audit = "workspaces_auditentry_changelist"
        entries.append(_entry(request, _("Audit log"), "policy", audit))
    if request.user.is_superuser:
        entries.append(_all_workspaces_entry(request, entries))
        entries.append(
            _entry(request, _("Users"), "supervised_user_circle", "auth_user_changelist")
        )
    return entries


def _workspace_entry(request: HttpRequest, workspace: Workspace) -> Entry:
    link = reverse("admin:workspaces_workspace_change", args=[workspace.pk])
    return {
        "title": _("Workspace"),
        "icon": "tune",
        "link": link,
        "active": request.path == link,
    }


def _all_workspaces_entry(request: HttpRequest, others: list[Entry]) -> Entry:
    entry = _entry(request, _("All workspaces"), "workspaces", "workspaces_workspace_changelist")
    is_another = not any(other["active"] for other in others)
    return entry | {"active": entry["active"] and is_another}


def _kept_number(count: int | None) -> Entry:
    """Write a count that the worker keeps; beyond a thousand it is not known exactly."""
    if count is None:
        return {}
    if count > COUNTED_MAX:
        return {"count": f"{COUNTED_MAX:,}+", "short_count": f"{shorten(COUNTED_MAX)}+"}
    return _number(count)


def _number(count: int) -> Entry:
    return {"count": f"{count:,}", "short_count": shorten(count)}


def _entry(request: HttpRequest, title: str, icon: str, name: str) -> Entry:
    link = reverse(f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "active": _is_at(request, name)}


def _is_at(request: HttpRequest, name: str) -> bool:
    link = reverse(f"admin:{name}")
    if name == "index":
        return request.path == link
    shown = vars(request).get(SHOWN_LIST)
    return shown == name if shown else request.path.startswith(link)
