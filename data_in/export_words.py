"""What an export holds, in words: how many rows of what, and how they were chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from data_in.export_settings import Content, type_number_of
from objects.models import ObjectType
from operations.doors.bulk import measure
from operations.doors.condition_builder import find_builder
from operations.doors.counts import Counts
from operations.doors.deadline import run_within
from operations.doors.deletion import relationships_label
from operations.doors.filters import YES, YesNoFilter
from operations.doors.saved_views import TYPE_VAR
from operations.doors.selection import SEARCH, Selection, filters_of, rows_of
from operations.wire.columns import Kind

# Who opens the form waits for the count, but not longer.
COUNT_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much was chosen; the numbers are None where counting would take too long."""

    rows: int | None
    relationships: int | None
    label: str
    names: str
    filters: str

    def count_of(self, content: Content) -> int | None:
        """Count the rows of all files."""
        if self.rows is None or self.relationships is None:
            return None
        match content:
            case Content.ROWS:
                return self.rows
            case Content.RELATIONSHIPS:
                return self.relationships
            case Content.BOTH:
                return self.rows + self.relationships

    def describe(self, content: Content) -> str:
        """Say what leaves."""
        told = {
            Content.ROWS: self.label,
            Content.RELATIONSHIPS: _("Relationships of %(rows)s") % {"rows": self.label},
            Content.BOTH: _("%(rows)s and their relationships") % {"rows": self.label},
        }[content]
        return f"{told} · {self.filters}" if self.filters else told


def measure_extent(selection: Selection, counts: Counts) -> Extent:
    """Count what was chosen; where nothing is filtered, the kept counts know.

    Raises SelectionError for a filter that cannot be read.
    """
    rows_of(selection)
    filters = describe_filters(selection)
    found = type_of(selection)
    names = _names(selection.kind, found)
    if selection.query is not None and not filters:
        rows, along = _kept(selection, counts)
        return Extent(rows, along, _label(selection.kind, rows, found), names, "")
    measured = run_within(lambda: measure(selection), seconds=COUNT_SECONDS)
    if measured is None:
        return Extent(None, None, names, names, filters)
    return Extent(measured.rows, measured.relationships, measured.label, names, filters)


def describe_filters(selection: Selection) -> str:
    """Tell the search and the filters of a selection in words; nothing where there are none."""
    if selection.query is None:
        return _("chosen one by one")
    filters = filters_of(selection)
    filters.is_valid()  # the conditions are told from what the form has read
    return "; ".join(_filters(QueryDict(selection.query), filters))


def type_of(selection: Selection) -> ObjectType | None:
    """Find the one object type that the list showed."""
    number = type_number_of(selection)
    if number is None:
        return None
    return ObjectType.objects.for_workspace(selection.workspace).filter(number=number).first()


def _filters(query: QueryDict, filters: Any) -> Iterator[str]:
    if words := query.get(SEARCH, "").strip():
        yield _("found by “%(words)s”") % {"words": words}
    builder = find_builder(filters)
    for name, each in filters.filters.items():
        values = [value for value in query.getlist(name) if value]
        if not values or name == TYPE_VAR:
            continue
        if builder is not None and each is filters.filters.get("f"):
            yield from (piece.words for piece in builder.pieces)
        elif isinstance(each, YesNoFilter) and values == [YES]:
            yield str(each.label).lower()
        else:
            yield f"{each.label}: {', '.join(values)}"


def _kept(selection: Selection, counts: Counts) -> tuple[int, int]:
    number = type_number_of(selection)
    match selection.kind:
        case Kind.PEOPLE:
            return counts.people, counts.all_relationships
        case Kind.OBJECTS:
            return _sum(counts.objects, number), _sum(counts.relationships, number)
        case Kind.RELATIONSHIPS:
            return _sum(counts.relationships, number), 0


def _sum(counts: Mapping[int, int], number: int | None) -> int:
    return sum(counts.values()) if number is None else counts.get(number, 0)


def _label(kind: Kind, count: int, object_type: ObjectType | None) -> str:
    shown = {"count": f"{count:,}"}
    match kind:
        case Kind.PEOPLE:
            return ngettext("%(count)s person", "%(count)s people", count) % shown
        case Kind.RELATIONSHIPS:
            return relationships_label(count)
        case Kind.OBJECTS if object_type is not None:
            return f"{count:,} {object_type.singular_name if count == 1 else object_type.name}"
        case Kind.OBJECTS:
            return ngettext("%(count)s object", "%(count)s objects", count) % shown


def _names(kind: Kind, object_type: ObjectType | None) -> str:
    match kind:
        case Kind.PEOPLE:
            return _("People")
        case Kind.RELATIONSHIPS:
            return _("Relationships")
        case Kind.OBJECTS:
            return object_type.name if object_type is not None else _("Objects")
