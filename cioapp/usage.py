"""The usage page: how much is kept, how it grew, and which objects could go."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from objects.models import Object, ObjectType
from operations.doors.changelist import Crumb
from operations.doors.counts import UNRELATED_MAX, Counts, count_unrelated, counts_of_page
from operations.doors.current import current_workspace, may_here
from operations.doors.day_totals import Total, read_totals
from operations.doors.display import render_time
from operations.doors.job_story import Tile
from operations.doors.origin import read_clock
from operations.engine.database import fetch, is_postgresql
from workspaces.models import Workspace
from workspaces.permissions import Permission

CHART_HEIGHT: Final = 120
CHART_WIDTH: Final = 600
_SHOWN_ROWS_OF_TABLE: Final = 30


@dataclass(frozen=True, slots=True)
class TypeUsage:
    """The objects of a type, those that nobody is related to, and the oldest of these."""

    title: str
    icon: str
    link: str
    total: str
    unrelated: str
    unrelated_link: str
    share: int | None
    oldest: str
    oldest_link: str
    since: SafeString | str
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """People and objects of the last days as two areas, one upon the other."""

    people: str
    both: str
    first_day: str
    last_day: str
    grown: str
    highest: str
    days: tuple[tuple[str, str, str], ...]
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT


def show_usage(request: HttpRequest) -> HttpResponse:
    """Show how much the workspace keeps; nothing on the page is counted over all rows."""
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.VIEW):
        raise PermissionDenied
    counts = counts_of_page(request, workspace)
    totals = read_totals(
        workspace.pk, people=counts.people, objects=counts.all_objects, now=read_clock()
    )
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": _("Usage"),
        "trail": (Crumb(_("Usage")),),
        "tiles": _tiles(counts, may_see_size=request.user.is_superuser),
        "types": _types(workspace, counts),
        "trend": _draw(totals) if len(totals) > 1 else None,
    }
    return TemplateResponse(request, "admin/usage.html", context)


def _tiles(counts: Counts, *, may_see_size: bool) -> list[Tile]:
    found = [
        Tile(_("People and objects"), f"{counts.people + counts.all_objects:,}"),
        Tile(_("People"), f"{counts.people:,}"),
        Tile(_("Objects"), f"{counts.all_objects:,}"),
        Tile(_("Relationships"), f"{counts.all_relationships:,}"),
    ]
    # The size tells of other workspaces too.
    size = [Tile(_("Database, all workspaces"), filesizeformat(_database_bytes()))]
    return found + size if may_see_size else found


def _types(workspace: Workspace, counts: Counts) -> list[TypeUsage]:
    unrelated = count_unrelated(workspace.pk)
    oldest = Object.objects.without_relationships().filter(object_type=OuterRef("pk"))
    first = oldest.order_by("created_at", "pk").values("pk")[:1]
    types = ObjectType.objects.for_workspace(workspace).annotate(oldest=Subquery(first))
    rows: list[Any] = list(types.order_by("-enabled", "number"))
    keys = [row.oldest for row in rows if row.oldest is not None]
    known = Object.objects.in_bulk(keys)
    return [
        _usage_of(
            row,
            total=counts.objects.get(row.number, 0),
            unrelated=unrelated.get(row.number, 0),
            oldest=known.get(row.oldest) if row.oldest is not None else None,
        )
        for row in rows
    ]


def _usage_of(row: Any, *, total: int, unrelated: int, oldest: Object | None) -> TypeUsage:
    is_more = unrelated > UNRELATED_MAX
    address = f"{reverse('admin:objects_object_changelist')}?object_type={row.number}"
    page = reverse("admin:objects_object_change", args=[oldest.pk]) if oldest else ""
    return TypeUsage(
        title=row.name,
        icon=row.icon,
        link=address,
        total=f"{total:,}",
        unrelated=f"{UNRELATED_MAX:,}+" if is_more else f"{unrelated:,}",
        unrelated_link=f"{address}&without_relationships=true" if unrelated else "",
        share=None if is_more or not total else min(100, round(100 * unrelated / total)),
        oldest=str(oldest) if oldest else "",
        oldest_link=page,
        since=render_time(oldest.created_at) if oldest else "",
        is_disabled=not row.enabled,
    )


def _draw(totals: list[Total]) -> Trend:
    highest = max(max(total.all_rows for total in totals), 1)
    step = CHART_WIDTH / (len(totals) - 1)

    def area(counts: list[int]) -> str:
        points = [
            f"{round(place * step, 1)},{round(CHART_HEIGHT * (1 - count / highest), 1)}"
            for place, count in enumerate(counts)
        ]
        return " ".join([f"0,{CHART_HEIGHT}", *points, f"{CHART_WIDTH},{CHART_HEIGHT}"])

    grown = totals[-1].all_rows - totals[0].all_rows
    return Trend(
        people=area([total.people for total in totals]),
        both=area([total.all_rows for total in totals]),
        first_day=_day(totals[0].day),
        last_day=_day(totals[-1].day),
        grown=f"{grown:+,}" if grown else "0",
        highest=f"{highest:,}",
        days=tuple(
            (_day(total.day), f"{total.people:,}", f"{total.objects:,}")
            for total in reversed(totals[-_SHOWN_ROWS_OF_TABLE:])
        ),
    )


def _day(day: date) -> str:
    return date_format(day, "M j")


def _database_bytes() -> int:
    if is_postgresql():
        found = fetch("SELECT pg_database_size(current_database())")
    else:
        found = fetch("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    return int(found[0][0])
