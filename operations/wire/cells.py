"""Cells of flat files: JSON values written as text, and read back as the same values.

A cell that reads as a JSON number, truth value, object, array or quoted string is that value; any
other text is itself. `007` and integers beyond 64 bits are texts.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from orjson import JSONDecodeError, loads

from operations.json import JsonError, dump, parse
from operations.limits import INTEGER_MAX, INTEGER_MIN
from operations.types import Json

_match_number: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch
_SURE_INTEGER_CHARS: Final = 18  # this many digits always fit into 64 bits
_INTEGER_MAX_CHARS: Final = 20
_EXACT_BELOW: Final = 1e16  # from here on the codec may turn a float into an integer
_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False}
# What spreadsheet programs take for a formula, also in full width, or strip before one.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001
_MADE_SAFE: Final = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001


def parse_cell(text: str) -> Json:
    """Read one cell; raise JsonError for JSON that breaks a limit."""
    reader = CELL_READERS.get(text[:1])
    return text if reader is None else reader(text)


def render_cell(value: Json) -> str:
    """Write a value so that `parse_cell` reads the same value back; None is an empty cell."""
    if isinstance(value, str):
        return value if _reads_as_itself(value) else dump(value).decode()
    return "" if value is None else dump(value).decode()


def make_safe(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet program would run as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def undo_safe(cell: str) -> str:
    """Take away the one apostrophe that `make_safe` put."""
    return cell[1:] if _MADE_SAFE.match(cell) else cell


def _parse_number(text: str) -> Json:
    if len(text) <= _SURE_INTEGER_CHARS and text.isdecimal() and text.isascii():
        return text if text[0] == "0" and text != "0" else int(text)
    match = _match_number(text)
    if match is None:
        return text
    if match.lastindex is None:
        return _parse_integer(text)
    value = float(text)
    if value and -_EXACT_BELOW < value < _EXACT_BELOW:
        return value
    return parse(text)


def _parse_integer(text: str) -> Json:
    if len(text) > _INTEGER_MAX_CHARS:
        return text
    value = int(text)
    return value if INTEGER_MIN <= value <= INTEGER_MAX else text


def _parse_word(text: str) -> Json:
    return _WORDS.get(text, text)


def _parse_json(text: str) -> Json:
    try:
        return parse(text)
    except JsonError as error:
        if error.is_syntax or not _is_json(text):
            return text
        raise


def _is_json(text: str) -> bool:
    """Tell whether a text that breaks a limit is JSON at all."""
    try:
        loads(text)
    except JSONDecodeError as error:
        return any(word in str(error) for word in ("infinity", "surrogate", "depth"))
    return True


def _reads_as_itself(text: str) -> bool:
    reader = CELL_READERS.get(text[:1])
    if reader is None:
        return True
    try:
        return reader(text) == text
    except JsonError:
        return False


# By the first character of a cell: most cells are in none of these and are taken as they are.
CELL_READERS: Final[Mapping[str, Callable[[str], Json]]] = {
    **dict.fromkeys("-0123456789", _parse_number),
    **dict.fromkeys("tf", _parse_word),
    **dict.fromkeys('[{"', _parse_json),
}
