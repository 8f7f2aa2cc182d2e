"""Delete the rows of a batch in sets, when its calls do nothing else.

A bulk deletion is thousands of calls that each name one row in the same way. What becomes of such
rows needs no slot and no fold: the database deletes and logs them itself. Every call of another
kind sends the whole batch the general way; so does a rerun, which locks what it reads. A call
whose row was not there goes the general way by itself, which says what is to be said of it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from operations.engine.clear_sql import Cleared, Entry, clear_relationships, clear_rows
from operations.engine.database import add, instant
from operations.engine.form import first_readable
from operations.engine.naming import OBJECTS, PEOPLE, Key, Naming
from operations.engine.sieve import Sifted
from operations.engine.sql import select_types
from operations.engine.state import new_ids
from operations.engine.store_other import Deltas, store_deltas
from operations.engine.store_totals import OBJECT_TOTALS, PEOPLE_TOTALS
from operations.engine.validate import Checker
from operations.engine.words import fold_words
from operations.results import Outcome, Status
from operations.types import (
    Call,
    DeleteObject,
    DeletePerson,
    Handling,
    ObjectKey,
    Operation,
    PersonKey,
    Unrelate,
)

# Below this many calls the general way costs no more.
CLEAR_FROM_CALLS: Final = 100

Checked: TypeAlias = tuple[Call, Checker]
_Reader: TypeAlias = Callable[[Any], Key | None]


@dataclass(frozen=True, slots=True)
class _Form:
    """What the calls of a batch have in common: one kind of operation and one way to name rows.

    Could a row be named in two ways, then a call could find what another has taken away.
    """

    kind: type[Operation]
    read: _Reader
    clear: Callable[[Sequence[Key], Entry], list[Cleared]]
    is_by_generated_object_id: bool


def clear(checked: Sequence[Checked], *, change_set: int | None) -> Sifted:
    """Delete what the calls name, when that is all that they do; returns what is left to do."""
    first = first_readable(checked) if len(checked) >= CLEAR_FROM_CALLS else None
    form = None if first is None else _form_of(first)
    positions = None if form is None else _positions(checked, form)
    if form is None or not positions:
        return Sifted({}, checked)
    cleared = form.clear(list(positions), _entry(checked[0][0], change_set=change_set))
    _store_counts(cleared, form, workspace=checked[0][0].origin.workspace)
    fold_words()
    indexes = list(positions.values())
    settled = {
        indexes[row.position]: Outcome(
            Status.DELETED, cio_id=row.cio_id, cio_object_id=row.cio_object_id
        )
        for row in cleared
        if row.position is not None
    }
    return Sifted(settled, [pair for index, pair in enumerate(checked) if index not in settled])


def _form_of(call: Call) -> _Form | None:
    if len(call.operations) != 1:
        return None
    operation = call.operations[0]
    match operation:
        case DeleteObject(key=key):
            return _form_of_objects(key, call)
        case DeletePerson(key=key):
            return _form_of_people(key, call)
        case Unrelate():
            return _form_of_relationships(operation, call)
        case _:
            return None


def _form_of_objects(key: ObjectKey, call: Call) -> _Form:
    naming, read = _object_naming(key, call)
    return _Form(
        DeleteObject,
        lambda operation: read(operation.key),
        lambda keys, entry: clear_rows(naming, keys, entry),
        key.cio_object_id is not None,
    )


def _form_of_people(key: PersonKey, call: Call) -> _Form | None:
    found = _person_naming(key, call)
    if found is None:
        return None
    naming, read = found
    return _Form(
        DeletePerson,
        lambda operation: read(operation.key),
        lambda keys, entry: clear_rows(naming, keys, entry),
        is_by_generated_object_id=False,
    )


def _form_of_relationships(operation: Unrelate, call: Call) -> _Form | None:
    found = _person_naming(operation.person, call)
    if found is None:
        return None
    person, read_person = found
    related, read_object = _object_naming(operation.object, call)

    def read(operation: Unrelate) -> Key | None:
        of_person, of_object = read_person(operation.person), read_object(operation.object)
        return of_person + of_object if of_person and of_object else None

    return _Form(
        Unrelate,
        read,
        lambda keys, entry: clear_relationships(person, related, keys, entry),
        operation.object.cio_object_id is not None,
    )


def _person_naming(key: PersonKey, call: Call) -> tuple[Naming, _Reader] | None:
    readers: Mapping[str, _Reader] = {
        "person_id": _by_id,
        "email_key": _by_email,
        "cio_id": _by_cio_id,
    }
    for column, read in readers.items():
        if read(key) is not None:
            condition = (
                f"person.workspace_id = {call.origin.workspace:d} AND person.{column} = {{}}"
            )
            return Naming(PEOPLE, ("text",), condition), read
    return None


def _object_naming(key: ObjectKey, call: Call) -> tuple[Naming, _Reader]:
    workspace = call.origin.workspace
    if key.cio_object_id is not None:
        condition = f"related.workspace_id = {workspace:d} AND related.cio_object_id = {{}}"
        return Naming(OBJECTS, ("text",), condition), _by_cio_object_id
    types = {row[2]: row[0] for row in select_types([workspace])}
    condition = "related.object_type_id = {} AND related.object_id = {}"

    def read(key: ObjectKey) -> Key | None:
        number = types.get(key.object_type_id)
        return None if number is None or key.cio_object_id is not None else (number, key.object_id)

    return Naming(OBJECTS, ("bigint", "text"), condition), read


def _by_id(key: PersonKey) -> Key | None:
    return None if key.id is None else (key.id,)


def _by_email(key: PersonKey) -> Key | None:
    return None if key.email is None else (key.email.lower(),)


def _by_cio_id(key: PersonKey) -> Key | None:
    return None if key.cio_id is None else (key.cio_id,)


def _by_cio_object_id(key: ObjectKey) -> Key | None:
    if key.cio_object_id is None or key.object_id is not None:
        return None
    return (key.cio_object_id,)


def _positions(checked: Sequence[Checked], form: _Form) -> dict[Key, int] | None:
    """Find the first call for each key; None when a call has another form.

    A second call for a key finds nothing, as it would the general way.
    """
    origin, kind, read = checked[0][0].origin, form.kind, form.read
    positions: dict[Key, int] = {}
    for index, (call, checker) in enumerate(checked):
        if call.refusal is not None:
            continue
        operation = call.operations[0] if len(call.operations) == 1 else None
        if type(operation) is not kind or call.origin is not origin or call.dedup_key is not None:
            return None
        if checker.rejections:
            continue
        key = read(operation)
        is_doubtful = bool(checker.warnings) or _expects_a_version(operation)
        if key is None or is_doubtful or _may_find_another(call, form):
            return None
        positions.setdefault(key, index)
    return positions


def _expects_a_version(operation: Any) -> bool:
    return operation.expected_version is not None


def _may_find_another(call: Call, form: _Form) -> bool:
    """Tell whether an unknown cio_object_id would be taken for an object_id."""
    by_generated_id = form.is_by_generated_object_id
    return by_generated_id and call.rules.unknown_cio_object_id is Handling.CREATE


def _entry(call: Call, *, change_set: int | None) -> Entry:
    origin = call.origin
    return Entry(
        workspace=origin.workspace,
        received_at=instant(origin.received_at),
        change_set=change_set,
        door=origin.door.value,
        actor=origin.actor,
        first_id=next(new_ids(int(origin.received_at.timestamp() * 1000))),
    )


def _store_counts(cleared: Sequence[Cleared], form: _Form, *, workspace: int) -> None:
    gone = [row for row in cleared if row.position is not None]
    deltas: Deltas = Counter()
    if form.kind is DeleteObject:
        deltas.update(Counter((workspace, "objects", row.number) for row in gone))
    elif form.kind is DeletePerson:
        deltas[workspace, "people", None] = len(gone)
    people: Counter[int] = Counter()
    objects: Counter[int] = Counter()
    for row in cleared:
        if not row.ended:
            continue
        deltas[workspace, "relationships", row.number] += row.ended
        if row.person is not None:
            people[row.person] -= row.ended
        if row.related is not None:
            objects[row.related] -= row.ended
    add(PEOPLE_TOTALS, "relationship_count", people.items())
    add(OBJECT_TOTALS, "relationship_count", objects.items())
    store_deltas(Counter({key: -count for key, count in deltas.items()}))
