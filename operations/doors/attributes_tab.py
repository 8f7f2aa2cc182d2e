"""The attributes tab: each value as a person reads it, when it was set and by what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from operations.doors.current import may_here
from operations.doors.display import render_ago, render_value
from operations.doors.origin import read_clock
from operations.doors.story import attributes_after, door_label
from operations.limits import ATTRIBUTES_MAX_BYTES
from operations.models import Activity
from workspaces.permissions import Permission

# Who set an attribute is read from the latest activities alone: for what is older the page says
# when, but not by what. The kind is not asked for, which could mean walking through a long log.
_ACTIVITIES_READ: Final = 100
_ABOUT_ATTRIBUTES: Final = frozenset(
    {Activity.Kind.PERSON, Activity.Kind.OBJECT, Activity.Kind.MERGE}
)
_KILOBYTE: Final = 1_024


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """One attribute as it is read."""

    name: str
    value: SafeString
    set_at: SafeString
    set_by: str


def attributes_context(page: Any, request: HttpRequest, row: Any) -> dict[str, Any]:
    """Give the tab every attribute, and the size of them all."""
    may_edit = may_here(request, Permission.EDIT)
    return {
        "attributes": _lines(row, page.activity_of(row), now=read_clock()),
        "bytes": row.attributes_bytes,
        "limit": ATTRIBUTES_MAX_BYTES,
        "size_label": _size_label(row.attributes_bytes),
        "manage_link": page.tab_address(row, "manage") if may_edit else "",
        "sections": page.sections(row),
    }


def _size_label(size_bytes: int) -> str:
    limit = f"{ATTRIBUTES_MAX_BYTES / _KILOBYTE:,.0f}"
    if size_bytes < _KILOBYTE:
        return _("%(size)s bytes of %(limit)s kB") % {"size": size_bytes, "limit": limit}
    return _("%(size)s kB of %(limit)s kB") % {
        "size": f"{size_bytes / _KILOBYTE:,.1f}",
        "limit": limit,
    }


def _lines(row: Any, activity: QuerySet[Activity], *, now: datetime) -> list[AttributeLine]:
    names = sorted(row.attributes, key=lambda name: (name != "name", name))
    setters = _setters(activity) if names else {}
    return [
        AttributeLine(
            name=name,
            value=render_value(name, row.attributes[name]),
            set_at=render_ago(row.attribute_times.get(name), now=now),
            set_by=setters.get(name, ""),
        )
        for name in names
    ]


def _setters(activity: QuerySet[Activity]) -> dict[str, str]:
    found: dict[str, str] = {}
    latest = activity.only("kind", "actor", "door", "after").order_by("-pk")
    for row in latest[:_ACTIVITIES_READ]:
        if row.kind not in _ABOUT_ATTRIBUTES:
            continue
        by = _("%(actor)s · %(door)s") % {"actor": row.actor, "door": door_label(row.door)}
        for name in attributes_after(row):
            found.setdefault(name, by)
    return found
