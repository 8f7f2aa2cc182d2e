"""The filters of a list of people as the condition of a segment."""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from operations.doors.filter_values import parse_condition
from operations.json import JsonError, dump, parse
from operations.types import Json
from operations.wire.filter_paths import escape_name

_IDENTIFIERS: Final = ("id", "email", "cio_id")
# What a list can be asked besides, and what no condition says.
_LEFT_OUT: Final = (
    "q",
    "search",
    "created_after",
    "created_before",
    "updated_after",
    "updated_before",
    "name_starts_with",
    "name_contains",
)


@dataclass(frozen=True, slots=True)
class ListConditions:
    """The conditions of a list as JSON, and the names of the filters that cannot be one."""

    text: str
    left_out: tuple[str, ...]


def conditions_of_list(query: QueryDict) -> ListConditions:
    """Turn the query string of a list of people into one filter."""
    parts = [*_conditions(query), *_simple(query)]
    left_out = tuple(name for name in _LEFT_OUT if query.get(name))
    if not parts:
        return ListConditions("", left_out)
    node: Json = parts[0] if len(parts) == 1 else {"and": parts}
    return ListConditions(dump(node).decode(), left_out)


def say_left_out(names: tuple[str, ...]) -> str:
    """Say which filters of the list are not part of the segment."""
    shown = {"q": _("the search"), "search": _("the search")}
    told = ", ".join(shown.get(name, name.replace("_", " ")) for name in names)
    return _("Not taken over: %(names)s. A segment is made of conditions only.") % {"names": told}


def _conditions(query: QueryDict) -> list[Json]:
    try:
        node = parse(query.get("f", "")) if query.get("f") else None
    except JsonError:
        return []
    if isinstance(node, dict) and node.keys() == {"and"} and isinstance(node["and"], list):
        return list(node["and"])
    return [] if node is None else [node]


def _simple(query: QueryDict) -> list[Json]:
    """Say the filters that stand in the address under names of their own."""
    found: list[Json] = []
    if query.get("without_relationships") == "true":
        found.append({"related": {"at_most": 0}})
    elif query.get("without_relationships") == "false":
        found.append({"related": {"at_least": 1}})
    for name in _IDENTIFIERS:
        if value := query.get(name):
            found.append({"attribute": {"field": name, "operator": "eq", "value": value}})
    if value := query.get("segment"):
        found.append({"segment": {"id": value}})
    if value := query.get("related_type"):
        found.append({"related": {"where": {"object_type": {"id": value}}}})
    if value := query.get("related_object"):
        found.append({"related": {"where": {"object": {"cio_object_id": value}}}})
    return [*found, *_attributes(query)]


def _attributes(query: QueryDict) -> list[Json]:
    found: list[Json] = []
    for text in query.getlist("attribute"):
        try:
            name, value = parse_condition(text)
        except ValidationError:
            continue
        found.append({"attribute": {"field": escape_name(name), "operator": "eq", "value": value}})
    for name in filter(None, query.getlist("has_attribute")):
        found.append({"attribute": {"field": escape_name(name), "operator": "exists"}})
    return found
