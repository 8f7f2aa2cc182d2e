"""Excel files: the first sheet as the rows of a flat file, and such rows as a sheet."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from data_in.formats.encodings import UnusableFile
from data_in.formats.values import PLAIN_COLUMNS, render_typed
from operations.json import JsonError
from operations.limits import FILE_COLUMNS_MAX
from operations.wire.cells import parse_cell
from operations.wire.rows import Row

# An archive unpacks to this much at most: what a page takes is a hundredth of it.
_UNPACKED_MAX_BYTES: Final = 200_000_000
_BROKEN: Final = "the file cannot be read as an Excel workbook; open it and save it again as .xlsx"
# What the library raises for archives, parts and XML that are not what they should be.
_UNREADABLE: Final = (InvalidFileException, BadZipFile, ParseError, LookupError, ValueError)
# Excel's own limit; the library would cut longer texts without a word.
_CELL_MAX_CHARS: Final = 32_767
_EXACT_DIGITS: Final = 15  # Excel keeps so many of a number
# ECMA-376 22.4.2.4: what XML cannot hold is written _xHHHH_, and so is an underscore that would
# look like the start of that.
_NO_XML: Final = re.compile("[\\x01-\\x08\\x0b-\\x1f\\ufffe\\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


def xlsx_rows(data: bytes) -> tuple[list[str], Iterator[Row]]:
    """Give the header and the rows of the first sheet, read piece by piece."""
    _check_archive(data)
    lines = _lines(data)
    _, header = next(lines, (0, []))
    while header and not header[-1]:
        header.pop()
    if not header:
        raise UnusableFile("the first row of the first sheet has to name the columns")
    return header, _fitted(lines, len(header))


def write_xlsx(rows: Iterable[list[str]]) -> bytes:
    """Write a header and rows as a sheet: numbers as numbers, everything else as text."""
    whole = [list(map(_checked, cells)) for cells in rows]
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    lines = iter(whole)
    header = next(lines)
    sheet.append([_text_cell(sheet, name) for name in header])
    for cells in lines:
        sheet.append([_cell(sheet, name, cell) for name, cell in zip(header, cells, strict=True)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _check_archive(data: bytes) -> None:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except BadZipFile:
        raise UnusableFile(_BROKEN) from None
    if unpacked > _UNPACKED_MAX_BYTES:
        raise UnusableFile(
            f"the workbook unpacks to {unpacked:,} bytes; the limit is {_UNPACKED_MAX_BYTES:,}; "
            "save the sheet as CSV"
        )


def _lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        found = sheet.iter_rows(values_only=True, max_col=FILE_COLUMNS_MAX + 1)
        for number, values in enumerate(found, start=1):
            cells = [_unescape(render_typed(value)) for value in values]
            if any(cells):
                yield number, cells
    except _UNREADABLE:
        raise UnusableFile(_BROKEN) from None


def _fitted(lines: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    """Cut the empty cells that a sheet has beyond its header, and add those that it leaves out."""
    for number, cells in lines:
        while len(cells) > width and not cells[-1]:
            cells.pop()
        yield number, cells + [""] * (width - len(cells))


def _cell(sheet: Any, name: str, text: str) -> Any:
    value = None if name in PLAIN_COLUMNS else _number(text)
    return _text_cell(sheet, text) if value is None else value


def _number(text: str) -> int | float | None:
    """Give the number that a cell is read as, where a spreadsheet keeps it exactly."""
    try:
        value = parse_cell(text)
    except JsonError:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # A spreadsheet writes 3.0 as 3, which is another value here.
    is_kept = isinstance(value, int) or value != int(value)
    return value if is_kept and len(text) <= _EXACT_DIGITS else None


def _checked(text: str) -> str:
    if len(text) > _CELL_MAX_CHARS:
        raise UnusableFile(
            f"a cell has {len(text):,} characters; Excel takes {_CELL_MAX_CHARS:,}; export as CSV"
        )
    return text


def _text_cell(sheet: Any, text: str) -> Any:
    if not text:
        return None
    cell = WriteOnlyCell(sheet, _NO_XML.sub(_escape, text))
    # Else a text that starts with "=" would become a formula.
    cell.data_type = "s"
    return cell


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
