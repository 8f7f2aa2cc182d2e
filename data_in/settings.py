"""The settings of an import: what somebody chose about a file and each of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from operations.types import Json, When
from operations.wire.column_settings import CellType, ColumnSetting, DateFormat, Role
from operations.wire.columns import Choices, Identifier, Kind

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)
UTC_ZONE: Final = "UTC"


class Mode(StrEnum):
    """Which rows an import may touch."""

    ALL = "all"
    ONLY_NEW = "only_new"
    ONLY_EXISTING = "only_existing"


class Blanks(StrEnum):
    """What an empty cell does to its attribute."""

    IGNORE = "ignore"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a file is read, and what its rows do.

    Without an encoding or a delimiter the one that is found is used; without an identifier the
    first that a row has names its person. `removes` turns rows into deletions, of relationships
    into their end. `columns` are in the order of the header.
    """

    mode: Mode = Mode.ALL
    identifier: Identifier | None = None
    blanks: Blanks = Blanks.IGNORE
    removes: bool = False
    treats_null_as_empty: bool = False
    is_made_safe: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    all_or_nothing: bool = False
    time_zone: str = UTC_ZONE
    columns: tuple[ColumnSetting, ...] = ()


def parse(stored: Mapping[str, Any]) -> Settings:
    """Read settings as they are stored; what is missing or not known is as usual."""
    zone = str(stored.get("time_zone") or UTC_ZONE)
    return Settings(
        mode=_choice(Mode, stored.get("mode")) or Mode.ALL,
        identifier=_choice(Identifier, stored.get("identifier")),
        blanks=_choice(Blanks, stored.get("blanks")) or Blanks.IGNORE,
        removes=bool(stored.get("removes")),
        treats_null_as_empty=bool(stored.get("treats_null_as_empty")),
        is_made_safe=bool(stored.get("is_made_safe")),
        encoding=stored.get("encoding") or None,
        delimiter=stored.get("delimiter") or None,
        all_or_nothing=bool(stored.get("all_or_nothing")),
        time_zone=zone if is_time_zone(zone) else UTC_ZONE,
        columns=tuple(_parse_column(column) for column in stored.get("columns") or ()),
    )


def render(settings: Settings) -> dict[str, Json]:
    """Write settings as JSON, so that `parse` gives the same ones back.

    A header with NUL is one that was read in a wrong encoding: no database keeps it, and the
    columns are found anew once the right encoding is known.
    """
    is_kept = not any("\0" in column.header or "\0" in column.name for column in settings.columns)
    return {
        "mode": settings.mode.value,
        "identifier": None if settings.identifier is None else settings.identifier.value,
        "blanks": settings.blanks.value,
        "removes": settings.removes,
        "treats_null_as_empty": settings.treats_null_as_empty,
        "is_made_safe": settings.is_made_safe,
        "encoding": settings.encoding,
        "delimiter": settings.delimiter,
        "all_or_nothing": settings.all_or_nothing,
        "time_zone": settings.time_zone,
        "columns": [_render_column(column) for column in settings.columns] if is_kept else [],
    }


def is_time_zone(name: str) -> bool:
    """Tell whether a name is one of a time zone, such as `Europe/Berlin`."""
    return name in time_zones()


@cache
def time_zones() -> frozenset[str]:
    """Name all time zones; finding them out reads hundreds of files."""
    return frozenset(available_timezones())


def choices_of(settings: Settings, *, kind: Kind, object_type_number: int | None) -> Choices:
    """Say to the codec of flat files how the rows are to be read."""
    return Choices(
        kind=kind,
        object_type_id=object_type_number,
        identifier=settings.identifier,
        when=_WHEN[settings.mode],
        clears_blanks=settings.blanks is Blanks.CLEAR,
        is_made_safe=settings.is_made_safe,
        removes=settings.removes,
        treats_null_as_empty=settings.treats_null_as_empty,
        zone=ZoneInfo(settings.time_zone),
        columns=settings.columns or None,
    )


_WHEN: Final = {
    Mode.ALL: When.ANY,
    Mode.ONLY_NEW: When.NEW,
    Mode.ONLY_EXISTING: When.EXISTING,
}


def _parse_column(stored: Mapping[str, Any]) -> ColumnSetting:
    role = _choice(Role, stored.get("role")) or Role.ATTRIBUTE
    return ColumnSetting(
        header=str(stored.get("header", "")),
        role=role,
        name="" if role is Role.SKIP else str(stored.get("name", "")),
        type=_choice(CellType, stored.get("type")) or CellType.AUTOMATIC,
        date_format=_choice(DateFormat, stored.get("date_format")) or DateFormat.ISO,
    )


def _render_column(column: ColumnSetting) -> dict[str, Json]:
    return {
        "header": column.header,
        "role": column.role.value,
        "name": column.name,
        "type": column.type.value,
        "date_format": column.date_format.value,
    }


def _choice(choices: type[ChoiceT], value: object) -> ChoiceT | None:
    return next((choice for choice in choices if choice.value == value), None)
