"""Jobs: bulk actions done step by step, at once or by a worker, so that a crash loses nothing.

A job's work is a function of the job and its origin that gives steps: the calls of one
transaction and the position behind them. Whoever holds the lease does the steps; the engine
writes the position, the counts and the rows of a step together or not at all. A job that only
reads, such as an export, is a function of the job that says after each piece how far it is.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from msgspec import structs

from operations.doors.origin import origin_from, read_clock
from operations.doors.selection import SelectionError
from operations.engine import Checkpoint, Checkpointer, LostLease, apply_steps, open_change_set
from operations.models import ChangeSet, Job
from operations.results import Result, Status
from operations.types import Call, Door, Json, Origin
from workspaces.models import Workspace
from workspaces.permissions import Permission

logger = logging.getLogger(__name__)

AT_ONCE_MAX_ROWS: Final = 1_000
LEASE: Final = timedelta(seconds=60)
# A worker turns to what else is waiting after so long, and comes back to the job.
TURN_SECONDS: Final = 20.0
REFUSALS_KEPT: Final = 100
DRAFT_DAYS: Final = 7
_LOST_AFTER: Final = timedelta(minutes=10)
_FOREVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind of job does, by the name of its function, and who may start or cancel it.

    Named and not imported: the functions stand in modules that start jobs themselves. One that
    only reads gives an Advance after each piece; the others give a Step for each transaction.
    `finish` hears of a job just before it is done, failed or cancelled, perhaps more than once.
    """

    steps: str
    permission: Permission
    door: Door = Door.BULK
    only_reads: bool = False
    finish: str = ""


WORKS: Final[Mapping[str, Work]] = {
    "check_import": Work(
        "data_in.check_job.check_steps", Permission.IMPORT, door=Door.CSV, only_reads=True
    ),
    "delete": Work("operations.doors.bulk.delete_steps", Permission.DELETE),
    "delete_type": Work(
        "operations.doors.type_deletion.delete_type_steps", Permission.MANAGE_TYPES
    ),
    "edit": Work("operations.doors.bulk.edit_steps", Permission.EDIT),
    "export": Work("data_in.exporting.export_steps", Permission.EXPORT, only_reads=True),
    "import": Work(
        "data_in.import_job.import_steps",
        Permission.IMPORT,
        door=Door.CSV,
        finish="data_in.import_job.finish_import",
    ),
    "relate": Work("relationships.bulk.relate_steps", Permission.EDIT),
    "undo": Work("operations.doors.undoing.undo_steps", Permission.EDIT),
}
# In these states an undo has taken its change set: a second one would do nothing more.
TAKEN: Final = (Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE, Job.State.FAILED)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call was about: shown where the call was refused."""

    title: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The calls of one transaction, the position behind them, and what each is about.

    `conclude` is told the result before it is committed, more than once where the engine repeats
    the step, and gives a position that depends on it. `tells_warnings` lists what was not quite
    done among the refused rows.
    """

    calls: Sequence[Call]
    position: tuple[int, ...]
    describe: Callable[[int], Subject]
    conclude: Callable[[Result], tuple[int, ...]] | None = None
    tells_warnings: bool = False


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a job is that only reads; `total` where it has found out how much there is.

    Where it may not pause, what was done since the last position would have to be done again.
    """

    done: int
    position: tuple[int, ...] = ()
    total: int | None = None
    may_pause: bool = True


class WorkFailed(Exception):
    """The work of a job cannot be done; the message tells a person why and how to go on."""


@dataclass(frozen=True, slots=True)
class Order:
    """A job to be prepared: `weight` counts all rows that it touches, `total` its calls."""

    kind: str
    workspace: int
    actor: str
    title: str
    parameters: Mapping[str, Json]
    total: int
    weight: int = 0
    reason: str = ""


def permission_of(job: Job) -> Permission:
    """Say what somebody has to be allowed to do; an undo asks for what its change set did."""
    asked: str | None = job.parameters.get("permission")
    return WORKS[job.kind].permission if asked is None else Permission(asked)


def running_jobs(workspace: Workspace | int) -> int:
    """Count the jobs of a workspace that are not finished."""
    return Job.objects.for_workspace(workspace).unfinished().count()


def prepare_job(order: Order) -> Job:
    """Store a job that still has to be confirmed."""
    return Job.objects.create(
        workspace_id=order.workspace,
        kind=order.kind,
        actor=order.actor,
        title=order.title,
        reason=order.reason,
        parameters=dict(order.parameters),
        total=order.total,
        weight=max(order.weight, order.total),
        created_at=read_clock(),
    )


def confirm_job(job: Job) -> bool:
    """Do a prepared job at once if it is small, else queue it; False when it was confirmed before.

    The row is read again afterwards, so that it tells what became of it.
    """
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.DRAFT)
    changed = waiting.update(state=Job.State.QUEUED, queued_at=read_clock(), reason=job.reason)
    if changed:
        _send(job)
    job.refresh_from_db()
    return bool(changed)


def resume_job(job: Job) -> bool:
    """Go on with a failed job where it stopped, unless what it did was undone."""
    undone = ChangeSet.objects.filter(undo_job__state__in=TAKEN)
    failed = Job.objects.filter(pk=job.pk, state=Job.State.FAILED)
    failed = failed.exclude(change_set__in=undone)
    changed = failed.update(
        state=Job.State.QUEUED,
        queued_at=read_clock(),
        finished_at=None,
        message="",
        cancel_requested=False,
    )
    if changed:
        _send(job)
    return bool(changed)


def cancel_job(job: Job) -> None:
    """Stop a job after its current step; one that nobody works on stops here."""
    now = read_clock()
    unfinished = Job.objects.filter(pk=job.pk).unfinished()
    unfinished.update(cancel_requested=True)
    stopped = unfinished.filter(_is_free(now)).update(
        state=Job.State.CANCELLED, finished_at=now, lease="", lease_until=None
    )
    if stopped:
        _tell_end(job)


def work_on(key: int, *, seconds: float = _FOREVER) -> None:
    """Do the steps of a job for so long, unless somebody else does them or it is finished."""
    job = _take(key)
    if job is None:
        return
    do = _do_reading if WORKS[job.kind].only_reads else _do_steps
    try:
        state = do(job, until=monotonic() + seconds)
    except LostLease:
        logger.warning("job %s was taken over by another worker", key)
    except (SelectionError, WorkFailed) as error:
        _finish(job, Job.State.FAILED, message=str(error))
    except DatabaseError:
        # The database may be away: the lease runs out, and the next worker goes on from there.
        raise
    except Exception:
        logger.exception("job %s failed", key)
        message = _("It stopped because of an error in the product. What was done is kept.")
        _finish(job, Job.State.FAILED, message=message)
    else:
        if state is Job.State.RUNNING:
            Job.objects.filter(pk=key, lease=job.lease).update(lease="", lease_until=None)
            run_job.enqueue(job=key)
        else:
            _finish(job, state)


@task()
def run_job(job: int) -> None:
    """Work on a job for a while."""
    work_on(job, seconds=TURN_SECONDS)


@task()
def sweep_jobs() -> None:
    """Go on with what a worker that died has left behind; ask to be run again while jobs run."""
    now = read_clock()
    unfinished = Job.objects.unfinished()
    is_lost = Q(lease_until=None, queued_at__lt=now - _LOST_AFTER)
    for key in unfinished.filter(Q(lease_until__lt=now) | is_lost).values_list("pk", flat=True):
        run_job.enqueue(job=key)
    if unfinished.exists():
        schedule_sweep()


def schedule_sweep() -> None:
    """Have `sweep_jobs` run when a lease taken at this moment has run out."""
    waiting = DBTaskResult.objects.filter(
        task_path=sweep_jobs.module_path, status=TaskResultStatus.READY
    )
    if not waiting.exists():
        sweep_jobs.using(run_after=read_clock() + LEASE).enqueue()


def forget_drafts(*, now: datetime) -> None:
    """Let go of what was prepared and never confirmed."""
    Job.objects.filter(
        state=Job.State.DRAFT, created_at__lt=now - timedelta(days=DRAFT_DAYS)
    ).delete()


def _send(job: Job) -> None:
    if job.weight <= AT_ONCE_MAX_ROWS:
        work_on(job.pk)
        return
    run_job.enqueue(job=job.pk)
    schedule_sweep()


def _is_free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _take(key: int) -> Job | None:
    """Take the lease, if nobody has it, and open the change set the first time."""
    now, lease = read_clock(), secrets.token_hex(16)
    with transaction.atomic():
        taken = Job.objects.unfinished().filter(_is_free(now), pk=key)
        if not taken.update(state=Job.State.RUNNING, lease=lease, lease_until=now + LEASE):
            return None
        job = Job.objects.get(pk=key)
        if job.started_at is None:
            job.started_at = now
            if not WORKS[job.kind].only_reads:
                job.change_set_id = open_change_set(_origin(job))
            job.save(update_fields=["started_at", "change_set"])
    return job


def _origin(job: Job) -> Origin:
    """Say who asked; every step of a job has the same instant, whichever worker does it."""
    origin = origin_from(
        workspace_id=job.workspace_id,
        door=WORKS[job.kind].door,
        actor=job.actor,
        reason=job.reason or job.title,
    )
    return structs.replace(origin, received_at=job.started_at or origin.received_at)


def _do_steps(job: Job, *, until: float) -> Job.State:
    work = import_string(WORKS[job.kind].steps)
    tally = _Tally(job, done=job.done, refusals=list(job.refusals))
    for result in apply_steps(tally.steps(work(job, _origin(job))), change_set=job.change_set_id):
        tally.keep(result)
        if (state := _interrupted(job, until=until)) is not None:
            return state
    return Job.State.DONE


def _do_reading(job: Job, *, until: float) -> Job.State:
    read = import_string(WORKS[job.kind].steps)
    for advance in read(job):
        found: dict[str, Any] = {
            "done": advance.done,
            "position": list(advance.position),
            "lease_until": read_clock() + LEASE,
        }
        if advance.total is not None:
            found["total"] = advance.total
        if not Job.objects.filter(pk=job.pk, lease=job.lease).update(**found):
            raise LostLease
        end = until if advance.may_pause else _FOREVER
        if (state := _interrupted(job, until=end)) is not None:
            return state
    return Job.State.DONE


def _interrupted(job: Job, *, until: float) -> Job.State | None:
    """Tell whether a job is to stop, or to wait for its next turn."""
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        return Job.State.CANCELLED
    return Job.State.RUNNING if monotonic() > until else None


def _finish(job: Job, state: Job.State, *, message: str = "") -> None:
    _tell_end(job)
    Job.objects.filter(pk=job.pk, lease=job.lease).update(
        state=state, message=message, finished_at=read_clock(), lease="", lease_until=None
    )


def _tell_end(job: Job) -> None:
    if finish := WORKS[job.kind].finish:
        import_string(finish)(job)


@dataclass(slots=True)
class _Tally:
    """What is committed so far; a step that the engine repeats starts from the same numbers."""

    job: Job
    done: int
    refusals: list[Json]
    step: Step | None = field(default=None)

    def steps(self, steps: Iterator[Step]) -> Iterator[tuple[Sequence[Call], Checkpointer]]:
        """Give each step with the checkpoint that belongs to it."""
        for step in steps:
            self.step = step
            yield step.calls, partial(self._checkpoint, step)

    def keep(self, result: Result) -> None:
        """Count a step that is committed."""
        if self.step is not None:
            self.done += len(self.step.calls)
            self.refusals = self._with(self.step, result)

    def _checkpoint(self, step: Step, result: Result) -> Checkpoint:
        return Checkpoint(
            job=self.job.pk,
            lease=self.job.lease,
            lease_until=read_clock() + LEASE,
            done=self.done + len(step.calls),
            position=step.position if step.conclude is None else step.conclude(result),
            refusals=self._with(step, result),
        )

    def _with(self, step: Step, result: Result) -> list[Json]:
        found = list(self.refusals)
        for index, outcome in enumerate(result.outcomes):
            if len(found) >= REFUSALS_KEPT:
                break
            told = outcome.rejections
            if outcome.status is not Status.REFUSED:
                told = outcome.warnings if step.tells_warnings else ()
            if told:
                subject = step.describe(index)
                reasons = "; ".join(rejection.message for rejection in told)
                found.append({"title": subject.title, "link": subject.link, "reason": reasons})
        return found
