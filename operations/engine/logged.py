"""Read the changes of the log that a batch undoes, and what their rows are by now."""

from typing import Any, Final

from operations.engine.database import among, among_parameter, fetch, instant
from operations.engine.needs import Needs
from operations.engine.slots import Logged
from operations.engine.state import State
from operations.engine.store_totals import OBJECT_TOTALS, PEOPLE_TOTALS
from operations.json import load_stored
from operations.results import Status
from operations.types import ObjectKey, PersonKey

# Of a created row the values are not asked for: it goes, if it is still what it was.
_COLUMNS: Final = (
    "id, workspace_id, kind, status, received_at, object_type_number, object_id, cio_object_id, "
    "person_id, email, cio_id, anonymous_id, "
    "CASE WHEN status <> 'created' THEN before END, "
    "CASE WHEN status = 'updated' THEN after END, before_row"
)
_KEYS: Final = 12


def load_logged(needs: Needs, state: State) -> None:
    """Read the changes that are to be undone, and need the rows that they are about."""
    if not needs.activities:
        return
    wanted = {activity: workspace for workspace, activity in needs.activities}
    statement = f"SELECT {_COLUMNS} FROM operations_activity WHERE id {among()}"
    for pk, workspace, kind, status, received_at, *values in fetch(
        statement, [among_parameter(sorted(wanted))]
    ):
        if wanted[pk] != workspace:
            continue
        texts = [None if text is None else load_stored(text) for text in values[-3:]]
        logged = Logged(workspace, kind, status, instant(received_at) or "", *values[:-3], *texts)
        state.logged[pk] = logged
        _need(logged, needs)


def read_instants(state: State) -> None:
    """Read when the loaded rows were created and changed, and how many relationships they have."""
    for table, totals, slots in (
        ("people_person", PEOPLE_TOTALS, state.people),
        ("objects_object", OBJECT_TOTALS, state.objects),
    ):
        _read_instants(
            f"SELECT raw.id, raw.created_at, raw.updated_at, totals.relationship_count "
            f"FROM {table} AS raw JOIN {totals} AS totals ON totals.id = raw.id",
            slots,
        )
    _read_instants(
        "SELECT raw.id, raw.created_at, raw.updated_at, NULL "
        "FROM relationships_relationship AS raw",
        state.relationships,
    )


def _read_instants(statement: str, slots: Any) -> None:
    by_key = {slot.pk: slot for slot in slots}
    if not by_key:
        return
    found = fetch(f"{statement} WHERE raw.id {among()}", [among_parameter(sorted(by_key))])
    for pk, created_at, updated_at, count in found:
        slot = by_key[pk]
        slot.stored_created_at, slot.updated_at = created_at, updated_at
        if count is not None:
            slot.stored_count = count


def _need(logged: Logged, needs: Needs) -> None:
    match logged.kind:
        case "person":
            _need_person(logged, needs)
        case "object":
            _need_object(logged, needs)
        case "relationship" if logged.cio_id is not None and logged.cio_object_id is not None:
            person = PersonKey(cio_id=logged.cio_id)
            related = ObjectKey(cio_object_id=logged.cio_object_id)
            needs.person(logged.workspace, person)
            needs.object(logged.workspace, related)
            needs.pairs.append((logged.workspace, person, related))


def _need_person(logged: Logged, needs: Needs) -> None:
    workspace = logged.workspace
    needs.with_person_state = True
    key = PersonKey(cio_id=logged.cio_id)
    needs.person(workspace, key)
    if logged.status == Status.CREATED:
        needs.holders.append((workspace, key))
    elif logged.status == Status.DELETED:
        named = {
            "id": logged.person_id,
            "email": logged.email,
            "anonymous_id": logged.anonymous_id,
        }
        kept = logged.before_row or {}
        needs.tokens.update((workspace, one["token"]) for one in kept.get("devices", ()))
        needs.segment_keys.update(one["segment"] for one in kept.get("segments", ()))
    else:
        named = (logged.before or {}).get("identifiers", {})
    for name, value in named.items() if logged.status != Status.CREATED else ():
        if value is not None:
            needs.person(workspace, PersonKey(**{name: value}))


def _need_object(logged: Logged, needs: Needs) -> None:
    workspace = logged.workspace
    needs.with_object_state = True
    if logged.cio_object_id is not None:
        needs.object(workspace, ObjectKey(cio_object_id=logged.cio_object_id))
    if logged.status == Status.DELETED and logged.object_id is not None:
        key = ObjectKey(logged.object_id, logged.type_number or 0)
        needs.object(workspace, key)
