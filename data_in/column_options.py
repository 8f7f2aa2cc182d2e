"""Columns as the command line sets them up: HEADER=NAME:TYPE(FORMAT)."""

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from operations.wire.column_settings import CellType, ColumnSetting, DateFormat, Role
from operations.wire.columns import KEY_COLUMNS, Choices, HeaderError, usual_columns

_OPTION: Final = re.compile(
    r"(?P<header>.+?)=(?P<name>[^:]*)(?::(?P<type>[a-z]+)(?:\((?P<format>[^)]*)\))?)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class ColumnOption:
    """What one option says of the column with a header; without a name it keeps its own."""

    header: str
    name: str
    type: CellType
    date_format: DateFormat


def parse_column_option(text: str) -> ColumnOption:
    """Read `Since=since:date(DD/MM/YYYY)`; raise argparse's error, which says what is allowed."""
    match = _OPTION.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError("write HEADER=NAME, HEADER=NAME:TYPE or HEADER=:TYPE")
    read_as = match["type"] or CellType.AUTOMATIC.value
    written = match["format"] or DateFormat.ISO.value
    if read_as not in set(CellType):
        raise argparse.ArgumentTypeError(f"a type is one of {', '.join(CellType)}")
    if written not in set(DateFormat):
        raise argparse.ArgumentTypeError(f"a format is one of {', '.join(DateFormat)}")
    return ColumnOption(match["header"], match["name"], CellType(read_as), DateFormat(written))


def with_columns(
    choices: Choices,
    header: Sequence[str],
    *,
    options: Iterable[ColumnOption],
    skipped: Iterable[str],
) -> Choices:
    """Give choices whose columns are the usual ones, but for those that options name."""
    wanted = {option.header: option for option in options}
    left_out = set(skipped)
    for name in (*wanted, *left_out):
        if name not in header:
            raise HeaderError(f'there is no column "{name}" in the header')
    if not wanted and not left_out:
        return choices
    columns = []
    for column in usual_columns(header, choices):
        if column.header in left_out:
            columns.append(ColumnSetting(column.header, Role.SKIP))
        elif column.header in wanted:
            columns.append(_chosen(column, wanted[column.header], choices))
        else:
            columns.append(column)
    return replace(choices, columns=tuple(columns))


def _chosen(column: ColumnSetting, option: ColumnOption, choices: Choices) -> ColumnSetting:
    name = option.name or column.name or column.header
    is_key = name in KEY_COLUMNS[choices.kind]
    role = Role.IDENTIFIER if is_key else Role.ATTRIBUTE
    return ColumnSetting(column.header, role, name, option.type, option.date_format)
