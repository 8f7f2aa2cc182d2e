"""Operations that make or change the row with a number, one for each way to name rows."""

from collections.abc import Callable

from operations.types import (
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    PersonKey,
)

Maker = Callable[[int, dict[str, Json]], Operation]


def thing(number: int, attributes: dict[str, Json]) -> Operation:
    return IdentifyObject(ObjectKey(f"object-{number}"), attributes)


def person_by_id(number: int, attributes: dict[str, Json]) -> Operation:
    wanted = Identifiers(email=f"Person.{number}@example.com")
    return IdentifyPerson(PersonKey(id=f"person-{number}"), attributes, wanted)


def person_by_email(number: int, attributes: dict[str, Json]) -> Operation:
    key = PersonKey(email=f"Person.{number}@example.com")
    return IdentifyPerson(key, attributes, Identifiers(id=f"person-{number}"))
