"""JSON files: a list of objects, or one object a line, read as the rows of a flat file."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from data_in.formats.encodings import UnusableFile
from data_in.formats.values import PLAIN_COLUMNS, render_object
from operations.errors import Reason, Rejection
from operations.json import JsonError, parse
from operations.limits import FILE_COLUMNS_MAX, PAGE_IMPORT_MAX_BYTES
from operations.types import Json
from operations.wire.rows import Row

_MARK: Final = b"\xef\xbb\xbf"
_ATTRIBUTES: Final = "attributes"
# What a line of an export holds; the times beside the attributes are told and not imported.
_OF_EXPORTS: Final = PLAIN_COLUMNS | {_ATTRIBUTES, "created_at", "updated_at"}
_Entry: TypeAlias = "tuple[int, Json | Rejection]"


def json_rows(data: bytes) -> tuple[list[str], Iterator[Row]]:
    """Give the header, which is every name in the order of the file, and the rows.

    A row is numbered by its line in JSON Lines, and by its place in a list, from 2 as if the
    header were a line.
    """
    text = data.removeprefix(_MARK)
    if not text.strip():
        raise UnusableFile("the file is empty")
    entries = _list_entries(text) if text.lstrip()[:1] == b"[" else list(_line_entries(text))
    entries = [(number, _flat(entry)) for number, entry in entries]
    header = _header(entries)
    return header, _rows(entries, header)


def _list_entries(text: bytes) -> list[_Entry]:
    try:
        found = parse(text, max_bytes=PAGE_IMPORT_MAX_BYTES)
    except JsonError as error:
        raise UnusableFile(f"the file cannot be read as JSON: {error}") from None
    return list(enumerate(found if isinstance(found, list) else [found], start=2))


def _line_entries(text: bytes) -> Iterator[_Entry]:
    for number, line in enumerate(text.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, parse(line)
        except JsonError as error:
            message = f"the line cannot be read as JSON: {error}"
            yield number, Rejection(0, error.reason, "", message)


def _flat(entry: "Json | Rejection") -> "Json | Rejection":
    """Take the attributes out of a row that has them under one name, as our exports do."""
    if not isinstance(entry, dict):
        return entry
    attributes = entry.get(_ATTRIBUTES)
    if not isinstance(attributes, dict) or not entry.keys() <= _OF_EXPORTS:
        return entry
    keys = {name: value for name, value in entry.items() if name in PLAIN_COLUMNS}
    return keys | {_column(name): value for name, value in attributes.items()}


def _column(name: str) -> str:
    is_taken = name in PLAIN_COLUMNS or name.startswith(f"{_ATTRIBUTES}.") or not name.strip()
    return f"{_ATTRIBUTES}.{name}" if is_taken else name


def _header(entries: Sequence[_Entry]) -> list[str]:
    names: dict[str, None] = {}
    for _, entry in entries:
        if isinstance(entry, dict):
            names.update(dict.fromkeys(entry))
    if not names:
        raise UnusableFile(
            "the file holds no JSON object; write a list of objects, or one object a line"
        )
    if len(names) > FILE_COLUMNS_MAX:
        raise UnusableFile(
            f"the objects have {len(names):,} names together; the limit is {FILE_COLUMNS_MAX:,}"
        )
    return list(names)


def _rows(entries: Sequence[_Entry], header: list[str]) -> Iterator[Row]:
    for number, entry in entries:
        if isinstance(entry, Rejection):
            yield number, entry
        elif isinstance(entry, dict):
            yield number, render_object(entry, header)
        else:
            message = 'each row has to be a JSON object such as {"id": "ann"}'
            yield number, Rejection(0, Reason.INVALID, "", message)
