"""The rows of the condition builder: a filter in JSON as rows of a form, and back.

Rows are read from the JSON and not from the parsed filter, so that what cannot be parsed is
shown as it was typed, with the reason beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from operations.doors.condition_texts import read_texts, write_value
from operations.types import Json
from operations.wire.columns import Kind
from operations.wire.filters import ATTRIBUTES, FilterError

ALL, ANY, NONE, RELATED = "all", "any", "none", "related"
COUNT: Final = "count"
_COUNTS: Final = ("at_least", "at_most")
_EXACTLY: Final = "exactly"
_NOT: Final = "not_"
# What a row names by one of these keys, and what it names by its number.
_KEYS: Final = {"person": ("id", "email", "cio_id"), "object": ("object_id", "cio_object_id")}
_NUMBERED: Final = ("object_type", "segment")
_IS: Final = "is"
# What is asked of a relationship, if the list is not one of relationships.
_INSIDE: Final = {
    Kind.OBJECTS: frozenset({"person", "attribute", "relationship_attribute"}),
    Kind.PEOPLE: frozenset(
        {"object", "object_type", "object_attribute", "relationship_attribute"}
    ),
    Kind.RELATIONSHIPS: frozenset(),
}
# What a row can be about, the most usual first.
SUBJECTS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.OBJECTS: ("object_attribute", COUNT, "person", "attribute", "relationship_attribute"),
    Kind.PEOPLE: (
        "attribute",
        COUNT,
        "object",
        "object_type",
        "object_attribute",
        "relationship_attribute",
        "segment",
    ),
    Kind.RELATIONSHIPS: (
        "relationship_attribute",
        "person",
        "attribute",
        "object",
        "object_attribute",
        "object_type",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as texts in a form; `place` is where it stands in the filter."""

    subject: str
    name: str = ""
    operator: str = ""
    value: str = ""
    to: str = ""
    place: str = ""
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was typed, so that the row asks nothing."""
        return not (self.name or self.value or self.to)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of which all, any or none have to hold, or all for one relationship."""

    join: str
    rows: tuple[Row, ...]


def groups_of(node: Json, *, kind: Kind) -> tuple[Group, ...] | None:
    """Give the rows of a filter, the outermost first; None when it has more levels than rows."""
    join, parts = _parts_of(node, "")
    rows: list[Row] = []
    groups: list[Group] = []
    for part, place in parts:
        row = _row_of(part, place, kind=kind)
        group = None if row else _group_of(part, place, kind=kind)
        if row is not None:
            rows.append(row)
        elif group is not None:
            groups.append(group)
        else:
            return None
    found = (Group(join, tuple(rows)), *groups)
    subjects = {row.subject for group in found for row in group.rows}
    return found if subjects <= set(SUBJECTS[kind]) else None


def node_of(groups: Sequence[Group], *, kind: Kind) -> Json:
    """Write rows as a filter in JSON, which may be one that is refused; None without rows."""
    if not groups:
        return None
    outer, *others = groups
    parts = _nodes_of(outer.rows, kind=kind)
    for group in others:
        if inner := _nodes_of(group.rows, kind=_kind_inside(group, kind)):
            parts.append(_join(group.join, inner))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 and outer.join != NONE else _join(outer.join, parts)


def with_problem(groups: Sequence[Group], error: FilterError) -> tuple[Group, ...]:
    """Put an error beside the row that it is about."""
    return tuple(
        replace(
            group,
            rows=tuple(
                replace(row, problem=error.message) if _is_about(error, row) else row
                for row in group.rows
            ),
        )
        for group in groups
    )


def _is_about(error: FilterError, row: Row) -> bool:
    is_inside = error.place.startswith(f"{row.place}.") or not row.place
    return bool(error.place) and (is_inside or error.place == row.place)


def _parts_of(node: Json, place: str) -> tuple[str, list[tuple[Json, str]]]:
    """Take a joined filter apart, each part with its place."""
    name, body = _single(node)
    inner = f"{place}.{name}" if place else name
    if name in ("and", "or") and isinstance(body, list):
        places = [f"{inner}[{position}]" for position in range(len(body))]
        return (ALL if name == "and" else ANY), list(zip(body, places, strict=True))
    if name == "not" and _single(body)[0] == "or":
        _join_name, parts = _parts_of(body, inner)
        return NONE, parts
    return ALL, [(node, place)]


def _group_of(node: Json, place: str, *, kind: Kind) -> Group | None:
    name, body = _single(node)
    join, inside = "", kind
    if name in ("and", "or") or (name == "not" and _single(body)[0] == "or"):
        join, parts = _parts_of(node, place)
    elif name == "not":
        join, parts = NONE, [(body, f"{place}.not" if place else "not")]
    elif name == "related" and isinstance(body, dict) and body.keys() == {"where"}:
        inside = Kind.RELATIONSHIPS
        _all, parts = _parts_of(body["where"], f"{place}.related.where".lstrip("."))
        join = RELATED if _all == ALL else ""
    if not join:
        return None
    rows = [_row_of(part, at, kind=inside) for part, at in parts]
    found = tuple(row for row in rows if row is not None)
    return Group(join, found) if len(found) == len(rows) else None


def _row_of(node: Json, place: str, *, kind: Kind) -> Row | None:
    name, body = _single(node)
    is_negated = name == "not"
    if is_negated:
        name, body = _single(body)
    if name == "related" and isinstance(body, dict):
        if not is_negated and (row := _count_of(body, place)):
            return row
        if body.keys() != {"where"}:
            return None
        name, body = _single(body["where"])
        if name not in _INSIDE[kind]:
            return None
    elif name in _INSIDE[kind]:
        return None
    return _leaf_of(name, body, place, is_negated=is_negated)


def _count_of(body: dict[str, Json], place: str) -> Row | None:
    counts = tuple(body.values())
    if body.keys() == set(_COUNTS) and counts[0] == counts[1]:
        return Row(COUNT, operator=_EXACTLY, value=_text(counts[0]), place=place)
    if len(body) == 1 and body.keys() <= set(_COUNTS):
        (operator,) = body
        return Row(COUNT, operator=operator, value=_text(counts[0]), place=place)
    return None


def _leaf_of(name: str, body: Json, place: str, *, is_negated: bool) -> Row | None:
    if not isinstance(body, dict):
        return None
    if name in ATTRIBUTES:
        return None if is_negated else _attribute_of(name, body, place)
    sign = _NOT if is_negated else ""
    if name in _KEYS and len(body) == 1:
        ((key, value),) = body.items()
        if key in _KEYS[name]:
            return Row(name, operator=f"{sign}{key}", value=_text(value), place=place)
    if name in _NUMBERED and body.keys() == {"id"}:
        return Row(name, operator=f"{sign}{_IS}", value=_text(body["id"]), place=place)
    return None


def _attribute_of(name: str, body: dict[str, Json], place: str) -> Row | None:
    field, operator = body.get("field"), body.get("operator")
    if not isinstance(field, str) or not isinstance(operator, str):
        return None
    texts = write_value(operator, body.get("value"))
    if texts is None or not body.keys() <= {"field", "operator", "value"}:
        return None
    value, to = texts
    return Row(name, name=field, operator=operator, value=value, to=to, place=place)


def _kind_inside(group: Group, kind: Kind) -> Kind:
    return Kind.RELATIONSHIPS if group.join == RELATED else kind


def _nodes_of(rows: Sequence[Row], *, kind: Kind) -> list[Json]:
    return [_node_of(row, kind=kind) for row in rows if not row.is_empty]


def _join(join: str, parts: list[Json]) -> Json:
    match join:
        case "any":
            return {"or": parts}
        case "none":
            return {"not": {"or": parts}}
        case "related":
            return {"related": {"where": parts[0] if len(parts) == 1 else {"and": parts}}}
        case _:
            return {"and": parts}


def _node_of(row: Row, *, kind: Kind) -> Json:
    if row.subject == COUNT:
        names = _COUNTS if row.operator == _EXACTLY else (row.operator,)
        return {"related": {name: _number(row.value) for name in names}}
    operator = row.operator
    is_negated = row.subject not in ATTRIBUTES and operator.startswith(_NOT)
    node: Json = {row.subject: _body_of(row, operator.removeprefix(_NOT))}
    if row.subject in _INSIDE[kind]:
        node = {"related": {"where": node}}
    return {"not": node} if is_negated else node


def _body_of(row: Row, key: str) -> Json:
    if row.subject in ATTRIBUTES:
        body: dict[str, Json] = {"field": row.name, "operator": row.operator}
        return body | read_texts(row.operator, row.value, row.to)
    if row.subject in _NUMBERED:
        return {"id": _number(row.value)}
    return {key: row.value}


def _number(text: str) -> Json:
    digits = text.strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) < len(str(2**63))
    return int(digits) if is_number else text


def _text(value: Json) -> str:
    return value if isinstance(value, str) else str(value)


def _single(node: Json) -> tuple[str, Json]:
    if isinstance(node, dict) and len(node) == 1:
        ((name, body),) = node.items()
        return name, body
    return "", None
