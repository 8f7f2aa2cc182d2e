"""What every part of the fold needs: the call at hand, the state, and how to change rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from operations.engine.merge import dump_text, later_times, merge_attributes, starts_with
from operations.engine.slots import (
    Earlier,
    ObjectSlot,
    PersonSlot,
    Recorded,
    RelationshipSlot,
    Slot,
    WorkspaceSlot,
)
from operations.engine.state import State
from operations.engine.validate import is_unix_seconds
from operations.errors import Reason, Rejection
from operations.limits import (
    ATTRIBUTES_MAX_BYTES,
    CREATED_AT,
    CUSTOMERIO_ATTRIBUTES_MAX,
    CUSTOMERIO_NAME_MAX_BYTES,
    CUSTOMERIO_VALUE_MAX_BYTES,
    NAME_MAX_CHARS,
)
from operations.results import Status
from operations.types import Call, Handling, Json

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NULL: Final = b"null"
_BLANK: Final = b'""'
_CUSTOMERIO: Final = "customerio"
_STATUS: Final = {status: status.value for status in Status}


@dataclass(slots=True)
class Context:
    """One call on its way through the fold."""

    state: State
    index: int
    call: Call
    workspace: WorkspaceSlot
    received_at: datetime
    now: int
    position: int = 0
    raw: bytes = b""  # the attributes as JSON, when the call has one operation
    person: PersonSlot | None = None
    object: ObjectSlot | None = None
    type_number: int | None = None

    def begin(self, index: int, call: Call, raw: bytes) -> None:
        """Go on to another call of the same origin."""
        self.index, self.call, self.raw = index, call, raw
        self.position, self.person, self.object, self.type_number = 0, None, None, None

    def reject(self, reason: Reason, field: str, message: str) -> Rejection:
        """Make a refusal at the present operation."""
        return Rejection(self.position, reason, field, message)

    def refuse_stale(self, slot: Slot | None, expected_version: int | None) -> Rejection | None:
        """Refuse a call that expects another version of a row than is there, or a row at all.

        A row that changes after it was read makes the batch run again, and this be asked again.
        """
        if expected_version is None or (slot is not None and slot.version == expected_version):
            return None
        there = "is not there any more" if slot is None else f"has version {slot.version} by now"
        message = (
            f"version {expected_version} was expected, but the row {there}; "
            "read it again and decide what to keep"
        )
        return self.reject(Reason.STALE, "version", message)

    def handle(self, handling: Handling, rejection: Rejection) -> Rejection | None:
        """Refuse, or warn and go on, as the rules of the door say."""
        if handling is Handling.REFUSE:
            return rejection
        self.state.warnings.append(rejection)
        return None

    def remember(self, slot: Slot) -> None:
        """Keep what a row is before an operation changes it, where an undo may ask for it."""
        if self.state.remembers and slot.earlier is None:
            slot.earlier = Earlier(slot.raw_times, slot.times, slot.created_at, slot.updated_at)

    def record(  # noqa: PLR0913 - the columns of an activity
        self,
        kind: str,
        status: Status,
        *,
        person: PersonSlot | None = None,
        related: ObjectSlot | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        name: str | None = None,
        after_text: str | None = None,
        row: Slot | None = None,
        along: dict[str, Any] | None = None,
    ) -> None:
        """Record a change for the activity log, with the keys as they are at this moment.

        `row` is the row that was changed or deleted, which `remember` was told of before.
        """
        entry = Recorded(
            self.index,
            self.position,
            kind,
            _STATUS[status],
            None if person is None else person.keys(),
            None if related is None else related.keys(),
            before,
            after,
            name,
            after_text,
        )
        if row is not None:
            entry.row, entry.earlier, row.earlier = row, row.earlier, None
            entry.along = along
        self.state.journal.append(self.state.recorded, entry)


def start_attributes(
    context: Context, incoming: Mapping[str, Json], *, at: int | None, stamps_creation: bool
) -> tuple[dict[str, Any], str, int] | Rejection:
    """Make the attributes of a new row: the values, their text and the text of their times.

    Objects get `created_at` when the call has none (objects.md, "Reserved attributes").
    """
    second = context.now if at is None else at
    stamps_creation = stamps_creation and incoming.get(CREATED_AT) in (None, "")
    if incoming and context.raw and _NULL not in context.raw and _BLANK not in context.raw:
        # Nothing to remove: the text that the check made serves.
        raw = context.raw.decode()
        attributes = dict(incoming)
        if stamps_creation:
            attributes[CREATED_AT] = second
            raw = f'{raw[:-1]},"{CREATED_AT}":{second}}}'
    else:
        attributes = {
            name: value for name, value in incoming.items() if value is not None and value != ""
        }
        if stamps_creation:
            attributes[CREATED_AT] = second
        raw = dump_text(attributes)
    refusal = _check_limits(context, attributes, incoming, raw)
    return refusal if refusal is not None else (attributes, raw, second)


def fill_new(slot: Slot, started: tuple[dict[str, Any], str, int], context: Context) -> None:
    """Put the attributes of `start_attributes` into a new row."""
    attributes, raw, second = started
    slot.attributes, slot.raw = attributes, raw
    slot.size = _size(raw)
    slot.raw_times = _times_text(tuple(attributes), second)
    slot.version = 1
    slot.created_at = created_at_of(attributes) or context.received_at
    slot.updated_at = context.received_at


def change_attributes(
    context: Context, slot: Slot, incoming: Mapping[str, Json], *, at: int | None
) -> tuple[dict[str, Any], dict[str, Any]] | Rejection | None:
    """Merge attributes into a row; returns what was before and after, None when unchanged."""
    if not incoming:
        return None
    if at is None and slot.attributes is None and starts_with(slot.raw, context.raw.decode()):
        return None
    second = context.now if at is None else at
    merged = merge_attributes(slot.read_attributes(), slot.read_times, incoming, at=second)
    if merged is None:
        if at is not None:
            _move_times(context, slot, incoming, at=at)
        return None
    raw = dump_text(merged.attributes)
    refusal = _check_limits(context, merged.attributes, incoming, raw)
    if refusal is not None:
        return refusal
    context.state.journal.keep(slot)
    context.remember(slot)
    slot.attributes, slot.raw, slot.size = merged.attributes, raw, _size(raw)
    slot.times, slot.raw_times = merged.times, dump_text(merged.times)
    if CREATED_AT in merged.after:
        # The column outlives the attribute, also in a row that is not stored yet.
        slot.created_at = created_at_of(merged.attributes) or slot.created_at
    touch(context, slot)
    return merged.before, merged.after


def touch(context: Context, slot: Slot) -> None:
    """Mark a row as changed by this call; the caller has kept it in the journal."""
    slot.is_changed = True
    slot.version += 1
    slot.updated_at = context.received_at


def created_at_of(attributes: Mapping[str, Json]) -> datetime | None:
    """Read the instant of the attribute created_at, if it has one."""
    value = attributes.get(CREATED_AT)
    return _instant_of(value) if is_unix_seconds(value) else None  # type: ignore[arg-type]


def name_of(attributes: Mapping[str, Json]) -> str:
    """Make the name that lists show, of at most 150 characters."""
    name = attributes.get("name")
    return _shortened(name) if isinstance(name, str) else _number_name(name)


def name_of_person(attributes: Mapping[str, Json]) -> str:
    """Make a person's name: the attribute `name`, else first and last name."""
    name = name_of(attributes)
    if name:
        return name
    parts = (attributes.get("first_name"), attributes.get("last_name"))
    return _shortened(" ".join(part for part in parts if isinstance(part, str) and part))


def _shortened(name: str) -> str:
    """Show where a name goes on."""
    is_whole = len(name) <= NAME_MAX_CHARS
    return name if is_whole else f"{name[: NAME_MAX_CHARS - 1]}…"


def by_primary_key(row: RelationshipSlot) -> int:
    """Order relationships that end together: a preview lists them as the log will."""
    return row.pk or 0


def end_relationship(context: Context, row: RelationshipSlot) -> None:
    """Take a relationship away and record all that it held."""
    state = context.state
    state.journal.keep(row)
    state.journal.keep(row.person)
    state.journal.keep(row.object)
    context.remember(row)
    row.is_deleted = True
    row.person.count_delta -= 1
    row.object.count_delta -= 1
    state.forget_relationship(row)
    context.record(
        "relationship",
        Status.DELETED,
        person=row.person,
        related=row.object,
        before=whole(row),
        row=row,
    )


def whole(slot: Slot) -> dict[str, Any]:
    """Return all that a deleted row held, so that it can be made again."""
    return {"attributes": slot.read_attributes(), "attribute_times": slot.read_times()}


@lru_cache(maxsize=1024)
def _times_text(names: tuple[str, ...], second: int) -> str:
    """Write the times of a new row; the rows of a file have the same names."""
    return dump_text(dict.fromkeys(names, second))


@lru_cache(maxsize=1024)
def _instant_of(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def _number_name(name: Json) -> str:
    return str(name) if type(name) in {int, float} else ""


def _size(raw: str) -> int:
    return len(raw) if raw.isascii() else len(raw.encode())


def _move_times(context: Context, slot: Slot, incoming: Mapping[str, Json], *, at: int) -> None:
    moved = later_times(slot.read_times(), incoming, at=at)
    if moved is not None:
        context.state.journal.keep(slot)
        slot.times, slot.raw_times = moved, dump_text(moved)
        touch(context, slot)


def _check_limits(
    context: Context, attributes: Mapping[str, Json], incoming: Mapping[str, Json], raw: str
) -> Rejection | None:
    if len(raw) * 4 > ATTRIBUTES_MAX_BYTES and _size(raw) > ATTRIBUTES_MAX_BYTES:
        message = (
            f"The attributes would be {_size(raw):,} bytes long; "
            f"the limit is {ATTRIBUTES_MAX_BYTES:,}: remove attributes or shorten values"
        )
        return context.reject(Reason.TOO_LARGE, "attributes", message)
    if context.workspace.limits == _CUSTOMERIO:
        return _check_customerio(context, attributes, incoming)
    return None


def _check_customerio(
    context: Context, attributes: Mapping[str, Json], incoming: Mapping[str, Json]
) -> Rejection | None:
    if len(attributes) > CUSTOMERIO_ATTRIBUTES_MAX:
        message = f"{len(attributes)} attributes; the limit is {CUSTOMERIO_ATTRIBUTES_MAX}"
        return context.reject(Reason.TOO_MANY, "attributes", message)
    for name, value in incoming.items():
        if len(name.encode()) > CUSTOMERIO_NAME_MAX_BYTES:
            message = f"attribute name cannot be longer than {CUSTOMERIO_NAME_MAX_BYTES} bytes"
            return context.reject(Reason.TOO_LONG, f"attributes.{name}", message)
        text = value if isinstance(value, str) else dump_text(value)
        if _size(text) > CUSTOMERIO_VALUE_MAX_BYTES:
            message = (
                f"value for attribute {name!r} cannot be longer than "
                f"{CUSTOMERIO_VALUE_MAX_BYTES} bytes"
            )
            return context.reject(Reason.TOO_LONG, f"attributes.{name}", message)
    return None
