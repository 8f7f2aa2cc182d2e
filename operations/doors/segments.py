"""The dynamic segments that filters ask for: how they are read, and what forbids their use."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from operations.doors.sensitive import hidden_in, say_hidden
from operations.limits import FILTER_MAX_CONDITIONS, SEGMENTS_MAX_DEPTH
from operations.masking import hidden_names
from operations.wire.columns import Kind
from operations.wire.filter_tree import Filter, InSegment
from operations.wire.filters import FilterError, parse_text
from operations.wire.segments import (
    Segments,
    count_conditions,
    filters_of_segments,
    numbers_in,
)
from people.models import Segment
from workspaces.models import Workspace

SEGMENTS_OFFERED = 200
# A filter may ask for several segments, each as large as a filter; one statement answers it all.
EXPANDED_MAX_CONDITIONS = 5 * FILTER_MAX_CONDITIONS


def load_segments(workspace: Workspace | int, trees: Sequence[Filter]) -> dict[int, Filter]:
    """Read the dynamic segments that filters ask for, one statement for each level of them."""
    found: dict[int, Filter] = {}
    asked: set[int] = set()
    wanted = {number for tree in trees for number in numbers_in(tree)}
    for _level in range(SEGMENTS_MAX_DEPTH + 1):
        wanted -= asked
        if not wanted:
            break
        asked |= wanted
        rows = Segment.objects.for_workspace(workspace).dynamic().filter(number__in=wanted)
        new = dict(_parsed(rows.values_list("number", "condition")))
        found |= new
        wanted = {number for tree in new.values() for number in numbers_in(tree)}
    return found


def segment_names(workspace: Workspace | int) -> dict[int, str]:
    """Name the segments of a workspace by their numbers."""
    rows = Segment.objects.for_workspace(workspace).order_by("name", "number")
    return dict(rows.values_list("number", "name")[:SEGMENTS_OFFERED])


def hidden_segments(workspace: Workspace | int, numbers: Iterable[int]) -> frozenset[int]:
    """Give the segments that ask for what is hidden from whoever is being read for.

    How many people are in such a segment, or that somebody is, would tell of it.
    """
    if not hidden_names():
        return frozenset()
    trees = [*map(InSegment, numbers)]
    segments = load_segments(workspace, trees)
    return frozenset(
        tree.number
        for tree in trees
        if any(any(hidden_in(part)) for part in filters_of_segments(tree, segments))
    )


def find_problems(tree: Filter, segments: Segments) -> Iterator[str]:
    """Say why a filter may not ask for its segments: they are hidden, or too large together."""
    for part in filters_of_segments(tree, segments):
        for name in dict.fromkeys(hidden_in(part)):
            yield say_hidden(name)
    total = count_conditions(tree, segments)
    if total > EXPANDED_MAX_CONDITIONS:
        message = _(
            "With its segments in their places the filter has %(total)s conditions;"
            " the limit is %(max)s."
        )
        yield message % {"total": f"{total:,}", "max": EXPANDED_MAX_CONDITIONS}


def _parsed(rows: Iterable[tuple[int, str | None]]) -> Iterator[tuple[int, Filter]]:
    """Read conditions; one that is not understood any more finds nobody."""
    for number, condition in rows:
        try:
            yield number, parse_text(condition or "", kind=Kind.PEOPLE)
        except FilterError:
            continue
