"""Run one batch: load, fold, store, and again from load when another writer was first."""

import random
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, suppress
from typing import Final

from django.db import IntegrityError, OperationalError, transaction

from operations.engine.carry import Carried
from operations.engine.clear import clear
from operations.engine.collector import paused_collector
from operations.engine.database import LostRace, begin_batch, is_postgresql, plan_by_keys
from operations.engine.earlier import read_earlier
from operations.engine.fold import fold, may_merge
from operations.engine.form import Form, form_of
from operations.engine.fresh import create_all
from operations.engine.load import load
from operations.engine.record import (
    Checkpointer,
    count_outcomes,
    store_activity,
    store_checkpoint,
)
from operations.engine.sieve import Sifted, sift
from operations.engine.slots import ObjectKeys, PersonKeys, Recorded
from operations.engine.state import State, new_ids
from operations.engine.store import store_rows
from operations.engine.store_other import redact_activity
from operations.engine.validate import Checker, validate
from operations.results import Change, Outcome, Result, Status
from operations.types import (
    Call,
    IdentifyObject,
    IdentifyPerson,
    Json,
    RecordCall,
    RecordEvent,
    Relate,
)

# Two batches that insert the same new rows take turns: each rerun sees what the other committed.
_RERUNS: Final = 8
# Whoever has lost so many races lets nobody else write to the workspace meanwhile.
_ALONE_FROM: Final = 3
_PAUSE_SECONDS: Final = 0.02
# PostgreSQL: serialization failure, deadlock, lock not available.
_TRANSIENT: Final = frozenset({"40001", "40P01", "55P03"})
# A row was inserted first, or deleted while this batch referred to it.
_CONFLICTS: Final = frozenset({"23505", "23503"})
# Looking a value up is several times as fast as asking the enumeration for it.
_STATUSES: Final = {status.value: status for status in Status}
_ADDING: Final = (IdentifyObject, IdentifyPerson, Relate, RecordEvent, RecordCall)

Checked = tuple[Call, Checker]


def run_batch(
    checked: Sequence[Checked], *, change_set: int | None, checkpoint: Checkpointer | None
) -> Result:
    """Apply a validated batch in one transaction.

    The first try reads without locks and compares versions when it writes, so that rows which
    stay as they are cost no lock; a rerun locks what it reads, and so does a batch that takes
    rows away. The fourth try is made while nobody else writes.
    """
    workspaces = {call.origin.workspace for call, _ in checked}
    for attempt in range(_RERUNS + 1):
        try:
            with paused_collector(), transaction.atomic(durable=True):
                begin_batch(workspaces, is_alone=attempt >= _ALONE_FROM)
                result = _apply_once(checked, change_set=change_set, is_rerun=attempt > 0)
                if checkpoint is not None:
                    store_checkpoint(checkpoint(result))
                return result
        except (IntegrityError, OperationalError, LostRace) as error:
            if attempt == _RERUNS or not _is_race(error):
                raise
            time.sleep(random.uniform(0, _PAUSE_SECONDS) * (attempt + 1))  # noqa: S311
    raise AssertionError  # the loop returns or raises


def preview_batch(checked: Sequence[Checked], *, carried: Carried | None = None) -> Result:
    """Work out what a batch would do, without locks and without writing."""
    for _ in range(_RERUNS):
        with suppress(LostRace):
            return _preview_once(checked, carried)
    return _preview_once(checked, carried)


def check(calls: Iterable[Call]) -> list[Checked]:
    """Validate calls, each by itself."""
    return [validate(call) for call in calls]


def _preview_once(checked: Sequence[Checked], carried: Carried | None) -> Result:
    state = _new_state(checked)
    calls = [call for call, _ in checked]
    with paused_collector():
        with transaction.atomic() if is_postgresql() else nullcontext():
            plan_by_keys()
            load(_accepted(checked), state, lock=False, carried=carried)
        outcomes = fold(checked, state)
        if carried is not None:
            carried.keep(state)
        changes: dict[int, list[Change]] = {}
        for entry in state.recorded:
            changes.setdefault(entry.call, []).append(_change(entry, calls[entry.call]))
        for index, found in changes.items():
            outcomes[index].changes = tuple(found)
        state.release()
    return Result(outcomes)


def _apply_once(checked: Sequence[Checked], *, change_set: int | None, is_rerun: bool) -> Result:
    lock = is_rerun or _takes_rows_away(checked)
    form = None if lock else form_of(checked)
    if is_rerun:
        settled = Sifted({}, checked)
    else:
        settled = clear(checked, change_set=change_set) if lock else sift(checked, form)
    rest = _apply_rest(settled.rest, form, change_set=change_set, lock=lock)
    outcomes = settled.merge(rest)
    if change_set is not None:
        count_outcomes(change_set, outcomes)
    return Result(outcomes, change_set)


def _apply_rest(
    checked: Sequence[Checked], form: Form | None, *, change_set: int | None, lock: bool
) -> list[Outcome]:
    accepted = _accepted(checked)
    if not accepted:
        return _refuse_all(checked)
    state = _new_state(checked)
    state.remembers = change_set is not None
    outcomes = None if form is None else create_all(checked, form, state)
    if outcomes is None:
        load(accepted, state, lock=lock)
        outcomes = fold(checked, state)
    read_earlier(state)
    store_rows(state, accepted[0].origin.received_at)
    store_activity([call for call, _ in checked], state, change_set=change_set)
    redact_activity(state)
    state.release()
    return outcomes


def _takes_rows_away(checked: Sequence[Checked]) -> bool:
    return not all(
        isinstance(operation, _ADDING) and not may_merge(operation)
        for call, _ in checked
        for operation in call.operations
    )


def _accepted(checked: Sequence[Checked]) -> list[Call]:
    return [call for call, checker in checked if not checker.rejections]


def _refuse_all(checked: Sequence[Checked]) -> list[Outcome]:
    return [Outcome(Status.REFUSED, tuple(checker.rejections)) for _, checker in checked]


def _new_state(checked: Sequence[Checked]) -> State:
    first = checked[0][0].origin.received_at if checked else None
    milliseconds = 0 if first is None else int(first.timestamp() * 1000)
    return State(ids=new_ids(milliseconds))


def _is_race(error: Exception) -> bool:
    if isinstance(error, LostRace):
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    if state is not None:
        return state in _CONFLICTS or state in _TRANSIENT
    text = str(error)
    return "UNIQUE constraint" in text or "locked" in text


def _change(entry: Recorded, call: Call) -> Change:
    return Change(
        operation=call.operations[entry.position],
        kind=entry.kind,
        status=_STATUSES[entry.status],
        person=_person(entry.person),
        object=_object(entry.object),
        before=entry.before,
        after=entry.after,
    )


def _person(keys: PersonKeys | None) -> dict[str, str | None] | None:
    if keys is None:
        return None
    return dict(zip(("id", "email", "cio_id", "anonymous_id"), keys, strict=True))


def _object(keys: ObjectKeys | None) -> dict[str, Json] | None:
    if keys is None:
        return None
    return dict(zip(("object_type_id", "object_id", "cio_object_id"), keys, strict=True))
