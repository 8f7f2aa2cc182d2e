"""Exports: the rows of a query set as flat rows or CSV text, streamed."""

import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from django.db.models import QuerySet

from operations.wire.cells import make_safe
from operations.wire.columns import EXPORT_COLUMNS, Kind, render_column
from operations.wire.rows import render_row, render_safe_row

_CHUNK_ROWS: Final = 2_000
# The lookup behind each column of ours, in the order of EXPORT_COLUMNS.
_LOOKUPS: Final[dict[Kind, tuple[str, ...]]] = {
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


class AttributeAppeared(RuntimeError):
    """An attribute came up while an export ran, for which its header has no column."""


class Writable(Protocol):
    """Anything that text can be written to."""

    def write(self, text: str, /) -> Any:
        """Take a piece of text."""


def export_rows(
    stored: QuerySet[Any],
    *,
    kind: Kind,
    is_made_safe: bool = False,
    only: Sequence[str] | None = None,
) -> Generator[list[str], None, None]:
    """Give the header and then a row for each stored row, oldest first.

    The first pass over the rows collects the names of their attributes, the second writes; with
    the names of the only attributes that are wanted there is one pass.
    """
    names = _attribute_names(stored) if only is None else list(only)
    header = [*EXPORT_COLUMNS[kind], *(render_column(name, kind=kind) for name in names)]
    yield [make_safe(name) for name in header] if is_made_safe else header
    render = render_safe_row if is_made_safe else render_row
    known = frozenset(names)
    lookups = _LOOKUPS[kind]
    found = stored.order_by("pk").values_list(*lookups, "attributes")
    for *keys, attributes in found.iterator(chunk_size=_CHUNK_ROWS):
        if only is None and not attributes.keys() <= known:
            message = f"the attribute {min(attributes.keys() - known)!r} was added while the "
            raise AttributeAppeared(message + "export ran; start it again")
        yield render(keys, attributes, names)


def write_csv(rows: Iterable[list[str]], file: Writable) -> None:
    """Write rows as CSV with the line ends of RFC 4180."""
    csv.writer(file).writerows(rows)


def csv_text(rows: Iterable[list[str]]) -> Iterator[str]:
    """Give rows as pieces of CSV text, for a response that streams."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)


class _Echo:
    """Hands a written line back, so that the writer returns it."""

    def write(self, text: str, /) -> str:
        return text


def _attribute_names(stored: QuerySet[Any]) -> list[str]:
    names: set[str] = set()
    found = stored.order_by("pk").values_list("attributes", flat=True)
    for attributes in found.iterator(chunk_size=_CHUNK_ROWS):
        names.update(attributes)
    return sorted(names)
