"""The activity tab: what happened to one object or person, fifty at a time."""

from typing import Any

from django.http import HttpRequest

from operations.doors.admin import is_primary_key
from operations.doors.story import tell

ACTIVITIES_ON_A_TAB = 50


def activity_context(page: Any, request: HttpRequest, row: Any) -> dict[str, Any]:
    """Give the tab the activities before the one that the address names; nothing is counted."""
    before = request.GET.get("before", "")
    found = page.activity_of(row).order_by("-pk")
    if is_primary_key(before):
        found = found.filter(pk__lt=int(before))
    rows = list(found[: ACTIVITIES_ON_A_TAB + 1])
    shown = rows[:ACTIVITIES_ON_A_TAB]
    address = page.tab_address(row, "activity")
    is_more = len(rows) > ACTIVITIES_ON_A_TAB
    return {
        "lines": [tell(activity) for activity in shown],
        "shows_raw": True,
        "older_link": f"{address}&before={shown[-1].pk}" if is_more else "",
        "newest_link": address if before else "",
    }
