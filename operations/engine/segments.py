"""Write segments: their names, and the conditions of dynamic ones.

They are no operations of a batch: a segment is written by itself, and rarely. Who is in a manual
one is said by `AddToSegment` and `RemoveFromSegment`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from operations.engine.database import fetch, is_postgresql
from operations.engine.state import new_ids
from operations.errors import Reason, Rejection
from operations.limits import (
    FILTER_MAX_BYTES,
    FILTER_MAX_CONDITIONS,
    SEGMENT_DESCRIPTION_MAX_CHARS,
    SEGMENT_NAME_MAX_CHARS,
    SEGMENTS_MAX_DEPTH,
)
from operations.models import Activity
from operations.results import Status
from operations.types import Json, Origin
from operations.wire.columns import Kind
from operations.wire.filter_tree import Filter
from operations.wire.filters import parse_text, render_filter, render_text
from operations.wire.segments import Segments, count_conditions, find_cycle, numbers_in
from people.models import Segment
from workspaces.models import Workspace

_MANUAL: Final = "a manual segment has members and no condition; make a dynamic one instead"
_DYNAMIC: Final = "a dynamic segment needs at least one condition"


@dataclass(frozen=True, slots=True)
class SegmentDefinition:
    """What a segment is called, and of a dynamic one the condition that says who is in it."""

    name: str
    description: str = ""
    condition: Filter | None = None


@dataclass(frozen=True, slots=True)
class SegmentOutcome:
    """What became of a segment: its number, or why it was refused."""

    status: Status
    number: int | None = None
    rejections: tuple[Rejection, ...] = ()


def save_segment(
    definition: SegmentDefinition, *, origin: Origin, number: int | None = None
) -> SegmentOutcome:
    """Make a segment, or change the one with this number; the kind of a segment never changes."""
    with transaction.atomic(durable=True):
        workspace = _lock(origin.workspace)
        rows = {row.number: row for row in Segment.objects.for_workspace(workspace)}
        if number is not None and number not in rows:
            return _refused(_reject(Reason.NOT_FOUND, "segment", _unknown(number)))
        stored = None if number is None else rows[number]
        problems = (
            *_check(definition, stored, _trees(rows)),
            *_check_name(definition, stored, rows),
        )
        if problems:
            return _refused(*problems)
        if stored is None:
            return _create(definition, origin, workspace, taken=max(rows, default=0))
        return _change(definition, origin, stored)


def delete_segment(number: int, *, origin: Origin) -> SegmentOutcome:
    """Delete a segment with its memberships, unless another one asks for it."""
    with transaction.atomic(durable=True):
        workspace = _lock(origin.workspace)
        rows = {row.number: row for row in Segment.objects.for_workspace(workspace)}
        if number not in rows:
            return SegmentOutcome(Status.UNCHANGED, number)
        trees = _trees(rows)
        users = sorted(each for each, tree in trees.items() if number in numbers_in(tree))
        if users:
            message = f"segment {number} is asked for by {_named(users, rows)}; change that first"
            return _refused(_reject(Reason.CONFLICT, "segment", message))
        stored = rows[number]
        before = _values(stored)
        Segment.objects.filter(pk=stored.pk).delete()
        _record(origin, Status.DELETED, stored, before=before)
    return SegmentOutcome(Status.DELETED, number)


def load_tree(row: Segment) -> Filter:
    """Read the condition of a dynamic segment."""
    return parse_text(row.condition or "", kind=Kind.PEOPLE)


def _lock(key: int) -> Workspace:
    """Let one segment of a workspace be written at a time: two could make a circle together."""
    lock = " FOR NO KEY UPDATE" if is_postgresql() else ""
    fetch(f"SELECT id FROM workspaces_workspace WHERE id = %s{lock}", [key])
    return Workspace.objects.get(pk=key)


def _trees(rows: dict[int, Segment]) -> dict[int, Filter]:
    dynamic = (row for row in rows.values() if row.condition is not None)
    return {row.number: load_tree(row) for row in dynamic}


def _check(
    definition: SegmentDefinition, stored: Segment | None, trees: Segments
) -> Iterator[Rejection]:
    yield from _check_text(definition.name, "name", SEGMENT_NAME_MAX_CHARS, is_required=True)
    limit = SEGMENT_DESCRIPTION_MAX_CHARS
    yield from _check_text(definition.description, "description", limit, is_required=False)
    is_dynamic = definition.condition is not None
    if stored is not None and is_dynamic != (stored.condition is not None):
        yield _reject(Reason.CONFLICT, "condition", _MANUAL if is_dynamic else _DYNAMIC)
    elif definition.condition is not None:
        number = 0 if stored is None else stored.number
        yield from _check_condition(definition.condition, number, trees)


def _check_name(
    definition: SegmentDefinition, stored: Segment | None, rows: dict[int, Segment]
) -> Iterator[Rejection]:
    """Refuse the name of another segment: lists and conditions call a segment by its name."""
    for other in rows.values():
        if other.name == definition.name and other != stored:
            message = (
                f"segment {other.number} is named {definition.name} already; choose another name"
            )
            yield _reject(Reason.CONFLICT, "name", message)


def _check_text(text: str, field: str, limit: int, *, is_required: bool) -> Iterator[Rejection]:
    if is_required and not text.strip():
        yield _reject(Reason.REQUIRED, field, f"{field} is missing; write some text")
    if len(text) > limit:
        message = f"{field} is {len(text):,} characters long; the limit is {limit:,}"
        yield _reject(Reason.TOO_LONG, field, message)
    if "\x00" in text:
        yield _reject(Reason.INVALID, field, f"{field} holds a NUL character")


def _check_condition(tree: Filter, number: int, trees: Segments) -> Iterator[Rejection]:
    """Refuse a condition that leads back to its segment, or grows beyond the limits."""
    known = {**trees, number: tree}
    if cycle := find_cycle(number, known):
        way = " -> ".join(map(str, cycle))
        message = f"the condition leads back to the segment itself ({way}); take that part out"
        yield _reject(Reason.CONFLICT, "condition", message)
        return
    size = len(render_text(tree).encode())
    if size > FILTER_MAX_BYTES:
        message = f"the condition is {size:,} bytes long; the limit is {FILTER_MAX_BYTES:,}"
        yield _reject(Reason.TOO_LARGE, "condition", message)
    # Segments that ask for this one grow with it.
    total = max(count_conditions(each, known) for each in known.values())
    if total > FILTER_MAX_CONDITIONS:
        message = (
            f"with the segments in their places there would be {total:,} conditions; "
            f"the limit is {FILTER_MAX_CONDITIONS}"
        )
        yield _reject(Reason.TOO_MANY, "condition", message)
    depth = max(_depth(each, known) for each in known)
    if depth > SEGMENTS_MAX_DEPTH:
        message = (
            f"segments would ask for segments {depth} levels deep; "
            f"the limit is {SEGMENTS_MAX_DEPTH}"
        )
        yield _reject(Reason.TOO_MANY, "condition", message)


def _depth(number: int, trees: Segments) -> int:
    """Count the segments on the longest way from this one."""
    level, depth = {number}, 0
    while level:
        depth += 1
        level = {
            following
            for each in level
            if each in trees
            for following in numbers_in(trees[each])
            if following in trees
        }
    return depth


def _create(
    definition: SegmentDefinition, origin: Origin, workspace: Workspace, *, taken: int
) -> SegmentOutcome:
    number = max(workspace.next_segment_number, taken + 1)
    Workspace.objects.filter(pk=workspace.pk).update(next_segment_number=number + 1)
    row = Segment.objects.create(
        workspace=workspace,
        number=number,
        name=definition.name,
        description=definition.description,
        condition=_written(definition.condition),
    )
    _record(origin, Status.CREATED, row, after=_values(row))
    return SegmentOutcome(Status.CREATED, number)


def _change(definition: SegmentDefinition, origin: Origin, row: Segment) -> SegmentOutcome:
    before = _values(row)
    row.name, row.description = definition.name, definition.description
    row.condition = _written(definition.condition)
    after = _values(row)
    changed = [name for name, value in after.items() if value != before[name]]
    if not changed:
        return SegmentOutcome(Status.UNCHANGED, row.number)
    row.save(update_fields=["name", "description", "condition", "updated_at"])
    old, new = ({name: values[name] for name in changed} for values in (before, after))
    _record(origin, Status.UPDATED, row, before=old, after=new)
    return SegmentOutcome(Status.UPDATED, row.number)


def _record(
    origin: Origin,
    status: Status,
    row: Segment,
    *,
    before: dict[str, Json] | None = None,
    after: dict[str, Json] | None = None,
) -> None:
    """Write the activity; it names the segment by its number, as those of its members do."""
    number: dict[str, Json] = {"segment": row.number}
    Activity.objects.create(
        workspace_id=origin.workspace,
        received_at=origin.received_at,
        kind=Activity.Kind.SEGMENT,
        status=status.value,
        call_id=next(new_ids(int(origin.received_at.timestamp() * 1000))),
        door=origin.door.value,
        actor=origin.actor,
        name=row.name,
        before=None if before is None else number | before,
        after=None if after is None else number | after,
    )


def _values(row: Segment) -> dict[str, Json]:
    condition = None if row.condition is None else render_filter(load_tree(row))
    return {"name": row.name, "description": row.description, "condition": condition}


def _written(condition: Filter | None) -> str | None:
    return None if condition is None else render_text(condition)


def _named(numbers: list[int], rows: dict[int, Segment]) -> str:
    return ", ".join(f"segment {number} ({rows[number].name})" for number in numbers[:5])


def _unknown(number: int) -> str:
    return f"segment {number} is not there any more; go back to the list of segments"


def _reject(reason: Reason, field: str, message: str) -> Rejection:
    return Rejection(0, reason, field, message)


def _refused(*rejections: Rejection) -> SegmentOutcome:
    return SegmentOutcome(Status.REFUSED, None, rejections)
