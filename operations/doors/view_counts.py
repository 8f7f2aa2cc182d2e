"""How many rows a view has: kept beside it by the worker, so that no page counts."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from operations.doors.capped_counts import count_capped
from operations.doors.saved_views import query_of
from operations.doors.selection import Selection, SelectionError, rows_of
from operations.doors.sensitive import sensitive_names
from operations.masking import reading_for
from operations.wire.columns import Kind
from workspaces.models import SavedView, Workspace

COUNTED_AT_ONCE: Final = 200
_STALE_AFTER: Final = timedelta(minutes=4)


def count_views(*, now: datetime) -> None:
    """Count the rows of the views in the navigation, those first that were counted longest ago."""
    is_stale = Q(counted_at=None) | Q(counted_at__lt=now - _STALE_AFTER)
    stale = SavedView.objects.filter(is_stale, is_pinned=True)
    for view in stale.select_related("workspace").order_by(
        F("counted_at").asc(nulls_first=True), "pk"
    )[:COUNTED_AT_ONCE]:
        count_view(view, now=now)


def count_view(view: SavedView, *, now: datetime) -> None:
    """Count up to a thousand rows of a view, within the time that a list may take.

    The count is for every reader, and says whom it is not for: it is not their list.
    """
    selection = Selection(Kind(view.kind), view.workspace_id, query=query_of(view))
    with reading_for(None):
        rows = _rows_of(selection)
        count = None if rows is None else int(count_capped(rows))
    with reading_for(lambda: sensitive_names(view.workspace)):
        is_sensitive = _rows_of(selection) is None
    SavedView.objects.filter(pk=view.pk).update(
        row_count=count, counted_at=now, is_count_sensitive=is_sensitive
    )


def forget_counts(workspace: Workspace) -> None:
    """Have the views of a workspace counted anew, after another attribute became sensitive."""
    views = SavedView.objects.for_workspace(workspace)
    views.update(row_count=None, counted_at=None, is_count_sensitive=True)


def _rows_of(selection: Selection) -> QuerySet[Any] | None:
    try:
        return rows_of(selection)
    except SelectionError:
        return None
