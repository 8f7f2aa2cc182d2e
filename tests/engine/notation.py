"""Reads operations from the JSON of the case files."""

import re
from collections.abc import Callable
from typing import Any, get_args

from msgspec import structs

from objects.models import Object
from operations.models import Activity
from operations.types import (
    EventKind,
    Handling,
    Identifiers,
    ObjectKey,
    Operation,
    PersonKey,
    Rules,
    When,
)
from people.models import Person
from workspaces.models import Workspace

OPERATIONS = {operation.__name__: operation for operation in get_args(Operation)}
_STORED_ID = re.compile(r"\{(cio_id|cio_object_id) of (.+)\}")
_ACTIVITY = re.compile(r"\{activity (\d+)\}")
_PARTS: dict[str, Callable[[Any], Any]] = {
    "person": lambda value: PersonKey(**value),
    "into": lambda value: PersonKey(**value),
    "absorbed": lambda value: PersonKey(**value),
    "object": lambda value: ObjectKey(**value),
    "identifiers": lambda value: Identifiers(**value),
    "when": When,
    "kind": EventKind,
}


def parse_operation(value: dict[str, Any], *, workspace: Workspace) -> Operation:
    """Read {"Relate": {"person": {"id": "ada"}, ...}}."""
    ((name, given),) = value.items()
    operation = OPERATIONS[name]
    key = ObjectKey if name.endswith("Object") else PersonKey
    parts = {**_PARTS, "key": lambda inner: key(**inner)}
    filled = with_stored_ids(given, workspace=workspace)
    read = {name: parts[name](part) if name in parts else part for name, part in filled.items()}
    return operation(**read)


def parse_rules(value: dict[str, Any]) -> Rules:
    """Read {"creates_types": true, "too_large": "keep"}."""
    kinds = {field.name: field.type for field in structs.fields(Rules)}
    return Rules(
        **{
            name: Handling(given) if kinds[name] is Handling else given
            for name, given in value.items()
        }
    )


def with_stored_ids(value: Any, *, workspace: Workspace) -> Any:
    """Put the ids that the engine made in the place of "{cio_id of ada}" and "{activity 2}"."""
    if isinstance(value, dict):
        return {name: with_stored_ids(item, workspace=workspace) for name, item in value.items()}
    if isinstance(value, list):
        return [with_stored_ids(item, workspace=workspace) for item in value]
    activity = _ACTIVITY.fullmatch(value) if isinstance(value, str) else None
    if activity is not None:
        log = Activity.objects.for_workspace(workspace).order_by("pk")
        return log[int(activity[1]) - 1].pk
    match = _STORED_ID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    if match[1] == "cio_id":
        return Person.objects.for_workspace(workspace).get(person_id=match[2]).cio_id
    return Object.objects.for_workspace(workspace).get(object_id=match[2]).cio_object_id
