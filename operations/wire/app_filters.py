"""The filters of the App API: the product's own grammar, with values compared loosely.

The API's examples send truth values and numbers where rows may hold them as text, and the other
way round, so `eq` finds a value in either form.
"""

from collections.abc import Mapping
from typing import Any, Final

from operations.json import dump
from operations.types import Json
from operations.wire.cells import parse_cell
from operations.wire.columns import Kind
from operations.wire.filter_tree import Filter
from operations.wire.filters import FilterError, parse_filter

_JOINED: Final = ("and", "or")
_ATTRIBUTES: Final = ("object_attribute", "attribute")
_OPERATORS: Final = ("eq", "exists")


def parse_app_filter(node: Json, *, kind: Kind, type_id: Json = None) -> Filter:
    """Read a filter of the App API; raise FilterError with the place that is wrong.

    `type_id` is the type that the search itself names; a condition has to name the same.
    """
    return parse_filter(_loosen(node, type_id), kind=kind)


def _loosen(node: Json, type_id: Json) -> Json:
    if not isinstance(node, Mapping) or len(node) != 1:
        return node
    name, inner = next(iter(node.items()))
    if name in _JOINED and isinstance(inner, list):
        return {name: [_loosen(part, type_id) for part in inner]}
    if name == "not":
        return {name: _loosen(inner, type_id)}
    if name in _ATTRIBUTES and isinstance(inner, Mapping):
        return {name: _loosen_leaf(name, inner, type_id)}
    return node


def _loosen_leaf(name: str, leaf: Mapping[str, Any], type_id: Json) -> dict[str, Json]:
    found = dict(leaf)
    if found.get("operator") not in _OPERATORS:
        raise FilterError(f"{name}.operator", "must be eq or exists")
    given = found.pop("type_id", None)
    if given is not None and type_id is not None and str(given) != str(type_id):
        raise FilterError(f"{name}.type_id", f"must be {type_id}, as object_type_id says")
    if found["operator"] == "exists":
        found.pop("value", None)
        return found
    value = found.get("value")
    if isinstance(value, str | int | float):
        found |= {"operator": "in", "value": _both_forms(value)}
    return found


def _both_forms(value: str | float) -> list[Json]:
    if not isinstance(value, str):
        return [value, dump(value).decode()]
    read = parse_cell(value)
    is_other = isinstance(read, bool | int | float)
    return [value, read] if is_other else [value]
