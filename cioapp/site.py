"""The admin site of the product: its navigation, its home page, its pickers."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from objects.models import Object, ObjectType
from operations.doors.changelist import TYPES_IN_NAVIGATION
from operations.doors.counts import Counts, read_counts
from operations.doors.current import current_workspace, may_here
from operations.doors.story import tell
from operations.models import Activity
from people.models import Person
from workspaces.permissions import Permission, workspaces_of
from workspaces.switcher import switch_workspace

RECENT_ACTIVITIES = 8


class CioAdminSite(UnfoldAdminSite):
    """Unfold's site with the product's own navigation."""

    def extra_urls(self) -> list[URLPattern]:
        """Add the addresses that belong to no model."""
        switch = self.admin_view(switch_workspace)
        return [path("workspace/", switch, name="switch_workspace")]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Name the active workspace and the others on every page."""
        workspaces = workspaces_of(request.user)[:50] if self.has_permission(request) else ()
        return {
            **super().each_context(request),
            "workspace": current_workspace(request),
            "workspaces": list(workspaces),
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what there is, what happened last, and what to do next."""
        workspace = current_workspace(request)
        context: dict[str, Any] = {"title": _("Home"), "has_workspace": workspace is not None}
        if workspace is not None:
            types = ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number")
            counts = read_counts(workspace.pk)
            recent = Activity.objects.for_workspace(workspace).order_by("-pk")
            context |= {
                "counts": counts,
                "types": list(types),
                "cards": _cards(counts, types=list(types)),
                "lines": [tell(row) for row in recent[:RECENT_ACTIVITIES]],
                "may_edit": may_here(request, Permission.EDIT),
                "may_manage_types": may_here(request, Permission.MANAGE_TYPES),
                "may_import": may_here(request, Permission.IMPORT),
            }
        return super().index(request, context | (extra_context or {}))

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Answer the pickers of the forms."""
        return PickerView.as_view(admin_site=self)(request)


class PickerView(AutocompleteJsonView):
    """Name rows so that two of the same name can be told apart."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """Add the type of an object and the identifier of a person."""
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Object):
            result["text"] = f"{obj} · {obj.object_type.name}"
        elif isinstance(obj, Person) and str(obj) != (known := obj.email or obj.person_id):
            result["text"] = f"{obj} · {known or obj.cio_id}"
        return result


@dataclass(frozen=True, slots=True)
class Card:
    """A number on the home page, with the list behind it."""

    title: str
    icon: str
    count: str
    link: str
    is_disabled: bool = False


def _cards(counts: Counts, *, types: list[ObjectType]) -> list[Card]:
    people = reverse("admin:people_person_changelist")
    objects = reverse("admin:objects_object_changelist")
    relationships = reverse("admin:relationships_relationship_changelist")
    return [
        Card(_("People"), "person", f"{counts.people:,}", people),
        *(
            Card(
                title=row.name,
                icon=row.icon,
                count=f"{counts.objects.get(row.number, 0):,}",
                link=f"{objects}?object_type={row.number}",
                is_disabled=not row.enabled,
            )
            for row in types
        ),
        Card(_("Relationships"), "link", f"{counts.all_relationships:,}", relationships),
    ]


def build_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """List what the member may see; types beneath people, three at most.

    Unfold marks titles as safe, so names are escaped here.
    """
    home = _entry(request, _("Home"), "home", "index")
    groups: list[dict[str, Any]] = [{"items": [home]}]
    if current_workspace(request) is not None:
        groups.append({"items": _data_entries(request)})
    settings = _settings_entries(request)
    if settings:
        groups.append({"title": _("Settings"), "separator": True, "items": settings})
    return groups


def _data_entries(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        _entry(request, _("People"), "person", "people_person_changelist"),
        *_type_entries(request),
        _entry(request, _("Relationships"), "link", "relationships_relationship_changelist"),
        _entry(request, _("Activity log"), "history", "operations_activity_changelist"),
        _entry(request, _("Change sets"), "stacks", "operations_changeset_changelist"),
    ]


def _type_entries(request: HttpRequest) -> list[dict[str, Any]]:
    workspace = current_workspace(request)
    if workspace is None:
        return []
    enabled = ObjectType.objects.for_workspace(workspace).filter(enabled=True)
    types = list(enabled.order_by("number")[: TYPES_IN_NAVIGATION + 1])
    address = reverse("admin:objects_object_changelist")
    shown = vars(request).get("shown_type", request.GET.get("object_type"))
    entries = [
        {
            "title": f'<span class="cio-nav-type">{escape(row.name)}</span>',
            "icon": row.icon,
            "link": f"{address}?object_type={row.number}",
            "active": request.path.startswith(address) and str(shown) == str(row.number),
        }
        for row in types[:TYPES_IN_NAVIGATION]
    ]
    if len(types) > TYPES_IN_NAVIGATION:
        return [_entry(request, _("Custom objects"), "category", "objects_object_changelist")]
    return entries


def _settings_entries(request: HttpRequest) -> list[dict[str, Any]]:
    entries = []
    if may_here(request, Permission.VIEW):
        entries.append(
            _entry(request, _("Object types"), "schema", "objects_objecttype_changelist")
        )
    if may_here(request, Permission.MANAGE_KEYS):
        entries.append(
            _entry(request, _("API credentials"), "key", "workspaces_credential_changelist")
        )
    if request.user.is_superuser or may_here(request, Permission.MANAGE_MEMBERS):
        entries.append(
            _entry(request, _("Workspaces"), "workspaces", "workspaces_workspace_changelist")
        )
    if request.user.is_superuser:
        entries.append(_entry(request, _("Users"), "group", "auth_user_changelist"))
    return entries


def _entry(request: HttpRequest, title: str, icon: str, name: str) -> dict[str, Any]:
    link = reverse(f"admin:{name}")
    is_home = name == "index"
    is_active = request.path == link if is_home else request.path.startswith(link)
    return {"title": escape(title), "icon": icon, "link": link, "active": is_active}
