"""The pages of exports: what was exported, the form that starts one, and the way to its file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from data_in.export_links import make_token, read_token
from data_in.export_ordering import ordered, why_hidden
from data_in.exporting import file_of, remove_export, run_again
from data_in.models import Export
from objects.models import ObjectType
from operations.doors.audit import record
from operations.doors.changelist import Crumb
from operations.doors.counts import counts_of_page
from operations.doors.current import current_workspace, may_here
from operations.doors.display import render_time
from operations.doors.job_story import needs_worker
from operations.doors.keyset import Place, find_place, leg, read_page, render_place
from operations.doors.origin import read_clock
from operations.doors.selection import SelectionError
from operations.masking import hidden_names
from operations.wire.columns import Kind
from workspaces.models import AuditEntry, Workspace
from workspaces.permissions import Permission

EXPORTS_ON_A_PAGE: Final = 25
_LEGS: Final = (leg("-pk"),)
_CURSOR: Final = "cursor"
_ICONS: Final = {
    Kind.PEOPLE: "person",
    Kind.OBJECTS: "category",
    Kind.RELATIONSHIPS: "link",
}
_TONES: Final = {
    Export.State.PENDING: "cio-info",
    Export.State.DONE: "cio-good",
    Export.State.FAILED: "cio-bad",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of a kind that can be exported."""

    title: str
    icon: str
    count: str
    link: str
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One export as a line of the list."""

    row: Export
    icon: str
    label: str
    tone: str
    percent: int | None
    when: SafeString
    reason: str
    is_there: bool
    goes_at: datetime | None
    needs_worker: bool

    @property
    def shown_rows(self) -> str:
        """Write how many rows the file has."""
        return f"{self.row.rows:,}"


def export_urls(site: admin.AdminSite) -> list[URLPattern]:
    """Give the addresses of exports, for those who are signed in."""
    wrap = site.admin_view
    return [
        path("exports/", wrap(show_exports), name="exports"),
        path("exports/add/<slug:kind>/", wrap(add_export), name="export_add"),
        path("exports/file/<str:token>/", wrap(send_file), name="export_file"),
        path("exports/<int:key>/link/", wrap(require_POST(give_link)), name="export_link"),
        path("exports/<int:key>/again/", wrap(require_POST(export_again)), name="export_again"),
        path("exports/<int:key>/delete/", wrap(require_POST(forget)), name="export_delete"),
    ]


def show_exports(request: HttpRequest) -> HttpResponse:
    """List the exports of the workspace, the newest first, below what can be exported."""
    workspace = workspace_of(request)
    rows = Export.objects.for_workspace(workspace).select_related("job")
    place = find_place(request.GET.get(_CURSOR, ""), _LEGS, Export)
    now = read_clock()
    page = read_page(rows, _LEGS, place=place, limit=EXPORTS_ON_A_PAGE)
    context = {
        "choices": _choices(request, workspace),
        "lines": [_listed(row, now=now) for row in page.rows],
        "days": settings.EXPORT_DAYS,
        "next_link": _link(page.next),
        "previous_link": _link(page.previous),
        "is_first_page": place is None,
    }
    return _render(request, "exports", context, title=_("Exports"))


def add_export(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask what the file shall hold, and have it made; the address carries that of the list."""
    workspace = workspace_of(request)
    if kind not in set(Kind):
        raise Http404
    try:
        found = ordered(request, workspace, Kind(kind))
    except SelectionError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:exports"))
    if isinstance(found, dict):
        title = _("Export %(rows)s") % {"rows": found["label"]}
        return _render(request, "export_add", found, title=title)
    _record(request, found, _("Exported %(what)s") % {"what": found.description})
    return _show_result(request, found)


def give_link(request: HttpRequest, key: int) -> HttpResponse:
    """Sign a fresh link to the file, and go there."""
    export = _find(request, key)
    if file_of(export) is None:
        messages.warning(request, _("The file is not kept any more. Run the export again."))
        return _back()
    return HttpResponseRedirect(reverse("admin:export_file", args=[make_token(export)]))


def send_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send the file to those who may export here, while the link is good."""
    workspace = workspace_of(request)
    read = read_token(token)
    if read is None:
        message = _("This link has run out: each is good for 15 minutes. Download the file again.")
        messages.warning(request, message)
        return _back()
    if read[0] != workspace.pk:
        raise Http404
    export = _find(request, read[1])
    path = file_of(export)
    if path is None or (problem := why_hidden(export)):
        message = problem if path else _("The file is not kept any more. Run the export again.")
        messages.warning(request, message)
        return _back()
    Export.objects.filter(pk=export.pk).update(downloads=F("downloads") + 1)
    _record(request, export, _("Downloaded %(file)s") % {"file": export.file_name})
    response = FileResponse(path.open("rb"), as_attachment=True, filename=export.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def export_again(request: HttpRequest, key: int) -> HttpResponse:
    """Have the same export made once more."""
    export = _find(request, key)
    try:
        made = run_again(export, actor=request.user.get_username(), hidden=hidden_names())
    except SelectionError as error:
        messages.error(request, str(error))
        return _back()
    _record(request, made, _("Exported %(what)s") % {"what": made.description})
    return _show_result(request, made)


def forget(request: HttpRequest, key: int) -> HttpResponse:
    """Delete an export with its file."""
    export = _find(request, key)
    remove_export(export)
    _record(request, export, _("Deleted the export %(what)s") % {"what": str(export)})
    messages.success(request, _("The export and its file are deleted."))
    return _back()


def workspace_of(request: HttpRequest) -> Workspace:
    """Give the active workspace to those who may export from it."""
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.EXPORT):
        raise PermissionDenied
    return workspace


def _find(request: HttpRequest, key: int) -> Export:
    rows = Export.objects.for_workspace(workspace_of(request))
    found = rows.select_related("job", "workspace").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _show_result(request: HttpRequest, export: Export) -> HttpResponse:
    match export.state:
        case Export.State.DONE:
            messages.success(request, _("The file is ready to download."))
        case Export.State.PENDING:
            messages.info(request, _("The file is being made. You can leave this page."))
        case Export.State.FAILED:
            messages.error(request, _reason(export))
    return _back()


def _record(request: HttpRequest, export: Export, description: str) -> None:
    selection = export.settings["selection"]
    details = {
        "export": export.pk,
        "of": export.kind,
        "filters": selection["query"] or "",
        **({"rows": export.rows} if export.rows else {}),
    }
    kind = AuditEntry.Kind.EXPORTED
    record(request, kind, description, workspace=export.workspace, details=details)


def _listed(row: Export, *, now: datetime) -> Listed:
    is_there = file_of(row) is not None
    is_expired = row.state is Export.State.DONE and not is_there
    return Listed(
        row=row,
        icon=_ICONS[Kind(row.kind)],
        label=_("Expired") if is_expired else str(row.state.label),
        tone="" if is_expired else _TONES[row.state],
        percent=row.job.percent if row.job and row.state is Export.State.PENDING else None,
        when=render_time(row.created_at, with_clock=True),
        reason=_reason(row) if row.state is Export.State.FAILED else "",
        is_there=is_there,
        goes_at=row.created_at + timedelta(days=settings.EXPORT_DAYS) if is_there else None,
        needs_worker=row.job is not None and needs_worker(row.job, now=now),
    )


def _reason(row: Export) -> str:
    if row.job is None:
        return _("Its task is not kept any more.")
    return row.job.message or _("It was stopped.")


def _choices(request: HttpRequest, workspace: Workspace) -> list[Choice]:
    counts = counts_of_page(request, workspace)
    types = ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number")
    people, objects, relationships = (reverse("admin:export_add", args=[each]) for each in Kind)
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
        Choice(_("Relationships"), "link", f"{counts.all_relationships:,}", relationships),
    ]


def _link(place: Place | None) -> str:
    if place is None:
        return ""
    return f"{reverse('admin:exports')}?{urlencode({_CURSOR: render_place(place)})}"


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:exports"))


def _render(
    request: HttpRequest, name: str, context: dict[str, Any], *, title: str
) -> HttpResponse:
    request.current_app = admin.site.name
    exports = Crumb(_("Exports"), reverse("admin:exports"))
    is_list = name == "exports"
    base = {
        **admin.site.each_context(request),
        "title": title,
        "trail": (Crumb(title),) if is_list else (exports, Crumb(title)),
    }
    return TemplateResponse(request, f"data_in/{name}.html", base | context)
