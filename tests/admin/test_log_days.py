"""The days of the activity log: found by the keys that the counting has kept, and all the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from objects.models import ObjectType
from operations.doors.days import count_days, forget_days, keys_of_days, newest_activity
from operations.doors.log_filters import ActivityFilterSet
from operations.engine import apply
from operations.models import Activity
from operations.types import Call, IdentifyPerson, PersonKey
from tests.make import RECEIVED_AT, make_type, make_workspace, origin
from workspaces.models import Workspace

FIRST = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW = FIRST + timedelta(days=6)
DAYS = [FIRST.date() + timedelta(days=number) for number in range(-1, 7)]


@pytest.fixture
def log(workspace: Workspace) -> Workspace:
    """Fill a log of five days, of which the last one is not counted, and one row came late."""
    for number in (0, 1, 2, 0, 3):
        record(workspace, FIRST + timedelta(days=number))
        record(make_workspace(), FIRST + timedelta(days=number))
        count_days(up_to=newest_activity())
    record(workspace, FIRST + timedelta(days=4))
    record(workspace, FIRST + timedelta(days=1))
    return workspace


def record(workspace: Workspace, at: datetime) -> None:
    by = origin(workspace, at=at)
    key = PersonKey(id=f"at {at} {Activity.objects.count()}")
    apply([Call(by, (IdentifyPerson(key, {}),))])


def keys(workspace: Workspace, asked: Q) -> list[int]:
    rows = Activity.objects.for_workspace(workspace).filter(asked).order_by("-pk")
    return list(rows.values_list("pk", flat=True))


def spans() -> Iterator[tuple[str, str]]:
    ends = [*map(str, DAYS), ""]
    yield from ((after, before) for after in ends for before in ends)


def test_finds_in_each_span_what_was_received_in_it(log: Workspace) -> None:
    for after, before in spans():
        asked = {"after": after, "before": before}
        rows = Activity.objects.for_workspace(log)
        filters = ActivityFilterSet(asked, queryset=rows, workspace=log, at=NOW)
        wanted = Q()
        if after:
            wanted &= Q(received_at__gte=f"{after} 00:00+00:00")
        if before:
            wanted &= Q(received_at__lt=f"{before} 00:00+00:00")
        assert list(filters.qs.order_by("-pk").values_list("pk", flat=True)) == keys(log, wanted)


def test_reads_only_the_turns_of_a_day(log: Workspace) -> None:
    after, before = FIRST + timedelta(days=2), FIRST + timedelta(days=2, hours=1)
    asked = keys_of_days(log.pk, after=after, before=before, now=NOW)
    assert len(keys(log, asked)) == 1
    behind = keys_of_days(log.pk, after=FIRST + timedelta(days=3), before=None, now=NOW)
    assert len(keys(log, behind)) == 3


def test_looks_everywhere_for_days_that_are_forgotten(log: Workspace) -> None:
    later = NOW + timedelta(days=300)
    forget_days(now=later)
    assert keys_of_days(log.pk, after=FIRST, before=None, now=later) == Q()


def test_a_person_is_asked_for_by_one_value(log: Workspace) -> None:
    rows = Activity.objects.for_workspace(log)
    name = rows.order_by("pk")[0].person_id
    filters = ActivityFilterSet({"person": name}, queryset=rows, workspace=log, at=NOW)
    assert " IN (" not in str(filters.qs.query)
    assert filters.qs.count() == 1


def test_a_workspace_without_activity_has_none_on_any_day(workspace: Workspace) -> None:
    kind: ObjectType = make_type(make_workspace())
    count_days(up_to=newest_activity())
    assert kind.pk
    asked = keys_of_days(workspace.pk, after=RECEIVED_AT, before=NOW, now=NOW)
    assert keys(workspace, asked) == []
