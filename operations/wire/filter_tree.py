"""What can be asked of people, objects and relationships: a tree of conditions."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from operations.types import ObjectKey, PersonKey

Scalar: TypeAlias = str | int | float | bool
# A step is the name of a value inside another one, or None for every element of an array.
Path: TypeAlias = tuple[str | None, ...]


class Side(StrEnum):
    """Whose attributes a condition is about."""

    OBJECT = "object"
    PERSON = "person"
    RELATIONSHIP = "relationship"


class Operator(StrEnum):
    """How the value of an attribute is compared."""

    EQ = "eq"
    NOT_EQ = "not_eq"
    EXISTS = "exists"
    NOT_EXISTS = "not_exists"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not_in"
    BEFORE = "before"
    AFTER = "after"
    IN_LAST_DAYS = "in_last_days"
    IS_TIMESTAMP = "is_timestamp"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"


# "Not equal" is true of what has no such attribute, because it says the opposite of "equal".
OPPOSITES: Final = {
    Operator.NOT_EQ: Operator.EQ,
    Operator.NOT_EXISTS: Operator.EXISTS,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.NOT_IN: Operator.IN,
}
# The columns that a condition reaches by the names that calls give them.
IDENTIFIERS: Final = {
    Side.OBJECT: ("object_id", "cio_object_id"),
    Side.PERSON: ("id", "email", "cio_id"),
    Side.RELATIONSHIP: (),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `type_number` asks besides for the type of the object."""

    side: Side
    path: Path
    operator: Operator
    value: Scalar | tuple[Scalar, ...] | None = None
    type_number: int | None = None

    @property
    def identifier(self) -> str | None:
        """Name the identifier that is compared, if it is no attribute."""
        is_one = len(self.path) == 1 and self.path[0] in IDENTIFIERS[self.side]
        return self.path[0] if is_one else None


@dataclass(frozen=True, slots=True)
class IsPerson:
    """The person of a relationship is this one."""

    key: PersonKey


@dataclass(frozen=True, slots=True)
class IsObject:
    """The object of a relationship is this one; an object_id may be meant in every type."""

    key: ObjectKey
    in_every_type: bool = False


@dataclass(frozen=True, slots=True)
class IsOfType:
    """The object is of the type with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class InSegment:
    """The person is in the manual segment with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Related:
    """So many relationships meet the conditions in `where`; all of them do without any."""

    at_least: int | None = None
    at_most: int | None = None
    where: "Filter | None" = None


@dataclass(frozen=True, slots=True)
class And:
    """All of these hold."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of these holds."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    part: "Filter"


Leaf: TypeAlias = Condition | IsPerson | IsObject | IsOfType | InSegment
Filter: TypeAlias = And | Or | Not | Related | Leaf


def leaves_of(tree: Filter) -> Iterator[Leaf]:
    """Walk the single questions of a filter, also those about relationships."""
    match tree:
        case And() | Or():
            for part in tree.parts:
                yield from leaves_of(part)
        case Not():
            yield from leaves_of(tree.part)
        case Related():
            if tree.where is not None:
                yield from leaves_of(tree.where)
        case Condition() | IsPerson() | IsObject() | IsOfType() | InSegment():
            yield tree
