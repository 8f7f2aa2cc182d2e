"""Write what the fold made of a batch: deletes, then new rows in key order, then updates."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from operations.engine.database import delete, insert, instant, reserve_keys, update
from operations.engine.slots import (
    ObjectSlot,
    PersonSlot,
    RelationshipSlot,
    Slot,
)
from operations.engine.state import State
from operations.engine.store_other import (
    delete_types,
    store_counts,
    store_devices,
    store_members,
    store_seen,
    store_suppressions,
    store_types,
)
from operations.engine.store_totals import change_totals, delete_totals, insert_totals
from operations.engine.words import fold_words

_KEY: Final = {"id": "bigint"}
_LOADED: Final = {"loaded_version": "integer"}
_STATE: Final = {
    "attributes": "jsonb",
    "attribute_times": "jsonb",
    "attributes_bytes": "integer",
    "version": "integer",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_PERSON: Final = {
    "person_id": "text",
    "email": "text",
    "email_key": "text",
    "anonymous_id": "text",
    "name": "text",
    **_STATE,
}
_NEW_PERSON: Final = {**_PERSON, "workspace_id": "bigint", "cio_id": "text"}
_OBJECT: Final = {"name": "text", **_STATE}
_NEW_OBJECT: Final = {
    **_OBJECT,
    "workspace_id": "bigint",
    "object_type_id": "bigint",
    "object_id": "text",
    "cio_object_id": "text",
}
_NEW_RELATIONSHIP: Final = {
    **_STATE,
    "workspace_id": "bigint",
    "object_id": "bigint",
    "person_id": "bigint",
}
_PEOPLE: Final = "people_person"
_OBJECTS: Final = "objects_object"
_RELATIONSHIPS: Final = "relationships_relationship"


def store_rows(state: State, received_at: Any) -> None:
    """Write every row but the log; the caller has opened the transaction.

    New rows go in plainly and in key order: a row that load did not lock is a conflict, which
    makes the caller run the batch again. Rows are written in the order in which load locks them,
    so that a batch which locks and one which does not never wait for each other.
    """
    people = sorted(_new(state.people), key=_person_order)
    objects = sorted(_new(state.objects), key=_object_order)
    relationships = _new(state.relationships)
    _delete_rows(state)
    _release_identifiers(state)
    store_types(state)
    _give_keys(_PEOPLE, people)
    _give_keys(_OBJECTS, objects)
    _insert(_PEOPLE, _NEW_PERSON, people, _new_person_values)
    _insert(_OBJECTS, _NEW_OBJECT, objects, _new_object_values)
    insert_totals(people, objects)
    _update_ends(state, new={*people, *objects})
    _insert_relationships(relationships)
    _update_relationships(state)
    store_devices(state)
    store_members(state)
    store_suppressions(state, received_at)
    store_counts(state, people=people, objects=objects, relationships=relationships)
    store_seen(state, received_at)
    fold_words()


def _delete_rows(state: State) -> None:
    store_gone = (
        (_RELATIONSHIPS, state.relationships),
        ("people_segmentmember", state.members_gone),
        ("people_device", state.devices_gone),
    )
    for table, rows in store_gone:
        delete(table, sorted(row.pk for row in rows if row.pk is not None and _is_gone(row)))
    people, objects = _gone(state.people), _gone(state.objects)
    delete(_PEOPLE, people)
    delete(_OBJECTS, objects)
    delete_totals(people=people, objects=objects)
    delete_types(state)


def _release_identifiers(state: State) -> None:
    """Free the identifiers that people gave up in this batch, since others may have them now."""
    people = [slot for slot in state.people if slot.gave_up_identifier and not slot.is_deleted]
    release = {"person_id": "text", "email": "text", "email_key": "text", "anonymous_id": "text"}
    rows = [(slot.pk, None, None, None, slot.cio_id) for slot in people if slot.pk is not None]
    update(_PEOPLE, _KEY | release, sorted(rows, key=_first))


def _first(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _is_gone(row: Any) -> bool:
    return not isinstance(row, Slot) or row.is_deleted


def _gone(slots: Iterable[Slot]) -> list[int]:
    return sorted(slot.pk for slot in slots if slot.is_deleted and slot.pk is not None)


def _new(slots: Iterable[Any]) -> list[Any]:
    return [slot for slot in slots if slot.pk is None and not slot.is_deleted]


def _person_order(slot: PersonSlot) -> tuple[Any, ...]:
    return (slot.workspace, slot.person_id or "", slot.email_key or "", slot.cio_id)


def _object_order(slot: ObjectSlot) -> tuple[Any, ...]:
    return (slot.workspace, slot.object_type.number, slot.object_id)


def _give_keys(table: str, slots: Sequence[Slot]) -> None:
    """Give new rows a key; a row that is made again has the one that it had."""
    fresh = []
    for slot in slots:
        slot.pk = slot.kept_pk
        if slot.pk is None:
            fresh.append(slot)
    if fresh:
        for slot, pk in zip(fresh, reserve_keys(table, len(fresh)), strict=True):
            slot.pk = pk


def _insert_relationships(slots: Sequence[RelationshipSlot]) -> None:
    """Insert relationships; nothing refers to them, so new ones take their keys by themselves."""
    kept = [slot for slot in slots if slot.kept_pk is not None]
    fresh = [slot for slot in slots if slot.kept_pk is None] if kept else slots
    insert(_RELATIONSHIPS, _NEW_RELATIONSHIP, [_new_relationship_values(row) for row in fresh])
    rows = [(row.kept_pk, *_new_relationship_values(row)) for row in kept]
    insert(_RELATIONSHIPS, _KEY | _NEW_RELATIONSHIP, rows)


def _insert(table: str, columns: dict[str, str], slots: Sequence[Any], values_of: Any) -> None:
    insert(table, _KEY | columns, [(slot.pk, *values_of(slot)) for slot in slots])


def _update_ends(state: State, *, new: set[Any]) -> None:
    """Update people, objects and their totals."""
    people = [slot for slot in state.people if not slot.is_deleted and slot not in new]
    objects = [slot for slot in state.objects if not slot.is_deleted and slot not in new]
    _update(_PEOPLE, _PERSON, people, _person_values)
    _update(_OBJECTS, _OBJECT, objects, _object_values)
    change_totals(people, objects)


def _update_relationships(state: State) -> None:
    changed = [row for row in state.relationships if row.is_changed and not row.is_deleted]
    stored = [row for row in changed if row.pk is not None]
    update(
        _RELATIONSHIPS,
        _KEY | _LOADED | _STATE,
        [(row.pk, row.loaded_version, *_state_values(row)) for row in stored],
    )


def _update(table: str, columns: dict[str, str], slots: Iterable[Any], values_of: Any) -> None:
    changed = sorted((slot for slot in slots if slot.is_changed), key=_by_key)
    rows = [(slot.pk, slot.loaded_version, *values_of(slot)) for slot in changed]
    update(table, _KEY | _LOADED | columns, rows)


def _by_key(slot: Slot) -> int:
    return slot.pk or 0


def _state_values(slot: Slot) -> tuple[Any, ...]:
    return (
        slot.raw,
        slot.raw_times,
        slot.size,
        slot.version,
        instant(slot.created_at),
        instant(slot.updated_at),
    )


def _person_values(slot: PersonSlot) -> tuple[Any, ...]:
    return (
        slot.person_id,
        slot.email,
        slot.email_key,
        slot.anonymous_id,
        slot.name,
        *_state_values(slot),
    )


def _new_person_values(slot: PersonSlot) -> tuple[Any, ...]:
    return (*_person_values(slot), slot.workspace, slot.cio_id)


def _object_values(slot: ObjectSlot) -> tuple[Any, ...]:
    return (slot.name, *_state_values(slot))


def _new_object_values(slot: ObjectSlot) -> tuple[Any, ...]:
    return (
        slot.name,
        slot.raw,
        slot.raw_times,
        slot.size,
        slot.version,
        instant(slot.created_at),
        instant(slot.updated_at),
        slot.workspace,
        slot.object_type.pk,
        slot.object_id,
        slot.cio_object_id,
    )


def _new_relationship_values(slot: RelationshipSlot) -> tuple[Any, ...]:
    return (*_state_values(slot), slot.workspace, slot.object.pk, slot.person.pk)
