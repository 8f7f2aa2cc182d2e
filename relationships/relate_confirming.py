"""The review of the pairs, their confirmation, and drafts that are finished, expired or gone."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objects.models import ObjectType
from operations.doors.display import render_attributes_table
from operations.doors.jobs import AT_ONCE_MAX_ROWS, Order, confirm_job, prepare_job
from operations.doors.origin import origin_from, read_clock
from operations.doors.selection import SelectionError
from operations.models import Job
from operations.types import Door, Origin
from operations.wire.columns import Kind
from relationships.bulk import Plan, Size, chosen_rows, dump_plan, inner_keys, measure, plan_of
from relationships.models import Draft
from relationships.relate_forms import ReviewForm
from relationships.relate_page import Here, go_to, leave, render_page, render_step
from relationships.relate_plan import Effect, foresee
from relationships.relate_steps import Step, address_of, copy_draft, first_open, save_draft

_NOT_FOUND = 404
_GONE = 410
_STEPS = {Kind.PEOPLE: Step.PEOPLE, Kind.OBJECTS: Step.OBJECTS}


def review(here: Here) -> HttpResponse:
    """Show what confirming would do, and do it once it is confirmed."""
    plan = plan_of(here.draft)
    wrong = _find_wrong_side(here, plan)
    if wrong is not None:
        return wrong
    command, argument = here.command("")
    if here.request.method == "POST" and command != "confirm":
        return leave(here, command, argument)
    size = measure(plan)
    form = ReviewForm(here.request.POST or None, initial={"version": here.draft.version})
    is_too_many = size.pairs > settings.RELATE_MAX_PAIRS
    is_valid = form.is_valid()
    is_stale = is_valid and form.cleaned_data["version"] != here.draft.version
    if is_valid and not is_stale and not is_too_many:
        return _confirm(here, plan, size, reason=form.cleaned_data["reason"])
    context = _describe(size) | {
        "form": form,
        "version": here.draft.version,
        "is_too_many": is_too_many,
        "is_stale": is_stale,
        "attributes_table": render_attributes_table(plan.attributes) if plan.attributes else "",
    }
    if not is_too_many:
        origin = make_origin(here.request, here.draft)
        foreseen = foresee(plan, size, inner_keys(plan, size), origin)
        context["shown"] |= _write_numbers(foreseen.effect)
        context |= {
            "foreseen": foreseen,
            "has_replaced": any(pair.replaced for pair in foreseen.sample),
            "confirm_label": _label(foreseen.effect),
        }
    return render_step(here, "review", context)


def make_origin(request: HttpRequest, draft: Draft) -> Origin:
    """Say who asks, for a preview."""
    actor = request.user.get_username()
    return origin_from(workspace_id=draft.workspace_id, door=Door.BULK, actor=actor)


def show_started(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Lead to what a confirmed draft has done; one whose job never began can begin here."""
    jobs = Job.objects.for_workspace(draft.workspace_id)
    job = jobs.filter(pk=draft.job_id).first() if draft.job_id else None
    if job is None:
        return show_missing(request)
    if job.state == Job.State.DRAFT:
        if request.method != "POST":
            title = _("Confirmed, not begun yet")
            return render_page(request, "relate_waiting", {"job": job}, title=title)
        confirm_job(job)
    return go_to(reverse("admin:operations_job_change", args=[job.pk]))


def show_expired(
    request: HttpRequest, draft: Draft, object_type: ObjectType | None
) -> HttpResponse:
    """Say that a draft is too old, and begin anew with what it still knows."""
    if request.method == "POST":
        fresh = copy_draft(draft)
        save_draft(fresh)
        return go_to(address_of(fresh, first_open(fresh, object_type)))
    plan = plan_of(draft)
    context = {
        "days": settings.RELATE_DRAFT_DAYS,
        "people": plan.people.count,
        "objects": plan.objects.count,
        "object_type": object_type,
    }
    title = _("This draft has expired")
    return render_page(request, "relate_expired", context, title=title, status=_GONE)


def show_missing(request: HttpRequest) -> HttpResponse:
    """Say that there is no such draft, to this member in this workspace at least."""
    context = {"days": settings.RELATE_DRAFT_DAYS}
    title = _("There is no such draft")
    return render_page(request, "relate_missing", context, title=title, status=_NOT_FOUND)


def _describe(size: Size) -> dict[str, Any]:
    numbers = {
        "people": size.people,
        "objects": size.objects,
        "pairs": size.pairs,
        "max": settings.RELATE_MAX_PAIRS,
    }
    shown = {name: f"{number:,}" for name, number in numbers.items()}
    return {"size": size, "shown": shown, "is_small": size.pairs <= AT_ONCE_MAX_ROWS}


def _write_numbers(effect: Effect) -> dict[str, str]:
    changing = effect.existing if effect.changing is None else effect.changing
    return {
        "created": f"{effect.created:,}",
        "changing": f"{changing:,}",
        "unchanged": f"{effect.unchanged:,}",
        "refused": f"{effect.refused:,}",
    }


def _label(effect: Effect) -> str:
    """Name on the button what it does."""
    numbers = _write_numbers(effect)
    if effect.created and effect.writing > effect.created:
        return _("Add %(created)s and change %(changing)s relationships") % numbers
    if effect.created:
        text = ngettext(
            "Add %(created)s relationship", "Add %(created)s relationships", effect.created
        )
    else:
        text = ngettext(
            "Change %(changing)s relationship", "Change %(changing)s relationships", effect.writing
        )
    return text % numbers


def _find_wrong_side(here: Here, plan: Plan) -> HttpResponse | None:
    """Lead back to a step whose rows are gone, or whose filter cannot be read any more."""
    for kind, step in _STEPS.items():
        try:
            if chosen_rows(plan, kind).exists():
                continue
            text = _("What you selected here has been deleted meanwhile. Select again.")
        except SelectionError as error:
            text = _("%(problem)s Clear the selection and select again.") % {"problem": error}
        messages.error(here.request, text)
        return go_to(address_of(here.draft, step))
    return None


def _confirm(here: Here, plan: Plan, size: Size, *, reason: str) -> HttpResponse:
    """Start the job of this draft; of two clicks one takes the draft, the other finds its job."""
    keys, draft = inner_keys(plan, size), here.draft
    name = here.object_type.name if here.object_type else ""
    title = ngettext(
        "Relate %(count)s pair of people and %(type)s",
        "Relate %(count)s pairs of people and %(type)s",
        size.pairs,
    ) % {"count": f"{size.pairs:,}", "type": name}
    order = Order(
        kind="relate",
        workspace=draft.workspace_id,
        actor=here.request.user.get_username(),
        title=title,
        parameters=dump_plan(plan, size.inner, keys) | {"draft": draft.pk},
        total=size.pairs,
        weight=size.pairs,
        reason=reason,
    )
    job = prepare_job(order)
    free = Draft.objects.filter(pk=draft.pk, version=draft.version, started_at=None)
    if free.update(started_at=read_clock(), job_id=job.pk):
        confirm_job(job)
        return go_to(reverse("admin:operations_job_change", args=[job.pk]))
    Job.objects.filter(pk=job.pk, state=Job.State.DRAFT).delete()
    return go_to(address_of(draft, Step.REVIEW))
