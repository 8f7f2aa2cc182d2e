"""The base of every admin whose rows only the engine writes."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.forms import AdminForm, Fieldline

from operations.doors.audit_files import record_deletion
from operations.doors.changelist import Crumb, ListAdmin
from operations.doors.current import current_workspace, may_here
from operations.doors.deletion import (
    SAMPLE_ROWS,
    Along,
    Deletion,
    count_label,
    delete_all,
    walk_rows,
)
from operations.doors.forms import OperationForm
from operations.doors.jobs import Order, confirm_job, prepare_job
from operations.doors.origin import origin_from
from operations.engine import apply
from operations.errors import Reason, Rejection, is_stale
from operations.models import Job
from operations.results import Outcome, Status
from operations.types import Call, Door, Operation, Origin
from workspaces.permissions import Permission

_KEY_MAX_DIGITS = 18
# How often a form is compared again with a row that somebody else saves at the same moment.
_COMPARISONS_MAX = 3


def is_primary_key(text: str) -> bool:
    """Tell whether a text can be a primary key of either database."""
    return text.isascii() and text.isdigit() and len(text) <= _KEY_MAX_DIGITS


class Refused(Exception):
    """The engine refused what its preview had let pass."""

    def __init__(self, rejections: tuple[Rejection, ...]) -> None:
        super().__init__()
        self.rejections = rejections


class OperationAdmin(ListAdmin):
    """Lists and forms over the rows of one workspace; every change is one engine call.

    Django opens a transaction around its forms; the engine's own would fail inside it, so the
    views that do are overridden here.
    """

    actions: Any = ()
    edit_permission: ClassVar[Permission] = Permission.EDIT
    delete_permission: ClassVar[Permission] = Permission.DELETE
    natural_key_fields: ClassVar[tuple[str, ...]] = ()

    def deletion(self, *key: Any) -> Operation:
        """Make the operation that deletes the row with this natural key."""
        raise NotImplementedError

    def deleted_along(self, rows: QuerySet[Any]) -> tuple[Along, ...]:
        """Count what goes along when these rows are deleted."""
        return ()

    # Who and where.

    def origin(self, request: HttpRequest, *, reason: str = "") -> Origin:
        """Say who asks, and for which workspace."""
        workspace = current_workspace(request)
        if workspace is None:
            raise PermissionDenied
        door = Door.BULK if reason else Door.ADMIN
        actor = request.user.get_username()
        return origin_from(workspace_id=workspace.pk, door=door, actor=actor, reason=reason)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the rows of the active workspace."""
        rows: QuerySet[Any] = super().get_queryset(request)
        workspace = current_workspace(request)
        return rows.filter(workspace=workspace) if workspace else rows.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.VIEW)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.VIEW)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, self.edit_permission)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, self.edit_permission)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, self.delete_permission)

    # The list.

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *arguments: Any, **options: Any
    ) -> HttpResponse | None:
        """Run an action on the chosen rows; a key that is no number was not chosen on a page."""
        if not all(map(is_primary_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        return super().response_action(request, queryset, *arguments, **options)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Preselect what the address names, where it can name a row."""
        given = super().get_changeform_initial_data(request)
        relations = {field.name for field in self.opts.fields if field.is_relation}
        return {
            name: value
            for name, value in given.items()
            if name not in relations or is_primary_key(str(value))
        }

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer what this class names; Django would add its own deletion to every list."""
        found: dict[str, Any] = super().get_actions(request)
        ours = {getattr(action, "__name__", action) for action in self.actions}
        return {name: found[name] for name in found if name in ours}

    # The form.

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[ModelForm[Any]]:
        """Tell the form who asks, and what a save was refused for."""
        form = super().get_form(request, obj, change=change, **options)
        rejections = vars(request).get("earlier_rejections", ())
        bound = {"origin": self.origin(request), "earlier_rejections": rejections}
        return type(form.__name__, (form,), bound)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save the form without a transaction of Django's.

        A save that came second is asked about again, against what the first one stored.
        """
        # Unfold 0.91.0 replaces these two in its own changeform_view, which is not called here.
        helpers.AdminForm, helpers.Fieldline = AdminForm, Fieldline  # type: ignore[misc]
        self.request = request
        view = getattr(self, "_changeform_view")  # noqa: B009 - private, so the stubs lack it
        for comparison in range(1, _COMPARISONS_MAX + 1):
            try:
                return view(request, object_id, form_url, extra_context)
            except Refused as refused:
                if comparison == _COMPARISONS_MAX or not is_stale(refused.rejections):
                    vars(request)["earlier_rejections"] = refused.rejections
                    break
        return view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Apply the form's call, then read the row as it is stored."""
        outcome = apply([form.call()]).outcomes[0]
        if outcome.status is Status.SKIPPED:
            raise Refused(_skipped(form))
        if outcome.rejections:
            raise Refused(outcome.rejections)
        for warning in outcome.warnings:
            messages.warning(request, warning.message)
        stored = self.find_stored(request, obj, outcome)
        vars(obj).update(vars(stored))

    def find_stored(self, request: HttpRequest, obj: Any, outcome: Outcome) -> Model:
        """Read the row that the engine wrote."""
        raise NotImplementedError

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing: the one call wrote everything."""

    def construct_change_message(self, *arguments: Any, **options: Any) -> Any:
        """Leave it to the activity log."""
        return ""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the activity log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the activity log."""

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Stay with what was added."""
        return HttpResponseRedirect(self.address_of(obj))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Stay with what was changed."""
        return HttpResponseRedirect(self.address_of(obj))

    def address_of(self, obj: Any) -> str:
        """Give the address of a row's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])

    def attributes_field(self, request: HttpRequest) -> str:
        """Name the editor, or the plain table for those who may not edit."""
        may_edit = may_here(request, self.edit_permission)
        return "attributes" if may_edit else "attributes_table"

    def describe(self, row: Any) -> str:
        """Name a row in messages and confirmations."""
        return str(row)

    def typed_confirmation(self, obj: Any) -> str:
        """Give the text to type before this row is deleted; usually none."""
        return ""

    def list_address(self, request: HttpRequest, obj: Any = None) -> str:
        """Give the address of the list that a row belongs to."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def redirect_from_missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the list and say that there is no such row, in this workspace at least."""
        workspace = current_workspace(request)
        told = _(
            "There is no %(name)s with the key %(key)s in %(workspace)s: it was deleted, or it"
            " belongs to another workspace."
        )
        values = {"name": self.opts.verbose_name, "key": unquote(object_id)[:40]}
        messages.warning(
            request, told % (values | {"workspace": workspace or _("any workspace of yours")})
        )
        is_listed = self.has_view_permission(request)
        return HttpResponseRedirect(
            self.list_address(request) if is_listed else reverse("admin:index")
        )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Answer Django's own views in the same way; it has no public place for this."""
        return self.redirect_from_missing(request, object_id)

    # Deletions.

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Confirm with counts, then delete through the engine."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(pk=row.pk)
        wanted = self.typed_confirmation(row)
        order = self.large_deletion(request, row)
        if request.method != "POST" or request.POST.get("typed", "") != wanted:
            context = {
                "title": _("Delete %(name)s") % {"name": self.describe(row)},
                "original": row,
                "wanted": wanted,
                "is_large": order is not None,
                "cancel_address": self.address_of(row),
            }
            return self._confirmation(request, rows, context | (extra_context or {}))
        if order is not None:
            return self._delete_later(request, order)
        name, address = self.describe(row), self.list_address(request, row)
        rejections = self.delete_one(request, row)
        for rejection in rejections:
            messages.error(request, rejection.message)
        if not rejections:
            messages.success(request, _("Deleted %(name)s.") % {"name": name})
        return HttpResponseRedirect(address)

    def large_deletion(self, request: HttpRequest, obj: Any) -> Order | None:
        """Prepare a deletion that is too large for one transaction; usually none is.

        Its parameters name the row by `number`, so that two clicks are one deletion.
        """
        return None

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete one row through the engine."""
        self.delete_one(request, obj)

    def delete_one(self, request: HttpRequest, obj: Any) -> tuple[Rejection, ...]:
        """Delete one row through the engine and give what it was refused for."""
        rows = self.get_queryset(request).filter(pk=obj.pk)
        operations = tuple(self._each(rows))
        call = Call(origin=self.origin(request), operations=operations)
        return apply([call]).outcomes[0].rejections if operations else ()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete rows through the engine and say what could not be deleted."""
        reason = _("Delete %(rows)s") % {"rows": count_label(self.model, queryset.count())}
        origin = self.origin(request, reason=reason)
        counts, _change_set = delete_all(origin, operations=self._each(queryset))
        if refused := counts.get(Status.REFUSED, 0):
            messages.error(request, _("%(count)s could not be deleted.") % {"count": refused})

    def _delete_later(self, request: HttpRequest, order: Order) -> HttpResponse:
        """Leave a large deletion to the worker, once."""
        jobs = Job.objects.for_workspace(order.workspace).unfinished().filter(kind=order.kind)
        number = order.parameters["number"]
        same = [job for job in jobs if job.parameters["number"] == number]
        job = same[0] if same else prepare_job(order)
        if not same:
            confirm_job(job)
            record_deletion(request, job, workspace=current_workspace(request))
        return HttpResponseRedirect(reverse("admin:operations_job_change", args=[job.pk]))

    def _each(self, rows: QuerySet[Any]) -> Iterator[Operation]:
        for key in walk_rows(rows, *self.natural_key_fields):
            yield self.deletion(*key)

    def _confirmation(
        self, request: HttpRequest, rows: QuerySet[Any], extra: dict[str, Any]
    ) -> HttpResponse:
        count = rows.count()
        summary = Deletion(
            count=count,
            label=count_label(self.model, count),
            along=tuple(along for along in self.deleted_along(rows) if along.count),
            sample=tuple(self.describe(row) for row in rows.order_by("pk")[:SAMPLE_ROWS]),
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete %(rows)s") % {"rows": summary.label},
            "opts": self.opts,
            "deletion": summary,
            "cancel_address": request.get_full_path(),
            "trail": (Crumb(self.list_name(), self.list_address(request)), Crumb(_("Delete"))),
            **extra,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "operations/delete_confirmation.html", context)


def _skipped(form: OperationForm) -> tuple[Rejection, ...]:
    field, message = form.skipped_field or "", str(form.skipped_message)
    return (Rejection(position=0, reason=Reason.CONFLICT, field=field, message=message),)
