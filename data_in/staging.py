"""The rows of a file as its check has read them, once, for every later pass.

They lie in one file, a line of JSON for each row: the line of the CSV file on which it starts,
and its cells or why it cannot be read. A place in it is a number of bytes, so that a pass can go
on exactly where another one stopped.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zlib import crc32

from operations.errors import Reason, Rejection
from operations.json import JsonError, dump, load_stored
from operations.wire.rows import Row

ROWS_FILE: Final = "rows.jsonl"
_NAMES_FILE: Final = "names"
_BITS_PER_ROW: Final = 64
_BITS_MIN: Final = 65_536
_HEAD_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row with the place where it begins, and the place behind it."""

    begins_at: int
    ends_at: int
    line: int
    cells: list[str]
    rejection: Rejection | None = None


class Stage:
    """Writes rows, in their order."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / ROWS_FILE).open("wb")

    def write(self, rows: list[Row]) -> None:
        """Write some rows."""
        self._file.write(b"".join(_render(row) for row in rows))

    def close(self) -> None:
        """Have everything on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def read_rows(folder: Path, *, place: int) -> Iterator[StagedRow]:
    """Give the rows from a place on."""
    with (folder / ROWS_FILE).open("rb") as file:
        file.seek(place)
        for text in file:
            ends_at = place + len(text)
            yield _parse(text, begins_at=place, ends_at=ends_at)
            place = ends_at


def read_row(folder: Path, *, place: int) -> StagedRow:
    """Give the row that begins at a place."""
    return next(read_rows(folder, place=place))


class Names:
    """Which names stand in more than one row, in two bits each: seen, and seen again.

    Different names may share their bits: then one is said to be repeated that is not.
    """

    def __init__(self, folder: Path, *, rows: int = 0) -> None:
        """Open the names of a folder, or begin anew for so many rows."""
        path = folder / _NAMES_FILE
        if rows:
            half = max(_BITS_MIN, rows * _BITS_PER_ROW) // 8
            path.write_bytes(bytes(2 * half + _HEAD_BYTES))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), 0)
        self._half = (len(self._map) - _HEAD_BYTES) // 2
        self._bits = self._half * 8
        self._way: str | None = None

    @property
    def is_mixed(self) -> bool:
        """Tell whether rows name people or objects in more than one way."""
        return self._map[-1] == 1

    def note_way(self, way: str) -> None:
        """See a way in which a row names its people and objects."""
        if way != self._way:
            if self._way is not None:
                self._map[-1] = 1
            self._way = way

    def add(self, name: str) -> None:
        """See a name."""
        bit = crc32(name.encode(errors="replace")) % self._bits
        at, mask = bit >> 3, 1 << (bit & 7)
        known = self._map
        if known[at] & mask:
            known[at + self._half] |= mask
        else:
            known[at] |= mask

    def may_return(self, name: str) -> bool:
        """Tell whether a name may stand in another row too, or a row have another name."""
        return self.is_mixed or self.is_repeated(name)

    def is_repeated(self, name: str) -> bool:
        """Tell whether a name may stand in another row too."""
        bit = crc32(name.encode(errors="replace")) % self._bits
        return bool(self._map[(bit >> 3) + self._half] & (1 << (bit & 7)))

    def close(self) -> None:
        """Have everything on the disk."""
        self._map.flush()
        self._map.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _render(row: Row) -> bytes:
    line, cells = row
    if isinstance(cells, Rejection):
        return dump([line, [cells.reason.value, cells.field, cells.message], 1]) + b"\n"
    try:
        return dump([line, cells]) + b"\n"
    except JsonError as error:
        return _render((line, Rejection(0, error.reason, "", f"the row cannot be kept: {error}")))


def _parse(text: bytes, *, begins_at: int, ends_at: int) -> StagedRow:
    line, cells, *is_rejected = load_stored(text)
    if not is_rejected:
        return StagedRow(begins_at, ends_at, line, cells)
    reason, field, message = cells
    return StagedRow(begins_at, ends_at, line, [], Rejection(0, Reason(reason), field, message))
