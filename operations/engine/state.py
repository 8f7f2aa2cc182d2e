"""The state of a batch: every slot under every key, and what has been recorded so far."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from operations.engine.slots import (
    DeviceSlot,
    Journal,
    Logged,
    MemberSlot,
    ObjectSlot,
    PersonSlot,
    Recorded,
    RelationshipSlot,
    TypeSlot,
    WorkspaceSlot,
)
from operations.errors import Rejection
from operations.types import PersonKey

_TAIL_BITS = 48


def new_ids(unix_milliseconds: int) -> Iterator[str]:
    """Make ids of 24 lower-case hex characters: 12 of the time and 12 that start at random."""
    head = f"{unix_milliseconds:012x}"
    tail = secrets.randbits(_TAIL_BITS - 1)
    while True:
        yield f"{head}{tail:012x}"
        tail += 1


@dataclass(slots=True)
class State:
    """All slots of one batch. The dictionaries also name rows that the fold created."""

    ids: Iterator[str]
    remembers: bool = False  # what rows were before, because a change set can be undone
    journal: Journal = field(default_factory=Journal)
    workspaces: dict[int, WorkspaceSlot] = field(default_factory=dict)
    types: list[TypeSlot] = field(default_factory=list)
    people: list[PersonSlot] = field(default_factory=list)
    objects: list[ObjectSlot] = field(default_factory=list)
    relationships: list[RelationshipSlot] = field(default_factory=list)
    devices: dict[tuple[int, str], DeviceSlot] = field(default_factory=dict)
    devices_gone: list[DeviceSlot] = field(default_factory=list)
    members: dict[tuple[int, PersonSlot], MemberSlot] = field(default_factory=dict)
    members_gone: list[MemberSlot] = field(default_factory=list)
    segments: dict[tuple[int, int], int] = field(default_factory=dict)
    suppressed: dict[tuple[int, str, str], str] = field(default_factory=dict)
    suppressed_new: dict[tuple[int, str, str], str] = field(default_factory=dict)
    suppressed_gone: list[tuple[int, str]] = field(default_factory=list)
    redacted: list[tuple[int, str]] = field(default_factory=list)
    logged: dict[int, Logged] = field(default_factory=dict)
    manual_segments: set[int] = field(default_factory=set)
    seen: set[tuple[int, str]] = field(default_factory=set)
    seen_new: list[tuple[int, str]] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    warnings: list[Rejection] = field(default_factory=list)
    by_id: dict[tuple[int, str], PersonSlot] = field(default_factory=dict)
    by_email: dict[tuple[int, str], PersonSlot] = field(default_factory=dict)
    by_cio_id: dict[tuple[int, str], PersonSlot] = field(default_factory=dict)
    by_anonymous_id: dict[tuple[int, str], PersonSlot] = field(default_factory=dict)
    by_object_id: dict[tuple[TypeSlot, str], ObjectSlot] = field(default_factory=dict)
    by_cio_object_id: dict[tuple[int, str], ObjectSlot] = field(default_factory=dict)

    def find_person(self, workspace: int, key: PersonKey) -> PersonSlot | None:
        """Find the person that a key names at this point of the batch."""
        if key.id is not None:
            return self.by_id.get((workspace, key.id))
        if key.email is not None:
            return self.by_email.get((workspace, key.email.lower()))
        if key.cio_id is not None:
            return self.by_cio_id.get((workspace, key.cio_id))
        return self.by_anonymous_id.get((workspace, key.anonymous_id or ""))

    def add_person(self, person: PersonSlot) -> None:
        """Enter a loaded or new person under all its identifiers."""
        self.journal.append(self.people, person)
        self.name_person(person)

    def name_person(self, person: PersonSlot) -> None:
        """Make a person findable under the identifiers it has at this moment."""
        workspace, put = person.workspace, self.journal.put
        put(self.by_cio_id, (workspace, person.cio_id), person)
        if person.person_id is not None:
            put(self.by_id, (workspace, person.person_id), person)
        if person.email_key is not None:
            put(self.by_email, (workspace, person.email_key), person)
        if person.anonymous_id is not None:
            put(self.by_anonymous_id, (workspace, person.anonymous_id), person)

    def forget_person(self, person: PersonSlot) -> None:
        """Take a person out from under all its identifiers."""
        workspace, drop = person.workspace, self.journal.drop
        drop(self.by_cio_id, (workspace, person.cio_id))
        drop(self.by_id, (workspace, person.person_id))
        drop(self.by_email, (workspace, person.email_key))
        drop(self.by_anonymous_id, (workspace, person.anonymous_id))

    def add_object(self, row: ObjectSlot) -> None:
        """Enter a loaded or new object under both its ids."""
        self.journal.append(self.objects, row)
        self.journal.put(self.by_object_id, (row.object_type, row.object_id), row)
        self.journal.put(self.by_cio_object_id, (row.workspace, row.cio_object_id), row)

    def forget_object(self, row: ObjectSlot) -> None:
        """Take an object out from under both its ids."""
        self.journal.drop(self.by_object_id, (row.object_type, row.object_id))
        self.journal.drop(self.by_cio_object_id, (row.workspace, row.cio_object_id))

    def add_relationship(self, row: RelationshipSlot) -> None:
        """Enter a loaded or new relationship on both sides."""
        self.journal.append(self.relationships, row)
        self.journal.put(row.object.related, row.person, row)
        self.journal.put(row.person.related, row.object, row)

    def release(self) -> None:
        """Cut the circles between people, relationships and objects, so that memory is freed."""
        for person in self.people:
            person.related.clear()
        for row in self.objects:
            row.related.clear()

    def forget_relationship(self, row: RelationshipSlot) -> None:
        """Take a relationship off both sides."""
        self.journal.drop(row.object.related, row.person)
        self.journal.drop(row.person.related, row.object)
