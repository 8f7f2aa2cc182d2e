"""Who is in a segment: of a person the segments, of a segment how many people."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import BooleanField, Case, F, Q, Value, When

from operations.doors.capped_counts import count_capped
from operations.doors.conditions import condition_on
from operations.doors.segments import hidden_segments, load_segments
from operations.wire.columns import Kind
from operations.wire.filter_tree import InSegment
from people.models import Person, Segment, SegmentSize

# So many segments are asked of a person in one statement.
ASKED_AT_ONCE: Final = 25
ASKED_MAX: Final = 200
COUNTED_AT_ONCE: Final = 200
_STALE_AFTER: Final = timedelta(minutes=4)


def dynamic_segments_of(person: Person, *, at: datetime) -> list[Segment]:
    """Give the dynamic segments whose condition a person meets at this moment.

    One that asks for what is hidden from the reader is left out.
    """
    rows = Segment.objects.for_workspace(person.workspace_id).dynamic()
    found = list(rows.order_by("name", "number")[:ASKED_MAX])
    hidden = hidden_segments(person.workspace_id, [row.number for row in found])
    segments = [row for row in found if row.number not in hidden]
    trees = [InSegment(row.number) for row in segments]
    loaded = load_segments(person.workspace_id, trees)
    conditions = {
        f"segment_{tree.number}": condition_on(
            Kind.PEOPLE, tree, workspace=person.workspace_id, at=at, segments=loaded
        )
        for tree in trees
    }
    met = _met_by(person, conditions)
    return [row for row in segments if f"segment_{row.number}" in met]


def count_segments(*, now: datetime) -> None:
    """Count the people of segments, those first that were counted longest ago."""
    is_stale = Q(size=None) | Q(size__counted_at__lt=now - _STALE_AFTER)
    oldest = F("size__counted_at").asc(nulls_first=True)
    for segment in Segment.objects.filter(is_stale).order_by(oldest, "pk")[:COUNTED_AT_ONCE]:
        count_segment(segment, now=now)


def count_segment(segment: Segment, *, now: datetime) -> None:
    """Count up to a thousand people of a segment, within the time that a list may take."""
    workspace = segment.workspace_id
    condition = condition_on(Kind.PEOPLE, InSegment(segment.number), workspace=workspace, at=now)
    count = count_capped(Person.objects.for_workspace(workspace).filter(condition))
    SegmentSize.objects.update_or_create(
        segment=segment, defaults={"people": int(count), "counted_at": now}
    )


def _met_by(person: Person, conditions: dict[str, Q]) -> set[str]:
    """Ask one person for many conditions, a few statements in all."""
    names = sorted(conditions)
    met: set[str] = set()
    for start in range(0, len(names), ASKED_AT_ONCE):
        some = names[start : start + ASKED_AT_ONCE]
        asked: dict[str, Any] = {name: _as_value(conditions[name]) for name in some}
        found = Person.objects.filter(pk=person.pk).annotate(**asked).values_list(*some).first()
        met |= {name for name, is_met in zip(some, found or (), strict=False) if is_met}
    return met


def _as_value(condition: Q) -> Case:
    is_met = When(condition, then=Value(True))
    return Case(is_met, default=Value(False), output_field=BooleanField())
