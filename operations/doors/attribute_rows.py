"""How attributes become rows of texts for a form, and what was typed becomes attributes again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from operations.json import JsonError, dump, parse
from operations.masking import Masked
from operations.types import Attributes, Json

# Unix seconds of 2001 and 2100: between them a number named "..._at" is shown as a time.
_LIKELY_TIMES: Final = range(1_000_000_000, 4_102_444_800)
_TIME_ENDINGS: Final = ("_at", "_date", "_time")
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_CELLS_IN_A_ROW: Final = 3

Problems: TypeAlias = dict[str, str]


class Kind(StrEnum):
    """What the person says a value is."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One line of the editor; the value is always text, so no digit passes through a float."""

    name: str
    kind: Kind
    value: str
    problem: str = ""
    is_name_wrong: bool = False
    is_locked: bool = False


class RowsError(ValueError):
    """Rows that are not attributes: a message for each name, and the names wrong themselves."""

    def __init__(self, problems: Problems, *, wrong_names: frozenset[str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems
        self.wrong_names = wrong_names


def render_rows(attributes: Attributes) -> list[AttributeRow]:
    """Turn attributes into rows, in the order of their names but with `name` first."""
    names = sorted(attributes, key=lambda name: (name != "name", name))
    return [_render_row(name, attributes[name]) for name in names]


def render_raw(attributes: Attributes) -> str:
    """Write attributes as JSON with one line for each."""
    if not attributes:
        return "{}"
    lines = (f"  {_text(name)}: {_text(attributes[name])}" for name in sorted(attributes))
    return "{\n" + ",\n".join(lines) + "\n}"


def read_rows(posted: str) -> list[AttributeRow]:
    """Read the rows that the page posts: a JSON list of [name, type, value], all texts."""
    rows = parse(posted)
    if not isinstance(rows, list):
        raise JsonError("must be a list of rows")
    return [_read_row(row) for row in rows]


def parse_rows(rows: Iterable[AttributeRow], *, stored: Attributes) -> dict[str, Json]:
    """Turn rows into attributes, or raise RowsError with what is wrong with each."""
    attributes: dict[str, Json] = {}
    problems: Problems = {}
    wrong_names: set[str] = set()
    for row in rows:
        if not row.name and not row.value:
            continue
        if not row.name:
            problems[""] = f"The value {row.value[:40]} has no attribute name."
            wrong_names.add("")
        elif row.name in attributes:
            problems[row.name] = f"{row.name} is there twice."
            wrong_names.add(row.name)
        else:
            _put(attributes, problems, row, stored)
    if problems:
        raise RowsError(problems, wrong_names=frozenset(wrong_names))
    return attributes


def kind_of(name: str, value: Json) -> Kind:
    """Tell how a value is shown; a number under the name of a time is one."""
    match value:
        case str():
            return Kind.TEXT
        case bool():
            return Kind.BOOLEAN
        case int() if name.endswith(_TIME_ENDINGS) and value in _LIKELY_TIMES:
            return Kind.TIME
        case int() | float():
            return Kind.NUMBER
        case _:
            return Kind.JSON


def changed_attributes(typed: Attributes, *, stored: Mapping[str, Json]) -> dict[str, Json]:
    """Give what to merge so that `stored` becomes `typed`: None for each that was removed."""
    changes: dict[str, Json] = dict.fromkeys(set(stored) - set(typed))
    for name, value in typed.items():
        if name not in stored or dump(stored[name]) != dump(value):
            changes[name] = value
    return changes


def _put(
    attributes: dict[str, Json], problems: Problems, row: AttributeRow, stored: Attributes
) -> None:
    try:
        attributes[row.name] = _parse_value(row, stored.get(row.name))
    except ValueError as error:
        problems[row.name] = f"{row.name}: {error}"


def _parse_value(row: AttributeRow, stored: Json) -> Json:
    if not row.value.strip() and row.kind is not Kind.TEXT:
        return ""  # an emptied value removes the attribute, whatever its type was
    match row.kind:
        case Kind.TEXT:
            return _parse_text(row.value, stored)
        case Kind.NUMBER:
            return _parse_number(row.value)
        case Kind.BOOLEAN:
            return _parse_boolean(row.value)
        case Kind.TIME:
            return _parse_time(row.value)
        case Kind.JSON:
            return _parse_json(row.value)


def _parse_text(value: str, stored: Json) -> str:
    # A text area turns every line break into one of two characters or one: not a change.
    if isinstance(stored, str) and _plain_breaks(stored) == _plain_breaks(value):
        return stored
    return _plain_breaks(value)


def _parse_number(value: str) -> Json:
    try:
        number = parse(value.strip())
    except JsonError as error:
        if not error.is_syntax:
            raise
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        message = f"{value[:40]} is not a number; write it like 12, -0.5 or 3e8"
        raise JsonError(message)
    return number


def _parse_json(value: str) -> Json:
    try:
        return parse(value)
    except JsonError as error:
        if not error.is_syntax:
            raise
        message = f"the value {error}"
        raise JsonError(message) from None


def _parse_boolean(value: str) -> bool:
    if value not in {"true", "false"}:
        message = f"{value[:40]} is neither true nor false"
        raise JsonError(message)
    return value == "true"


def _parse_time(value: str) -> int:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        message = f"{value[:40]} is not a date and time; write it like 2026-05-18T22:58:45"
        raise JsonError(message) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def _render_row(name: str, value: Json) -> AttributeRow:
    kind = kind_of(name, value)
    if kind is Kind.TIME and isinstance(value, int):
        text = datetime.fromtimestamp(value, tz=UTC).strftime(_TIME_FORMAT)
    else:
        text = value if isinstance(value, str) else _text(value)
    return AttributeRow(name=name, kind=kind, value=text, is_locked=isinstance(value, Masked))


def _read_row(row: Json) -> AttributeRow:
    if not isinstance(row, list) or len(row) != _CELLS_IN_A_ROW:
        raise JsonError("a row must be a list of name, type and value")
    name, kind, value = row
    if not (isinstance(name, str) and isinstance(value, str) and kind in set(Kind)):
        raise JsonError("name, type and value of a row must be texts")
    return AttributeRow(name=name, kind=Kind(str(kind)), value=value)


def _plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(value: Json) -> str:
    return dump(value).decode()
