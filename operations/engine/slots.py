"""The rows of a batch in memory: what was loaded, and what the fold made of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field

from operations.json import load_stored
from operations.types import Json

_ABSENT: Final = object()


class Earlier(Struct, eq=False):
    """What a row was before a change, beyond the difference that the log holds anyway.

    None stands for an instant as it is stored, which is read only if it has to be kept.
    """

    raw_times: str
    times: dict[str, int] | None
    created_at: datetime | None
    updated_at: datetime | None


class Slot(Struct, eq=False):
    """One row with attributes; `raw` and `raw_times` are their stored texts.

    A slot without `pk` is new. The dictionaries are decoded when first asked for and replaced,
    never changed in place, so that a refused call can be taken back.
    """

    workspace: int
    pk: int | None
    raw: str = "{}"
    raw_times: str = "{}"
    size: int | None = None  # None leaves the stored one, as do created_at and name
    version: int = 0
    loaded_version: int = 0
    created_at: datetime | None = None
    stored_created_at: datetime | None = None  # where a batch has to know
    updated_at: datetime | None = None
    attributes: dict[str, Json] | None = None
    times: dict[str, int] | None = None
    is_changed: bool = False
    is_deleted: bool = False
    earlier: Earlier | None = None  # until the change is recorded
    kept_pk: int | None = None  # that a deleted row had, which is made again

    def read_attributes(self) -> dict[str, Json]:
        """Decode the attributes once."""
        if self.attributes is None:
            self.attributes = load_stored(self.raw)
        return self.attributes

    def read_times(self) -> dict[str, int]:
        """Decode the attribute times once."""
        if self.times is None:
            self.times = load_stored(self.raw_times)
        return self.times


class TypeSlot(Struct, eq=False):
    """An object type."""

    workspace: int
    pk: int | None
    number: int
    name: str
    singular_name: str
    slug: str
    enabled: bool
    icon: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    is_changed: bool = False
    is_deleted: bool = False


class WorkspaceSlot(Struct, eq=False):
    """A workspace: its limits and the state of its type numbers."""

    pk: int
    limits: str
    next_type_number: int
    automatic_types: int
    has_suppressions: bool
    retired_type_numbers: frozenset[int]
    loaded_numbers: tuple[int, int]
    types: dict[int, TypeSlot] = field(default_factory=dict)
    is_changed: bool = False


class PersonSlot(Slot, eq=False):
    """A person, under every identifier by which the batch may name it."""

    person_id: str | None = None
    email: str | None = None
    email_key: str | None = None
    anonymous_id: str | None = None
    cio_id: str = ""
    name: str | None = None
    gave_up_identifier: bool = False
    stored_count: int | None = None  # relationships, where a batch has to know
    count_delta: int = 0
    related: "dict[ObjectSlot, RelationshipSlot]" = field(default_factory=dict)

    def keys(self) -> "PersonKeys":
        """Return the identifiers as they are at this moment."""
        return (self.person_id, self.email, self.cio_id, self.anonymous_id)

    @property
    def is_anonymous(self) -> bool:
        """Whether only an anonymous id is known."""
        return self.person_id is None and self.email is None


class ObjectSlot(Slot, eq=False):
    """An object of a type."""

    object_type: TypeSlot = None  # type: ignore[assignment]  # always given; a base has defaults
    object_id: str = ""
    cio_object_id: str = ""
    name: str | None = None
    stored_count: int | None = None
    count_delta: int = 0
    related: "dict[PersonSlot, RelationshipSlot]" = field(default_factory=dict)

    def keys(self) -> "ObjectKeys":
        """Return the type number and the two ids."""
        return (self.object_type.number, self.object_id, self.cio_object_id)


class RelationshipSlot(Slot, eq=False):
    """The relationship of a person and an object."""

    object: ObjectSlot = None  # type: ignore[assignment]  # always given; a base has defaults
    person: PersonSlot = None  # type: ignore[assignment]


class DeviceSlot(Struct, eq=False):
    """A device of a person."""

    workspace: int
    pk: int | None
    person: PersonSlot
    token: str
    platform: str
    raw: str
    created_at: datetime
    last_used_at: datetime
    is_changed: bool = False
    is_deleted: bool = False


class MemberSlot(Struct, eq=False):
    """A person's place in a manual segment."""

    pk: int | None
    segment: int
    person: PersonSlot
    created_at: datetime
    is_deleted: bool = False


PersonKeys = tuple[str | None, str | None, str, str | None]
ObjectKeys = tuple[int, str, str]


class Recorded(Struct, eq=False):
    """A change on its way to the activity log."""

    call: int
    position: int
    kind: str
    status: str
    person: PersonKeys | None
    object: ObjectKeys | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    name: str | None = None
    after_text: str | None = None  # `after` as JSON, where it was at hand
    row: Slot | None = None
    earlier: Earlier | None = None
    along: dict[str, Any] | None = None  # what went with a deleted row, unlogged


class Logged(Struct):
    """A change as the log holds it, to be undone."""

    workspace: int
    kind: str
    status: str
    received_at: str
    type_number: int | None
    object_id: str | None
    cio_object_id: str | None
    person_id: str | None
    email: str | None
    cio_id: str | None
    anonymous_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    before_row: dict[str, Any] | None


class Journal:
    """Remembers what a call of several operations changed, to take it back when refused."""

    __slots__ = ("_undo", "is_on")

    def __init__(self) -> None:
        """Start switched off: a call of one operation checks before it changes anything."""
        self.is_on = False
        self._undo: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def start(self, *, is_on: bool) -> None:
        """Begin a call."""
        self.is_on = is_on
        self._undo.clear()

    def keep(self, row: Any) -> None:
        """Remember the fields of a slot before they change."""
        if self.is_on:
            fields = [(name, getattr(row, name)) for name in row.__struct_fields__]
            self._undo.append((_put_back, (row, fields)))

    def put(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        """Set an entry of a dictionary."""
        if self.is_on:
            self._undo.append((_put_entry_back, (mapping, key, mapping.get(key, _ABSENT))))
        mapping[key] = value

    def drop(self, mapping: dict[Any, Any], key: Any) -> None:
        """Remove an entry of a dictionary, if it is there."""
        if key in mapping:
            if self.is_on:
                self._undo.append((_put_entry_back, (mapping, key, mapping[key])))
            del mapping[key]

    def append(self, rows: list[Any], row: Any) -> None:
        """Add to the end of a list that only grows."""
        if self.is_on:
            self._undo.append((_cut, (rows, len(rows))))
        rows.append(row)

    def take_back(self) -> None:
        """Undo everything since the start of the call, last change first."""
        while self._undo:
            undo, arguments = self._undo.pop()
            undo(*arguments)


def _put_back(row: Any, fields: list[tuple[str, Any]]) -> None:
    for name, value in fields:
        setattr(row, name, value)


def _put_entry_back(mapping: dict[Any, Any], key: Any, value: Any) -> None:
    if value is _ABSENT:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _cut(rows: list[Any], length: int) -> None:
    del rows[length:]
