"""CSV files: what they are written in, and their rows, read lazily.

A file is examined as a whole before its first row is used, so that a wrong encoding or a quote
that is never closed is found before anything is applied.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Final, TextIO

from data_in.formats.encodings import UnusableFile, check_encoding, find_encoding
from operations.errors import Reason, Rejection
from operations.limits import FILE_LINE_MAX_CHARS, JSON_MAX_BYTES
from operations.wire.rows import Row

DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_CHARS: Final = 65_536
_SAMPLE_ROWS: Final = 21
_CONSISTENT_SHARE: Final = 0.8
_NEVER_CLOSED: Final = Rejection(
    0,
    Reason.INVALID,
    "",
    "a quote is opened in this row and never closed, so nothing from here to the end of the "
    "file can be read; close it or double the quotes inside the cell",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV file is written; `lines` counts the physical ones."""

    encoding: str
    delimiter: str
    skipped_bytes: int = 0
    lines: int = 0
    has_long_lines: bool = False


def examine(
    file: BinaryIO, *, encoding: str | None = None, delimiter: str | None = None
) -> Layout:
    """Read the whole file once to learn its layout; raise UnusableFile when it has none."""
    check_delimiter(delimiter)
    name, skipped_bytes = find_encoding(file, encoding)
    scan = check_encoding(file, name, skipped_bytes=skipped_bytes)
    layout = Layout(name, ",", skipped_bytes, scan.lines, scan.has_long_lines)
    found = delimiter or find_delimiter(file, layout)
    layout = replace(layout, delimiter=found)
    if scan.has_odd_quotes:
        _check_quotes(file, layout)
    return layout


def check_delimiter(delimiter: str | None) -> None:
    """Raise UnusableFile for what cannot stand between cells."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise UnusableFile(f"the delimiter has to be one character, not {delimiter!r}")


def rows(file: BinaryIO, layout: Layout) -> Iterator[Row]:
    """Give the header and then each row with the line it starts on; blank lines are left out.

    A row that cannot be read comes as a rejection, and reading goes on after it.
    """
    text = _open(file, layout)
    try:
        yield from _Records(text, layout).rows()
    finally:
        if not file.closed:
            text.detach()


def find_delimiter(file: BinaryIO, layout: Layout) -> str:
    """Take the delimiter that splits the header, and most rows after it, into most columns."""
    text = _open(file, layout)
    sample = text.read(_SAMPLE_CHARS)
    text.detach()
    is_cut = len(sample) == _SAMPLE_CHARS
    best, best_score = ",", (False, 1)
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter, is_cut=is_cut)
        if not widths or widths[0] == 1:
            continue
        share = widths.count(widths[0]) / len(widths)
        score = (share >= _CONSISTENT_SHARE, widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


class _Records:
    """Reads records, and finds the end of one that is broken."""

    def __init__(self, text: TextIO, layout: Layout) -> None:
        self.text = text
        self.layout = layout
        self.last_line = ""
        # The library counts characters and gives up beyond its limit, which is one for the whole
        # process: whoever else reads CSV may have changed it.
        csv.field_size_limit(JSON_MAX_BYTES)
        lines = self._bounded_lines() if layout.has_long_lines else self._lines()
        self.reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
        self.lines = lines

    def rows(self) -> Iterator[Row]:
        reader = self.reader
        skipped = 0
        while True:
            start = reader.line_num + skipped + 1
            try:
                for cells in reader:
                    if cells:
                        yield start, cells
                    start = reader.line_num + skipped + 1
                return
            except csv.Error as error:
                end = reader.line_num + skipped
                more = self._skip_record(is_quoted=end > start)
                if more is None or "end of data" in str(error):
                    yield start, _NEVER_CLOSED
                    return
                skipped += more
                yield start, _broken(error, end + more)

    def _skip_record(self, *, is_quoted: bool) -> int | None:
        """Go past the lines that the record still takes; None when it takes all that follow."""
        count = 0
        if self.last_line.count('"') % 2:
            is_quoted = not is_quoted
        while is_quoted:
            if next(self.lines, None) is None:
                return None
            count += 1
            if self.last_line.count('"') % 2:
                is_quoted = False
        return count

    def _lines(self) -> Iterator[str]:
        for line in self.text:
            self.last_line = line
            yield line

    def _bounded_lines(self) -> Iterator[str]:
        """Give lines, and for one beyond the limit a stand-in that no reader accepts."""
        while line := self.text.readline(FILE_LINE_MAX_CHARS):
            self.last_line = line
            if len(line) == FILE_LINE_MAX_CHARS and line[-1] not in "\r\n":
                quotes = line.count('"')
                while line and line[-1] not in "\r\n":
                    line = self.text.readline(FILE_LINE_MAX_CHARS)
                    quotes += line.count('"')
                self.last_line = '"' * (quotes % 2)
                line = "x" * (JSON_MAX_BYTES + 1)
            yield line


def _open(file: BinaryIO, layout: Layout) -> io.TextIOWrapper:
    file.seek(layout.skipped_bytes)
    return io.TextIOWrapper(file, encoding=layout.encoding, errors="strict", newline="")


def _broken(error: csv.Error, end: int) -> Rejection:
    if "field limit" in str(error):
        message = (
            f"the row, which ends on line {end}, has a cell of more than {JSON_MAX_BYTES:,} "
            f"characters or a line of more than {FILE_LINE_MAX_CHARS:,}"
        )
        return Rejection(0, Reason.TOO_LARGE, "", message)
    message = (
        f"the row, which ends on line {end}, has text after a closing quote; a quote inside a "
        "quoted cell has to be doubled"
    )
    return Rejection(0, Reason.INVALID, "", message)


def _check_quotes(file: BinaryIO, layout: Layout) -> None:
    for line, cells in rows(file, layout):
        if cells is _NEVER_CLOSED:
            raise UnusableFile(f"line {line}: {_NEVER_CLOSED.message}")


def _widths(sample: str, delimiter: str, *, is_cut: bool) -> list[int]:
    widths = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for cells in islice((cells for cells in reader if cells), _SAMPLE_ROWS):
            widths.append(len(cells))
    except csv.Error:
        return widths
    if is_cut and 1 < len(widths) < _SAMPLE_ROWS:
        widths.pop()
    return widths
