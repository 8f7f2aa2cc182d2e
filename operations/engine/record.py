"""Write the activity log and the change set of a batch."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from operations.engine.database import cursor, fetch, insert, instant, is_postgresql, run
from operations.engine.earlier import earlier_text
from operations.engine.merge import dump_text
from operations.engine.slots import Recorded
from operations.engine.state import State
from operations.limits import REASON_MAX_CHARS
from operations.results import Outcome, Result, Status
from operations.types import Call, Json, Origin

_ACTIVITY: Final = {
    "workspace_id": "bigint",
    "received_at": "timestamptz",
    "kind": "text",
    "status": "text",
    "call_id": "text",
    "change_set_id": "bigint",
    "door": "text",
    "actor": "text",
    "object_type_number": "integer",
    "object_id": "text",
    "cio_object_id": "text",
    "person_id": "text",
    "email": "text",
    "cio_id": "text",
    "anonymous_id": "text",
    "name": "text",
    "before": "jsonb",
    "after": "jsonb",
}
_EARLIER: Final = {"before_row": "jsonb"}
_NOBODY: Final = (None, None, None, None)
_NOTHING: Final = (None, None, None)
_COUNTED: Final = {
    Status.CREATED: "rows_created",
    Status.UPDATED: "rows_updated",
    Status.DELETED: "rows_deleted",
    Status.UNCHANGED: "rows_unchanged",
    Status.DUPLICATE: "rows_unchanged",
    Status.SKIPPED: "rows_skipped",
    Status.REFUSED: "rows_refused",
}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a job has come, written in the transaction of the work itself.

    `done` counts what of the job's input is dealt with for good, `position` is where to go on,
    and `refusals` are the first ones of the job. Whoever has lost the lease writes nothing.
    """

    job: int
    lease: str
    lease_until: datetime
    done: int
    position: tuple[int, ...]
    refusals: Sequence[Json] = ()


Checkpointer = Callable[[Result], Checkpoint]


class LostLease(Exception):
    """Another worker has taken the job over, so this step of it must not be kept."""


def store_activity(calls: Sequence[Call], state: State, *, change_set: int | None) -> None:
    """Write one row for each recorded change, in order; those of one call share its id."""
    rows: list[tuple[Any, ...]] = []
    last_call, call_id = -1, ""
    origin, received_at, door = None, None, ""
    for entry in state.recorded:
        if entry.call != last_call:
            last_call, call_id = entry.call, next(state.ids)
            if calls[last_call].origin is not origin:
                origin = calls[last_call].origin
                received_at, door = instant(origin.received_at), origin.door.value
        type_number, object_id, cio_object_id = entry.object or _NOTHING
        person_id, email, cio_id, anonymous_id = entry.person or _NOBODY
        rows.append(
            (
                origin.workspace,  # type: ignore[union-attr]  # set with the first entry
                received_at,
                entry.kind,
                entry.status,
                call_id,
                change_set,
                door,
                origin.actor,  # type: ignore[union-attr]
                type_number,
                object_id,
                cio_object_id,
                person_id,
                email,
                cio_id,
                anonymous_id,
                entry.name,
                None if entry.before is None else dump_text(entry.before),
                _after_text(entry),
            )
        )
    if any(entry.earlier is not None for entry in state.recorded):
        rows = [
            (*row, earlier_text(entry)) for row, entry in zip(rows, state.recorded, strict=True)
        ]
        insert("operations_activity", _ACTIVITY | _EARLIER, rows)
        return
    insert("operations_activity", _ACTIVITY, rows)


def _after_text(entry: Recorded) -> str | None:
    if entry.after_text is not None or entry.after is None:
        return entry.after_text
    return dump_text(entry.after)


def create_change_set(origin: Origin) -> int:
    """Open a change set and return its key; a reason that is too long to list is cut."""
    rows = fetch(
        "INSERT INTO operations_changeset (workspace_id, door, actor, reason, created_at, "
        "keeps_rows, rows_created, rows_updated, rows_deleted, rows_unchanged, rows_skipped, "
        "rows_refused) VALUES (%s, %s, %s, %s, %s, TRUE, 0, 0, 0, 0, 0, 0) RETURNING id",
        [
            origin.workspace,
            origin.door.value,
            origin.actor,
            origin.reason[:REASON_MAX_CHARS],
            instant(origin.received_at),
        ],
    )
    return int(rows[0][0])


def count_outcomes(change_set: int, outcomes: Sequence[Outcome]) -> None:
    """Add what became of the calls to the change set's counts."""
    counts = Counter(_COUNTED[outcome.status] for outcome in outcomes)
    assignments = ", ".join(f"{column} = {column} + %s" for column in counts)
    if counts:
        run(
            f"UPDATE operations_changeset SET {assignments} WHERE id = %s",
            [*counts.values(), change_set],
        )


def store_checkpoint(checkpoint: Checkpoint) -> None:
    """Move a job on and keep its lease alive; raise LostLease when it is no longer ours."""
    cast = "::jsonb" if is_postgresql() else ""
    with cursor() as opened:
        opened.execute(
            f"UPDATE operations_job SET done = %s, position = %s{cast}, refusals = %s{cast}, "
            "lease_until = %s WHERE id = %s AND lease = %s",
            [
                checkpoint.done,
                dump_text(list(checkpoint.position)),
                dump_text(list(checkpoint.refusals)),
                instant(checkpoint.lease_until),
                checkpoint.job,
                checkpoint.lease,
            ],
        )
        if opened.rowcount != 1:
            raise LostLease
