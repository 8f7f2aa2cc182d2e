"""Cells of a column for which somebody has chosen how they are read."""

import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial
from typing import Final, TypeAlias

from operations.json import JsonError, parse
from operations.limits import UNIX_SECONDS_MAX, UNIX_SECONDS_MIN
from operations.types import Json
from operations.wire.cells import parse_cell
from operations.wire.column_settings import CellType, ColumnSetting, DateFormat
from operations.wire.values import parse_truth, unix_from_iso

# Reads a cell that is not blank; raises JsonError for one that is not of the type.
Reader: TypeAlias = Callable[[str], Json]

_match_number: Final = re.compile(r"\s*([+-]?)([0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*").fullmatch
_match_integer: Final = re.compile(r"\s*[+-]?[0-9]{1,20}\s*").fullmatch
_match_date: Final = re.compile(
    r"\s*([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})"
    r"(?:[ T,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([AaPp][Mm])?)?\s*"
).fullmatch
_NOON: Final = 12
_MILLISECONDS: Final = 1_000


def reader_of(column: ColumnSetting, *, zone: tzinfo) -> Reader:
    """Give what reads the cells of a column; a date without a zone is one of `zone`."""
    match column.type:
        case CellType.AUTOMATIC:
            return parse_cell
        case CellType.TEXT:
            return str
        case CellType.NUMBER:
            return _read_number
        case CellType.BOOLEAN:
            return _read_truth
        case CellType.JSON:
            return parse
        case CellType.DATE:
            return _reader_of_dates(column.date_format, zone)


def _read_number(text: str) -> Json:
    match = _match_number(text)
    if match is None or not (match[2] or match[3]):
        raise JsonError("it is not a number such as 42 or -0.5")
    sign = "-" if match[1] == "-" else ""
    whole = match[2].lstrip("0") or "0"
    value = parse_cell(f"{sign}{whole}{match[3] or ''}{match[4] or ''}")
    if isinstance(value, str):
        raise JsonError("it is a whole number beyond 64 bits; read the column as text")
    return value


def _read_truth(text: str) -> Json:
    value = parse_truth(text)
    if value is None:
        raise JsonError("it is neither true nor false (nor 1 nor 0)")
    return value


def _reader_of_dates(date_format: DateFormat, zone: tzinfo) -> Reader:
    match date_format:
        case DateFormat.ISO:
            return partial(_read_iso, zone=zone)
        case DateFormat.DAY_FIRST | DateFormat.MONTH_FIRST:
            return partial(_read_written, date_format=date_format, zone=zone)
        case DateFormat.UNIX_SECONDS:
            return partial(_read_unix, divisor=1)
        case DateFormat.UNIX_MILLISECONDS:
            return partial(_read_unix, divisor=_MILLISECONDS)


def _read_iso(text: str, *, zone: tzinfo) -> Json:
    """Read an instant to the millisecond; anything else stays what it would be by itself."""
    seconds = unix_from_iso(text, naive_in=zone)
    return parse_cell(text) if seconds is None else seconds


def _read_written(text: str, *, date_format: DateFormat, zone: tzinfo) -> Json:
    match = _match_date(text)
    if match is None:
        raise JsonError(f"it is not a date written {date_format.value}")
    first, last, year = int(match[1]), int(match[3]), int(match[4])
    day, month = (first, last) if date_format is DateFormat.DAY_FIRST else (last, first)
    hour, minute, second = (int(part or 0) for part in match.group(5, 6, 7))
    if match[8] is not None:
        if not 1 <= hour <= _NOON:
            raise JsonError("it has an hour that is not from 1 to 12 before AM or PM")
        hour = hour % _NOON + (_NOON if match[8].lower() == "pm" else 0)
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        message = f"there is no such day or time, read as {date_format.value}"
        raise JsonError(message) from None


def _read_unix(text: str, *, divisor: int) -> Json:
    seconds = int(text) // divisor if _match_integer(text) else UNIX_SECONDS_MAX + 1
    if not UNIX_SECONDS_MIN <= seconds <= UNIX_SECONDS_MAX:
        unit = "seconds" if divisor == 1 else "milliseconds"
        raise JsonError(f"it is not an instant in Unix {unit}")
    return seconds
