"""What the home page shows: how much there is, what changed, what wants attention."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.counts import UNRELATED_MAX, Counts, count_unrelated, counts_of_page
from operations.doors.current import may_here
from operations.doors.days import read_days
from operations.doors.display import render_time
from operations.doors.job_story import state_tone
from operations.doors.origin import read_clock
from operations.doors.story import tell
from operations.models import Activity, Job
from workspaces.models import Workspace
from workspaces.permissions import Permission

RECENT_ACTIVITIES: Final = 8
RECENT_JOBS: Final = 4
CHART_HEIGHT: Final = 96
BAR_STEP: Final = 10
BAR_WIDTH: Final = 7
_SMALLEST_BAR: Final = 2


@dataclass(frozen=True, slots=True)
class Card:
    """A number on the home page, with the list behind it."""

    title: str
    icon: str
    count: str
    link: str
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Unrelated:
    """How many objects of a type nobody is related to, and the list of them."""

    title: str
    icon: str
    count: str
    total: str
    link: str
    percent: int | None
    has_any: bool


@dataclass(frozen=True, slots=True)
class RecentJob:
    """A task that is running, waiting or over."""

    title: str
    link: str
    state: str
    tone: str
    rows: str
    actor: str
    since: SafeString


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart, with its place in the picture."""

    day: str
    count: str
    x: int
    y: int
    height: int
    link: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Changes of the last days as bars, and in words."""

    bars: tuple[Bar, ...]
    first_day: str
    last_day: str
    highest: str
    total: str
    width: int
    height: int = CHART_HEIGHT


def home_context(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    """Collect the numbers of the page; none of them is counted over all rows."""
    types = list(ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number"))
    counts = counts_of_page(request, workspace)
    recent = Activity.objects.for_workspace(workspace).order_by("-pk")
    return {
        "counts": counts,
        "types": types,
        "cards": _cards(counts, types=types),
        "unrelated": _unrelated(workspace, types=types, counts=counts),
        "usage": f"{counts.people + counts.all_objects:,}",
        "chart": _draw(read_days(workspace.pk, now=read_clock())),
        "jobs": _recent_jobs(workspace),
        "lines": [tell(row) for row in recent[:RECENT_ACTIVITIES]],
        "may_edit": may_here(request, Permission.EDIT),
        "may_manage_types": may_here(request, Permission.MANAGE_TYPES),
        "may_import": may_here(request, Permission.IMPORT),
    }


def _cards(counts: Counts, *, types: list[ObjectType]) -> list[Card]:
    people = reverse("admin:people_person_changelist")
    relationships = reverse("admin:relationships_relationship_changelist")
    return [
        Card(_("People"), "person", f"{counts.people:,}", people),
        *(
            Card(
                title=row.name,
                icon=row.icon,
                count=f"{counts.objects.get(row.number, 0):,}",
                link=_list_of(row),
                is_disabled=not row.enabled,
            )
            for row in types
        ),
        Card(_("Relationships"), "link", f"{counts.all_relationships:,}", relationships),
    ]


def _unrelated(
    workspace: Workspace, *, types: list[ObjectType], counts: Counts
) -> list[Unrelated]:
    found = count_unrelated(workspace.pk)
    return [
        _unrelated_of(row, found=found.get(row.number, 0), total=counts.objects.get(row.number, 0))
        for row in types
    ]


def _unrelated_of(row: ObjectType, *, found: int, total: int) -> Unrelated:
    is_more = found > UNRELATED_MAX
    return Unrelated(
        title=row.name,
        icon=row.icon,
        count=f"{UNRELATED_MAX:,}+" if is_more else f"{found:,}",
        total=f"{total:,}",
        link=f"{_list_of(row)}&without_relationships=true",
        percent=None if is_more or not total else min(100, round(100 * found / total)),
        has_any=found > 0,
    )


def _recent_jobs(workspace: Workspace) -> list[RecentJob]:
    jobs = Job.objects.for_workspace(workspace).listed().order_by("-pk")[:RECENT_JOBS]
    return [
        RecentJob(
            title=str(job),
            link=reverse("admin:operations_job_change", args=[job.pk]),
            state=job.get_state_display(),
            tone=state_tone(job),
            rows=f"{job.done:,} / {job.total:,}" if job.is_unfinished else f"{job.done:,}",
            actor=job.actor,
            since=render_time(job.queued_at or job.created_at, with_clock=True),
        )
        for job in jobs
    ]


def _list_of(row: ObjectType) -> str:
    return f"{reverse('admin:objects_object_changelist')}?object_type={row.number}"


def _draw(days: dict[date, int]) -> Chart:
    highest = max(days.values())
    bars = tuple(
        _bar(day, changes=changes, highest=highest, place=place)
        for place, (day, changes) in enumerate(days.items())
    )
    return Chart(
        bars=bars,
        first_day=bars[0].day,
        last_day=bars[-1].day,
        highest=f"{highest:,}",
        total=f"{sum(days.values()):,}",
        width=BAR_STEP * len(bars),
    )


def _bar(day: date, *, changes: int, highest: int, place: int) -> Bar:
    share = changes / highest if highest else 0
    height = max(_SMALLEST_BAR, round(CHART_HEIGHT * share)) if changes else 0
    address = reverse("admin:operations_activity_changelist")
    return Bar(
        day=date_format(day, "M j"),
        count=f"{changes:,}",
        x=place * BAR_STEP,
        y=CHART_HEIGHT - height,
        height=height,
        link=f"{address}?after={day}&before={_next(day)}",
    )


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
