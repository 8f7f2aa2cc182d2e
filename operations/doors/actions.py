"""The bulk actions of the lists: each takes the chosen rows along to a page of its own."""

from dataclasses import replace
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.audit_files import record_export
from operations.doors.bulk import measure, order_deletion, order_edit
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace
from operations.doors.exports import csv_text, export_rows
from operations.doors.jobs import Order, prepare_job
from operations.doors.origin import read_clock
from operations.doors.selection import (
    MODELS,
    Selection,
    SelectionError,
    rows_of,
    select_matching,
)
from operations.wire.columns import Kind
from operations.wire.filter_paths import parse_path

_KINDS: Final[dict[type[Model], Kind]] = {model: kind for kind, model in MODELS.items()}


def chosen_rows(model_admin: Any, request: HttpRequest) -> Selection:
    """Read what was chosen in a list: the checked rows, or all that match its address."""
    workspace = current_workspace(request)
    if workspace is None:
        raise PermissionDenied
    kind = _KINDS[model_admin.model]
    if request.POST.get("select_across") == "1":
        query = request.GET.urlencode()
        return select_matching(kind, workspace=workspace.pk, query=query)
    keys = map(int, request.POST.getlist(ACTION_CHECKBOX_NAME))
    return Selection(kind, workspace.pk, keys=tuple(sorted(set(keys))))


@admin.action(permissions=["delete"], description=gettext_lazy("Delete…"))
def delete_selected(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Lead to the confirmation of a deletion."""
    return _prepare(model_admin, request, lambda rows, actor: order_deletion(rows, actor=actor))


@admin.action(permissions=["change"], description=gettext_lazy("Set attributes…"))
def set_attributes(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Lead to the form for the new values."""
    return _prepare(
        model_admin,
        request,
        lambda rows, actor: order_edit(rows, actor=actor, removes=False),
    )


@admin.action(permissions=["change"], description=gettext_lazy("Remove attributes…"))
def remove_attributes(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Lead to the form for the names."""
    return _prepare(
        model_admin,
        request,
        lambda rows, actor: order_edit(rows, actor=actor, removes=True),
    )


@admin.action(permissions=["export"], description=gettext_lazy("Export…"))
def export_selected(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponseBase | None:
    """Ask how, then stream the chosen rows as a CSV file; nothing is kept of it."""
    shown = _shown_attributes(model_admin, request)
    try:
        selection = chosen_rows(model_admin, request)
        if request.POST.get("confirmed"):
            record_export(
                request,
                kind=selection.kind,
                workspace=current_workspace(request),
                rows=measure(selection).rows,
                filters=selection.query or "",
            )
            is_made_safe = "is_made_safe" in request.POST
            names = shown if "only_shown" in request.POST else None
            return _stream(selection, is_made_safe=is_made_safe, names=names)
        extent = measure(selection)
    except SelectionError as error:
        messages.error(request, str(error))
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Export %(rows)s") % {"rows": extent.label},
        "label": extent.label,
        "shown_attributes": shown,
        "carried": [(name, each) for name in _CARRIED for each in request.POST.getlist(name)],
        "cancel_address": request.get_full_path(),
        "trail": (Crumb(extent.names, request.get_full_path()), Crumb(_("Export"))),
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "operations/bulk_export.html", context)


BULK_ACTIONS: Final = (set_attributes, remove_attributes, export_selected, delete_selected)
_CARRIED: Final = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)


def _shown_attributes(model_admin: Any, request: HttpRequest) -> tuple[str, ...]:
    """Name the attributes that the list shows, whole where it shows a nested value."""
    columns = model_admin.columns_of(request).shown
    paths = [parse_path(column.label) for column in columns if column.is_attribute]
    return tuple(dict.fromkeys(path[0] for path in paths if path[0] is not None))


def _stream(
    selection: Selection, *, is_made_safe: bool, names: tuple[str, ...] | None
) -> HttpResponseBase:
    rows = export_rows(
        rows_of(selection), kind=selection.kind, is_made_safe=is_made_safe, only=names
    )
    name = f"{selection.kind}_{read_clock():%Y%m%dT%H%M%SZ}.csv"
    response = StreamingHttpResponse(csv_text(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _prepare(model_admin: Any, request: HttpRequest, make_order: Any) -> HttpResponse | None:
    try:
        order: Order = make_order(chosen_rows(model_admin, request), request.user.get_username())
    except SelectionError as error:
        messages.error(request, str(error))
        return None
    if not order.total:
        messages.warning(request, _("None of the chosen rows is there any more."))
        return None
    # Whoever cancels comes back to the list as it was.
    came_from = {"list": request.GET.urlencode()}
    job = prepare_job(replace(order, parameters={**order.parameters, **came_from}))
    return HttpResponseRedirect(reverse("admin:operations_job_change", args=[job.pk]))
