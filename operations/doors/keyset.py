"""Pages of a list by the place in it: an index leads to each, however deep."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from operations.columns import RANK_COARSE_FROM, RANK_EXACT_FROM
from operations.json import JsonError, dump, parse

_CURSOR_MAX_CHARS: Final = 2_000
_BIGGEST_KEY: Final = 2**63 - 1
_BIGGEST_NUMBER: Final = 2**31 - 1
_COUNTED: Final = ("relationship_rank", "relationship_count", "pk")


@dataclass(frozen=True, slots=True)
class Column:
    """A column to sort by, which is never null in the rows that are sorted by it."""

    name: str
    is_descending: bool = False

    @property
    def term(self) -> str:
        """Write it for `order_by`."""
        return f"-{self.name}" if self.is_descending else self.name


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a list: which rows, and the columns of the index that they are in order of.

    Together the columns name one row. A list has several parts where no single index has it all:
    the rows without an id come after those with one.
    """

    columns: tuple[Column, ...]
    condition: Q = field(default_factory=Q)

    def turned(self) -> "Leg":
        """Give the same rows in the opposite order."""
        columns = tuple(Column(part.name, not part.is_descending) for part in self.columns)
        return Leg(columns, self.condition)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after a row of a leg, or (backwards) before it."""

    leg: int
    values: tuple[Any, ...]
    is_backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page and the places of its neighbours, where there are any."""

    rows: tuple[Any, ...]
    previous: Place | None = None
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """The legs of a list in either direction."""

    ascending: tuple[Leg, ...]
    descending: tuple[Leg, ...]


def sort_by(*names: str) -> Sort:
    """Sort by columns that are never null."""
    return Sort((leg(*names),), (leg(*names).turned(),))


def sort_by_present(name: str, *, rest: tuple[str, ...]) -> Sort:
    """Sort by a unique column that may be null; rows without it come last, in another order."""
    there, missing = Q((f"{name}__isnull", False)), Q((f"{name}__isnull", True))
    last = leg(*rest, condition=missing)
    return Sort((leg(name, condition=there), last), (leg(f"-{name}", condition=there), last))


def sort_by_relationships(*, rest: tuple[str, ...]) -> Sort:
    """Sort by how many relationships there are, along the index of the rank.

    The lowest counts share the rank that most rows have: a leg for each saves reading all of it.
    """
    few = tuple(
        leg("pk", condition=Q(is_unrelated=False, relationship_rank=1, relationship_count=count))
        for count in range(1, RANK_EXACT_FROM)
    )
    exact = Q(relationship_rank__gte=RANK_EXACT_FROM, relationship_rank__lt=RANK_COARSE_FROM)
    many = Q(relationship_rank__gte=RANK_COARSE_FROM)
    related = (
        *few,
        leg("relationship_rank", "pk", condition=Q(is_unrelated=False) & exact),
        leg(*_COUNTED, condition=Q(is_unrelated=False) & many),
    )
    unrelated = leg(*rest, condition=Q(is_unrelated=True))
    descending = tuple(part.turned() for part in reversed(related))
    return Sort((unrelated, *related), (*descending, unrelated))


def leg(*names: str, condition: Q | None = None) -> Leg:
    """Make a leg from the names as `order_by` takes them."""
    columns = tuple(Column(name.removeprefix("-"), name.startswith("-")) for name in names)
    return Leg(columns, condition or Q())


def read_page(
    rows: QuerySet[Any], legs: Sequence[Leg], *, place: Place | None, limit: int
) -> Page:
    """Read a page: one statement, and one for each further leg that it reaches into."""
    is_backwards = place is not None and place.is_backwards
    found = _read(rows, legs, place=place, limit=limit + 1)
    has_more, shown = len(found) > limit, found[:limit]
    if is_backwards:
        shown.reverse()
    if not shown:
        return Page(())
    has_next, has_previous = (True, has_more) if is_backwards else (has_more, place is not None)
    (first_leg, first), (last_leg, last) = shown[0], shown[-1]
    return Page(
        rows=tuple(row for _, row in shown),
        previous=_place_of(legs, first_leg, first, is_backwards=True) if has_previous else None,
        next=_place_of(legs, last_leg, last, is_backwards=False) if has_next else None,
    )


def read_page_by_keys(
    rows: QuerySet[Any], legs: Sequence[Leg], *, place: Place | None, limit: int
) -> Page:
    """Read the keys of a page, which an index may have by itself, and then their rows.

    A planner goes along the very index then, even where it takes what is asked for to be frequent.
    """
    columns = {column.name for part in legs for column in part.columns}
    slim = rows.select_related(None).only(*columns)
    page = read_page(slim, legs, place=place, limit=limit)
    found = rows.in_bulk([row.pk for row in page.rows])
    return replace(page, rows=tuple(found[row.pk] for row in page.rows if row.pk in found))


def render_place(place: Place) -> str:
    """Write a place for an address."""
    values = [_written(value) for value in place.values]
    text = dump([place.is_backwards, place.leg, values])
    return urlsafe_b64encode(text).decode().rstrip("=")


def find_place(text: str, legs: Sequence[Leg], model: type[Model]) -> Place | None:
    """Read a place of this list; None where the text is not one."""
    if not text or len(text) > _CURSOR_MAX_CHARS:
        return None
    try:
        read: Any = parse(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        is_backwards, number, written = read
        if type(number) is not int or number < 0:
            return None
        columns = legs[number].columns
        values = tuple(
            _read_value(model, column, value)
            for column, value in zip(columns, written, strict=True)
        )
    except (NotBase64, JsonError, ValidationError, ValueError, TypeError, LookupError):
        return None
    except OverflowError:  # a moment that is before the year 1, or after 9999, in this zone
        return None
    return Place(number, values, is_backwards=is_backwards is True)


def _read(
    rows: QuerySet[Any], legs: Sequence[Leg], *, place: Place | None, limit: int
) -> list[tuple[int, Any]]:
    is_backwards = place is not None and place.is_backwards
    numbers = list(range(len(legs)))
    if place is not None:
        numbers = numbers[: place.leg + 1][::-1] if is_backwards else numbers[place.leg :]
    found: list[tuple[int, Any]] = []
    for number in numbers:
        part = legs[number].turned() if is_backwards else legs[number]
        chosen = rows.filter(part.condition)
        if place is not None and place.leg == number:
            chosen = chosen.filter(_beyond(part.columns, place.values))
        ordered = chosen.order_by(*[column.term for column in part.columns])
        found += [(number, row) for row in ordered[: limit - len(found)]]
        if len(found) == limit:
            break
    return found


def _beyond(columns: Sequence[Column], values: Sequence[Any]) -> Q:
    """Ask for the rows after these values, in words from which an index can skip to the place."""
    column, value = columns[0], values[0]
    way = "lt" if column.is_descending else "gt"
    after = Q((f"{column.name}__{way}", value))
    if len(columns) == 1:
        return after
    # The first condition says nothing more than the rest, but it is the one the index starts at.
    is_near = Q((f"{column.name}__{way}e", value))
    same = Q((column.name, value)) & _beyond(columns[1:], values[1:])
    return is_near & (after | same)


def _place_of(legs: Sequence[Leg], number: int, row: Any, *, is_backwards: bool) -> Place:
    values = tuple(getattr(row, column.name) for column in legs[number].columns)
    return Place(number, values, is_backwards=is_backwards)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read_value(model: type[Model], column: Column, value: Any) -> Any:
    if column.name == "pk":
        return _number(value, most=_BIGGEST_KEY)
    stored: Any = model._meta.get_field(column.name)
    kind = stored.get_internal_type()
    if kind == "DateTimeField":
        return _moment(value)
    if kind == "CharField":
        return _text(value)
    return _number(value, most=_BIGGEST_KEY if stored.is_relation else _BIGGEST_NUMBER)


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found.astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def _number(value: Any, *, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(value)
    return value
