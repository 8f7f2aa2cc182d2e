"""The comparison inside of a condition: a field, an operator and the value that it takes."""

from collections.abc import Callable
from typing import Final

from operations.json import dump
from operations.limits import (
    FILTER_DAYS_MAX,
    FILTER_TEXT_MAX_CHARS,
    FILTER_VALUES_MAX,
    UNIX_SECONDS_MAX,
    UNIX_SECONDS_MIN,
)
from operations.types import Json
from operations.wire.filter_paths import parse_path
from operations.wire.filter_tree import Condition, Operator, Scalar, Side
from operations.wire.values import unix_from_iso

Value = Scalar | tuple[Scalar, ...] | None
WITHOUT_VALUE: Final = frozenset(
    {
        Operator.EXISTS,
        Operator.NOT_EXISTS,
        Operator.IS_TIMESTAMP,
        Operator.IS_TRUE,
        Operator.IS_FALSE,
    }
)
_PAIR: Final = 2


class ComparisonError(ValueError):
    """A comparison that cannot be read; `name` is the part that is wrong."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def parse_comparison(side: Side, body: dict[str, Json]) -> Condition:
    """Read field, operator and value; raise ComparisonError for the part that is wrong."""
    operator = _parse_operator(body.get("operator"))
    field = body.get("field")
    if not isinstance(field, str):
        raise ComparisonError("field", "must be a text: the name of an attribute")
    try:
        path = parse_path(field)
        value = _parse_value(operator, body)
    except ValueError as error:
        name = getattr(error, "name", "field")
        raise ComparisonError(name, str(error)) from None
    return Condition(side, path, operator, value)


def render_value(condition: Condition) -> Json:
    """Write the value of a condition; None where there is none."""
    value = condition.value
    return list(value) if isinstance(value, tuple) else value


def _parse_operator(value: Json) -> Operator:
    known = {operator.value: operator for operator in Operator}
    if not isinstance(value, str) or value not in known:
        message = f"{_shown(value)} is not known; known are {', '.join(known)}"
        raise ComparisonError("operator", message)
    return known[value]


def _parse_value(operator: Operator, body: dict[str, Json]) -> Value:
    if operator in WITHOUT_VALUE:
        if body.get("value") is not None:
            raise ComparisonError("value", f"{operator} takes no value")
        return None
    if "value" not in body:
        raise ComparisonError("value", f"{operator} needs a value")
    return _READERS[operator](operator, body["value"])


def _read_scalar(operator: Operator, value: Json) -> Scalar:
    if not isinstance(value, str | int | float):
        message = f"{operator} takes a text, a number, true or false, not {_shown(value)}"
        raise ComparisonError("value", message)
    return _check_text(value)


def _read_text(operator: Operator, value: Json) -> str:
    if not isinstance(value, str) or not value:
        message = f"{operator} takes a text of at least one character, not {_shown(value)}"
        raise ComparisonError("value", message)
    _check_text(value)
    return value


def _read_bound(operator: Operator, value: Json) -> Scalar:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        message = f"{operator} takes a number or a text, not {_shown(value)}"
        raise ComparisonError("value", message)
    return _check_text(value)


def _read_pair(operator: Operator, value: Json) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or len(value) != _PAIR:
        message = f"{operator} takes a list of two numbers or two texts, not {_shown(value)}"
        raise ComparisonError("value", message)
    low, high = (_read_bound(operator, each) for each in value)
    if isinstance(low, str) is not isinstance(high, str):
        message = f"{operator} takes two numbers or two texts, not one of each"
        raise ComparisonError("value", message)
    return (low, high)


def _read_list(operator: Operator, value: Json) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= FILTER_VALUES_MAX:
        message = f"{operator} takes a list of 1 to {FILTER_VALUES_MAX} values"
        raise ComparisonError("value", message)
    return tuple(_read_scalar(operator, each) for each in value)


def _read_instant(operator: Operator, value: Json) -> int:
    seconds = unix_from_iso(value) if isinstance(value, str) else value
    if type(seconds) is not int or not UNIX_SECONDS_MIN <= seconds <= UNIX_SECONDS_MAX:
        message = (
            f"{operator} takes Unix seconds or a date such as 2023-11-14 or"
            f" 2023-11-14T22:13:20Z, not {_shown(value)}"
        )
        raise ComparisonError("value", message)
    return seconds


def _read_days(operator: Operator, value: Json) -> int:
    if type(value) is not int or not 1 <= value <= FILTER_DAYS_MAX:
        message = f"{operator} takes a whole number of days from 1 to {FILTER_DAYS_MAX:,}"
        raise ComparisonError("value", f"{message}, not {_shown(value)}")
    return value


def _check_text(value: Scalar) -> Scalar:
    if not isinstance(value, str):
        return value
    if len(value) > FILTER_TEXT_MAX_CHARS:
        message = f"is {len(value):,} characters long; the limit is {FILTER_TEXT_MAX_CHARS:,}"
        raise ComparisonError("value", message)
    if "\x00" in value:
        raise ComparisonError("value", "no attribute holds a NUL character")
    return value


def _shown(value: Json) -> str:
    return dump(value).decode()[:60]


_READERS: Final[dict[Operator, Callable[[Operator, Json], Value]]] = {
    **dict.fromkeys((Operator.EQ, Operator.NOT_EQ), _read_scalar),
    **dict.fromkeys((Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH), _read_text),
    **dict.fromkeys((Operator.LT, Operator.LTE, Operator.GT, Operator.GTE), _read_bound),
    **dict.fromkeys((Operator.IN, Operator.NOT_IN), _read_list),
    **dict.fromkeys((Operator.BEFORE, Operator.AFTER), _read_instant),
    Operator.BETWEEN: _read_pair,
    Operator.IN_LAST_DAYS: _read_days,
}
