"""A change list that goes from page to page by place, and counts no further than it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from operations.doors.capped_counts import (
    COUNTED_MAX,
    LIST_SECONDS,
    CappedCount,
    count_capped,
    read_few_keys,
)
from operations.doors.deadline import run_within
from operations.doors.exact_first import exact_legs
from operations.doors.keyset import (
    Leg,
    Page,
    Place,
    Sort,
    find_place,
    leg,
    read_page,
    read_page_by_keys,
    render_place,
)

CURSOR_VAR: Final = "cursor"
ROWS_VAR: Final = "rows"
# The order by its name: the number that Django writes depends on which columns are shown.
SORT_VAR: Final = "sort"
VIEW_VAR: Final = "view"
COLUMNS_VAR: Final = "columns"
LIST_VARS: Final = frozenset({CURSOR_VAR, ROWS_VAR, SORT_VAR, VIEW_VAR, COLUMNS_VAR})
PAGE_SIZES: Final = (25, 50, 100, 250)
PAGE_ROWS: Final = 50
# Whatever leads to other rows begins at the first page.
FIRST_PAGE: Final[Mapping[str, None]] = {PAGE_VAR: None, CURSOR_VAR: None}


@dataclass(frozen=True, slots=True)
class PageSize:
    """A number of rows to choose, with the address of the list in pages of that many."""

    rows: int
    link: str
    is_chosen: bool


class KeysetChangeList(ChangeList):
    """Pages by place where the model admin names its sorts, numbered ones elsewhere."""

    filterset: Any = None
    model_admin: Any  # a ListAdmin
    is_too_slow = False
    _page: Page | None = None
    # The rows of a search or a filter, where they are few: they are found once, without an order,
    # since a planner that takes them for many would look for them along the order of the list.
    _keys: list[int] | None = None
    _sorts: Mapping[str, Sort] = MappingProxyType({})

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and count what it belongs to, within the time that a list may take."""
        sorts = self.model_admin.sorts_of(request)
        if sorts is None:
            self._get_numbered_results(request)
            return
        self._sorts = sorts
        self.list_per_page = _page_rows(request)
        # As Django does with the number of a page: every link of this page begins at the first.
        self.params.pop(CURSOR_VAR, None)
        self.filter_params.pop(CURSOR_VAR, None)
        legs = self._legs(request, sorts)
        place = find_place(request.GET.get(CURSOR_VAR, ""), legs, self.model)
        if self._is_narrowed():
            self._keys = read_few_keys(self.queryset, seconds=LIST_SECONDS / 2)
        page = self._read(legs, place)
        self.is_too_slow = page is None
        self._page = page or Page(())
        self.result_list = list(self._page.rows)
        self.result_count = self._count(request)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = False
        self.multi_page = bool(self._page.next or self._page.previous)
        self.paginator = None

    def get_ordering_field_columns(self) -> Any:
        """Sort by one column; each has an index of its own, and none has two columns."""
        found = super().get_ordering_field_columns()
        if ORDER_VAR not in self.params:
            return self._named_column()
        there = [item for item in found.items() if 0 <= item[0] < len(self.list_display)]
        return dict(there[:1])

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Write an order by its name, so that the link means the same with other columns."""
        changes = dict(new_params or {})
        if changes.get(ORDER_VAR) is not None and self._sorts:
            changes |= {ORDER_VAR: None, SORT_VAR: self._name_of_order(changes[ORDER_VAR])}
        return str(super().get_query_string(changes, remove))

    @property
    def previous_link(self) -> str:
        """Give the address of the page before, if there is one."""
        if self._page is not None:
            return self._place_link(self._page.previous)
        return self._page_link(self.page_num - 1) if self.page_num > 1 else ""

    @property
    def next_link(self) -> str:
        """Give the address of the page after, if there is one."""
        if self._page is not None:
            return self._place_link(self._page.next)
        is_last = self.page_num * self.list_per_page >= self.result_count
        return "" if is_last else self._page_link(self.page_num + 1)

    @property
    def first_link(self) -> str:
        """Give the address of the first page, to those who are on another."""
        is_first = not self.previous_link
        return "" if is_first else str(self.get_query_string(dict(FIRST_PAGE)))

    @property
    def page_sizes(self) -> tuple[PageSize, ...]:
        """Offer the sizes of a page."""
        if self._page is None:
            return ()
        return tuple(
            PageSize(
                rows,
                str(self.get_query_string({**FIRST_PAGE, ROWS_VAR: rows})),
                rows == self.list_per_page,
            )
            for rows in PAGE_SIZES
        )

    def _get_numbered_results(self, request: HttpRequest) -> None:
        """Show the first page in place of one that is not there, and keep the filters."""
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            self.page_num = 1
            super().get_results(request)

    def _read(self, legs: tuple[Leg, ...], place: Place | None) -> Page | None:
        rows = self._found().defer(*self.model_admin.unread_fields(self.list_display))
        seconds = LIST_SECONDS / 2 if self._is_narrowed() else LIST_SECONDS

        read_some = read_page_by_keys if self.model_admin.reads_by_keys else read_page

        def read() -> Page:
            page = read_some(rows, legs, place=place, limit=self.list_per_page)
            if page.rows or place is None:
                return page
            # The rest of the list is gone: rather its beginning than nothing.
            return read_some(rows, legs, place=None, limit=self.list_per_page)

        return run_within(read, seconds=seconds)

    def _found(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.queryset
        if self._keys is not None:
            rows = self.apply_select_related(self.root_queryset).filter(pk__in=self._keys)
        return rows

    def _legs(self, request: HttpRequest, sorts: Mapping[str, Sort]) -> tuple[Leg, ...]:
        for number, direction in self.get_ordering_field_columns().items():
            sort = sorts.get(str(self.get_ordering_field(self.list_display[number])))
            if sort is not None:
                return sort.descending if direction == "desc" else sort.ascending
        # The column that the list is sorted by need not be shown.
        term = "" if ORDER_VAR in self.params else self.params.get(SORT_VAR, "")
        if (named := sorts.get(term.removeprefix("-"))) is not None:
            return named.descending if term.startswith("-") else named.ascending
        usual = leg(*self.model_admin.default_order(request))
        return exact_legs(self.queryset, self.query, usual=usual)

    def _named_column(self) -> dict[int, str]:
        term = self.params.get(SORT_VAR, "")
        name = term.removeprefix("-")
        sortable = self.sortable_by or ()
        for number, column in enumerate(self.list_display):
            if name and column in sortable and self.get_ordering_field(column) == name:
                return {number: "desc" if term.startswith("-") else "asc"}
        return {}

    def _name_of_order(self, order: str) -> str | None:
        """Give the name for the first of Django's numbers."""
        sign, digits = order[: order.startswith("-")], order.removeprefix("-").partition(".")[0]
        if not digits.isdigit():
            return None
        return f"{sign}{self.get_ordering_field(self.list_display[int(digits)])}"

    def _count(self, request: HttpRequest) -> int:
        page = self._page or Page(())
        if self.is_too_slow:
            return 0
        if not page.next and not page.previous:
            return len(page.rows)
        if self._is_narrowed():
            return CappedCount(COUNTED_MAX + 1) if self._keys is None else len(self._keys)
        kept: int | None = self.model_admin.kept_count(request)
        return count_capped(self.queryset) if kept is None else max(kept, len(page.rows))

    def _is_narrowed(self) -> bool:
        about = self.model_admin.list_is_about
        filters = self.filterset.filters if self.filterset is not None else {}
        names = {name for name in self.filter_params if any(self.filter_params[name])}
        return bool(self.query) or any(name in names and name != about for name in filters)

    def _place_link(self, place: Place | None) -> str:
        if place is None:
            return ""
        return str(self.get_query_string({**FIRST_PAGE, CURSOR_VAR: render_place(place)}))

    def _page_link(self, number: int) -> str:
        return str(self.get_query_string({**FIRST_PAGE, PAGE_VAR: number}))


def _page_rows(request: HttpRequest) -> int:
    """Give the number of rows of a page that the address asks for."""
    asked = request.GET.get(ROWS_VAR, "")
    return next((rows for rows in PAGE_SIZES if str(rows) == asked), PAGE_ROWS)
