"""The navigation: what a member may see, types beneath people, numbers that are kept."""

from typing import Any, TypeAlias

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.changelist import TYPES_IN_NAVIGATION
from operations.doors.counts import Counts, read_counts
from operations.doors.current import current_workspace, may_here
from workspaces.models import Workspace
from workspaces.permissions import Permission

Entry: TypeAlias = dict[str, Any]
_KEPT = "navigation_counts"
_THOUSAND = 1000
_TEN = 10


def build_navigation(request: HttpRequest) -> list[Entry]:
    """List what the member may see, in groups; the template escapes every title."""
    groups: list[Entry] = [{"items": [_entry(request, _("Home"), "home", "index")]}]
    workspace = current_workspace(request)
    if workspace is not None:
        groups.append({"items": _row_entries(request, workspace)})
        groups.append({"title": _("Data"), "items": _data_entries(request)})
    groups.append({"title": _("Settings"), "items": _settings_entries(request, workspace)})
    return [group for group in groups if group["items"]]


def counts_of_page(request: HttpRequest, workspace: Workspace) -> Counts:
    """Give the kept numbers, which the navigation and the page read together."""
    kept = vars(request)
    if _KEPT not in kept:
        kept[_KEPT] = read_counts(workspace.pk)
    counts: Counts = kept[_KEPT]
    return counts


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
    relationships = _entry(
        request, _("Relationships"), "link", "relationships_relationship_changelist"
    )
    return [
        people | _number(counts.people),
        *_type_entries(request, workspace, counts=counts),
        relationships | _number(counts.all_relationships),
        _entry(request, _("Activity log"), "history", "operations_activity_changelist"),
    ]


def _type_entries(request: HttpRequest, workspace: Workspace, *, counts: Counts) -> list[Entry]:
    enabled = ObjectType.objects.for_workspace(workspace).filter(enabled=True)
    types = list(enabled.order_by("number")[: TYPES_IN_NAVIGATION + 1])
    if len(types) > TYPES_IN_NAVIGATION:
        every = _entry(request, _("Custom objects"), "category", "objects_object_changelist")
        return [every | {"is_nested": True} | _number(counts.all_objects)]
    address = reverse("admin:objects_object_changelist")
    shown = vars(request).get("shown_type", request.GET.get("object_type"))
    return [
        {
            "title": row.name,
            "icon": row.icon,
            "link": f"{address}?object_type={row.number}",
            "active": request.path.startswith(address) and str(shown) == str(row.number),
            "is_type": True,
            **_number(counts.objects.get(row.number, 0)),
        }
        for row in types
    ]


def _data_entries(request: HttpRequest) -> list[Entry]:
    entries = []
    if may_here(request, Permission.IMPORT):
        entries.append(_entry(request, _("Imports"), "upload", "imports"))
    if may_here(request, Permission.EXPORT):
        entries.append(_entry(request, _("Exports"), "download", "exports"))
    if may_here(request, Permission.VIEW):
        entries += [
            _entry(request, _("Change sets"), "stacks", "operations_changeset_changelist"),
            _entry(request, _("Tasks"), "task_alt", "operations_job_changelist"),
        ]
    return entries


def _settings_entries(request: HttpRequest, workspace: Workspace | None) -> list[Entry]:
    entries = []
    if may_here(request, Permission.VIEW):
        entries.append(
            _entry(request, _("Object types"), "schema", "objects_objecttype_changelist")
        )
        entries.append(_entry(request, _("Suppressed"), "block", "people_suppression_changelist"))
    if may_here(request, Permission.MANAGE_KEYS):
        entries.append(
            _entry(request, _("API credentials"), "key", "workspaces_credential_changelist")
        )
    if workspace is not None and may_here(request, Permission.MANAGE_MEMBERS):
        entries.append(
            _entry(request, _("Team and roles"), "group", "workspaces_membership_changelist")
        )
        entries.append(_workspace_entry(request, workspace))
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


def _number(count: int) -> Entry:
    return {"count": f"{count:,}", "short_count": shorten(count)}


def _entry(request: HttpRequest, title: str, icon: str, name: str) -> Entry:
    link = reverse(f"admin:{name}")
    is_home = name == "index"
    is_active = request.path == link if is_home else request.path.startswith(link)
    return {"title": title, "icon": icon, "link": link, "active": is_active}
