"""The audit log in the admin: to be read, filtered and exported, never changed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.doors.audit import record
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.doors.display import render_identifier, render_text, render_time
from operations.doors.exports import csv_text
from operations.doors.keyset import Sort
from operations.doors.log_admin import LogAdmin
from operations.doors.origin import read_clock
from operations.doors.story import compare, door_label
from operations.json import dump
from operations.wire.cells import make_safe
from workspaces.audit_filters import AuditFilterSet
from workspaces.models import AuditEntry
from workspaces.permissions import Permission

EVERYWHERE: Final = "everywhere"
_HEADER: Final = (
    "id",
    "happened_at",
    "kind",
    "description",
    "actor",
    "address",
    "door",
    "workspace",
    "details",
)
_CHUNK_ROWS: Final = 2_000
_ICONS: Final[Mapping[str, str]] = {
    "signed": "login",
    "sign": "gpp_maybe",
    "password": "password",
    "imported": "upload",
    "exported": "download",
    "deleted": "delete",
    "suppressed": "block",
    "unsuppressed": "lock_open",
    "type": "schema",
    "key": "key",
    "member": "group",
    "user": "person",
    "workspace": "tune",
    "view": "visibility",
    "sensitive": "shield",
}
_WARNINGS: Final = frozenset(
    {AuditEntry.Kind.SIGN_IN_FAILED, AuditEntry.Kind.SIGN_IN_LOCKED, AuditEntry.Kind.KEY_REFUSED}
)


class AuditEntryAdmin(LogAdmin):
    """Who did what to the workspace: for its admins, and everywhere for superusers."""

    change_form_template = "workspaces/audit_entry.html"
    empty_icon = "policy"
    empty_message = gettext_lazy(
        "Sign-ins, imports, exports, bulk deletions, keys, members and settings show up here."
    )
    empty_title = gettext_lazy("Nothing to audit yet")
    fieldsets = ()
    filterset_class = AuditFilterSet
    list_display = ("what", "description_cell", "actor_cell", "address_cell", "happened")
    list_display_links = ("what",)
    ordering = ("-pk",)
    shown_filters = ("kind", "actor", "address", "after", "before")
    sortable_by = ()

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Audit log")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Keep what concerns the active workspace; the filters do so for superusers."""
        entries = AuditEntry.objects.all()
        if request.user.is_superuser:
            return entries
        workspace = current_workspace(request)
        return entries.for_workspace(workspace) if workspace else entries.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those read it who manage the members."""
        return may_here(request, Permission.MANAGE_MEMBERS)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Let those export it who may read it."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the export."""
        wrap = self.admin_site.admin_view
        export = path("export/", wrap(self.export_view), name="workspaces_auditentry_export")
        return [export, *super().get_urls()]

    def sorts_of(self, request: HttpRequest) -> Mapping[str, Sort]:
        """Offer no other order than the latest first."""
        return {}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Offer the export, and superusers the whole installation."""
        context: dict[str, Any] = {"has_export_permission": self.has_export_permission(request)}
        if request.user.is_superuser:
            context |= {"type_tabs": _scopes(request), "tabs_label": _("Where")}
        return super().changelist_view(request, context | (extra_context or {}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Show one entry with what it changed and its raw data."""
        entry: AuditEntry = options["obj"]
        details: Any = entry.details
        back = Crumb(self.list_name(), self.list_address(request))
        context |= {
            "trail": (back, Crumb(entry.get_kind_display())),
            "entry": entry,
            "icon": icon_of(entry.kind),
            "door": door_label(entry.door),
            "differences": compare(details.get("before"), details.get("after")),
            "raw": json.dumps(_raw(entry), indent=2, ensure_ascii=False),
            "link": request.build_absolute_uri(request.path),
        }
        return super().render_change_form(request, context, *arguments, **options)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask first, then send the entries that the filters leave as a CSV file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        filters = AuditFilterSet(request.GET, self.get_queryset(request), request=request)
        if not filters.is_valid():
            return HttpResponseRedirect(f"{self.list_address(request)}?{request.GET.urlencode()}")
        if request.method == "POST":
            return _export(request, filters.qs)
        return self._ask(request, filters.qs.count())

    def _ask(self, request: HttpRequest, count: int) -> HttpResponse:
        address = self.list_address(request)
        query = request.GET.urlencode()
        back = f"{address}?{query}" if query else address
        label = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": f"{count:,}"}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export %(rows)s") % {"rows": label},
            "opts": self.opts,
            "label": label,
            "cancel_address": back,
            "trail": (Crumb(self.list_name(), back), Crumb(_("Export"))),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "workspaces/audit_export.html", context)

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: AuditEntry) -> SafeString:
        """Name the kind, with its icon."""
        mark = '<span class="material-symbols-outlined cio-type-icon" aria-hidden="true">{}</span>'
        if row.kind in _WARNINGS:
            text = format_html('<span class="cio-badge cio-bad">{}</span>', row.get_kind_display())
            return format_html(mark + "{}", icon_of(row.kind), text)
        return format_html(mark + "{}", icon_of(row.kind), row.get_kind_display())

    @admin.display(description=gettext_lazy("Description"))
    def description_cell(self, row: AuditEntry) -> SafeString:
        """Say what was done, and in which workspace where that differs."""
        return render_text(row.description)

    @admin.display(description=gettext_lazy("By"))
    def actor_cell(self, row: AuditEntry) -> SafeString:
        """Name who did it."""
        return render_text(row.actor)

    @admin.display(description=gettext_lazy("Address"))
    def address_cell(self, row: AuditEntry) -> SafeString:
        """Show where it came from."""
        return render_identifier(row.address)

    @admin.display(description=gettext_lazy("When"))
    def happened(self, row: AuditEntry) -> SafeString:
        """Show the minute; the second in a tooltip."""
        return render_time(row.happened_at, with_clock=True)


def icon_of(kind: str) -> str:
    """Give the icon of a kind, found by its first word."""
    return _ICONS.get(kind.partition("_")[0], "policy")


def _scopes(request: HttpRequest) -> list[dict[str, Any]]:
    address = reverse("admin:workspaces_auditentry_changelist")
    is_everywhere = request.GET.get(EVERYWHERE) == "true"
    return [
        {"title": _("This workspace"), "link": address, "is_active": not is_everywhere},
        {
            "title": _("Whole installation"),
            "link": f"{address}?{EVERYWHERE}=true",
            "is_active": is_everywhere,
        },
    ]


def _export(request: HttpRequest, entries: QuerySet[AuditEntry]) -> HttpResponseBase:
    newest = entries.order_by("-pk").values_list("pk", flat=True).first() or 0
    found = entries.filter(pk__lte=newest)
    count = found.count()
    record(
        request,
        AuditEntry.Kind.EXPORTED,
        ngettext(
            "Exported %(count)s entry of the audit log",
            "Exported %(count)s entries of the audit log",
            count,
        )
        % {"count": f"{count:,}"},
        workspace=current_workspace(request),
        details={"rows": count, "of": "audit log", "filters": request.GET.urlencode()},
    )
    response = StreamingHttpResponse(
        csv_text(_rows(found)), content_type="text/csv; charset=utf-8"
    )
    name = f"audit_{read_clock():%Y%m%dT%H%M%SZ}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    yield list(_HEADER)
    for entry in entries.order_by("-pk").iterator(chunk_size=_CHUNK_ROWS):
        cells = _raw(entry)
        details = dump(cells.pop("details")).decode()
        yield [make_safe(str(cell)) for cell in (*cells.values(), details)]


def _raw(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "happened_at": f"{entry.happened_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "kind": entry.kind,
        "description": entry.description,
        "actor": entry.actor,
        "address": entry.address,
        "door": entry.door,
        "workspace": entry.workspace_name,
        "details": entry.details,
    }
