"""Jobs and change sets told in words: how far a job is, and what a change set touched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.doors.jobs import Subject
from operations.doors.story import Line, tell
from operations.models import Activity, ChangeSet, Job
from operations.results import Status
from operations.wire.columns import Kind

SHOWN_ACTIVITIES: Final = 100
_COUNTED_ALONG: Final = 10_000
# A worker looks for work every second; nobody waits for one this long unless none is running.
_PATIENCE: Final = timedelta(seconds=8)
_DELETIONS: Final = ("delete", "delete_type")
_MINUTE: Final = 60
_HOUR: Final = 3_600
_STATE_TONES: Final[Mapping[str, str]] = {
    Job.State.QUEUED: "cio-info",
    Job.State.RUNNING: "cio-info",
    Job.State.DONE: "cio-good",
    Job.State.FAILED: "cio-bad",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of a result."""

    label: str
    count: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was refused, and why."""

    subject: Subject
    reason: str


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change set touched; `hidden` counts the refused rows that are not listed."""

    tiles: tuple[Tile, ...]
    refusals: tuple[Refusal, ...]
    hidden: int
    lines: tuple[Line, ...]
    log_link: str
    has_more: bool
    refused_title: str


def tell_change_set(change_set: ChangeSet, job: Job | None) -> Touched:
    """Tell what a change set touched, in its counts and its first activities."""
    found = Activity.objects.for_workspace(change_set.workspace_id).filter(change_set=change_set)
    activities = list(found.order_by("pk")[: SHOWN_ACTIVITIES + 1])
    refusals = _refusals(job)
    is_undo = job is not None and job.kind == "undo"
    tiles = _tiles_of_undo(change_set) if is_undo else _tiles(change_set)
    if job is not None and job.kind in _DELETIONS and change_set.rows_deleted:
        tiles = (*tiles, *_along(found, job))
    log = reverse("admin:operations_activity_changelist")
    return Touched(
        tiles=tiles,
        refusals=refusals,
        hidden=max(0, change_set.rows_refused - len(refusals)),
        lines=tuple(tell(activity) for activity in activities[:SHOWN_ACTIVITIES]),
        log_link=f"{log}?change_set={change_set.pk}",
        has_more=len(activities) > SHOWN_ACTIVITIES,
        refused_title=_("Left as they are") if is_undo else _("Refused rows"),
    )


def tell_progress(job: Job, *, now: datetime) -> dict[str, Any]:
    """Tell how far a job is, for its page and for the script that asks again and again."""
    return {
        "state": job.state,
        "label": job.get_state_display(),
        "percent": job.percent,
        "done": job.done,
        "total": job.total,
        "text": _("%(done)s of %(total)s") % {"done": f"{job.done:,}", "total": f"{job.total:,}"},
        "rest": _rest(job, now=now),
        "is_waiting": needs_worker(job, now=now),
        "is_finished": not job.is_unfinished,
    }


def needs_worker(job: Job, *, now: datetime) -> bool:
    """Tell whether a job has waited so long that no worker seems to be running."""
    if not job.is_unfinished:
        return False
    if job.lease_until is not None:
        return job.lease_until < now
    return job.started_at is None and job.queued_at is not None and job.queued_at < now - _PATIENCE


def state_tone(job: Job) -> str:
    """Give the class of the badge that shows the state."""
    return _STATE_TONES.get(job.state, "")


def duration_of(job: Job, *, now: datetime) -> str:
    """Tell how long a job took, or has taken so far."""
    if job.started_at is None:
        return ""
    return _span((job.finished_at or now) - job.started_at)


def _rest(job: Job, *, now: datetime) -> str:
    if job.cancel_requested:
        return _("Stopping after the current step")
    if job.started_at is None or not 0 < job.done < job.total:
        return ""
    rest = (now - job.started_at) * ((job.total - job.done) / job.done)
    return _("about %(time)s left") % {"time": _span(rest)}


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    if seconds < _MINUTE:
        shown = max(1, seconds)
        return ngettext("%(n)d second", "%(n)d seconds", shown) % {"n": shown}
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("%(hours)d h %(minutes)d min") % {
        "hours": seconds // _HOUR,
        "minutes": seconds % _HOUR // _MINUTE,
    }


def _tiles(change_set: ChangeSet) -> tuple[Tile, ...]:
    skipped, refused = change_set.rows_skipped, change_set.rows_refused
    tiles = [
        Tile(_("Created"), f"{change_set.rows_created:,}"),
        Tile(_("Updated"), f"{change_set.rows_updated:,}"),
        Tile(_("Deleted"), f"{change_set.rows_deleted:,}"),
        Tile(_("Unchanged"), f"{change_set.rows_unchanged:,}"),
    ]
    if skipped:
        tiles.append(Tile(_("Skipped"), f"{skipped:,}"))
    return (*tiles, Tile(_("Refused"), f"{refused:,}", is_bad=refused > 0))


def _tiles_of_undo(change_set: ChangeSet) -> tuple[Tile, ...]:
    left = change_set.rows_refused
    return (
        Tile(_("Removed"), f"{change_set.rows_deleted:,}"),
        Tile(_("Values put back"), f"{change_set.rows_updated:,}"),
        Tile(_("Restored"), f"{change_set.rows_created:,}"),
        Tile(_("Left as they are"), f"{left:,}", is_bad=left > 0),
    )


def _along(found: QuerySet[Activity], job: Job) -> Iterator[Tile]:
    """Count the relationships that went along, up to a number that is quick to count."""
    if job.parameters.get("selection", {}).get("kind") == Kind.RELATIONSHIPS:
        return
    gone = found.filter(kind=Activity.Kind.RELATIONSHIP, status=Status.DELETED)
    count = gone[: _COUNTED_ALONG + 1].count()
    shown = f"{count:,}" if count <= _COUNTED_ALONG else f"{_COUNTED_ALONG:,}+"
    yield Tile(_("Relationships along"), shown)


def _refusals(job: Job | None) -> tuple[Refusal, ...]:
    found = job.refusals if job is not None else []
    return tuple(
        Refusal(Subject(title=each["title"], link=each["link"]), each["reason"]) for each in found
    )
