"""The pages that gather imports and exports, and the short address of the list of a type."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.changelist import Crumb
from operations.doors.counts import counts_of_page
from operations.doors.current import current_workspace, may_here
from operations.models import ChangeSet
from operations.types import Door
from workspaces.models import Workspace
from workspaces.permissions import Permission

SHOWN_IMPORTS: Final = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of a kind that can be imported or exported."""

    title: str
    icon: str
    count: str
    link: str
    is_disabled: bool = False


def open_type(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead from the short address of a type to its list; the slug outlives a new name."""
    workspace = _workspace_for(request, Permission.VIEW)
    found = get_object_or_404(ObjectType.objects.for_workspace(workspace), slug=slug)
    query = request.GET.copy()
    query["object_type"] = str(found.number)
    address = reverse("admin:objects_object_changelist")
    return HttpResponseRedirect(f"{address}?{query.urlencode()}")


def show_imports(request: HttpRequest) -> HttpResponse:
    """Offer what can be imported, above the imports of the past."""
    workspace = _workspace_for(request, Permission.IMPORT)
    changed = F("rows_created") + F("rows_updated") + F("rows_deleted")
    earlier = ChangeSet.objects.filter(workspace=workspace, door=Door.CSV)
    earlier = earlier.annotate(rows_changed=changed).order_by("-pk")
    context = {
        "title": _("Imports"),
        "choices": _choices(request, workspace, page="import"),
        "change_sets": earlier[:SHOWN_IMPORTS],
    }
    return _page(request, "admin/imports.html", context)


def show_exports(request: HttpRequest) -> HttpResponse:
    """Offer what can be exported."""
    workspace = _workspace_for(request, Permission.EXPORT)
    context = {
        "title": _("Exports"),
        "choices": _choices(request, workspace, page="export"),
    }
    return _page(request, "admin/exports.html", context)


def _workspace_for(request: HttpRequest, permission: Permission) -> Workspace:
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, permission):
        raise PermissionDenied
    return workspace


def _choices(request: HttpRequest, workspace: Workspace, *, page: str) -> list[Choice]:
    counts = counts_of_page(request, workspace)
    types = ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number")
    objects = reverse(f"admin:objects_object_{page}")
    people = reverse(f"admin:people_person_{page}")
    relationships = reverse(f"admin:relationships_relationship_{page}")
    total = counts.all_relationships
    return [
        Choice(_("People"), "person", f"{counts.people:,}", people),
        *(
            Choice(
                title=row.name,
                icon=row.icon,
                count=f"{counts.objects.get(row.number, 0):,}",
                link=f"{objects}?object_type={row.number}",
                is_disabled=not row.enabled,
            )
            for row in types
        ),
        Choice(_("Relationships"), "link", f"{total:,}", relationships),
    ]


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
    request.current_app = admin.site.name
    trail = (Crumb(context["title"]),)
    base = admin.site.each_context(request) | {"trail": trail}
    return TemplateResponse(request, template, base | context)
