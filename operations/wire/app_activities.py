"""Activities as the App API tells them: the names of its types, and what has changed."""

from collections.abc import Mapping
from typing import Any, Final

from operations.json import dump
from operations.types import Json

# By the kind and status of an activity; "{type}" is the number of the type of the object.
ACTIVITY_TYPES: Final[Mapping[tuple[str, str], str]] = {
    ("person", "created"): "profile_create",
    ("person", "updated"): "attribute_change",
    ("person", "deleted"): "profile_delete",
    ("merge", "updated"): "profile_merge",
    ("object", "created"): "_o:{type}:create",
    ("object", "updated"): "_o:{type}:attribute_change",
    ("object", "deleted"): "_o:{type}:delete",
    ("relationship", "created"): "add_relationship",
    ("relationship", "updated"): "relationship_attribute_change",
    ("relationship", "deleted"): "delete_relationship",
    ("device", "created"): "device_change",
    ("device", "updated"): "device_change",
    ("device", "deleted"): "device_change",
    ("event", "created"): "event",
    ("page", "created"): "page",
    ("screen", "created"): "screen",
}
# The kinds and statuses that a name of a type asks for.
ASKED_BY_TYPE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    name: tuple(pair for pair, other in ACTIVITY_TYPES.items() if other == name)
    for name in ACTIVITY_TYPES.values()
}


def asked_by(name: str) -> tuple[tuple[tuple[str, str], ...], int | None]:
    """Tell which activities the name of a type asks for, and of which type of objects."""
    parts = name.split(":")
    if len(parts) == 3 and parts[0] in ("_o", "_r") and parts[1].isdecimal():  # noqa: PLR2004
        return ASKED_BY_TYPE.get(f"{parts[0]}:{{type}}:{parts[2]}", ()), int(parts[1])
    return ASKED_BY_TYPE.get(name, ()), None


def type_of(kind: str, status: str, type_number: int | None) -> str | None:
    """Name the type of an activity; None for what that API does not tell."""
    name = ACTIVITY_TYPES.get((kind, status))
    return None if name is None else name.replace("{type}", str(type_number))


def data_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Json]:
    """Tell what an activity changed: of each attribute the value before and after, as texts."""
    if after is not None and "properties" in after:
        return dict(after["properties"])
    old, new = (before or {}).get("attributes"), (after or {}).get("attributes")
    old, new = old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}
    names = dict.fromkeys((*old, *new))
    return {name: {"from": _text(old.get(name)), "to": _text(new.get(name))} for name in names}


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else dump(value).decode()
