"""How bulk actions read, name, delete and edit the rows of each kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.urls import reverse

from operations.doors.jobs import Subject
from operations.types import (
    Attributes,
    DeleteObject,
    DeletePerson,
    Handling,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    Rules,
    Suppress,
    Unrelate,
    When,
)
from operations.wire.columns import Kind

Row: TypeAlias = tuple[Any, ...]

# A row that went between the walk and its turn is left out: there is nothing to be done.
RULES: Final = Rules(unknown_cio_id=Handling.SKIP, unknown_cio_object_id=Handling.SKIP)
STEP_ROWS: Final = 5_000
# What a step holds in memory: the attributes of its rows and the relationships that go along.
_STEP_BYTES: Final = 8_000_000
_RELATIONSHIP_BYTES: Final = 400


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns of a kind that bulk actions read behind the primary key.

    The first are the size of the attributes and, of people and objects, the relationships.
    """

    columns: tuple[str, ...]
    title: Callable[[Row], str]
    page: str


def _title_of_person(row: Row) -> str:
    _, _, _, cio_id, name, email, person_id = row
    return str(name or email or person_id or cio_id)


def _title_of_object(row: Row) -> str:
    _, _, _, cio_object_id, name, object_id = row
    return str(name or object_id or cio_object_id)


def _title_of_relationship(row: Row) -> str:
    cio_id, _, _, person, email, person_id, related, object_id = row[2:]
    return f"{person or email or person_id or cio_id} · {related or object_id}"


READINGS: Final[Mapping[Kind, Reading]] = {
    Kind.PEOPLE: Reading(
        columns=(
            "attributes_bytes",
            "totals__relationship_count",
            "cio_id",
            "name",
            "email",
            "person_id",
        ),
        title=_title_of_person,
        page="admin:people_person_change",
    ),
    Kind.OBJECTS: Reading(
        columns=(
            "attributes_bytes",
            "totals__relationship_count",
            "cio_object_id",
            "name",
            "object_id",
        ),
        title=_title_of_object,
        page="admin:objects_object_change",
    ),
    Kind.RELATIONSHIPS: Reading(
        columns=(
            "attributes_bytes",
            "person__cio_id",
            "object__cio_object_id",
            "object__object_type__number",
            "person__name",
            "person__email",
            "person__person_id",
            "object__name",
            "object__object_id",
        ),
        title=_title_of_relationship,
        page="admin:relationships_relationship_change",
    ),
}


def subject_of(kind: Kind, row: Row) -> Subject:
    """Name a row and link to its page."""
    reading = READINGS[kind]
    return Subject(title=reading.title(row), link=reverse(reading.page, args=[row[0]]))


def delete_row(kind: Kind, row: Row, *, suppresses: bool) -> Operation:
    """Make the operation that deletes a row."""
    match kind:
        case Kind.PEOPLE:
            key = PersonKey(cio_id=row[3])
            return Suppress(key=key) if suppresses else DeletePerson(key=key)
        case Kind.OBJECTS:
            return DeleteObject(key=ObjectKey(cio_object_id=row[3]))
        case Kind.RELATIONSHIPS:
            return Unrelate(person=PersonKey(cio_id=row[2]), object=_object_of(row))


def edit_row(kind: Kind, row: Row, attributes: Attributes) -> Operation:
    """Make the operation that merges attributes into a row that is still there."""
    match kind:
        case Kind.PEOPLE:
            return IdentifyPerson(PersonKey(cio_id=row[3]), attributes, when=When.EXISTING)
        case Kind.OBJECTS:
            key = ObjectKey(cio_object_id=row[3])
            return IdentifyObject(key, attributes, when=When.EXISTING)
        case Kind.RELATIONSHIPS:
            person = PersonKey(cio_id=row[2])
            return Relate(person, _object_of(row), attributes, when=When.EXISTING)


def cut_into_steps(kind: Kind, rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    """Cut rows into steps that fit into memory, whatever hangs on the rows."""
    has_relationships = kind is not Kind.RELATIONSHIPS
    step: list[Row] = []
    size = 0
    for row in rows:
        step.append(row)
        size += row[1] + (row[2] * _RELATIONSHIP_BYTES if has_relationships else 0)
        if len(step) >= STEP_ROWS or size >= _STEP_BYTES:
            yield step
            step, size = [], 0
    if step:
        yield step


def _object_of(row: Row) -> ObjectKey:
    return ObjectKey(cio_object_id=row[3], object_type_id=row[4])
