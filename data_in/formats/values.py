"""Rows of typed values, as JSON and Excel files have them, put into the words of a flat file."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from operations.types import Json
from operations.wire.cells import parse_cell, render_cell
from operations.wire.columns import COUNT_COLUMN, ERROR_COLUMNS, EXPORT_COLUMNS

# Columns that hold identifiers and counts, which are read as the text that stands there.
PLAIN_COLUMNS: Final = frozenset(
    {name for columns in EXPORT_COLUMNS.values() for name in columns}
    | {COUNT_COLUMN, *ERROR_COLUMNS}
)


def render_object(values: Mapping[str, Json], header: Iterable[str]) -> list[str]:
    """Write the values of a JSON object as cells that are read back as the same values."""
    return [
        _plain(values.get(name)) if name in PLAIN_COLUMNS else _exact(values.get(name))
        for name in header
    ]


def parse_object_of(cells: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Read named cells as the values of a JSON object; blank ones are left out."""
    return {
        name: cell if name in PLAIN_COLUMNS else parse_cell(cell) for name, cell in cells if cell
    }


def render_typed(value: Any) -> str:
    """Write what a cell of a spreadsheet holds; its texts are cells of a flat file already."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return render_cell(value)
    return str(value)


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else render_cell(value)


def _exact(value: Json) -> str:
    # An empty text removes its attribute, which a blank cell would not say.
    return '""' if value == "" else render_cell(value)
