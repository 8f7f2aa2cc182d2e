"""Draws a neighbourhood: rings around the one in the middle, as numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, degrees, pi, sin
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from operations.doors.neighbourhood import Neighbour

_FIRST_RING: Final = 110
_BETWEEN_RINGS: Final = 100
_ROOM_OF_LABEL: Final = 24
_ROOM_OF_DOT: Final = 15
# Places of a slice with both rings: the inner ring has half of the room, its dots do not overlap.
_NARROWEST_SLICE: Final = 2
_LABELS_MAX: Final = 80
_INNER_LABELS_MAX: Final = 12
_LABEL_CHARS: Final = 20
_MARGIN: Final = 30
_MARGIN_OF_LABELS: Final = 155


@dataclass(frozen=True, slots=True)
class Dot:
    """One person or object with its place; the angle turns the label outwards."""

    neighbour: "Neighbour"
    number: int
    x: float
    y: float
    angle: float
    is_left: bool
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A relationship between two dots."""

    first: int
    second: int
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, in a square around the middle."""

    middle: Dot
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    view_box: str
    has_labels: bool
    is_deep: bool


def draw(
    start: "Neighbour",
    *,
    neighbours: Sequence["Neighbour"],
    edges: Sequence[tuple["Neighbour", "Neighbour"]],
) -> Picture:
    """Give every neighbour a slice of the circle as wide as what hangs on it."""
    has_labels = len(neighbours) <= _LABELS_MAX
    is_deep = any(one.others for one in start.others)
    narrowest = _NARROWEST_SLICE if is_deep else 1
    leaves = sum(max(narrowest, len(one.others)) for one in start.others)
    near, far = _radii(len(start.others), leaves, has_labels=has_labels, is_deep=is_deep)
    has_inner = has_labels and (not is_deep or len(start.others) <= _INNER_LABELS_MAX)
    middle = _dot(start, 0, 0, 0.0, has_label=True)
    dots = {id(start): middle}
    place = 0
    for one in start.others:
        width = max(narrowest, len(one.others))
        angle = _angle(place + (width - 1) / 2, leaves)
        dots[id(one)] = _dot(one, len(dots), near, angle, has_label=has_inner)
        unused = (width - len(one.others)) / 2
        for at, other in enumerate(one.others):
            outer = _angle(place + unused + at, leaves)
            dots[id(other)] = _dot(other, len(dots), far, outer, has_label=has_labels)
        place += width
    lines = tuple(_line(dots[id(one)], dots[id(other)]) for one, other in edges)
    size = round((far if is_deep else near) + (_MARGIN_OF_LABELS if has_labels else _MARGIN))
    return Picture(
        middle=middle,
        dots=tuple(dots.values())[1:],
        lines=lines,
        view_box=f"{-size} {-size} {2 * size} {2 * size}",
        has_labels=has_labels,
        is_deep=is_deep,
    )


def _radii(near: int, leaves: int, *, has_labels: bool, is_deep: bool) -> tuple[float, float]:
    room = _ROOM_OF_LABEL if has_labels else _ROOM_OF_DOT
    outer = leaves * room / (2 * pi)
    if not is_deep:
        first = max(_FIRST_RING, near * room / (2 * pi))
        return first, first
    first = max(_FIRST_RING, outer / _NARROWEST_SLICE)
    return first, max(first + _BETWEEN_RINGS, outer)


def _angle(place: float, places: int) -> float:
    return 2 * pi * place / max(1, places) - pi / 2


def _dot(one: "Neighbour", number: int, radius: float, angle: float, *, has_label: bool) -> Dot:
    is_left = cos(angle) < 0
    turned = degrees(angle) + (180 if is_left else 0)
    title = one.title
    short = title if len(title) <= _LABEL_CHARS else f"{title[: _LABEL_CHARS - 1]}…"
    return Dot(
        neighbour=one,
        number=number,
        x=round(radius * cos(angle), 1),
        y=round(radius * sin(angle), 1),
        angle=round(turned, 1),
        is_left=is_left,
        label=short if has_label else "",
    )


def _line(one: Dot, other: Dot) -> Line:
    return Line(one.number, other.number, one.x, one.y, other.x, other.y)
