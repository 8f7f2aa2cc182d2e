"""The pages of an undo: the button on a change set and a result, and what is asked before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.audit_files import record_undo
from operations.doors.bulk_forms import ReasonForm
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.doors.job_story import Tile
from operations.doors.jobs import AT_ONCE_MAX_ROWS, TAKEN, permission_of
from operations.doors.origin import read_clock
from operations.doors.undoing import (
    UndoCount,
    UndoPreview,
    change_set_of,
    confirm_undo,
    may_undo,
    order_undo,
    permission_for,
    preview_undo,
)
from operations.limits import REASON_MAX_CHARS
from operations.models import Activity, ChangeSet, Job

_FORBIDDEN: Final = 403
_LABELS: Final = {
    (Activity.Kind.PERSON, "created"): gettext_lazy("People to remove"),
    (Activity.Kind.OBJECT, "created"): gettext_lazy("Objects to remove"),
    (Activity.Kind.RELATIONSHIP, "created"): gettext_lazy("Relationships to remove"),
    (Activity.Kind.PERSON, "updated"): gettext_lazy("People with values to put back"),
    (Activity.Kind.OBJECT, "updated"): gettext_lazy("Objects with values to put back"),
    (Activity.Kind.RELATIONSHIP, "updated"): gettext_lazy("Relationships with values to put back"),
    (Activity.Kind.PERSON, "deleted"): gettext_lazy("People to restore"),
    (Activity.Kind.OBJECT, "deleted"): gettext_lazy("Objects to restore"),
    (Activity.Kind.RELATIONSHIP, "deleted"): gettext_lazy("Relationships to restore"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page says of undoing a change set: an address to post to, or why there is none.

    `told` stands for an undo that was begun; `link` leads to its task.
    """

    address: str = ""
    refusal: str = ""
    told: str = ""
    link: str = ""


def offer_undo(request: HttpRequest, change_set: ChangeSet) -> Offer | None:
    """Offer to undo a change set, or say why not; nothing to whoever may not."""
    undo = change_set.undo_job
    if undo is not None and undo.state in TAKEN:
        link = reverse("admin:operations_job_change", args=[undo.pk])
        return Offer(told=_tell(change_set, undo), link=link)
    if not may_here(request, permission_for(change_set)):
        return None
    refusal = may_undo(change_set, read_clock())
    if refusal:
        return Offer(refusal=refusal)
    return Offer(address=reverse("admin:operations_changeset_undo", args=[change_set.pk]))


def begin_undo(request: HttpRequest, change_set: ChangeSet) -> HttpResponse:
    """Prepare the undo of a change set and lead to its preview."""
    back = HttpResponseRedirect(_address_of(change_set))
    if request.method != "POST":
        return back
    if not may_here(request, permission_for(change_set)):
        raise PermissionDenied
    if refusal := may_undo(change_set, read_clock()):
        messages.error(request, _refused(refusal))
        return back
    job = order_undo(change_set, actor=request.user.get_username())
    return HttpResponseRedirect(reverse("admin:operations_job_change", args=[job.pk]))


def show_undo(request: HttpRequest, job: Job, base: dict[str, Any]) -> HttpResponse:
    """Show what a prepared undo would do, and begin it."""
    change_set = change_set_of(job)
    if change_set is None:
        messages.warning(request, _("The change set is not there any more."))
        return HttpResponseRedirect(reverse("admin:operations_changeset_changelist"))
    if request.method != "POST":
        return _page(request, job, change_set, base=base, form=ReasonForm())
    if not may_here(request, permission_of(job)):
        messages.error(request, _lost())
        response = _page(request, job, change_set, base=base, form=ReasonForm(request.POST))
        response.status_code = _FORBIDDEN
        return response
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, job, change_set, base=base, form=form)
    if reason := form.cleaned_data["reason"]:
        job.reason = f"{job.title}: {reason}"[:REASON_MAX_CHARS]
    if refusal := confirm_undo(job, now=read_clock()):
        messages.error(request, _refused(refusal))
        return HttpResponseRedirect(_address_of(change_set))
    record_undo(request, job, workspace=current_workspace(request))
    return HttpResponseRedirect(reverse("admin:operations_job_change", args=[job.pk]))


def _page(
    request: HttpRequest, job: Job, change_set: ChangeSet, *, base: dict[str, Any], form: Any
) -> HttpResponse:
    preview = preview_undo(change_set, actor=job.actor)
    log = reverse("admin:operations_changeset_changelist")
    address = _address_of(change_set)
    context = {
        "job": job,
        "title": job.title,
        "change_set": change_set,
        "form": form,
        "preview": preview,
        "tiles": (*_tiles(preview.counts), *_left(preview)),
        "refusal": may_undo(change_set, read_clock()),
        "is_large": preview.total > AT_ONCE_MAX_ROWS,
        "cancel_address": address,
        "trail": (Crumb(_("Change sets"), log), Crumb(str(change_set), address), Crumb(_("Undo"))),
    }
    return TemplateResponse(request, "operations/undo.html", base | context)


def _tiles(counts: Iterable[UndoCount]) -> Iterable[Tile]:
    for count in counts:
        label = _LABELS.get((Activity.Kind(count.kind), count.status))
        if label is not None:
            yield Tile(str(label), f"{count.rows:,}")


def _left(preview: UndoPreview) -> tuple[Tile, ...]:
    return (Tile(_("Stay as they are"), preview.left, is_bad=True),) if preview.left else ()


def _tell(change_set: ChangeSet, undo: Job) -> str:
    if change_set.undone_at is None:
        return _("It is being undone.")
    left = undo.change_set.rows_refused if undo.change_set else 0
    words = {"when": f"{change_set.undone_at:%Y-%m-%d %H:%M}", "count": f"{left:,}"}
    if left:
        return _("Undone in part on %(when)s UTC: %(count)s rows stay as they are.") % words
    return _("Undone on %(when)s UTC.") % words


def _refused(reason: str) -> str:
    return _("This cannot be undone. %(reason)s") % {"reason": reason}


def _lost() -> str:
    return _(
        "You may not undo this any more, so nothing was changed. "
        "An admin of the workspace can change your role."
    )


def _address_of(change_set: ChangeSet) -> str:
    return reverse("admin:operations_changeset_change", args=[change_set.pk])
