"""The vocabulary of the product: what any door can ask the engine to do."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from operations.errors import Rejection

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Attributes: TypeAlias = Mapping[str, Json]


class When(StrEnum):
    """Which rows an operation may touch: an import can be limited to new or existing ones."""

    ANY = "any"
    NEW = "new"
    EXISTING = "existing"


class Door(StrEnum):
    """The way in; the activity log shows it."""

    ADMIN = "admin"
    BULK = "bulk"
    CSV = "csv"
    REST = "rest"
    TRACK_V1 = "track_v1"
    TRACK_V2 = "track_v2"
    PIPELINES = "pipelines"
    SYNC = "sync"
    SYSTEM = "system"


class Handling(StrEnum):
    """What becomes of a value that the product does not accept."""

    REFUSE = "refuse"
    KEEP = "keep"
    SKIP = "skip"
    CREATE = "create"


class EventKind(StrEnum):
    """The three kinds of things that a person does."""

    EVENT = "event"
    PAGE = "page"
    SCREEN = "screen"


class PersonKey(Struct, frozen=True):
    """Names one person, by exactly one of four identifiers."""

    id: str | None = None
    email: str | None = None
    cio_id: str | None = None
    anonymous_id: str | None = None


class ObjectKey(Struct, frozen=True):
    """Names one object: by its type and `object_id`, or by `cio_object_id`.

    With all three the row is found by `cio_object_id`, and the other two must agree with it.
    """

    object_id: str | None = None
    object_type_id: int = 1
    cio_object_id: str | None = None


class Identifiers(Struct, frozen=True):
    """The identifiers that a call wants a person to have; absent ones stay as they are."""

    id: str | None = None
    email: str | None = None
    anonymous_id: str | None = None


class IdentifyPerson(Struct, frozen=True):
    """Create a person or merge attributes into one; null or "" removes an attribute.

    With `expected_version`, here and elsewhere, only a row that still has it is touched.
    """

    key: PersonKey
    attributes: Attributes = field(default_factory=dict)
    identifiers: Identifiers | None = None
    when: When = When.ANY
    at: int | None = None
    expected_version: int | None = None


class IdentifyObject(Struct, frozen=True):
    """Create an object or merge attributes into one; null or "" removes an attribute."""

    key: ObjectKey
    attributes: Attributes = field(default_factory=dict)
    when: When = When.ANY
    at: int | None = None
    expected_version: int | None = None


class Relate(Struct, frozen=True):
    """Relate a person to an object, creating both when missing; merges attributes."""

    person: PersonKey
    object: ObjectKey
    attributes: Attributes = field(default_factory=dict)
    when: When = When.ANY
    at: int | None = None
    expected_version: int | None = None


class Unrelate(Struct, frozen=True):
    """End the relationship of a person and an object."""

    person: PersonKey
    object: ObjectKey
    expected_version: int | None = None


class DeletePerson(Struct, frozen=True):
    """Delete a person with relationships, devices and memberships."""

    key: PersonKey
    expected_version: int | None = None


class DeleteObject(Struct, frozen=True):
    """Delete an object with its relationships."""

    key: ObjectKey
    expected_version: int | None = None


class SaveObjectType(Struct, frozen=True):
    """Create an object type (without a number: the next one) or change one; None leaves as is."""

    number: int | None = None
    name: str | None = None
    singular_name: str | None = None
    icon: str | None = None
    enabled: bool | None = None
    when: When = When.ANY


class DeleteObjectType(Struct, frozen=True):
    """Delete an object type with its objects and their relationships; its number is not reused."""

    number: int


class MergePeople(Struct, frozen=True):
    """Merge `absorbed` into `into`, which wins where both have a value."""

    into: PersonKey
    absorbed: PersonKey


class Suppress(Struct, frozen=True):
    """Delete a person and block the identifiers from being used again."""

    key: PersonKey


class Unsuppress(Struct, frozen=True):
    """Free blocked identifiers; the person does not come back."""

    key: PersonKey


class AddDevice(Struct, frozen=True):
    """Add a device to a person or change it; a token belongs to one person at a time.

    `last_used` is in Unix seconds; without it the device was used when the call was received.
    """

    person: PersonKey
    token: str
    platform: str = ""
    attributes: Attributes = field(default_factory=dict)
    last_used: int | None = None


class DeleteDevice(Struct, frozen=True):
    """Remove a device from a person."""

    person: PersonKey
    token: str


class AddToSegment(Struct, frozen=True):
    """Put a person into a manual segment, named by its number."""

    person: PersonKey
    segment: int


class RemoveFromSegment(Struct, frozen=True):
    """Take a person out of a manual segment, named by its number."""

    person: PersonKey
    segment: int


class RecordEvent(Struct, frozen=True):
    """Record what a person did, at `timestamp` in Unix seconds; creates an identified person."""

    person: PersonKey
    kind: EventKind
    name: str
    properties: Attributes = field(default_factory=dict)
    timestamp: int | None = None


class RecordCall(Struct, frozen=True):
    """Keep an accepted call that changes nothing here but must leave again."""

    payload: Attributes
    person: PersonKey | None = None


class UndoChange(Struct, frozen=True):
    """Undo one change of the activity log, named by its key, unless its row has changed since."""

    activity: int


Operation: TypeAlias = (
    IdentifyPerson
    | IdentifyObject
    | Relate
    | Unrelate
    | DeletePerson
    | DeleteObject
    | SaveObjectType
    | DeleteObjectType
    | MergePeople
    | Suppress
    | Unsuppress
    | AddDevice
    | DeleteDevice
    | AddToSegment
    | RemoveFromSegment
    | RecordEvent
    | RecordCall
    | UndoChange
)


class Rules(Struct, frozen=True):
    """What differs between doors; `operations/wire/rules.py` lists who uses what.

    The defaults are the strict ones, which forms, files and our own API follow.
    """

    creates_types: bool = False
    creates_people: bool = True
    bad_reserved_value: Handling = Handling.REFUSE
    identifier_conflict: Handling = Handling.REFUSE
    unknown_cio_id: Handling = Handling.REFUSE
    unknown_cio_object_id: Handling = Handling.REFUSE
    too_large: Handling = Handling.REFUSE


class HiddenNames(Struct, frozen=True):
    """The names of sensitive attributes that somebody may neither see nor set, by kind."""

    people: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    relationships: frozenset[str] = frozenset()

    @property
    def every(self) -> frozenset[str]:
        """Give the names of all kinds together."""
        return self.people | self.objects | self.relationships

    def __bool__(self) -> bool:
        return bool(self.people or self.objects or self.relationships)


class Origin(Struct, frozen=True):
    """For which workspace (its database key), through which door, by whom and when.

    `hidden` are the attributes that the actor may not see, so an operation may not name them.
    """

    workspace: int
    door: Door
    actor: str
    received_at: datetime
    reason: str = ""
    hidden: HiddenNames = HiddenNames()


class Call(Struct, frozen=True):
    """The unit of work: all of its operations are applied, or none.

    A call whose `dedup_key` was applied before in this workspace has no second effect. One that
    could not be read has no operations but a `refusal`: it is refused and counted in its place.
    """

    origin: Origin
    operations: tuple[Operation, ...]
    rules: Rules = Rules()
    dedup_key: str | None = None
    refusal: Rejection | None = None
