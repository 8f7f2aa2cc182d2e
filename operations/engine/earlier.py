"""What an undo needs of a row besides the difference in the log: its instants and what went along.

It is kept for the rows that a change set updates or deletes, and for no row that it creates.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from operations.engine.database import among, among_parameter, fetch, instant
from operations.engine.merge import dump_text
from operations.engine.slots import DeviceSlot, Earlier, MemberSlot, Recorded, Slot
from operations.engine.state import State
from operations.json import load_stored
from operations.results import Status

_TABLES: Final = {
    "person": "people_person",
    "object": "objects_object",
    "relationship": "relationships_relationship",
}


def read_earlier(state: State) -> None:
    """Read the instants that the rows of a batch still have, where the fold has not seen them.

    One statement for each table with such rows; it comes before anything is written.
    """
    for kind, table in _TABLES.items():
        entries = [entry for entry in state.recorded if entry.kind == kind and _is_unread(entry)]
        keys = sorted({pk for entry in entries if (pk := _stored_key(entry)) is not None})
        if not keys:
            continue
        statement = f"SELECT id, created_at, updated_at FROM {table} WHERE id {among()}"
        stored = {row[0]: row[1:] for row in fetch(statement, [among_parameter(keys)])}
        for entry in entries:
            _fill(entry, stored)


def earlier_text(entry: Recorded) -> str | None:
    """Write what is kept of a changed or deleted row, as JSON."""
    row, earlier = entry.row, entry.earlier
    if row is None or earlier is None or entry.kind not in _TABLES:
        return None
    kept: dict[str, Any] = {}
    if entry.status == Status.DELETED:
        if row.pk is not None:
            kept["id"] = row.pk
        kept["version"] = row.version
    kept["created_at"] = instant(earlier.created_at)
    kept["updated_at"] = instant(earlier.updated_at)
    if entry.status != Status.DELETED:
        kept["attribute_times"] = _times_of(earlier, (entry.after or {}).get("attributes", ()))
    return dump_text(kept | (entry.along or {}))


def what_went_along(
    devices: Sequence[DeviceSlot], members: Sequence[MemberSlot]
) -> dict[str, Any] | None:
    """Describe what hung on a person who is deleted; None where nothing did."""
    along: dict[str, Any] = {}
    if devices:
        along["devices"] = [
            {
                "token": device.token,
                "platform": device.platform,
                "attributes": load_stored(device.raw),
                "created_at": instant(device.created_at),
                "last_used_at": instant(device.last_used_at),
            }
            for device in devices
        ]
    if members:
        along["segments"] = [
            {"segment": member.segment, "created_at": instant(member.created_at)}
            for member in members
        ]
    return along or None


def _stored_key(entry: Recorded) -> int | None:
    return None if entry.row is None else entry.row.pk


def _is_unread(entry: Recorded) -> bool:
    earlier = entry.earlier
    if earlier is None or _stored_key(entry) is None:
        return False
    return earlier.created_at is None or earlier.updated_at is None


def _fill(entry: Recorded, stored: dict[int, tuple[Any, ...]]) -> None:
    row: Slot = entry.row  # type: ignore[assignment]
    earlier: Earlier = entry.earlier  # type: ignore[assignment]
    # A row that another writer took meanwhile makes the batch run again when it is written.
    created_at, updated_at = stored.get(row.pk or 0, (None, None))
    earlier.created_at = earlier.created_at or created_at
    earlier.updated_at = earlier.updated_at or updated_at


def _times_of(earlier: Earlier, names: Iterable[str]) -> dict[str, int]:
    times = load_stored(earlier.raw_times) if earlier.times is None else earlier.times
    return {name: times[name] for name in names if name in times}
