"""How many rows a view has: kept beside it by the worker, so that no page counts."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from operations.doors.capped_counts import count_capped
from operations.doors.saved_views import query_of
from operations.doors.selection import Selection, SelectionError, rows_of
from operations.wire.columns import Kind
from workspaces.models import SavedView

COUNTED_AT_ONCE: Final = 200
_STALE_AFTER: Final = timedelta(minutes=4)


def count_views(*, now: datetime) -> None:
    """Count the rows of the views in the navigation, those first that were counted longest ago."""
    is_stale = Q(counted_at=None) | Q(counted_at__lt=now - _STALE_AFTER)
    stale = SavedView.objects.filter(is_stale, is_pinned=True)
    for view in stale.order_by(F("counted_at").asc(nulls_first=True), "pk")[:COUNTED_AT_ONCE]:
        count_view(view, now=now)


def count_view(view: SavedView, *, now: datetime) -> None:
    """Count up to a thousand rows of a view, within the time that a list may take."""
    selection = Selection(Kind(view.kind), view.workspace_id, query=query_of(view))
    try:
        count = int(count_capped(rows_of(selection)))
    except SelectionError:
        count = None
    SavedView.objects.filter(pk=view.pk).update(row_count=count, counted_at=now)
