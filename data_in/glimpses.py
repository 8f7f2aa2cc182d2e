"""What the beginning of a file shows, before anything else of it is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _

from data_in.files import Shelf, folder_path
from data_in.formats.csv import Layout, check_delimiter, find_delimiter, rows
from data_in.formats.encodings import UnusableFile, decode_start, find_encoding
from data_in.models import Import
from data_in.settings import Settings, choices_of
from data_in.sight import hidden_columns, mask_cells
from data_in.uploads import ORIGINAL_FILE
from objects.models import ObjectType
from operations.doors.known_names import attribute_names
from operations.doors.sensitive import hidden_of
from operations.errors import Rejection
from operations.wire.column_settings import ColumnSetting, Role
from operations.wire.columns import KEY_COLUMNS, Choices, Kind, find_problems, usual_columns
from operations.wire.values import unix_from_iso

_HEAD_BYTES: Final = 65_536
# A header of 5,000 long names is longer than the usual head.
_HEAD_MAX_BYTES: Final = 4_194_304
_ROWS_SHOWN: Final = 10
_SAMPLES: Final = 5
_SAMPLE_CHARS: Final = 200
_SYNONYMS: Final = {
    "objectId": "object_id",
    "objectTypeId": "object_type_id",
    "userId": "id",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file cannot be checked yet; `column` counts from 0, None is the file as a whole."""

    column: int | None
    message: str


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column as it is in the file, beside what it would become.

    `similar` is an attribute that there is, spelled nearly as this one; `is_new` tells that no
    row has an attribute of this name yet.
    """

    header: str
    samples: tuple[str, ...] = ()
    similar: str = ""
    is_new: bool = False
    has_only_dates: bool = False


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The head of a file: how it is written, its first rows and what to make of its columns.

    `rows` are lines and cells; `proposed` are the given settings fitted to the header, or the
    ones that the header suggests. `known_names` are the attributes to choose from.
    """

    encoding: str
    delimiter: str
    columns: tuple[SeenColumn, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    proposed: Settings
    problems: tuple[Problem, ...] = ()
    known_names: tuple[str, ...] = ()
    key_names: tuple[str, ...] = ()


def glimpse(row: Import, settings: Settings | None = None) -> Glimpse:
    """Look at the head of a file, as the settings say or as it looks by itself.

    Raises UnusableFile when the head cannot be read as text.
    """
    chosen = settings or Settings()
    head = _read_head(row, chosen)
    kind = Kind(row.kind)
    known = attribute_names(kind, row.workspace, type_number=row.object_type_number)
    proposed = replace(chosen, columns=_fit(head.header, chosen, row))
    hidden = hidden_columns(kind, proposed.columns)
    shown = tuple((line, mask_cells(cells, hidden)) for line, cells in head.rows)
    head = replace(head, rows=shown)
    return Glimpse(
        encoding=head.encoding,
        delimiter=head.delimiter,
        columns=tuple(_see(head, proposed.columns, known)),
        rows=head.rows[:_ROWS_SHOWN],
        proposed=proposed,
        problems=tuple(_problems(row, proposed, head)),
        known_names=known,
        key_names=KEY_COLUMNS[kind],
    )


def problems_of(row: Import, settings: Settings) -> tuple[Problem, ...]:
    """Say all that keeps a file from being checked with these settings."""
    try:
        head = _read_head(row, settings)
    except UnusableFile as error:
        return (Problem(None, str(error)),)
    return tuple(_problems(row, settings, head))


@dataclass(frozen=True, slots=True)
class _Head:
    encoding: str
    delimiter: str
    header: list[str]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def _read_head(row: Import, settings: Settings) -> _Head:
    check_delimiter(settings.delimiter)
    path = folder_path(Shelf.IMPORTS, row.folder) / ORIGINAL_FILE
    with path.open("rb") as file:
        encoding, skipped = find_encoding(file, settings.encoding)
        text = ""
        size = _HEAD_BYTES
        while size <= _HEAD_MAX_BYTES:
            file.seek(skipped)
            data = file.read(size)
            is_whole = len(data) < size
            text = decode_start(data, encoding, at=skipped, is_whole=is_whole)
            if is_whole or "\n" in text or "\r" in text:
                break
            size *= 4
    end = max(text.rfind("\n"), text.rfind("\r")) + 1
    copy = BytesIO((text if is_whole else text[:end]).encode("utf-8", "surrogatepass"))
    layout = Layout("utf-8", ",", has_long_lines=size > _HEAD_BYTES)
    delimiter = settings.delimiter or find_delimiter(copy, layout)
    read = rows(copy, replace(layout, delimiter=delimiter))
    _line, header = next(read, (0, []))
    if isinstance(header, Rejection) or not header:
        return _Head(encoding, delimiter, [], ())
    # A row that the end of the head has cut in two cannot be read, and is left out.
    found = ((line, tuple(cells)) for line, cells in read if not isinstance(cells, Rejection))
    return _Head(encoding, delimiter, header, tuple(found))


def _fit(header: Sequence[str], settings: Settings, row: Import) -> tuple[ColumnSetting, ...]:
    """Take the settings of columns with the same header, and propose the others."""
    waiting: dict[str, list[ColumnSetting]] = {}
    for column in settings.columns:
        waiting.setdefault(column.header, []).append(column)
    proposed = _propose(header, settings, row)
    return tuple(
        waiting[column.header].pop(0) if waiting.get(column.header) else column
        for column in proposed
    )


def _propose(header: Sequence[str], settings: Settings, row: Import) -> Iterator[ColumnSetting]:
    kind = Kind(row.kind)
    columns = usual_columns(header, _choices(row, replace(settings, columns=())))
    keys = {column.name for column in columns if column.role is Role.IDENTIFIER}
    for column in columns:
        key = _SYNONYMS.get(column.name, "")
        if column.role is Role.ATTRIBUTE and key in KEY_COLUMNS[kind] and key not in keys:
            keys.add(key)
            yield replace(column, role=Role.IDENTIFIER, name=key)
        else:
            yield column


def _see(
    head: _Head, columns: Sequence[ColumnSetting], known: Sequence[str]
) -> Iterator[SeenColumn]:
    spelled = {_spelling(name): name for name in known}
    for index, column in enumerate(columns):
        cells = [cells[index] for _, cells in head.rows if index < len(cells) and cells[index]]
        is_new = column.role is Role.ATTRIBUTE and bool(column.name) and column.name not in known
        yield SeenColumn(
            header=column.header,
            samples=tuple(cell[:_SAMPLE_CHARS] for cell in dict.fromkeys(cells))[:_SAMPLES],
            similar=spelled.get(_spelling(column.name), "") if is_new else "",
            is_new=is_new,
            has_only_dates=bool(cells) and all(_is_date(cell) for cell in cells),
        )


def _spelling(name: str) -> str:
    """Spell names alike that differ in case, spaces and dashes only."""
    return "".join(char for char in name.casefold() if char not in " _-.")


def _is_date(cell: str) -> bool:
    return unix_from_iso(cell) is not None


def _problems(row: Import, settings: Settings, head: _Head) -> Iterator[Problem]:
    if not head.header:
        message = _("the first row, which has to name the columns, cannot be read")
        yield Problem(None, message)
        return
    for found in find_problems(head.header, _choices(row, settings)):
        yield Problem(found.column, found.message)
    number = row.object_type_number
    types = ObjectType.objects.for_workspace(row.workspace_id)
    if number is not None and not types.filter(number=number).exists():
        yield Problem(None, _("The specified object type does not exist any more."))
    hidden = hidden_of(Kind(row.kind))
    for index, column in enumerate(settings.columns):
        if column.role is Role.ATTRIBUTE and column.name in hidden:
            message = _("%(name)s is sensitive and you may not see it; skip the column")
            yield Problem(index, message % {"name": column.name})


def _choices(row: Import, settings: Settings) -> Choices:
    return choices_of(settings, kind=Kind(row.kind), object_type_number=row.object_type_number)
