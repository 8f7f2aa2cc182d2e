"""The JSON grammar of filters, which takes every filter of the App API and more.

A filter is an object with one name: `and`, `or`, `not`, or a condition that its rows can be asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from operations.json import JsonError, dump, parse
from operations.limits import (
    FILTER_MAX_BYTES,
    FILTER_MAX_CONDITIONS,
    FILTER_MAX_DEPTH,
    OBJECT_TYPE_NUMBER_MAX,
)
from operations.types import Json, ObjectKey, PersonKey
from operations.wire.columns import Kind
from operations.wire.filter_comparisons import ComparisonError, parse_comparison, render_value
from operations.wire.filter_paths import render_path
from operations.wire.filter_tree import (
    And,
    Condition,
    Filter,
    InSegment,
    IsObject,
    IsOfType,
    IsPerson,
    Leaf,
    Not,
    Or,
    Related,
    Side,
)

ATTRIBUTES: Final = {
    "object_attribute": Side.OBJECT,
    "attribute": Side.PERSON,
    "relationship_attribute": Side.RELATIONSHIP,
}
_NAMES: Final = {side: name for name, side in ATTRIBUTES.items()}
# What the rows of each list can be asked.
CONDITIONS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.OBJECTS: ("object_attribute", "object_type", "related"),
    Kind.PEOPLE: ("attribute", "segment", "related"),
    Kind.RELATIONSHIPS: (
        "relationship_attribute",
        "object_attribute",
        "attribute",
        "object_type",
        "object",
        "person",
        "segment",
    ),
}
_JOINED: Final = ("and", "or", "not")
_PERSON_KEYS: Final = ("id", "email", "cio_id")
_RELATED: Final = ("at_least", "at_most", "where")


class FilterError(ValueError):
    """A filter that cannot be read; `place` says where in the tree."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.message = message


@dataclass(slots=True)
class _Count:
    """Counts the conditions of one filter."""

    conditions: int = 0


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the reading is: which rows are asked, how deep, and under which names."""

    kind: Kind
    count: _Count
    place: str = ""
    depth: int = 0

    def at(self, name: str) -> str:
        """Name a place below this one."""
        return f"{self.place}.{name}" if self.place else name

    def below(self, name: str, *, kind: Kind | None = None) -> "_Here":
        """Go one level down."""
        return _Here(kind or self.kind, self.count, self.at(name), self.depth + 1)

    def refuse(self, message: str, *, name: str = "") -> NoReturn:
        """Say what is wrong here, or with the value under a name."""
        raise FilterError(self.at(name) if name else self.place, message)


def parse_text(text: str, *, kind: Kind) -> Filter:
    """Read a filter from JSON; raise FilterError with the place that is wrong."""
    try:
        node = parse(text, max_bytes=FILTER_MAX_BYTES)
    except JsonError as error:
        raise FilterError("", f"the filter {error}") from None
    return parse_filter(node, kind=kind)


def parse_filter(node: Json, *, kind: Kind) -> Filter:
    """Read a filter for these rows; raise FilterError with the place that is wrong."""
    return _parse(node, _Here(kind, _Count()))


def render_text(tree: Filter) -> str:
    """Write a filter as compact JSON, as an address carries it."""
    return dump(render_filter(tree)).decode()


def render_filter(tree: Filter) -> dict[str, Json]:
    """Write a filter so that `parse_filter` reads the same."""
    match tree:
        case And():
            return {"and": [render_filter(part) for part in tree.parts]}
        case Or():
            return {"or": [render_filter(part) for part in tree.parts]}
        case Not():
            return {"not": render_filter(tree.part)}
        case Related():
            found: dict[str, Json] = {"at_least": tree.at_least, "at_most": tree.at_most}
            if tree.where is not None:
                found["where"] = render_filter(tree.where)
            return {"related": _without_none(found)}
        case Condition() | IsPerson() | IsObject() | IsOfType() | InSegment():
            return _render_leaf(tree)


def _render_leaf(leaf: Leaf) -> dict[str, Json]:
    match leaf:
        case Condition():
            found: dict[str, Json] = {
                "field": render_path(leaf.path),
                "operator": leaf.operator.value,
                "value": render_value(leaf),
                "type_id": leaf.type_number,
            }
            return {_NAMES[leaf.side]: _without_none(found)}
        case IsPerson():
            keys: dict[str, Json] = {name: getattr(leaf.key, name) for name in _PERSON_KEYS}
            return {"person": _without_none(keys)}
        case IsObject():
            if leaf.key.cio_object_id is not None:
                return {"object": {"cio_object_id": leaf.key.cio_object_id}}
            number = None if leaf.in_every_type else leaf.key.object_type_id
            return {"object": _without_none({"object_id": leaf.key.object_id, "type_id": number})}
        case IsOfType():
            return {"object_type": {"id": leaf.number}}
        case InSegment():
            return {"segment": {"id": leaf.number}}


def _without_none(found: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in found.items() if value is not None}


def _parse(node: Json, here: _Here) -> Filter:
    known = (*_JOINED, *CONDITIONS[here.kind])
    if here.depth >= FILTER_MAX_DEPTH:
        here.refuse(f"is nested more than {FILTER_MAX_DEPTH} levels deep")
    if not isinstance(node, dict) or len(node) != 1:
        here.refuse(f"must be an object with exactly one of the names {', '.join(known)}")
    ((name, body),) = node.items()
    if name not in known:
        message = f"{name[:60]!r} is not known for {here.kind}; known are {', '.join(known)}"
        here.refuse(message)
    match name:
        case "and":
            return And(_parse_parts(body, here.below(name)))
        case "or":
            return Or(_parse_parts(body, here.below(name)))
        case "not":
            return Not(_parse_not(body, here))
        case _:
            return _parse_condition(name, body, here.below(name))


def _parse_parts(body: Json, here: _Here) -> tuple[Filter, ...]:
    if not isinstance(body, list) or not body:
        here.refuse("must be a list with at least one condition")
    places = (f"{here.place}[{position}]" for position in range(len(body)))
    return tuple(
        _parse(part, _Here(here.kind, here.count, place, here.depth))
        for part, place in zip(body, places, strict=True)
    )


def _parse_not(body: Json, here: _Here) -> Filter:
    """Take the list with one condition, too, as some clients of the App API write it."""
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    return _parse(body, here.below("not"))


def _parse_condition(name: str, body: Json, here: _Here) -> Filter:
    if not isinstance(body, dict):
        here.refuse("must be an object")
    here.count.conditions += 1
    if here.count.conditions > FILTER_MAX_CONDITIONS:
        here.refuse(f"there are more than {FILTER_MAX_CONDITIONS} conditions")
    if name in ATTRIBUTES:
        return _parse_attribute(name, body, here)
    return _PARSERS[name](body, here)


def _parse_attribute(name: str, body: dict[str, Json], here: _Here) -> Condition:
    side = ATTRIBUTES[name]
    types = ("type_id",) if side is Side.OBJECT else ()
    _check_names(body, ("field", "operator", "value", *types), here)
    try:
        condition = parse_comparison(side, body)
    except ComparisonError as error:
        here.refuse(error.message, name=error.name)
    if "type_id" not in body:
        return condition
    number = _parse_number(body, "type_id", here, highest=OBJECT_TYPE_NUMBER_MAX)
    return Condition(side, condition.path, condition.operator, condition.value, number)


def _parse_related(body: dict[str, Json], here: _Here) -> Related:
    _check_names(body, _RELATED, here)
    if not body:
        here.refuse(f"must have at least one of {', '.join(_RELATED)}")
    counts = {
        name: _parse_number(body, name, here, lowest=0) if name in body else None
        for name in ("at_least", "at_most")
    }
    where = None
    if "where" in body:
        where = _parse(body["where"], here.below("where", kind=Kind.RELATIONSHIPS))
    return Related(counts["at_least"], counts["at_most"], where)


def _parse_type(body: dict[str, Json], here: _Here) -> IsOfType:
    _check_names(body, ("id",), here)
    return IsOfType(_parse_number(body, "id", here, highest=OBJECT_TYPE_NUMBER_MAX))


def _parse_segment(body: dict[str, Json], here: _Here) -> InSegment:
    _check_names(body, ("id",), here)
    return InSegment(_parse_number(body, "id", here))


def _parse_person(body: dict[str, Json], here: _Here) -> IsPerson:
    if len(body) != 1 or not body.keys() <= set(_PERSON_KEYS):
        here.refuse(f"must name a person by exactly one of {', '.join(_PERSON_KEYS)}")
    (name,) = body
    return IsPerson(PersonKey(**{name: _parse_identifier(body, name, here)}))


def _parse_object(body: dict[str, Json], here: _Here) -> IsObject:
    if body.keys() == {"cio_object_id"}:
        cio_object_id = _parse_identifier(body, "cio_object_id", here)
        return IsObject(ObjectKey(cio_object_id=cio_object_id), in_every_type=True)
    if "object_id" not in body or not body.keys() <= {"object_id", "type_id"}:
        here.refuse("must name an object by cio_object_id, or by object_id and maybe type_id")
    object_id = _parse_identifier(body, "object_id", here)
    if "type_id" not in body:
        return IsObject(ObjectKey(object_id=object_id), in_every_type=True)
    number = _parse_number(body, "type_id", here, highest=OBJECT_TYPE_NUMBER_MAX)
    return IsObject(ObjectKey(object_id=object_id, object_type_id=number))


_PARSERS: Final[dict[str, Callable[[dict[str, Json], _Here], Filter]]] = {
    "related": _parse_related,
    "object_type": _parse_type,
    "segment": _parse_segment,
    "person": _parse_person,
    "object": _parse_object,
}


def _check_names(body: dict[str, Json], known: tuple[str, ...], here: _Here) -> None:
    for name in body:
        if name not in known:
            here.refuse(f"{name[:60]!r} is not known here; known are {', '.join(known)}")


def _parse_number(
    body: dict[str, Json],
    name: str,
    here: _Here,
    *,
    lowest: int = 1,
    highest: int = OBJECT_TYPE_NUMBER_MAX,
) -> int:
    """Take the digits as a text, too, which is how the App API writes them."""
    value = body.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if type(value) is not int or not lowest <= value <= highest:
        message = f"must be a whole number from {lowest} to {highest}, not {_shown(value)}"
        here.refuse(message, name=name)
    return value


def _parse_identifier(body: dict[str, Json], name: str, here: _Here) -> str:
    value = body[name]
    if not isinstance(value, str) or not value or "\x00" in value:
        here.refuse(f"must be a text that names one, not {_shown(value)}", name=name)
    return value


def _shown(value: Json) -> str:
    return dump(value).decode()[:60]
