"""A list whose columns can be chosen and whose filters can be kept as views."""

from typing import Any, ClassVar

from django.http import HttpRequest

from operations.doors.changelist import ListAdmin
from operations.doors.list_columns import Columns, list_name
from operations.doors.saved_views import opened_view
from operations.doors.view_bar import ViewBar
from workspaces.models import SavedView

_COLUMNS = "list_columns"


class SavedListAdmin(ListAdmin):
    """Shows the columns that its user chose, and above the list the views of it."""

    kept_columns: ClassVar[tuple[str, ...]] = ("title",)
    last_columns: ClassVar[tuple[str, ...]] = ()
    more_columns: ClassVar[tuple[str, ...]] = ()

    def usual_columns(self, request: HttpRequest) -> tuple[str, ...]:
        """Name the columns of a list that nobody has changed."""
        return tuple(map(str, self.list_display))

    def columns_of(self, request: HttpRequest) -> Columns:
        """Give the columns of the list; a page asks often, the database is asked once."""
        kept = vars(request)
        if _COLUMNS not in kept:
            kept[_COLUMNS] = Columns(self, request)
        columns: Columns = kept[_COLUMNS]
        return columns

    def opened_view(self, request: HttpRequest) -> SavedView | None:
        """Find the view that the address names."""
        return opened_view(request, list_name(self, request))

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """Show the chosen columns."""
        shown = [column.cell for column in self.columns_of(request).shown]
        return (*shown, *self.last_columns)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Give the page its columns and its views."""
        columns = self.columns_of(request)
        context = {"columns": columns, "views": ViewBar(self, request, columns)}
        return super().changelist_view(request, context | (extra_context or {}))
