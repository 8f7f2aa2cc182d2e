"""The list of a choosing step, described for its page: rows, boxes, filters, what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.condition_builder import FIELD, ConditionBuilder, find_builder
from operations.doors.counts import read_counts
from operations.doors.display import render_count, render_identifier, render_time
from operations.doors.keyset_list import CURSOR_VAR
from operations.doors.selection import SEARCH
from operations.wire.columns import Kind
from relationships.models import Draft
from relationships.relate_rows import (
    Listing,
    choice_of,
    find_matching,
    keys_chosen_by_query,
    list_query,
    load_page,
)

_TOGGLE: Final = "without_relationships"
_RELATED_TYPE: Final = "related_type"
_COMMON: Final = ("created_after", "created_before")
_SHOWN_FILTERS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PEOPLE: (_RELATED_TYPE, *_COMMON),
    Kind.OBJECTS: _COMMON,
}
_ON: Final = "true"


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its box."""

    key: int
    title: str
    identifier: SafeString
    relationships: SafeString
    created: SafeString
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is applied, with what its button asks for to take it away."""

    command: str
    label: str
    value: str


def describe_choosing(draft: Draft, kind: Kind, address: QueryDict) -> dict[str, Any]:
    """Read one page of the list that an address asks for, and say what is chosen in it."""
    listing = load_page(
        find_matching(draft, kind, list_query(kind, address)),
        token=address.get(CURSOR_VAR, ""),
        kept_count=_kept_count(draft, kind),
    )
    builder = find_builder(listing.filters)
    types = _type_names(draft) if kind is Kind.PEOPLE else {}
    choice = choice_of(draft, kind)
    shown = frozenset(row.pk for row in listing.rows)
    chosen = (keys_chosen_by_query(draft, kind, shown) - choice.without) | (choice.keys & shown)
    return {
        "kind": kind.value,
        "listing": listing,
        "rows": [_describe(row, kind, is_chosen=row.pk in chosen) for row in listing.rows],
        "shown": ",".join(str(row.pk) for row in listing.rows),
        "choice": choice,
        "is_all": choice.query == listing.query and not choice.without,
        "is_missing": "missing" in address and choice.is_empty,
        "builder": builder,
        "chips": _chips(listing, builder, types),
        "toggle": _toggle(listing),
        "fields": _fields(listing, kind, types),
        "kept": _kept(listing, kind),
        "has_filter_errors": bool(listing.filters.form.errors),
    }


def _kept_count(draft: Draft, kind: Kind) -> int:
    counts = read_counts(draft.workspace_id)
    return counts.people if kind is Kind.PEOPLE else counts.objects.get(draft.type_number or 0, 0)


def _describe(row: Any, kind: Kind, *, is_chosen: bool) -> Row:
    known = row.email or row.person_id or row.cio_id if kind is Kind.PEOPLE else row.object_id
    return Row(
        key=row.pk,
        title=str(row),
        identifier=render_identifier(known),
        relationships=render_count(row.relationship_count),
        created=render_time(row.created_at),
        is_chosen=is_chosen,
    )


def _type_names(draft: Draft) -> dict[str, str]:
    types = ObjectType.objects.for_workspace(draft.workspace_id).order_by("number")
    return {str(number): name for number, name in types.values_list("number", "name")}


def _fields(listing: Listing, kind: Kind, types: Mapping[str, str]) -> list[BoundField]:
    """Give the fields of the filters, types by name."""
    form = listing.filters.form
    if _RELATED_TYPE in form.fields:
        choices = [("", _("Any")), *types.items()]
        form.fields[_RELATED_TYPE].widget = forms.Select(choices=choices)
        form[_RELATED_TYPE].help_text = ""
    return [form[name] for name in _SHOWN_FILTERS[kind] if name in form.fields]


def _kept(listing: Listing, kind: Kind) -> list[tuple[str, str]]:
    """List the filters that have no field on the page, so that they stay."""
    shown = {SEARCH, FIELD, *_SHOWN_FILTERS[kind]}
    return [
        (name, value)
        for name, values in QueryDict(listing.query).lists()
        for value in (values[1:] if name in shown else values)
    ]


def _chips(
    listing: Listing, builder: ConditionBuilder | None, types: Mapping[str, str]
) -> list[Chip]:
    """Tell each filter in words, conditions one by one."""
    filters = listing.filters.filters
    pieces = builder.pieces if builder is not None else ()
    chips = [Chip(f"conditions:{piece.rest}", piece.words, "") for piece in pieces]
    for name, values in QueryDict(listing.query).lists():
        if name in filters and not (name == FIELD and pieces):
            told = [
                types.get(value, value) if name == _RELATED_TYPE else value for value in values
            ]
            shown = "" if name == _TOGGLE else ", ".join(told)
            chips.append(Chip(f"drop:{name}", str(filters[name].label), shown))
    return chips


def _toggle(listing: Listing) -> dict[str, Any]:
    is_on = QueryDict(listing.query).get(_TOGGLE) == _ON
    return {
        "name": _TOGGLE,
        "label": str(listing.filters.filters[_TOGGLE].label),
        "is_on": is_on,
    }
