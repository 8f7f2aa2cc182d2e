"""Rows as the cells of a flat file, all at once, and CSV text for an answer that streams.

Exports of any size are written piece by piece, in `data_in.export_lines`.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import QuerySet

from operations.wire.columns import EXPORT_COLUMNS, Kind, render_column
from operations.wire.rows import render_row

_ROWS_AT_ONCE: Final = 2_000
# The lookup behind each column of ours, in the order of EXPORT_COLUMNS.
LOOKUPS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.PEOPLE: ("cio_id", "person_id", "email", "totals__relationship_count"),
    Kind.OBJECTS: (
        "cio_object_id",
        "object_type__number",
        "object_id",
        "totals__relationship_count",
    ),
    Kind.RELATIONSHIPS: (
        "object__object_type__number",
        "object__object_id",
        "object__cio_object_id",
        "person__cio_id",
        "person__person_id",
        "person__email",
    ),
}


def export_rows(stored: QuerySet[Any], *, kind: Kind) -> Iterator[list[str]]:
    """Give the header and then a row for each stored row, oldest first; memory holds them all."""
    found = stored.order_by("pk").values_list(*LOOKUPS[kind], "attributes")
    rows = list(found.iterator(chunk_size=_ROWS_AT_ONCE))
    names = sorted({name for row in rows for name in row[-1]})
    yield [*EXPORT_COLUMNS[kind], *(render_column(name, kind=kind) for name in names)]
    for *keys, attributes in rows:
        yield render_row(keys, attributes, names)


def csv_text(rows: Iterable[list[str]]) -> Iterator[str]:
    """Give rows as pieces of CSV text, for a response that streams."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)


class _Echo:
    """Hands a written line back, so that the writer returns it."""

    def write(self, text: str, /) -> str:
        return text
