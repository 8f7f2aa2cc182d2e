"""The values of conditions as texts that a person types, and back.

A text is taken for a number, true or false where a cell of a file would be; quotation marks keep
it a text. Several values stand between commas.
"""

import re
from datetime import UTC, datetime
from typing import Final

from operations.json import JsonError, dump
from operations.limits import UNIX_SECONDS_MAX, UNIX_SECONDS_MIN
from operations.types import Json
from operations.wire.cells import parse_cell, render_cell
from operations.wire.filter_comparisons import WITHOUT_VALUE
from operations.wire.filter_tree import Operator

_PLAIN: Final = (Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH)
_LISTED: Final = (Operator.IN, Operator.NOT_IN)
_DATED: Final = (Operator.BEFORE, Operator.AFTER)
_ITEM: Final = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|[^,]*?)\s*(?:,|$)")
_PAIR: Final = 2


def read_texts(operator: str, value: str, to: str) -> dict[str, Json]:
    """Read what was typed beside an operator; without a text there is no value."""
    if operator in WITHOUT_VALUE:
        return {}
    if operator == Operator.BETWEEN:
        return {"value": [_scalar(value), _scalar(to)]} if value or to else {}
    if not value:
        return {}
    if operator in _PLAIN:
        return {"value": value}
    if operator in _LISTED:
        return {"value": [_scalar(text) for text in _items(value)]}
    return {"value": _scalar(value)}


def write_value(operator: str, value: Json) -> tuple[str, str] | None:
    """Write a value as `read_texts` reads it; None where no text says it."""
    if value is None:
        return "", ""
    if operator == Operator.BETWEEN and isinstance(value, list) and len(value) == _PAIR:
        return _cell(value[0]), _cell(value[1])
    if operator in _LISTED and isinstance(value, list):
        return ", ".join(_item(each) for each in value), ""
    if operator in _DATED and type(value) is int:
        return _instant(value), ""
    if operator in _PLAIN and isinstance(value, str):
        return value, ""
    return _cell(value), ""


def _scalar(text: str) -> Json:
    try:
        return parse_cell(text)
    except JsonError:
        return text


def _items(text: str) -> list[str]:
    found = [match[1] for match in _ITEM.finditer(text)]
    return [item for item in found if item]


def _cell(value: Json) -> str:
    return '""' if value == "" else render_cell(value)


def _item(value: Json) -> str:
    text = _cell(value)
    is_plain = text == text.strip() and "," not in text and not text.startswith('"')
    return text if is_plain or not isinstance(value, str) else dump(value).decode()


def _instant(seconds: int) -> str:
    if not UNIX_SECONDS_MIN <= seconds <= UNIX_SECONDS_MAX:
        return str(seconds)
    instant = datetime.fromtimestamp(seconds, tz=UTC)
    is_day = (instant.hour, instant.minute, instant.second) == (0, 0, 0)
    return instant.date().isoformat() if is_day else instant.replace(tzinfo=None).isoformat()
