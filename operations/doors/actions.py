"""The bulk actions of the lists: each takes the chosen rows along to a page of its own."""

from dataclasses import replace
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.bulk import order_deletion, order_edit
from operations.doors.current import current_workspace
from operations.doors.jobs import Order, prepare_job
from operations.doors.selection import (
    MODELS,
    Selection,
    SelectionError,
    select_matching,
)
from operations.wire.columns import Kind

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
) -> HttpResponse | None:
    """Lead to the form that asks how; its address says which rows."""
    selection = chosen_rows(model_admin, request)
    query = request.GET.urlencode()
    if selection.query is None:
        about = request.GET.get("object_type", "")
        kept = {"keys": ",".join(map(str, selection.keys)), "object_type": about}
        query = urlencode({name: value for name, value in kept.items() if value})
    address = reverse("admin:export_add", args=[selection.kind])
    return HttpResponseRedirect(f"{address}?{query}")


BULK_ACTIONS: Final = (set_attributes, remove_attributes, export_selected, delete_selected)


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
