"""Operations that make or change the row with a number, and generated ones with stored ids."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from objects.models import Object
from operations.types import (
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    PersonKey,
)
from people.models import Person
from workspaces.models import Workspace

Maker = Callable[[int, dict[str, Json]], Operation]


def thing(number: int, attributes: dict[str, Json]) -> Operation:
    return IdentifyObject(ObjectKey(f"object-{number}"), attributes)


def person_by_id(number: int, attributes: dict[str, Json]) -> Operation:
    wanted = Identifiers(email=f"Person.{number}@example.com")
    return IdentifyPerson(PersonKey(id=f"person-{number}"), attributes, wanted)


def person_by_email(number: int, attributes: dict[str, Json]) -> Operation:
    key = PersonKey(email=f"Person.{number}@example.com")
    return IdentifyPerson(key, attributes, Identifiers(id=f"person-{number}"))


def immutable_ids(workspace: Workspace) -> dict[str, str]:
    """Read the ids that the engine made, by the names that the generated keys have for them."""
    ids = {
        f"cio_id of {row.person_id}": row.cio_id
        for row in Person.objects.for_workspace(workspace).exclude(person_id=None)
    }
    for row in Object.objects.for_workspace(workspace):
        ids[f"cio_object_id of {row.object_id}"] = row.cio_object_id
    return ids


def with_ids(value: Any, ids: dict[str, str]) -> Any:
    """Put the ids of a workspace into an operation."""
    if isinstance(value, str):
        return ids.get(value, value)
    if not isinstance(value, Struct):
        return value
    changed = {name: with_ids(getattr(value, name), ids) for name in value.__struct_fields__}
    return type(value)(**changed)
