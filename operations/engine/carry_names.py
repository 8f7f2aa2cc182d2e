"""The names by which calls and rows are known to a preview of many batches."""

from collections.abc import Iterator

from operations.engine.slots import ObjectSlot, PersonSlot
from operations.types import (
    DeleteObject,
    DeletePerson,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    Unrelate,
)


def names_of_operation(operation: Operation) -> tuple[str, ...]:
    """Give all names that an operation has for rows, that of the row it is about first."""
    match operation:
        case IdentifyPerson():
            return tuple(_of_person(operation.key, operation.identifiers))
        case DeletePerson():
            return tuple(_of_person(operation.key, None))
        case IdentifyObject() | DeleteObject():
            return tuple(_of_object(operation.key))
        case Relate() | Unrelate():
            people = tuple(_of_person(operation.person, None))
            objects = tuple(_of_object(operation.object))
            return (*_pairs(people[:1], objects[:1]), *people, *objects)
        case _:
            return ()


def way_of_operation(operation: Operation) -> str:
    """Say in which way an operation names its rows: by id and e-mail, say.

    Where all name them in one way, two that mean the same row share a name.
    """
    return "".join(name[:2] for name in names_of_operation(operation))


def names_of_person(slot: PersonSlot) -> tuple[str, ...]:
    """Give the names of a person as it is at this moment."""
    key = PersonKey(cio_id=slot.cio_id)
    return tuple(_of_person(key, Identifiers(slot.person_id, slot.email_key)))


def names_of_object(slot: ObjectSlot) -> tuple[str, ...]:
    """Give the names of an object."""
    number = slot.object_type.number
    return tuple(_of_object(ObjectKey(slot.object_id, number, slot.cio_object_id)))


def names_of_pair(person: PersonSlot, related: ObjectSlot) -> Iterator[str]:
    """Give the names of a relationship, by any way to name its two ends."""
    return _pairs(names_of_person(person), names_of_object(related))


def _pairs(people: tuple[str, ...], objects: tuple[str, ...]) -> Iterator[str]:
    return (f"r:{person}|{related}" for person in people for related in objects)


def _of_person(key: PersonKey, wanted: Identifiers | None) -> Iterator[str]:
    if key.id is not None:
        yield f"i:{key.id}"
    if key.email is not None:
        yield f"e:{key.email.lower()}"
    if key.cio_id is not None:
        yield f"c:{key.cio_id}"
    if wanted is not None and wanted.id is not None:
        yield f"i:{wanted.id}"
    if wanted is not None and wanted.email is not None:
        yield f"e:{wanted.email.lower()}"


def _of_object(key: ObjectKey) -> Iterator[str]:
    if key.cio_object_id is not None:
        yield f"k:{key.cio_object_id}"
    if key.object_id is not None:
        yield f"o:{key.object_type_id}:{key.object_id}"
