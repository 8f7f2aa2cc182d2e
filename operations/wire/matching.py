"""Filters asked in Python, of what is in memory: the same answers as the databases give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from operations.types import Attributes, Json
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
from operations.wire.value_tests import holds, is_opposite, lowered, test_of, values_at


@dataclass(frozen=True, slots=True)
class Known:
    """One side of what is asked: its attributes, and its identifiers by their names in calls."""

    attributes: Attributes = field(default_factory=dict)
    identifiers: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a row: of an object, of a person, or of a relationship all three sides."""

    object: Known | None = None
    object_type_number: int | None = None
    person: Known | None = None
    relationship: Known | None = None
    segments: frozenset[int] = frozenset()
    related: "tuple[Facts, ...]" = ()
    """The relationships of an object or a person, each with its three sides."""


def matches(tree: Filter, facts: Facts, *, at: datetime) -> bool:
    """Tell whether a filter holds; "the last days" end with `at`."""
    match tree:
        case And():
            return all(matches(part, facts, at=at) for part in tree.parts)
        case Or():
            return any(matches(part, facts, at=at) for part in tree.parts)
        case Not():
            return not matches(tree.part, facts, at=at)
        case Related():
            return _is_related(tree, facts, at=at)
        case _:
            return _is_answered(tree, facts, at=at)


def _is_answered(leaf: Leaf, facts: Facts, *, at: datetime) -> bool:
    match leaf:
        case Condition():
            return _has_attribute(leaf, facts, at=at)
        case IsOfType():
            return facts.object_type_number == leaf.number
        case InSegment():
            return leaf.number in facts.segments
        case IsPerson():
            return _is_person(leaf, facts)
        case IsObject():
            return _is_object(leaf, facts)


def _has_attribute(condition: Condition, facts: Facts, *, at: datetime) -> bool:
    if condition.type_number not in (None, facts.object_type_number):
        return False
    known = _side_of(facts, condition.side)
    test = test_of(condition, at=at)
    values: list[Json]
    if condition.identifier is None:
        values = values_at(dict(known.attributes), condition.path)
    else:
        given = known.identifiers.get(condition.identifier)
        if condition.identifier == "email":
            test, given = lowered(test), given and given.lower()
        values = [] if given is None else [given]
    return any(holds(test, value) for value in values) is not is_opposite(condition)


def _side_of(facts: Facts, side: Side) -> Known:
    by_side = {
        Side.OBJECT: facts.object,
        Side.PERSON: facts.person,
        Side.RELATIONSHIP: facts.relationship,
    }
    known = by_side[side]
    if known is None:
        raise ValueError(f"nothing is known of the {side} that the filter asks for")
    return known


def _is_related(tree: Related, facts: Facts, *, at: datetime) -> bool:
    where = tree.where
    count = sum(1 for one in facts.related if where is None or matches(where, one, at=at))
    if tree.at_least is None and tree.at_most is None:
        return count > 0
    return (tree.at_least or 0) <= count and (tree.at_most is None or count <= tree.at_most)


def _is_person(tree: IsPerson, facts: Facts) -> bool:
    known = _side_of(facts, Side.PERSON).identifiers
    email = known.get("email")
    if tree.key.email is not None:
        return email is not None and email.lower() == tree.key.email.lower()
    wanted = {"id": tree.key.id, "cio_id": tree.key.cio_id}
    return all(known.get(name) == value for name, value in wanted.items() if value is not None)


def _is_object(tree: IsObject, facts: Facts) -> bool:
    known = _side_of(facts, Side.OBJECT).identifiers
    if tree.key.cio_object_id is not None:
        return known.get("cio_object_id") == tree.key.cio_object_id
    is_of_type = tree.in_every_type or facts.object_type_number == tree.key.object_type_id
    return is_of_type and known.get("object_id") == tree.key.object_id
