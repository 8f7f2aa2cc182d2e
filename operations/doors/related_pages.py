"""The pages of the relationships tab: numbered while they are few, by place when they are many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from operations.doors.capped_counts import LIST_SECONDS
from operations.doors.deadline import run_within
from operations.doors.keyset import Page, Place, find_place, leg, read_page, render_place
from relationships.models import Relationship

ROWS_ON_A_TAB: Final = 50
_NUMBER: Final = "page"
_PLACE: Final = "cursor"


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """The rows of one page, where it stands, and the addresses of its neighbours."""

    rows: tuple[Relationship, ...]
    where: str = ""
    previous_link: str = ""
    next_link: str = ""
    is_too_slow: bool = False

    @property
    def has_neighbours(self) -> bool:
        """Tell whether these are not all rows."""
        return bool(self.previous_link or self.next_link)


class _CountedPaginator(Paginator[Any]):
    """Pages over rows whose number is kept, so that nobody counts them."""

    def __init__(self, rows: QuerySet[Any], *, known_count: int | None) -> None:
        super().__init__(rows, ROWS_ON_A_TAB)
        if known_count is not None:
            vars(self)["count"] = known_count


def read_numbered_page(
    request: HttpRequest,
    rows: QuerySet[Relationship],
    *,
    known_count: int | None,
    kept: Mapping[str, str],
) -> RelatedPage:
    """Read the page with the number that the address names."""
    pages = _CountedPaginator(rows, known_count=known_count)
    page = pages.get_page(request.GET.get(_NUMBER))

    def link(number: int) -> str:
        return _link(kept, _NUMBER, str(number))

    where = _("%(first)s\N{EN DASH}%(last)s of %(total)s") % {
        "first": page.start_index(),
        "last": page.end_index(),
        "total": pages.count,
    }
    return RelatedPage(
        rows=tuple(page),
        where=where,
        previous_link=link(page.previous_page_number()) if page.has_previous() else "",
        next_link=link(page.next_page_number()) if page.has_next() else "",
    )


def read_placed_page(
    request: HttpRequest,
    rows: QuerySet[Relationship],
    *,
    order: tuple[str, ...],
    known_count: int | None,
    kept: Mapping[str, str],
) -> RelatedPage:
    """Read the page after the place in the address, within the time that a list may take."""
    legs = (leg(*order),)
    place = find_place(request.GET.get(_PLACE, ""), legs, Relationship)

    def read() -> Page:
        page = read_page(rows, legs, place=place, limit=ROWS_ON_A_TAB)
        if page.rows or place is None:
            return page
        return read_page(rows, legs, place=None, limit=ROWS_ON_A_TAB)

    def link(neighbour: Place | None) -> str:
        return _link(kept, _PLACE, render_place(neighbour)) if neighbour else ""

    page = run_within(read, seconds=LIST_SECONDS)
    if page is None:
        return RelatedPage((), is_too_slow=True)
    where = "" if known_count is None else _("%(total)s in all") % {"total": f"{known_count:,}"}
    return RelatedPage(page.rows, where, link(page.previous), link(page.next))


def _link(kept: Mapping[str, str], name: str, value: str) -> str:
    return f"?{urlencode({**kept, name: value})}"
