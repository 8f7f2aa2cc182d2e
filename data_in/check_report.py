"""What a check found, group by group and page by page."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from data_in.models import Import
from data_in.reading import Reading, check_folder, open_reading
from data_in.sight import hidden_in_plan, mask_cells
from data_in.staging import read_row
from operations.doors.sensitive import hidden_of
from operations.errors import Rejection
from operations.json import dump, load_stored
from operations.masking import MASK
from operations.types import Json
from operations.wire.columns import Kind, Plan

GROUP_PAGE_ROWS: Final = 50
_ENTRY_BYTES: Final = 8
_PAIR_JOINT: Final = " – "  # noqa: RUF001 - an en dash, as on the pages


class Group(StrEnum):
    """Rows of one fate; those with warnings are in a second group besides."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"
    WARNINGS = "warnings"


@dataclass(frozen=True, slots=True)
class CellChange:
    """What becomes of one attribute or identifier; None stands for no value.

    `column` is that of the file which holds it, counted from 0, if there is one.
    """

    name: str
    column: int | None
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class RowReason:
    """Why a row is refused, or what is odd about it; `column` is its header, "" for none."""

    code: str
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One row of the file; `key` is what a person knows it by."""

    line: int
    key: str
    cells: tuple[str, ...]
    changes: tuple[CellChange, ...] = ()
    reasons: tuple[RowReason, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Some rows of a group; pages count from 1, `total` counts all rows of the group."""

    group: Group
    header: tuple[str, ...]
    rows: tuple[GroupRow, ...]
    page: int
    pages: int
    total: int


# The place of a row among the staged ones, its reasons (code, field, message), and its changes
# (kind of name, name, before, after).
Entry: TypeAlias = tuple[int, list[list[str]], list[list[Any]]]


class CheckReport:
    """Writes the groups; `position` tells how long they are, and where a later turn goes on."""

    def __init__(self, folder: Path, position: Sequence[int] = ()) -> None:
        """Go on at a position; what was written behind it is dropped."""
        known = position or (0,) * (2 * len(Group))
        self.counts = dict(zip(Group, known[::2], strict=True))
        self._lengths = dict(zip(Group, known[1::2], strict=True))
        self._files = {
            group: _open_at(group_path(folder, group), self._lengths[group]) for group in Group
        }
        self._indexes = {
            group: _open_at(_index(folder, group), self.counts[group] * _ENTRY_BYTES)
            for group in Group
        }

    @property
    def position(self) -> tuple[int, ...]:
        """Tell how many rows each group has, and how many bytes."""
        return tuple(
            number for group in Group for number in (self.counts[group], self._lengths[group])
        )

    def write(self, group: Group, entries: Iterable[Entry]) -> None:
        """Add rows to a group."""
        file, index, length = self._files[group], self._indexes[group], self._lengths[group]
        for entry in entries:
            text = dump(entry) + b"\n"
            index.write(length.to_bytes(_ENTRY_BYTES))
            file.write(text)
            length += len(text)
            self.counts[group] += 1
        self._lengths[group] = length

    def flush(self) -> None:
        """Hand everything to the system, so that the position is true when it is stored."""
        for file in (*self._files.values(), *self._indexes.values()):
            file.flush()

    def close(self) -> None:
        """Have everything on the disk."""
        for file in (*self._files.values(), *self._indexes.values()):
            file.flush()
            os.fsync(file.fileno())
            file.close()


def read_group(row: Import, group: Group, *, page: int) -> GroupPage:
    """Read one page of a group of a finished check; a page beyond the last is the last."""
    folder = check_folder(row)
    reading = open_reading(row)
    index = _index(folder, group)
    total = index.stat().st_size // _ENTRY_BYTES if index.exists() else 0
    pages = max(1, -(-total // GROUP_PAGE_ROWS))
    page = min(max(page, 1), pages)
    return GroupPage(
        group=group,
        header=reading.plan.header,
        rows=tuple(_rows_of_page(folder, group, reading, page=page)) if total else (),
        page=page,
        pages=pages,
        total=total,
    )


def read_entries(path: Path) -> Iterator[Entry]:
    """Give all rows of a group, or of another file of such rows."""
    if path.exists():
        with path.open("rb") as file:
            for text in file:
                place, reasons, changes = load_stored(text)
                yield place, reasons, changes


def group_path(folder: Path, group: Group) -> Path:
    """Give the file of a group."""
    return folder / f"{group}.jsonl"


def render_reasons(said: Sequence[Rejection]) -> list[list[str]]:
    """Write what was said about a row as an entry holds it."""
    return [[each.reason.value, each.field, each.message] for each in said]


def _rows_of_page(
    folder: Path, group: Group, reading: Reading, *, page: int
) -> Iterator[GroupRow]:
    hidden = hidden_in_plan(reading.plan)
    with _index(folder, group).open("rb") as index, group_path(folder, group).open("rb") as file:
        index.seek((page - 1) * GROUP_PAGE_ROWS * _ENTRY_BYTES)
        for _ in range(GROUP_PAGE_ROWS):
            entry = index.read(_ENTRY_BYTES)
            if not entry:
                return
            file.seek(int.from_bytes(entry))
            place, reasons, changes = load_stored(file.readline())
            staged = read_row(folder, place=place)
            plan = reading.plan
            yield GroupRow(
                line=staged.line,
                key=_known_by(plan, staged.cells),
                cells=mask_cells(staged.cells, hidden),
                changes=tuple(_change(plan, *change) for change in changes),
                reasons=tuple(
                    RowReason(code, plan.column_of(field), message)
                    for code, field, message in reasons
                ),
            )


def _known_by(plan: Plan, cells: Sequence[str]) -> str:
    """Name what a row is about, by the first key that it has."""

    def first(names: Iterable[str]) -> str:
        indexes = [plan.keys[name] for name in names if name in plan.keys]
        return next((cells[at] for at in indexes if at < len(cells) and cells[at]), "")

    people = [identifier.value for identifier, _ in plan.identifiers]
    related = first(("object_id", "cio_object_id"))
    match plan.choices.kind:
        case Kind.PEOPLE:
            return first(people)
        case Kind.OBJECTS:
            return related
        case Kind.RELATIONSHIPS:
            return f"{first(people)}{_PAIR_JOINT}{related}"


def _change(plan: Plan, field: str, name: str, before: Json, after: Json) -> CellChange:
    if field and name in hidden_of(plan.choices.kind):
        before = None if before is None else MASK
        after = None if after is None else MASK
    return CellChange(name, plan.index_of(f"{field}{name}"), before, after)


def _open_at(path: Path, length: int) -> BinaryIO:
    file = path.open("r+b" if path.exists() else "w+b")
    if file.seek(0, os.SEEK_END) < length:
        file.close()
        raise LostReport
    file.truncate(length)
    file.seek(length)
    return file


class LostReport(Exception):
    """A report is shorter than it was: the machine stopped before it was on the disk."""


def _index(folder: Path, group: Group) -> Path:
    return folder / f"{group}.index"
