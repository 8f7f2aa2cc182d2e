"""Write what a batch did besides people, objects and relationships."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from operations.engine.database import (
    LostRace,
    delete,
    fetch,
    insert,
    instant,
    is_postgresql,
    json_parameter,
    reserve_keys,
    run,
    update,
)
from operations.engine.slots import (
    ObjectSlot,
    PersonSlot,
    RelationshipSlot,
    TypeSlot,
    WorkspaceSlot,
)
from operations.engine.state import State
from operations.json import load_stored

# By workspace, kind of row and number of the object type.
Deltas: TypeAlias = Counter[tuple[int, str, int | None]]

_KEY: Final = {"id": "bigint"}
_NAMES: Final = ("person_id", "email", "anonymous_id", "name")
_TYPES: Final = "objects_objecttype"
_TYPE: Final = {
    "name": "text",
    "singular_name": "text",
    "enabled": "boolean",
    "icon": "text",
    "updated_at": "timestamptz",
}
_NEW_TYPE: Final = {
    **_TYPE,
    "workspace_id": "bigint",
    "number": "integer",
    "slug": "text",
    "created_at": "timestamptz",
}
_DEVICE: Final = {
    "person_id": "bigint",
    "platform": "text",
    "attributes": "jsonb",
    "last_used_at": "timestamptz",
}
_NEW_DEVICE: Final = {
    **_DEVICE,
    "workspace_id": "bigint",
    "token": "text",
    "created_at": "timestamptz",
}


def delete_types(state: State) -> None:
    """Delete the object types that went away; their objects went before."""
    gone = [slot.pk for slot in state.types if slot.is_deleted and slot.pk is not None]
    delete(_TYPES, sorted(gone))


def store_types(state: State) -> None:
    """Write new and changed object types, and the workspaces' next numbers."""
    new = [slot for slot in state.types if slot.pk is None and not slot.is_deleted]
    changed = [slot for slot in state.types if slot.is_changed and slot.pk and not slot.is_deleted]
    update(_TYPES, _KEY | _TYPE, [(slot.pk, *_type_values(slot)) for slot in changed])
    if new:
        for slot, pk in zip(new, reserve_keys(_TYPES, len(new)), strict=True):
            slot.pk = pk
        insert(_TYPES, _KEY | _NEW_TYPE, [_new_type_values(slot) for slot in new])
    for workspace in state.workspaces.values():
        if workspace.is_changed:
            _store_workspace(workspace)


def _store_workspace(slot: WorkspaceSlot) -> None:
    """Write the state of the type numbers, unless another batch has moved it on."""
    written = fetch(
        "UPDATE workspaces_workspace SET next_type_number = %s, automatic_types = %s, "
        f"retired_type_numbers = {'%s::jsonb' if is_postgresql() else '%s'} "
        "WHERE id = %s AND next_type_number = %s AND automatic_types = %s RETURNING id",
        [
            slot.next_type_number,
            slot.automatic_types,
            json_parameter(sorted(slot.retired_type_numbers)),
            slot.pk,
            *slot.loaded_numbers,
        ],
    )
    if not written:
        raise LostRace


def store_devices(state: State) -> None:
    """Write new and changed devices."""
    devices = list(state.devices.values())
    changed = [row for row in devices if row.is_changed and row.pk is not None]
    update("people_device", _KEY | _DEVICE, [(row.pk, *_device_values(row)) for row in changed])
    new = sorted((row for row in devices if row.pk is None), key=_device_order)
    rows = [
        (*_device_values(row), row.workspace, row.token, instant(row.created_at)) for row in new
    ]
    insert("people_device", _NEW_DEVICE, rows)


def store_members(state: State) -> None:
    """Write new memberships."""
    new = [row for row in state.members.values() if row.pk is None]
    insert(
        "people_segmentmember",
        {"segment_id": "bigint", "person_id": "bigint", "created_at": "timestamptz"},
        [(row.segment, row.person.pk, instant(row.created_at)) for row in new],
    )


def store_suppressions(state: State, received_at: Any) -> None:
    """Write blocked identifiers and free those that are blocked no more."""
    if state.suppressed_gone:
        _run_by_cio_id("DELETE FROM people_suppression WHERE", state.suppressed_gone)
    insert(
        "people_suppression",
        {
            "workspace_id": "bigint",
            "kind": "text",
            "value": "text",
            "cio_id": "text",
            "created_at": "timestamptz",
        },
        [
            (*entry, tie, instant(received_at))
            for entry, tie in sorted(state.suppressed_new.items())
        ],
    )


def store_seen(state: State, received_at: Any) -> None:
    """Remember the dedup keys of the applied calls."""
    insert(
        "operations_seenmessage",
        {"workspace_id": "bigint", "key": "text", "received_at": "timestamptz"},
        [(*key, instant(received_at)) for key in sorted(state.seen_new)],
    )


def store_counts(
    state: State,
    *,
    people: Iterable[PersonSlot],
    objects: Iterable[ObjectSlot],
    relationships: Iterable[RelationshipSlot],
) -> None:
    """Append how many rows of each kind came and went; nobody waits for a counter."""
    deltas: Deltas = Counter()
    for person in people:
        deltas[person.workspace, "people", None] += 1
    for row in objects:
        deltas[row.workspace, "objects", row.object_type.number] += 1
    for relationship in relationships:
        number = relationship.object.object_type.number
        deltas[relationship.workspace, "relationships", number] += 1
    _count_gone(state, deltas)
    store_deltas(deltas)


def store_deltas(deltas: Deltas) -> None:
    """Append changes to the counts of rows."""
    rows = [(*key, delta) for key, delta in deltas.items() if delta]
    insert(
        "operations_countdelta",
        {
            "workspace_id": "bigint",
            "kind": "text",
            "object_type_number": "integer",
            "delta": "bigint",
        },
        rows,
    )


def redact_activity(state: State) -> None:
    """Blot out whom the activity of suppressed people was about, and what it held."""
    if state.redacted:
        redacted = _with_absorbed(state.redacted)
        blank = ", ".join(
            f"{column} = NULL" for column in (*_NAMES, "before", "after", "before_row")
        )
        _run_by_cio_id(f"UPDATE operations_activity SET {blank} WHERE", redacted)


def _with_absorbed(people: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Add the people that were merged into these, and into those."""
    known = found = set(people)
    while found:
        merges = _fetch_by_cio_id(
            "SELECT workspace_id, before FROM operations_activity WHERE kind = 'merge' "
            "AND before IS NOT NULL AND",
            found,
        )
        absorbed = {(row[0], load_stored(row[1])["person"]["cio_id"]) for row in merges}
        found = absorbed - known
        known = known | found
    return known


def _count_gone(state: State, deltas: Deltas) -> None:
    for person in state.people:
        if person.is_deleted and person.pk is not None:
            deltas[person.workspace, "people", None] -= 1
    for row in state.objects:
        if row.is_deleted and row.pk is not None:
            deltas[row.workspace, "objects", row.object_type.number] -= 1
    for relationship in state.relationships:
        if relationship.is_deleted and relationship.pk is not None:
            number = relationship.object.object_type.number
            deltas[relationship.workspace, "relationships", number] -= 1


def _run_by_cio_id(statement: str, pairs: Iterable[tuple[int, str]]) -> None:
    condition, parameters = _by_cio_id(pairs)
    run(f"{statement} {condition}", parameters)


def _fetch_by_cio_id(statement: str, pairs: Iterable[tuple[int, str]]) -> list[tuple[Any, ...]]:
    condition, parameters = _by_cio_id(pairs)
    return fetch(f"{statement} {condition}", parameters)


def _by_cio_id(pairs: Iterable[tuple[int, str]]) -> tuple[str, list[Any]]:
    given = sorted(set(pairs))
    if is_postgresql():
        source = "SELECT * FROM unnest(%b::bigint[], %b::text[])"
        parameters: list[Any] = [[pair[0] for pair in given], [pair[1] for pair in given]]
    else:
        source = "SELECT value ->> 0, value ->> 1 FROM json_each(%s)"
        parameters = [json_parameter(given)]
    return f"(workspace_id, cio_id) IN ({source})", parameters


def _type_values(slot: TypeSlot) -> tuple[Any, ...]:
    updated_at = slot.updated_at
    return (
        slot.name,
        slot.singular_name,
        slot.enabled,
        slot.icon,
        instant(updated_at),
    )


def _new_type_values(slot: TypeSlot) -> tuple[Any, ...]:
    created_at = slot.created_at
    return (
        slot.pk,
        *_type_values(slot),
        slot.workspace,
        slot.number,
        slot.slug,
        instant(created_at),
    )


def _device_values(row: Any) -> tuple[Any, ...]:
    return (row.person.pk, row.platform, row.raw, instant(row.last_used_at))


def _device_order(row: Any) -> tuple[Any, ...]:
    return (row.workspace, row.token)
