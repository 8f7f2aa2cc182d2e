"""Undo a change set: whether it can be, what it would do, and the steps of the job that does it.

The log is walked backwards, the last change first, so that each row is what its change left when
its turn comes. Rows that something else changed since stay as they are and are listed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, IntegerField, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce, Length
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from msgspec import structs

from operations.doors.job_story import Refusal
from operations.doors.jobs import (
    REFUSALS_KEPT,
    TAKEN,
    Order,
    Step,
    confirm_job,
    prepare_job,
)
from operations.doors.origin import origin_from, read_clock
from operations.doors.undo_changes import find_changed, subject_to_undo
from operations.engine import preview
from operations.limits import REASON_MAX_CHARS
from operations.masking import hidden_names
from operations.models import Activity, ChangeSet, Job
from operations.results import Outcome, Status
from operations.types import Call, Door, HiddenNames, Origin, UndoChange
from workspaces.permissions import Permission

KIND: Final = "undo"
# The engine tries these within the request; beyond, the rows are only compared.
PREVIEW_MAX_CHANGES: Final = 2_000
# Rows with attributes of 100 kB fill the memory: fewer in a step than other jobs have.
STEP_CHANGES: Final = 1_000
_STEP_BYTES: Final = 8_000_000
_KINDS_HIDDEN: Final = ("people", "objects", "relationships")
# What happened cannot be undone: it changed no row.
_NO_ROWS: Final = (
    Activity.Kind.EVENT,
    Activity.Kind.PAGE,
    Activity.Kind.SCREEN,
    Activity.Kind.CALL,
)


@dataclass(frozen=True, slots=True)
class UndoCount:
    """How many rows of a kind a change set created, updated or deleted."""

    kind: str
    status: str
    rows: int


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What an undo would do, and the rows that it would leave as they are.

    Of a large change set (`is_tried` is false) the rows are only compared with the log: `left`
    says how many changed since, in words, and nothing where that takes too long to find out.
    """

    counts: tuple[UndoCount, ...]
    total: int
    left: str
    conflicts: tuple[Refusal, ...]
    is_tried: bool


def may_undo(change_set: ChangeSet, now: datetime) -> str:
    """Say why a change set cannot be undone; nothing where it can."""
    return _refuse_state(change_set) or _refuse_age(change_set, now) or _refuse_kind(change_set)


def permission_for(change_set: ChangeSet) -> Permission:
    """Say what somebody has to be allowed to do: what the change set itself took."""
    if change_set.door == Door.CSV:
        return Permission.IMPORT
    return Permission.DELETE if change_set.rows_deleted else Permission.EDIT


def preview_undo(change_set: ChangeSet, *, actor: str) -> UndoPreview:
    """Work out what an undo would do, without writing anything."""
    left_over = _left_over(change_set)
    grouped = left_over.order_by().values_list("kind", "status").annotate(rows=Count("pk"))
    counts = tuple(UndoCount(*row) for row in grouped.order_by("kind", "status"))
    total = sum(count.rows for count in counts)
    if total > PREVIEW_MAX_CHANGES:
        changed, examples = find_changed(change_set.workspace_id, left_over)
        return UndoPreview(counts, total, changed, examples, is_tried=False)
    origin = origin_from(workspace_id=change_set.workspace_id, door=Door.BULK, actor=actor)
    activities = list(_described(left_over))
    result = preview(_calls(activities, origin))
    pairs = list(zip(activities, result.outcomes, strict=True))
    found = [(activity, outcome) for activity, outcome in pairs if _told(outcome)]
    left = result.counts()[Status.REFUSED]
    return UndoPreview(
        counts=_counts_done(pairs),
        total=total,
        left=f"{left:,}" if left else "",
        conflicts=tuple(_refusal(*each) for each in found[:REFUSALS_KEPT]),
        is_tried=True,
    )


def order_undo(change_set: ChangeSet, *, actor: str) -> Job:
    """Prepare the undo of a change set; it still has to be confirmed.

    What is hidden from whoever asks stays so when a worker does it.
    """
    hidden = hidden_names()
    title = _("Undo “%(title)s”") % {"title": change_set}
    total = _left_over(change_set).count()
    return prepare_job(
        Order(
            kind=KIND,
            workspace=change_set.workspace_id,
            actor=actor,
            title=title[:REASON_MAX_CHARS],
            parameters={
                "change_set": change_set.pk,
                "permission": permission_for(change_set).value,
                "hidden": {name: sorted(getattr(hidden, name)) for name in _KINDS_HIDDEN},
            },
            total=total,
        )
    )


def confirm_undo(job: Job, *, now: datetime) -> str:
    """Begin a prepared undo; of two at once, one takes the change set. Says why not, if not."""
    change_set = change_set_of(job)
    if change_set is None:
        return _("The change set is not there any more.")
    if reason := may_undo(change_set, now):
        return reason
    earlier = change_set.undo_job
    # What an undo that was stopped has done is not done again.
    job.position = earlier.position if earlier is not None else []
    job.total = job.weight = _left_over(change_set).count()
    with transaction.atomic():
        waiting = ChangeSet.objects.filter(pk=change_set.pk, undone_at=None, undo_job=earlier)
        if not waiting.update(undo_job=job):
            return _("Somebody else has just begun to undo this.")
        # Of two clicks the second finds the job confirmed, and must not send it back to its start.
        Job.objects.filter(pk=job.pk, state=Job.State.DRAFT).update(
            position=job.position, total=job.total, weight=job.weight
        )
    confirm_job(job)
    return ""


def change_set_of(job: Job) -> ChangeSet | None:
    """Find the change set that a job undoes."""
    found = ChangeSet.objects.filter(workspace=job.workspace_id, pk=job.parameters["change_set"])
    return found.select_related("undo_job").first()


def undo_steps(job: Job, origin: Origin) -> Iterator[Step]:
    """Give the steps of an undo from where the job stands, and say at the end that it is done."""
    change_set = change_set_of(job)
    if change_set is None:
        return
    hidden = {name: frozenset(names) for name, names in job.parameters["hidden"].items()}
    said = structs.replace(origin, hidden=HiddenNames(**hidden))
    position = job.position
    while activities := _next_changes(change_set, position):
        position = [activities[-1].pk]
        yield Step(
            calls=_calls(activities, said),
            position=tuple(position),
            describe=_describing(activities),
            tells_warnings=True,
        )
    ChangeSet.objects.filter(pk=change_set.pk, undone_at=None).update(undone_at=read_clock())


def _refuse_state(change_set: ChangeSet) -> str:
    if change_set.undone_at is not None:
        return _("It was undone already.")
    if change_set.undo_job is not None and change_set.undo_job.state in TAKEN:
        return _("It is being undone by another task.")
    if change_set.undo_job is not None and not _left_over(change_set).exists():
        return _("It was undone already.")
    jobs = change_set.jobs.all()
    if any(job.kind == KIND for job in jobs):
        return _("An undo is not undone itself. Make the change again instead.")
    if any(job.is_unfinished for job in jobs):
        return _("Its task is still running. Stop it first, then undo what it did.")
    return ""


def _refuse_age(change_set: ChangeSet, now: datetime) -> str:
    kept = [days for days in (settings.UNDO_DAYS, settings.ACTIVITY_DAYS) if days]
    if kept and change_set.created_at < now - timedelta(days=min(kept)):
        days = min(kept)
        return ngettext(
            "It is older than %(days)d day; so long changes can be undone.",
            "It is older than %(days)d days; so long changes can be undone.",
            days,
        ) % {"days": days}
    if not change_set.keeps_rows:
        return _("It was made before changes could be undone, so not enough is known of its rows.")
    return ""


def _refuse_kind(change_set: ChangeSet) -> str:
    """Refuse what holds changes that are not undone: undoing the rest would tear them apart."""
    activities = Activity.objects.filter(change_set=change_set)
    kind = activities.order_by("-pk").values_list("kind", flat=True).first()
    if kind is None:
        return _("It changed nothing, so there is nothing to undo.")
    # The deletion of a type is the last change of its task; an import may begin with a new type.
    if kind == Activity.Kind.OBJECT_TYPE:
        return _("It is about an object type, which is not undone.")
    # Found by their kind, of which a log has few, and not among all changes of a large import.
    rare = activities.filter(workspace=change_set.workspace_id)
    if rare.filter(kind=Activity.Kind.SUPPRESSION).exists():
        return _("It suppressed people. What was forgotten for their sake does not come back.")
    if rare.filter(kind=Activity.Kind.MERGE).exists():
        return _("It merged people, which is not undone.")
    return ""


def _changes(change_set: ChangeSet) -> QuerySet[Activity]:
    """Give what is to be undone; the change set is known, and with it the workspace."""
    return Activity.objects.filter(change_set=change_set).exclude(kind__in=_NO_ROWS)


def _after(changes: QuerySet[Activity], position: Sequence[int]) -> QuerySet[Activity]:
    return changes.filter(pk__lt=position[0]) if position else changes


def _left_over(change_set: ChangeSet) -> QuerySet[Activity]:
    """Give what an undo that was stopped has not come to."""
    earlier = change_set.undo_job
    return _after(_changes(change_set), earlier.position if earlier is not None else ())


def _described(changes: QuerySet[Activity]) -> QuerySet[Activity]:
    return changes.order_by("-pk").defer("before", "after", "before_row")


def _next_changes(change_set: ChangeSet, position: Sequence[int]) -> list[Activity]:
    """Read the changes of a step: so many as fit into memory."""
    sizes = _size_of("before") + _size_of("after") + _size_of("before_row")
    found = _described(_after(_changes(change_set), position)).annotate(bytes_held=sizes)
    chosen: list[Activity] = []
    size = 0
    for activity in found[:STEP_CHANGES]:
        chosen.append(activity)
        size += activity.bytes_held
        if size >= _STEP_BYTES:
            break
    return chosen


def _size_of(name: str) -> Any:
    text = Cast(F(name), TextField())
    return Coalesce(Length(text), 0, output_field=IntegerField())


def _calls(activities: Sequence[Activity], origin: Origin) -> list[Call]:
    return [Call(origin=origin, operations=(UndoChange(one.pk),)) for one in activities]


def _describing(activities: Sequence[Activity]) -> Any:
    return lambda index: subject_to_undo(activities[index])


def _told(outcome: Outcome) -> Any:
    return outcome.rejections if outcome.status is Status.REFUSED else outcome.warnings


def _refusal(activity: Activity, outcome: Outcome) -> Refusal:
    reasons = "; ".join(rejection.message for rejection in _told(outcome))
    return Refusal(subject_to_undo(activity), reasons)


def _counts_done(pairs: Sequence[tuple[Activity, Outcome]]) -> tuple[UndoCount, ...]:
    """Count the rows that something would be done to."""
    counted: dict[tuple[str, str], int] = {}
    for activity, outcome in pairs:
        if outcome.status in (Status.CREATED, Status.UPDATED, Status.DELETED):
            key = (activity.kind, activity.status)
            counted[key] = counted.get(key, 0) + 1
    return tuple(UndoCount(*key, rows) for key, rows in sorted(counted.items()))
