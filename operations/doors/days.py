"""How much changed on each day: counted by the upkeep, so that no page has to."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from operations.models import Activity, DayCount

SHOWN_DAYS: Final = 30
# What has happened since the last turn is counted on the page, but not more than this.
UNCOUNTED_MAX: Final = 10_000
AT_A_TIME: Final = 1_000_000
_A_MOMENT: Final = timedelta(microseconds=1)


def read_days(workspace_id: int, *, now: datetime) -> dict[date, int]:
    """Give the number of changes of each of the last days, days without any included."""
    today = now.astimezone(UTC).date()
    days = {today - timedelta(days=back): 0 for back in reversed(range(SHOWN_DAYS))}
    counted = DayCount.objects.filter(workspace=workspace_id, day__gte=min(days))
    totals = counted.values_list("day").order_by().annotate(Sum("changes"))
    _add(days, dict(totals))
    _add(days, _count_by_day(_uncounted(workspace_id)))
    return days


def newest_activity() -> int:
    """Give the key of the latest activity."""
    newest: int | None = Activity.objects.aggregate(Max("pk"))["pk__max"]
    return newest or 0


def counted_to() -> int:
    """Give the key up to which the activities are counted."""
    counted: int | None = DayCount.objects.aggregate(Max("counted_to"))["counted_to__max"]
    return counted or 0


def keys_of_days(
    workspace_id: int, *, after: datetime, before: datetime | None, now: datetime
) -> Q:
    """Say between which keys the activities of a time lie, as far as that is surely known.

    The log is in the order of its keys. Each turn of counting has kept from which key to which
    it counted, and the days that it found there; what no turn has counted lies behind all of them.
    """
    first_day = after.astimezone(UTC).date()
    if first_day < _oldest_day(now):
        return Q()
    known_to = counted_to()
    turns = DayCount.objects.filter(workspace=workspace_id, day__gte=first_day)
    if before is None:
        begin = turns.aggregate(begin=Min("counted_from"))["begin"]
        return Q(pk__gt=known_to if begin is None else begin)
    last_day = (before - _A_MOMENT).astimezone(UTC).date()
    turns = turns.filter(day__lte=last_day)
    found = turns.aggregate(begin=Min("counted_from"), end=Max("counted_to"))
    begin = known_to if found["begin"] is None else found["begin"]
    if _may_be_uncounted(workspace_id, after, before, known_to=known_to):
        return Q(pk__gt=begin)
    return Q(pk__gt=begin, pk__lte=found["end"] or 0)


def count_days(*, up_to: int) -> None:
    """Count the activities behind the last counted one, up to one seen a while ago.

    On PostgreSQL an activity can be committed after another with a higher key; what was the
    newest some minutes ago has no such stragglers below it any more.
    """
    first = Activity.objects.filter(pk__gt=counted_to()).order_by("pk").values_list("pk").first()
    if first is None:
        return
    begin = first[0] - 1
    end = min(up_to, begin + AT_A_TIME)
    rows = Activity.objects.filter(pk__gt=begin, pk__lte=end).order_by()
    totals = _by_day(rows).values_list("workspace", "day", "changes")
    counted = [
        DayCount(
            workspace_id=workspace, day=day, changes=changes, counted_from=begin, counted_to=end
        )
        for workspace, day, changes in totals
    ]
    try:
        with transaction.atomic():
            DayCount.objects.bulk_create(counted)
    except IntegrityError:
        return  # another worker has counted these


def forget_days(*, now: datetime) -> None:
    """Delete what the chart does not show any more, but not where counting has come to."""
    DayCount.objects.filter(day__lt=_oldest_day(now), counted_to__lt=counted_to()).delete()


def _oldest_day(now: datetime) -> date:
    return now.astimezone(UTC).date() - timedelta(days=SHOWN_DAYS)


def _may_be_uncounted(
    workspace_id: int, after: datetime, before: datetime, *, known_to: int
) -> bool:
    """Look at what is not counted yet; where that is much, take it that there may be some."""
    if newest_activity() - known_to > UNCOUNTED_MAX:
        return True
    uncounted = Activity.objects.for_workspace(workspace_id).filter(pk__gt=known_to)
    return uncounted.filter(received_at__gte=after, received_at__lt=before).exists()


def _uncounted(workspace_id: int) -> QuerySet[Activity]:
    """Give the newest activities as a range of keys; a list of them would be hashed."""
    rows = Activity.objects.for_workspace(workspace_id).filter(pk__gt=counted_to())
    newest = rows.order_by("-pk").values_list("pk", flat=True)
    too_old = newest[UNCOUNTED_MAX : UNCOUNTED_MAX + 1].first()
    return rows.filter(pk__gt=too_old or 0).order_by()


def _by_day(rows: QuerySet[Activity]) -> QuerySet[Any, Any]:
    days = rows.annotate(day=TruncDate("received_at", tzinfo=UTC))
    return days.values("workspace", "day").annotate(changes=Count("pk"))


def _count_by_day(rows: QuerySet[Activity]) -> dict[date, int]:
    return dict(_by_day(rows).values_list("day", "changes"))


def _add(days: dict[date, int], more: Mapping[date, int]) -> None:
    for day, changes in more.items():
        if day in days:
            days[day] += changes
