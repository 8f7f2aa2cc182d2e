"""What stands above a list about its views: tabs, what is modified, and how to save it."""

from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.doors.list_columns import Columns
from operations.doors.page_parts import Tab
from operations.doors.saved_views import (
    ListState,
    address_of,
    kept_query,
    kept_sort,
    list_address,
    may_change,
    may_share,
    opened_view,
    views_of_list,
)
from workspaces.models import SavedView

TABS_SHOWN: Final = 5


class ViewBar:
    """The views of one list, as one member sees them."""

    def __init__(self, model_admin: Any, request: HttpRequest, columns: Columns) -> None:
        self.model_admin = model_admin
        self.request = request
        self.columns = columns
        self.list = columns.list

    @cached_property
    def opened(self) -> SavedView | None:
        """Give the view that is open."""
        return opened_view(self.request, self.list)

    @cached_property
    def state(self) -> ListState:
        """Say how the list is at this moment."""
        codes = tuple(column.code for column in self.columns.shown)
        return ListState(kept_query(self.request.GET), kept_sort(self.request.GET), codes)

    @cached_property
    def is_modified(self) -> bool:
        """Tell whether the list is not as its view has it."""
        if self.opened is None:
            return False
        kept = (self.opened.query, self.opened.sort, self.columns.without_address)
        return kept != (self.state.query, self.state.sort, self.state.columns)

    @property
    def is_worth_saving(self) -> bool:
        """Tell whether the list is not as everybody finds it."""
        return not self.state.is_plain or self.columns.shown != self.columns.usual

    @cached_property
    def views(self) -> tuple[SavedView, ...]:
        """Give all views of the list."""
        return views_of_list(self.request, self.list)

    @cached_property
    def tabs(self) -> tuple[Tab, ...]:
        """Name the whole list, then the first views; the open one is always among them."""
        if not self.views:
            return ()
        is_whole = self.opened is None and self.state.is_plain
        every = Tab(_("All"), list_address(self.list), is_whole)
        first = list(self.views[:TABS_SHOWN])
        if self.opened is not None and self.opened not in first:
            first.append(self.opened)
        return (every, *(self._tab(view) for view in first))

    @property
    def others(self) -> tuple[Tab, ...]:
        """Name the views that have no tab."""
        shown = {tab.link for tab in self.tabs}
        tabs = [self._tab(view) for view in self.views]
        return tuple(tab for tab in tabs if tab.link not in shown)

    @property
    def may_change(self) -> bool:
        """Tell whether the open view may be changed."""
        return self.opened is not None and may_change(self.request, self.opened)

    @property
    def may_share(self) -> bool:
        """Tell whether views may be shared."""
        return may_share(self.request)

    @property
    def link(self) -> str:
        """Give the address of the open view, to be sent to somebody."""
        return self.request.build_absolute_uri(address_of(self.opened)) if self.opened else ""

    @property
    def add_address(self) -> str:
        """Say where the list is saved as a view."""
        return self._with_list(reverse("admin:saved_view_add", args=[self.list.kind]))

    @property
    def view_address(self) -> str:
        """Say where the open view is changed."""
        key = self.opened.pk if self.opened else 0
        return self._with_list(reverse("admin:saved_view", args=[key]))

    @property
    def columns_address(self) -> str:
        """Say where the columns are chosen."""
        return self._with_list(reverse("admin:list_columns", args=[self.list.kind]))

    def _tab(self, view: SavedView) -> Tab:
        return Tab(view.name, address_of(view), view == self.opened)

    def _with_list(self, address: str) -> str:
        query = self.request.GET.urlencode()
        return f"{address}?{query}" if query else address
