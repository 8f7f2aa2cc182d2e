"""The columns of flat files: which name an identifier, which are attributes, which are ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from operations.limits import (
    FILE_COLUMNS_MAX,
    RESERVED_OBJECT_ATTRIBUTES,
    RESERVED_PERSON_ATTRIBUTES,
)
from operations.types import When
from operations.wire.cells import undo_safe

ERROR_COLUMNS: Final = ("error_row", "error_code", "error_column", "error_message")
COUNT_COLUMN: Final = "relationships"
_PREFIX: Final = "attributes."
_EXACTLY: Final = "; the header has none that is written exactly so"


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
class Choices:
    """How a file is to be read: chosen once, by whoever imports it.

    Without an identifier the first of id, email and cio_id that a row has names its person;
    without an object type the rows name theirs, or it is type 1.
    """

    kind: Kind
    object_type_id: int | None = None
    identifier: Identifier | None = None
    when: When = When.ANY
    clears_blanks: bool = False
    date_columns: frozenset[str] = frozenset()
    is_made_safe: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cell of a row is what; made once from the header of a file."""

    choices: Choices
    header: tuple[str, ...]
    keys: dict[str, int]
    identifiers: tuple[tuple[Identifier, int], ...]
    attributes: tuple[tuple[int, str], ...]
    dates: tuple[tuple[int, str], ...]
    ignored: tuple[int, ...]

    def column_of(self, field: str) -> str:
        """Name the column that holds what a rejection calls `field`; "" for none of them."""
        for index, name in (*self.attributes, *self.dates):
            if field == f"{_PREFIX}{name}":
                return self.header[index]
        at = self.keys.get(field)
        return "" if at is None else self.header[at]


def plan_columns(header: Sequence[str], choices: Choices) -> Plan:
    """Find out what each column is; raise HeaderError for a header that cannot be used."""
    names = [undo_safe(name) for name in header] if choices.is_made_safe else list(header)
    _check_names(names)
    fixed = _FIXED[choices.kind]
    keys = {name: names.index(name) for name in KEY_COLUMNS[choices.kind] if name in names}
    attributes = [
        (index, name.removeprefix(_PREFIX))
        for index, name in enumerate(names)
        if name not in fixed
    ]
    _check_attributes([name for _, name in attributes], choices)
    _check_dates([names[index] for index, _ in attributes], choices)
    return Plan(
        choices=choices,
        header=tuple(header),
        keys=keys,
        identifiers=_identifiers(keys, choices),
        attributes=tuple(c for c in attributes if names[c[0]] not in choices.date_columns),
        dates=tuple(c for c in attributes if names[c[0]] in choices.date_columns),
        ignored=tuple(i for i, name in enumerate(names) if name in fixed - keys.keys()),
    )


def render_column(name: str, *, kind: Kind) -> str:
    """Name the column of an attribute; one named like a column of ours gets a prefix."""
    is_taken = name in _FIXED[kind] or name.startswith(_PREFIX) or not name.strip()
    return f"{_PREFIX}{name}" if is_taken else name


def _check_names(names: Sequence[str]) -> None:
    if len(names) > FILE_COLUMNS_MAX:
        raise HeaderError(
            f"the header has {len(names):,} columns; the limit is {FILE_COLUMNS_MAX:,}"
        )
    if any("\0" in name for name in names):
        raise HeaderError(
            "the header contains NUL characters; if the file is UTF-16 without a byte order "
            "mark, name its encoding (--encoding utf-16-le)"
        )
    for number, name in enumerate(names, start=1):
        if not name.strip():
            raise HeaderError(f"column {number} has no name in the header")
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if name in seen:
            raise HeaderError(f'column {number} repeats the name "{name}"; rename one of the two')
        seen.add(name)


def _check_attributes(attributes: Sequence[str], choices: Choices) -> None:
    seen: set[str] = set()
    for name in attributes:
        if not name:
            raise HeaderError(f'the column "{_PREFIX}" names no attribute')
        if name in _RESERVED[choices.kind]:
            raise HeaderError(
                f'"{name}" is a reserved name and cannot be an attribute of '
                f"{choices.kind}; rename or remove the column"
            )
        if name in seen:
            raise HeaderError(f'two columns hold the attribute "{name}"; remove one of them')
        seen.add(name)


def _check_dates(names: Sequence[str], choices: Choices) -> None:
    for name in sorted(choices.date_columns - set(names)):
        raise HeaderError(f'there is no attribute column "{name}" to read dates from')


def _identifiers(keys: dict[str, int], choices: Choices) -> tuple[tuple[Identifier, int], ...]:
    if choices.kind is not Kind.PEOPLE and not any(name in keys for name in _OBJECT):
        raise HeaderError(f"{choices.kind} need a column object_id or cio_object_id{_EXACTLY}")
    if choices.kind is Kind.OBJECTS:
        return ()
    wanted = _PERSON if choices.identifier is None else (choices.identifier,)
    found = tuple((name, keys[name]) for name in wanted if name in keys)
    if not found:
        raise HeaderError(f"{choices.kind} need a column {' or '.join(wanted)}{_EXACTLY}")
    return found
