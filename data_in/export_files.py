"""The file of an export: what is written piece by piece, then put together and packed.

While rows are written they lie in segments: whoever works on an export begins a segment of its
own, and only what its job has committed of it counts. So a worker that was given up can write as
long as it likes, and a half file never takes the place of a whole one.
"""

import csv
import gzip
import io
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

from data_in.export_lines import Format, header_of, write_rows
from operations.types import Json
from operations.wire.columns import EXPORT_COLUMNS, Kind

_BLOCK_BYTES: Final = 1_000_000
_ROWS_AT_ONCE: Final = 5_000
_GZIP_LEVEL: Final = 6


class Packing(StrEnum):
    """What the finished file is wrapped in."""

    NONE = ""
    GZIP = "gz"
    ZIP = "zip"


@dataclass(slots=True)
class PartState:
    """How far one file of an export is.

    `columns` are the attributes in the order in which they came up; where the lines are not even
    the first ones lack those that came up later.
    """

    segments: list[tuple[str, int]] = field(default_factory=list)
    after: int = 0
    rows: int = 0
    columns: list[str] = field(default_factory=list)
    is_even: bool = True
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """How the lines of one file are written."""

    kind: Kind
    format: Format
    is_made_safe: bool = False


class _Writable(Protocol):
    def write(self, block: bytes, /) -> int: ...


Member: TypeAlias = tuple[str, Iterator[bytes]]


def store_state(state: PartState) -> dict[str, Json]:
    """Write how far a file is as JSON, for the parameters of a job."""
    return {
        "segments": [[name, length] for name, length in state.segments],
        "after": state.after,
        "rows": state.rows,
        "columns": list(state.columns),
        "is_even": state.is_even,
        "is_whole": state.is_whole,
    }


def load_state(stored: Mapping[str, Any]) -> PartState:
    """Read back what `store_state` wrote."""
    segments = [(str(name), int(length)) for name, length in stored["segments"]]
    return PartState(**{**stored, "segments": segments})


class Segment:
    """A file of this process alone; `commit` says how much of it is safe on disk."""

    def __init__(self, folder: Path, state: PartState) -> None:
        self.state = state
        self.name = f"segment-{secrets.token_hex(8)}"
        self.file = (folder / self.name).open("xb")
        state.segments.append((self.name, 0))

    def commit(self) -> None:
        """Bring what was written to the disk, and count it in."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.state.segments[-1] = (self.name, self.file.tell())

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def read_lines(folder: Path, state: PartState, shape: Shape) -> Iterator[bytes]:
    """Give the finished text of one file in blocks: its header, then every line as wide as it."""
    joined = io.BufferedReader(_Joined(folder, state.segments), _BLOCK_BYTES)
    with joined:
        if shape.format is Format.JSON_LINES:
            yield from _blocks(joined)
            return
        names = state.columns if state.is_even else sorted(state.columns)
        yield header_of(shape.kind, names, is_made_safe=shape.is_made_safe)
        if state.is_even:
            yield from _blocks(joined)
        else:
            yield from _evened(joined, state, names, shape)


def pack(members: Sequence[Member], file: BinaryIO, packing: Packing) -> Iterator[int]:
    """Write the members into a file; gives how many bytes of them are written, now and then."""
    match packing:
        case Packing.ZIP:
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                for name, blocks in members:
                    with archive.open(name, "w", force_zip64=True) as member:
                        yield from _write(blocks, member)
        case Packing.GZIP:
            ((name, blocks),) = members
            with gzip.GzipFile(name, "wb", _GZIP_LEVEL, fileobj=file) as member:
                yield from _write(blocks, member)
        case Packing.NONE:
            ((_name, blocks),) = members
            yield from _write(blocks, file)


def _write(blocks: Iterable[bytes], file: _Writable) -> Iterator[int]:
    for block in blocks:
        yield file.write(block)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK_BYTES):
        yield block


def _evened(
    file: BinaryIO, state: PartState, names: Sequence[str], shape: Shape
) -> Iterator[bytes]:
    """Write the lines again with all columns, in the order of the header."""
    fixed = len(EXPORT_COLUMNS[shape.kind])
    places = {name: fixed + at for at, name in enumerate(state.columns)}
    take = itemgetter(*range(fixed), *(places[name] for name in names))
    width = fixed + len(names)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows: list[Any] = []
    for cells in csv.reader(text):
        rows.append(take(cells + [""] * (width - len(cells))))
        if len(rows) == _ROWS_AT_ONCE:
            yield write_rows(rows, quotes_all=shape.is_made_safe)
            rows = []
    yield write_rows(rows, quotes_all=shape.is_made_safe)


class _Joined(io.RawIOBase):
    """Segments read as one file, each up to the length that was committed."""

    def __init__(self, folder: Path, segments: Sequence[tuple[str, int]]) -> None:
        self.waiting = [(folder / name, length) for name, length in segments if length]
        self.waiting.reverse()
        self.file: BinaryIO | None = None
        self.left = 0

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read on, in the next segment where one ends."""
        while not self.left:
            self._close_segment()
            if not self.waiting:
                return 0
            path, self.left = self.waiting.pop()
            self.file = path.open("rb", buffering=0)
        if self.file is None:
            return 0
        block = self.file.read(min(self.left, len(buffer)))
        if not block:
            raise EOFError("a part of the export is not on the disk any more")
        buffer[: len(block)] = block
        self.left -= len(block)
        return len(block)

    def close(self) -> None:
        """Close the segment that is open."""
        self._close_segment()
        super().close()

    def _close_segment(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None
