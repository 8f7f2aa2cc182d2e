"""Files of refused or odd rows, written like the file they came from, each with its reasons."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from data_in.formats.csv import Layout
from operations.wire.cells import make_safe
from operations.wire.columns import ERROR_COLUMNS, Plan

_WIDE: Final = ("utf-16", "utf-32")


class ProblemRows:
    """Writes rows with the columns that tell what is wrong, in the layout of their file.

    Such a file can be corrected and imported as it is.
    """

    def __init__(self, plan: Plan, layout: Layout) -> None:
        self._plan = plan
        self._layout = layout
        self._kept = [i for i, name in enumerate(plan.header) if name not in ERROR_COLUMNS]
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, delimiter=layout.delimiter)
        # What the encoding lacks can only be in our own columns: the cells came in it.
        self._encode = _encoder(layout)

    def header(self) -> bytes:
        """Give the first row, with the mark of the encoding that the file had."""
        self._writer.writerow([*(self._plan.header[i] for i in self._kept), *ERROR_COLUMNS])
        is_marked = self._layout.skipped_bytes > 0 or self._layout.encoding.startswith(_WIDE)
        return (self._encode("\ufeff") if is_marked else b"") + self._taken()

    def row(self, line: int, cells: Sequence[str], reasons: Sequence[Sequence[str]]) -> bytes:
        """Give one row; cells beyond the header come last, so that none is lost."""
        width = len(self._plan.header)
        padded = [*cells, *[""] * (width - len(cells))]
        code, field, _message = reasons[0]
        told = "; ".join(message for _, _, message in reasons)
        column = make_safe(self._plan.column_of(field))
        self._writer.writerow(
            [
                *(padded[i] for i in self._kept),
                *(str(line), code, column, make_safe(told)),
                *padded[width:],
            ]
        )
        return self._taken()

    def _taken(self) -> bytes:
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return self._encode(text)


def write_cells(rows: Iterable[Sequence[str]], *, delimiter: str) -> Iterator[bytes]:
    """Write plain rows in UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    for cells in rows:
        writer.writerow(cells)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _encoder(layout: Layout) -> Callable[[str], bytes]:
    encoding = layout.encoding
    if encoding.startswith(_WIDE) and not encoding.endswith(("-le", "-be")):
        encoding = f"{encoding}-le"
    name = codecs.lookup("utf-8" if encoding == "utf-8-sig" else encoding).name
    return lambda text: text.encode(name, errors="backslashreplace")
