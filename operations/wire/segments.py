"""Dynamic segments: filters of people that other filters ask by their number."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from operations.wire.filter_tree import Filter, InSegment, leaves_of
from operations.wire.matching import Facts, matches

# The filter of each dynamic segment by its number; manual segments are not among them.
Segments: TypeAlias = Mapping[int, Filter]


def numbers_in(tree: Filter) -> frozenset[int]:
    """Give the numbers of the segments that a filter asks for itself."""
    return frozenset(leaf.number for leaf in leaves_of(tree) if isinstance(leaf, InSegment))


def find_cycle(number: int, segments: Segments) -> tuple[int, ...]:
    """Give the way on which a segment leads back to itself, ending with it, if there is one."""
    seen: set[int] = set()
    ways: list[tuple[int, ...]] = [(number,)]
    while ways:
        way = ways.pop()
        tree = segments.get(way[-1])
        for following in sorted(numbers_in(tree)) if tree is not None else ():
            if following == number:
                return (*way, number)
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()


def count_conditions(tree: Filter, segments: Segments) -> int:
    """Count the conditions of a filter with those of its segments in their places.

    Each segment is counted once and added as often as it stands there, so that segments of
    segments cannot make this slow; cycles have been refused before.
    """
    counts: dict[int, int] = {}

    def count(part: Filter) -> int:
        return sum(count_leaf(leaf.number) for leaf in _segments_of(part)) + sum(
            1 for leaf in leaves_of(part) if not isinstance(leaf, InSegment)
        )

    def count_leaf(number: int) -> int:
        if number not in segments:
            return 1
        if number not in counts:
            counts[number] = count(segments[number])
        return counts[number]

    return count(tree)


def filters_of_segments(tree: Filter, segments: Segments) -> Iterator[Filter]:
    """Give the filters of the segments that a filter asks for, directly or through others."""
    waiting = numbers_in(tree)
    seen: frozenset[int] = frozenset()
    while waiting:
        seen |= waiting
        parts = [segments[number] for number in sorted(waiting) if number in segments]
        yield from parts
        waiting = frozenset(number for part in parts for number in numbers_in(part)) - seen


def segments_of(facts: Facts, segments: Segments, *, at: datetime) -> frozenset[int]:
    """Give the numbers of all segments that a person is in, the manual ones being known."""
    known: dict[int, bool] = dict.fromkeys(facts.segments, True)

    def is_in(number: int) -> bool:
        if number not in known:
            tree = segments.get(number)
            known[number] = tree is not None and matches(tree, with_asked(tree), at=at)
        return known[number]

    def with_asked(tree: Filter) -> Facts:
        asked = frozenset(number for number in numbers_in(tree) if is_in(number))
        related = tuple(replace(each, segments=asked) for each in facts.related)
        return replace(facts, segments=asked, related=related)

    return frozenset(number for number in {*segments, *known} if is_in(number))


def _segments_of(tree: Filter) -> Iterator[InSegment]:
    return (leaf for leaf in leaves_of(tree) if isinstance(leaf, InSegment))
