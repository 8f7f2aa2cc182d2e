"""The few questions that every operator comes down to, and their answers in Python.

`operations/conditions.py` asks the databases the same questions.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, TypeVar

from operations.json import equal
from operations.limits import UNIX_SECONDS_MAX, UNIX_SECONDS_MIN
from operations.types import Json
from operations.wire.filter_tree import OPPOSITES, Condition, Operator, Path, Scalar

ValueT = TypeVar("ValueT")
_DAY_SECONDS: Final = 86_400
# Whether the bound itself is taken.
_HIGHEST: Final = {Operator.LT: False, Operator.LTE: True}
_LOWEST: Final = {Operator.GT: False, Operator.GTE: True}


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value; null inside of another value is none."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is exactly one of these: `true` is not `1`, nor `1` `1.0`."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """The value is a text with this text in it."""

    text: str


@dataclass(frozen=True, slots=True)
class Begins:
    """The value is a text that starts with this text."""

    text: str


@dataclass(frozen=True, slots=True)
class InRange:
    """The value is a number between numbers, or a text between texts by code points."""

    low: str | int | float | None = None
    high: str | int | float | None = None
    takes_low: bool = True
    takes_high: bool = True

    @property
    def is_of_texts(self) -> bool:
        """Tell whether texts are compared."""
        return isinstance(self.low if self.low is not None else self.high, str)


@dataclass(frozen=True, slots=True)
class IsInstant:
    """The value is an integer that is Unix seconds within these bounds."""

    low: int = UNIX_SECONDS_MIN
    high: int = UNIX_SECONDS_MAX


ValueTest: TypeAlias = Present | OneOf | Holds | Begins | InRange | IsInstant


def is_opposite(condition: Condition) -> bool:
    """Tell whether the condition holds where its test does not."""
    return condition.operator in OPPOSITES


def test_of(condition: Condition, *, at: datetime) -> ValueTest:
    """Give the question behind a condition; `at` is what "the last days" end with."""
    value = condition.value
    match OPPOSITES.get(condition.operator, condition.operator):
        case Operator.EXISTS:
            return Present()
        case Operator.EQ if value is not None and not isinstance(value, tuple):
            return OneOf((value,))
        case Operator.IN if isinstance(value, tuple):
            return OneOf(value)
        case Operator.IS_TRUE:
            return OneOf((True,))
        case Operator.IS_FALSE:
            return OneOf((False,))
        case Operator.CONTAINS if isinstance(value, str):
            return Holds(value)
        case Operator.STARTS_WITH if isinstance(value, str):
            return Begins(value)
        case operator:
            return _range_of(operator, value, at=at)


def holds(test: ValueTest, value: Json) -> bool:
    """Answer the question for one value."""
    match test:
        case Present():
            return value is not None
        case OneOf():
            return any(equal(value, each) for each in test.values)
        case Holds():
            return isinstance(value, str) and test.text in value
        case Begins():
            return isinstance(value, str) and value.startswith(test.text)
        case InRange():
            return _is_in_range(test, value)
        case IsInstant():
            return type(value) is int and test.low <= value <= test.high


def lowered(test: ValueTest) -> ValueTest:
    """Spell the texts of a test in lower case, in which e-mails are compared."""
    match test:
        case OneOf():
            return OneOf(tuple(_lower(value) for value in test.values))
        case Holds():
            return Holds(test.text.lower())
        case Begins():
            return Begins(test.text.lower())
        case InRange():
            return replace(test, low=_lower(test.low), high=_lower(test.high))
        case Present() | IsInstant():
            return test


def values_at(attributes: Json, path: Path) -> list[Json]:
    """Give the values that a path reaches, of which arrays can make several."""
    found = [attributes]
    for step in path:
        if step is None:
            found = [item for value in found if isinstance(value, list) for item in value]
        else:
            found = [value[step] for value in found if isinstance(value, dict) and step in value]
    return found


def _range_of(
    operator: Operator, value: Scalar | tuple[Scalar, ...] | None, *, at: datetime
) -> ValueTest:
    match value:
        case (low, high) if operator is Operator.BETWEEN:
            return InRange(low=low, high=high)
        case str() | int() | float() if operator in _HIGHEST:
            return InRange(high=value, takes_high=_HIGHEST[operator])
        case str() | int() | float() if operator in _LOWEST:
            return InRange(low=value, takes_low=_LOWEST[operator])
        case int() | None:
            return _instant_of(operator, value or 0, now=int(at.timestamp()))
        case _:
            raise ValueError(f"{operator} does not compare with {value!r}")


def _instant_of(operator: Operator, value: int, *, now: int) -> IsInstant:
    match operator:
        case Operator.BEFORE:
            return IsInstant(high=value - 1)
        case Operator.AFTER:
            return IsInstant(low=value + 1)
        case Operator.IN_LAST_DAYS:
            return IsInstant(low=max(now - value * _DAY_SECONDS, UNIX_SECONDS_MIN), high=now)
        case _:
            return IsInstant()


def _is_in_range(test: InRange, value: Json) -> bool:
    kinds = (str,) if test.is_of_texts else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return False
    if test.low is not None and not _is_before(test.low, value, takes_equal=test.takes_low):
        return False
    return test.high is None or _is_before(value, test.high, takes_equal=test.takes_high)


def _is_before(first: object, second: object, *, takes_equal: bool) -> bool:
    if isinstance(first, str) and isinstance(second, str):
        return first <= second if takes_equal else first < second
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first <= second if takes_equal else first < second
    return False


def _lower(value: ValueT) -> ValueT:
    return value.lower() if isinstance(value, str) else value  # type: ignore[return-value]
