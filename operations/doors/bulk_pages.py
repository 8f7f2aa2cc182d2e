"""The pages before a bulk action: what would be done, asked once more."""

from hashlib import sha256
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.doors.audit_files import record_deletion
from operations.doors.bulk import (
    Foresight,
    foresee_edit,
    known_names,
    sample_of,
    selection_of,
    try_edit,
)
from operations.doors.bulk_forms import (
    ConfirmEditForm,
    EditForm,
    ReasonForm,
    RemovalForm,
    SuppressForm,
)
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, mark_in_navigation, may_here
from operations.doors.deletion import Along, relationships_label, write_more
from operations.doors.job_story import Tile
from operations.doors.jobs import AT_ONCE_MAX_ROWS, confirm_job, permission_of
from operations.doors.selection import MODELS
from operations.json import sorted_dump
from operations.models import Job
from operations.types import Attributes
from operations.wire.columns import Kind
from workspaces.permissions import Permission

_NAMES_SHOWN: Final = 3
_FORBIDDEN: Final = 403


def address_of(job: Job) -> str:
    """Give the address of a job's page, from its draft to its result."""
    return reverse("admin:operations_job_change", args=[job.pk])


def list_of(job: Job) -> str:
    """Give the address of the list that the rows were chosen in, as it was."""
    names = MODELS[selection_of(job).kind]._meta
    address = reverse(f"admin:{names.app_label}_{names.model_name}_changelist")
    query = job.parameters.get("list", "")
    return f"{address}?{query}" if query else address


def mark_list(request: HttpRequest, job: Job) -> None:
    """Show in the navigation where the rows were chosen."""
    names = MODELS[selection_of(job).kind]._meta
    number = QueryDict(job.parameters.get("list", "")).get("object_type", "")
    mark_in_navigation(
        request,
        list_name=f"{names.app_label}_{names.model_name}_changelist",
        type_number=int(number) if number.isascii() and number.isdigit() else None,
    )


def show_draft(request: HttpRequest, job: Job, base: dict[str, Any]) -> HttpResponse:
    """Show what a prepared job would do, or go on with it."""
    posted = request.POST if request.method == "POST" else None
    if posted is None or may_here(request, permission_of(job)):
        return _draft_page(request, job, base, posted=posted)
    messages.error(request, _refusal(permission_of(job)))
    response = _draft_page(request, job, base | {"is_refused": True}, posted=posted)
    response.status_code = _FORBIDDEN
    return response


def _draft_page(
    request: HttpRequest, job: Job, base: dict[str, Any], *, posted: Any
) -> HttpResponse:
    selection = selection_of(job)
    base = base | {
        "job": job,
        "title": job.title,
        "label": job.parameters["label"],
        "is_by_filter": selection.query is not None,
        "is_large": job.weight > AT_ONCE_MAX_ROWS,
        "cancel_address": list_of(job),
        "trail": (Crumb(job.parameters["names"], list_of(job)), Crumb(job.title)),
    }
    if job.kind == "delete":
        return _deletion_page(request, job, base, posted=posted)
    if "attributes" not in job.parameters or "edit" in request.GET:
        return _edit_page(request, job, base, posted=posted)
    return _preview_page(request, job, base, posted=posted)


def _deletion_page(
    request: HttpRequest, job: Job, base: dict[str, Any], *, posted: Any
) -> HttpResponse:
    selection = selection_of(job)
    form: Form = SuppressForm(posted) if selection.kind is Kind.PEOPLE else ReasonForm(posted)
    if _takes_effect(form, base):
        suppresses = form.cleaned_data.get("suppresses", False)
        _save(job, {"suppresses": suppresses}, title=job.title)
        return _confirm(request, job, reason=form.cleaned_data["reason"])
    count = job.parameters["relationships"]
    sample = sample_of(selection)
    context = {
        "form": form,
        "along": (Along(count, relationships_label(count)),) if count else (),
        "sample": sample,
        "more": write_more(job.total - len(sample)),
    }
    return TemplateResponse(request, "operations/bulk_delete.html", base | context)


def _edit_page(
    request: HttpRequest, job: Job, base: dict[str, Any], *, posted: Any
) -> HttpResponse:
    selection = selection_of(job)
    removes = job.parameters["removes"]
    given = {"try_out": lambda attributes: try_edit(selection, attributes, actor=job.actor)}
    form: Form
    if removes:
        form = RemovalForm(posted, known=known_names(selection), **given)
    else:
        form = EditForm(posted, **given)
        form.fields["attributes"].initial = job.parameters.get("attributes")
    if _takes_effect(form, base):
        attributes = form.cleaned_data["attributes"]
        _save(job, {"attributes": attributes}, title=_title(job, attributes))
        return HttpResponseRedirect(address_of(job))
    context = {"form": form, "media": form.media, "removes": removes}
    return TemplateResponse(request, "operations/bulk_edit.html", base | context)


def _preview_page(
    request: HttpRequest, job: Job, base: dict[str, Any], *, posted: Any
) -> HttpResponse:
    shown = _fingerprint(job.parameters["attributes"])
    form = ConfirmEditForm(posted, initial={"shown": shown})
    if _takes_effect(form, base):
        if form.cleaned_data["shown"] == shown:
            return _confirm(request, job, reason=form.cleaned_data["reason"])
        messages.warning(request, _("The values were changed in another tab; look at them again."))
        return HttpResponseRedirect(address_of(job))
    foresight = foresee_edit(job)
    hidden = foresight.changed - len(foresight.examples)
    context = {
        "form": form,
        "foresight": foresight,
        "tiles": (
            Tile(_("Would change"), f"{foresight.changed:,}"),
            Tile(_("Stay as they are"), f"{foresight.unchanged:,}"),
            Tile(_("Would be refused"), f"{foresight.refused:,}", is_bad=foresight.refused > 0),
            *_untried(foresight),
        ),
        "untried": f"{foresight.untried:,}",
        "hidden": f"{hidden:,}" if hidden else "",
        "tried": f"{foresight.tried:,}",
        "total": f"{foresight.total:,}",
    }
    return TemplateResponse(request, "operations/bulk_preview.html", base | context)


def _takes_effect(form: Form, base: dict[str, Any]) -> bool:
    """Tell whether to do what was sent; else the form shows it as it was typed."""
    return "is_refused" not in base and form.is_valid()


def _untried(foresight: Foresight) -> tuple[Tile, ...]:
    return () if foresight.is_whole else (Tile(_("Not tried out"), f"{foresight.untried:,}"),)


def _confirm(request: HttpRequest, job: Job, *, reason: str) -> HttpResponse:
    job.reason = reason
    if not confirm_job(job):
        messages.info(request, _("This was confirmed before; it is done once."))
    elif job.kind == "delete":
        record_deletion(request, job, workspace=current_workspace(request))
    return HttpResponseRedirect(address_of(job))


def _save(job: Job, parameters: dict[str, Any], *, title: str) -> None:
    job.parameters = job.parameters | parameters
    job.title = title
    Job.objects.filter(pk=job.pk, state=Job.State.DRAFT).update(
        parameters=job.parameters, title=title
    )


def _title(job: Job, attributes: Attributes) -> str:
    names = ", ".join(sorted(attributes)[:_NAMES_SHOWN])
    if len(attributes) > _NAMES_SHOWN:
        names += ", …"
    text = (
        _("Remove %(names)s from %(rows)s")
        if job.parameters["removes"]
        else _("Set %(names)s on %(rows)s")
    )
    title = text % {"names": names, "rows": job.parameters["label"]}
    return title[: Job._meta.get_field("title").max_length]


def _fingerprint(attributes: Attributes) -> str:
    return sha256(sorted_dump(dict(attributes))).hexdigest()[:16]


def _refusal(permission: Permission) -> str:
    what = _("delete") if permission is Permission.DELETE else _("edit")
    return _(
        "You may not %(what)s here any more, so nothing was changed. "
        "An admin of the workspace can change your role."
    ) % {"what": what}
