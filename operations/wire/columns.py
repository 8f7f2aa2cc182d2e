"""The columns of flat files: which name an identifier, which are attributes, which are ours."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Final

from operations.limits import (
    FILE_COLUMNS_MAX,
    RESERVED_OBJECT_ATTRIBUTES,
    RESERVED_PERSON_ATTRIBUTES,
)
from operations.types import When
from operations.wire.cells import undo_safe
from operations.wire.column_settings import CellType, ColumnSetting, Role
from operations.wire.typed_cells import Reader, reader_of

ERROR_COLUMNS: Final = ("error_row", "error_code", "error_column", "error_message")
COUNT_COLUMN: Final = "relationships"
_PREFIX: Final = "attributes."
_EXACTLY: Final = "; the header has none that is written exactly so"
_CHOSEN: Final = "; choose which column it is"
_OTHER_FILE: Final = "the columns were set up for another header; set them up again"


class Kind(StrEnum):
    """What the rows of a file are."""

    PEOPLE = "people"
    OBJECTS = "objects"
    RELATIONSHIPS = "relationships"


class Identifier(StrEnum):
    """The column that names the person of a row."""

    ID = "id"
    EMAIL = "email"
    CIO_ID = "cio_id"


_OBJECT: Final = ("object_id", "cio_object_id")
_PERSON: Final = tuple(Identifier)
KEY_COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.PEOPLE: ("cio_id", "id", "email"),
    Kind.OBJECTS: ("cio_object_id", "object_type_id", "object_id"),
    Kind.RELATIONSHIPS: (
        "object_type_id",
        "object_id",
        "cio_object_id",
        "cio_id",
        "id",
        "email",
    ),
}
EXPORT_COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.PEOPLE: (*KEY_COLUMNS[Kind.PEOPLE], COUNT_COLUMN),
    Kind.OBJECTS: (*KEY_COLUMNS[Kind.OBJECTS], COUNT_COLUMN),
    Kind.RELATIONSHIPS: KEY_COLUMNS[Kind.RELATIONSHIPS],
}
_FIXED: Final = {
    kind: frozenset((*columns, *ERROR_COLUMNS)) for kind, columns in EXPORT_COLUMNS.items()
}
_RESERVED: Final[dict[Kind, frozenset[str]]] = {
    Kind.PEOPLE: RESERVED_PERSON_ATTRIBUTES,
    Kind.OBJECTS: RESERVED_OBJECT_ATTRIBUTES,
    Kind.RELATIONSHIPS: frozenset(),
}


class HeaderError(ValueError):
    """A header with which no row of the file can be used."""


@dataclass(frozen=True, slots=True)
class HeaderProblem:
    """What is wrong with a header; `column` counts from 0, None is the header as a whole."""

    column: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read: chosen once, by whoever imports it.

    Without an identifier the first of id, email and cio_id that a row has names its person;
    without an object type the rows name theirs, or it is type 1. Without columns the header says
    what they are. `zone` is that of dates which name none.
    """

    kind: Kind
    object_type_id: int | None = None
    identifier: Identifier | None = None
    when: When = When.ANY
    clears_blanks: bool = False
    date_columns: frozenset[str] = frozenset()
    is_made_safe: bool = False
    removes: bool = False
    treats_null_as_empty: bool = False
    zone: tzinfo = UTC
    columns: tuple[ColumnSetting, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cell of a row is what; made once from the header of a file.

    `typed` are the attributes whose cells are not read automatically.
    """

    choices: Choices
    header: tuple[str, ...]
    keys: dict[str, int]
    identifiers: tuple[tuple[Identifier, int], ...]
    attributes: tuple[tuple[int, str], ...]
    typed: tuple[tuple[int, str, Reader], ...]
    ignored: tuple[int, ...]

    def every_attribute(self) -> Iterator[tuple[int, str]]:
        """Give each column that holds an attribute, with its name."""
        yield from self.attributes
        for index, name, _ in self.typed:
            yield index, name

    def index_of(self, field: str) -> int | None:
        """Find the column that holds what a rejection calls `field`."""
        for index, name in self.every_attribute():
            if field == f"{_PREFIX}{name}":
                return index
        return self.keys.get(field)

    def column_of(self, field: str) -> str:
        """Name the column that holds what a rejection calls `field`; "" for none of them."""
        at = self.index_of(field)
        return "" if at is None else self.header[at]


def plan_columns(header: Sequence[str], choices: Choices) -> Plan:
    """Find out what each column is; raise HeaderError for a header that cannot be used."""
    for problem in find_problems(header, choices):
        raise HeaderError(problem.message)
    columns = choices.columns or usual_columns(header, choices)
    keys = {c.name: i for i, c in enumerate(columns) if c.role is Role.IDENTIFIER}
    held = [(i, c) for i, c in enumerate(columns) if c.role is Role.ATTRIBUTE]
    if choices.removes:
        held = []
    used = {*keys.values(), *(index for index, _ in held)}
    return Plan(
        choices=choices,
        header=tuple(header),
        keys=keys,
        identifiers=_identifiers(keys, choices),
        attributes=tuple((i, c.name) for i, c in held if c.type is CellType.AUTOMATIC),
        typed=tuple(
            (i, c.name, reader_of(c, zone=choices.zone))
            for i, c in held
            if c.type is not CellType.AUTOMATIC
        ),
        ignored=tuple(index for index in range(len(columns)) if index not in used),
    )


def usual_columns(header: Sequence[str], choices: Choices) -> tuple[ColumnSetting, ...]:
    """Say what each column is by its name alone, written exactly so."""
    names = [undo_safe(name) for name in header] if choices.is_made_safe else header
    return tuple(
        _usual_column(text, name, choices) for text, name in zip(header, names, strict=True)
    )


def find_problems(header: Sequence[str], choices: Choices) -> Iterator[HeaderProblem]:
    """Say all that keeps the rows below a header from being read."""
    yield from _find_unreadable(header)
    columns = choices.columns or usual_columns(header, choices)
    if [column.header for column in columns] != list(header):
        yield HeaderProblem(None, _OTHER_FILE)
        return
    yield from _find_unnamed(columns)
    yield from _find_repeated(columns)
    yield from _find_reserved(columns, choices.kind)
    yield from _find_missing_dates(columns, choices)
    keys = {column.name for column in columns if column.role is Role.IDENTIFIER}
    yield from _find_missing_keys(keys, choices)


def render_column(name: str, *, kind: Kind) -> str:
    """Name the column of an attribute; one named like a column of ours gets a prefix."""
    is_taken = name in _FIXED[kind] or name.startswith(_PREFIX) or not name.strip()
    return f"{_PREFIX}{name}" if is_taken else name


def _usual_column(text: str, name: str, choices: Choices) -> ColumnSetting:
    if name in KEY_COLUMNS[choices.kind]:
        return ColumnSetting(text, Role.IDENTIFIER, name)
    if name in _FIXED[choices.kind]:
        return ColumnSetting(text, Role.SKIP)
    read_as = CellType.DATE if name in choices.date_columns else CellType.AUTOMATIC
    return ColumnSetting(text, Role.ATTRIBUTE, name.removeprefix(_PREFIX), read_as)


def _find_unreadable(header: Sequence[str]) -> Iterator[HeaderProblem]:
    if len(header) > FILE_COLUMNS_MAX:
        message = f"the header has {len(header):,} columns; the limit is {FILE_COLUMNS_MAX:,}"
        yield HeaderProblem(None, message)
    if any("\0" in name for name in header):
        message = (
            "the header contains NUL characters; if the file is UTF-16 without a byte order "
            "mark, name its encoding, such as utf-16-le"
        )
        yield HeaderProblem(None, message)


def _find_unnamed(columns: Sequence[ColumnSetting]) -> Iterator[HeaderProblem]:
    for index, column in enumerate(columns):
        if column.role is Role.SKIP or column.name.strip():
            continue
        if not column.header.strip():
            yield HeaderProblem(index, f"column {index + 1} has no name in the header")
        elif not column.name:
            yield HeaderProblem(index, f'the column "{column.header}" names no attribute')


def _find_repeated(columns: Sequence[ColumnSetting]) -> Iterator[HeaderProblem]:
    seen: dict[tuple[Role, str], str] = {}
    for index, column in enumerate(columns):
        what = (column.role, column.name)
        if column.role is Role.SKIP or not column.name:
            continue
        if what not in seen:
            seen[what] = column.header
        elif seen[what] == column.header:
            message = (
                f'column {index + 1} repeats the name "{column.header}"; rename one of the two'
            )
            yield HeaderProblem(index, message)
        else:
            is_key = column.role is Role.IDENTIFIER
            held = "are the identifier" if is_key else "hold the attribute"
            yield HeaderProblem(index, f'two columns {held} "{column.name}"; remove one of them')


def _find_reserved(columns: Sequence[ColumnSetting], kind: Kind) -> Iterator[HeaderProblem]:
    for index, column in enumerate(columns):
        if column.role is Role.ATTRIBUTE and column.name in _RESERVED[kind]:
            message = (
                f'"{column.name}" is a reserved name and cannot be an attribute of '
                f"{kind}; rename or remove the column"
            )
            yield HeaderProblem(index, message)
        elif column.role is Role.IDENTIFIER and column.name not in KEY_COLUMNS[kind]:
            allowed = ", ".join(KEY_COLUMNS[kind])
            message = f'"{column.name}" identifies no {kind}; it can be one of {allowed}'
            yield HeaderProblem(index, message)


def _find_missing_dates(
    columns: Sequence[ColumnSetting], choices: Choices
) -> Iterator[HeaderProblem]:
    dates = [column.header for column in columns if column.type is CellType.DATE]
    for name in sorted(choices.date_columns.difference(dates, map(undo_safe, dates))):
        message = f'there is no attribute column "{name}" to read dates from'
        yield HeaderProblem(None, message)


def _find_missing_keys(keys: Container[str], choices: Choices) -> Iterator[HeaderProblem]:
    how = _EXACTLY if choices.columns is None else _CHOSEN
    if choices.kind is not Kind.PEOPLE and not any(name in keys for name in _OBJECT):
        message = f"{choices.kind} need a column object_id or cio_object_id{how}"
        yield HeaderProblem(None, message)
    if choices.kind is Kind.OBJECTS:
        return
    wanted = _PERSON if choices.identifier is None else (choices.identifier,)
    if not any(name in keys for name in wanted):
        message = f"{choices.kind} need a column {' or '.join(wanted)}{how}"
        yield HeaderProblem(None, message)


def _identifiers(keys: dict[str, int], choices: Choices) -> tuple[tuple[Identifier, int], ...]:
    if choices.kind is Kind.OBJECTS:
        return ()
    wanted = _PERSON if choices.identifier is None else (choices.identifier,)
    return tuple((name, keys[name]) for name in wanted if name in keys)
