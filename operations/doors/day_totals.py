"""How much there was on each day: one row a day, kept by the upkeep from the kept counts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db.models import Sum

from operations.models import CountDelta, DayTotal

SHOWN_DAYS: Final = 90
KEPT_DAYS: Final = 800
_FIELDS: Final = {
    CountDelta.Kind.PEOPLE: "people",
    CountDelta.Kind.OBJECTS: "objects_of_all_types",
    CountDelta.Kind.RELATIONSHIPS: "relationships",
}


@dataclass(frozen=True, slots=True)
class Total:
    """The people and objects of one day."""

    day: date
    people: int
    objects: int

    @property
    def all_rows(self) -> int:
        """Count both together."""
        return self.people + self.objects


def keep_totals(*, now: datetime) -> None:
    """Write today's row of every workspace over, and let go of what is very old."""
    today = now.astimezone(UTC).date()
    totals: dict[int, DayTotal] = {}
    sums = CountDelta.objects.values_list("workspace_id", "kind").order_by()
    for workspace, kind, total in sums.annotate(Sum("delta")):
        row = totals.setdefault(workspace, DayTotal(workspace_id=workspace, day=today))
        setattr(row, _FIELDS[CountDelta.Kind(kind)], total)
    DayTotal.objects.bulk_create(
        totals.values(),
        update_conflicts=True,
        unique_fields=["workspace", "day"],
        update_fields=list(_FIELDS.values()),
    )
    DayTotal.objects.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()


def read_totals(workspace_id: int, *, people: int, objects: int, now: datetime) -> list[Total]:
    """Give the last days, from the first that is known; a day without a row is like the last."""
    today = now.astimezone(UTC).date()
    since = today - timedelta(days=SHOWN_DAYS - 1)
    kept = DayTotal.objects.filter(workspace=workspace_id, day__gte=since, day__lt=today)
    known = {row.day: row for row in kept}
    found: list[Total] = []
    day = min(known, default=today)
    while day < today:
        row = known.get(day)
        last = found[-1] if found else None
        if row is not None:
            last = Total(day, row.people, row.objects_of_all_types)
        if last is not None:
            found.append(Total(day, last.people, last.objects))
        day += timedelta(days=1)
    return [*found, Total(today, people, objects)]
