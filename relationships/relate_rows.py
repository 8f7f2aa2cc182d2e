"""The rows that a step offers to choose from, and those that a draft has chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django_filters import FilterSet

from objects.filters import ObjectFilterSet
from objects.models import ObjectType
from operations.among import KeyIsAmong
from operations.doors.capped_counts import LIST_SECONDS, count_capped
from operations.doors.condition_builder import APPLY, FIELD, sent_conditions
from operations.doors.deadline import run_within
from operations.doors.exact_first import exact_legs
from operations.doors.filters import newest_first
from operations.doors.keyset import Leg, Page, Place, find_place, leg, read_page, render_place
from operations.doors.selection import SEARCH, SelectionError
from operations.wire.columns import Kind
from people.filters import PersonFilterSet
from relationships.bulk import offered_rows, plan_of, rows_chosen_by_query
from relationships.choice import Choice, dump_choice, load_choice
from relationships.models import Draft

ROWS_ON_A_PAGE: Final = 50
_SEARCH_MAX_CHARS: Final = 500
_TYPE: Final = "object_type"
_FILTER_SETS: Final[Mapping[Kind, type[FilterSet]]] = {
    Kind.PEOPLE: PersonFilterSet,
    Kind.OBJECTS: ObjectFilterSet,
}
# What a list does not show may be 100 kB for each row.
_NOT_SHOWN: Final = ("attributes", "attribute_times")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the rows that match: the one that the words identify, then the newest."""

    query: str
    words: str
    filters: FilterSet
    matching: QuerySet[Any]
    rows: tuple[Any, ...] = ()
    next_token: str = ""
    previous_token: str = ""
    count: int = 0
    is_too_slow: bool = False

    @property
    def has_filters(self) -> bool:
        """Tell whether anything narrows the list."""
        return bool(self.query)

    @property
    def shown_count(self) -> str:
        """Write the count, or the limit and that there are more."""
        return f"{self.count:,}"


def choice_of(draft: Draft, kind: Kind) -> Choice:
    """Read what the draft has chosen of a kind."""
    return load_choice(draft.people if kind is Kind.PEOPLE else draft.chosen_objects)


def put_choice(draft: Draft, kind: Kind, choice: Choice) -> None:
    """Put a choice into the draft in memory."""
    if kind is Kind.PEOPLE:
        draft.people = dump_choice(choice)
    else:
        draft.chosen_objects = dump_choice(choice)


def find_type(draft: Draft) -> ObjectType | None:
    """Find the type that the draft names; it may have been deleted meanwhile."""
    types = ObjectType.objects.for_workspace(draft.workspace_id)
    return types.filter(number=draft.type_number).first() if draft.type_number else None


def offered_to(draft: Draft, kind: Kind) -> QuerySet[Any]:
    """Give all rows of a step."""
    return offered_rows(draft.workspace_id, kind, type_number=draft.type_number or 0)


def keys_chosen_by_query(draft: Draft, kind: Kind, keys: frozenset[int]) -> frozenset[int]:
    """Give those of some keys that the choice's query finds, taken out or not."""
    if choice_of(draft, kind).query is None or not keys:
        return frozenset()
    try:
        found = rows_chosen_by_query(plan_of(draft), kind).filter(KeyIsAmong("id", keys))
    except SelectionError:
        return frozenset()  # the review says so, and leads back to the step
    return frozenset(found.values_list("pk", flat=True))


def keys_offered(draft: Draft, kind: Kind, keys: frozenset[int]) -> frozenset[int]:
    """Give those of some keys that the step offers: no other workspace's, no other type's."""
    if not keys:
        return frozenset()
    found = offered_to(draft, kind).filter(KeyIsAmong("id", keys))
    return frozenset(found.values_list("pk", flat=True))


def list_query(kind: Kind, given: QueryDict) -> str:
    """Keep of an address what searches and filters, as one text."""
    kept = QueryDict(mutable=True)
    for name in (SEARCH, *_FILTER_SETS[kind].base_filters):
        values = [value for value in _given(name, given, kind) if value and "\x00" not in value]
        if name == SEARCH:
            values = [value.strip()[:_SEARCH_MAX_CHARS] for value in values[-1:] if value.strip()]
        if values:
            kept.setlist(name, values)
    return kept.urlencode()


def _given(name: str, given: QueryDict, kind: Kind) -> list[str]:
    """Read one part; conditions may come as the rows of their builder."""
    if name == FIELD and APPLY in given:
        return [sent_conditions(given, kind)]
    return given.getlist(name)


def find_matching(draft: Draft, kind: Kind, query: str) -> Listing:
    """Search and filter; filters that cannot be read find nothing and say why in their form."""
    given = QueryDict(query, mutable=True)
    words = given.get(SEARCH, "")
    offered: Any = offered_to(draft, kind)
    found = offered.search(words) if words else offered
    if kind is Kind.OBJECTS and draft.type_number:
        given[_TYPE] = str(draft.type_number)  # the builder suggests the attributes of this type
    filters = _FILTER_SETS[kind](given, queryset=found, workspace=draft.workspace)
    matching = filters.qs if filters.is_valid() else offered.none()
    return Listing(query=query, words=words, filters=filters, matching=matching)


def load_page(listing: Listing, *, token: str, kept_count: int) -> Listing:
    """Read one page: the one that a token of another page leads to, or the newest rows.

    `kept_count` is how many rows there are when nothing narrows the list.
    """
    rows = listing.matching.select_related("totals").defer(*_NOT_SHOWN)
    newest = leg(*newest_first(QueryDict(listing.query)))
    legs = exact_legs(rows, listing.words, usual=newest)
    place = find_place(token, legs, rows.model)
    page = run_within(lambda: _read(rows, legs, place), seconds=LIST_SECONDS)
    shown = page or Page(())
    count = count_capped(listing.matching) if listing.has_filters else kept_count
    return replace(
        listing,
        rows=shown.rows,
        next_token=render_place(shown.next) if shown.next else "",
        previous_token=render_place(shown.previous) if shown.previous else "",
        count=count,
        is_too_slow=page is None,
    )


def _read(rows: QuerySet[Any], legs: tuple[Leg, ...], place: Place | None) -> Page:
    page = read_page(rows, legs, place=place, limit=ROWS_ON_A_PAGE)
    if page.rows or place is None:
        return page
    # The rest of the list is gone: rather its beginning than nothing.
    return read_page(rows, legs, place=None, limit=ROWS_ON_A_PAGE)
