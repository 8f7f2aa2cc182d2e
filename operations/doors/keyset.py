"""Pages of a list by the place in it: an index leads to each, however deep."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value

from operations.conditions import Compiled
from operations.json import JsonError, dump, parse

_CURSOR_MAX_CHARS: Final = 2_000
_BIGGEST_KEY: Final = 2**63 - 1
_BIGGEST_NUMBER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column to sort by, of the rows or (`totals__...`) of the table beside theirs.

    It is never null in the rows that are sorted by it.
    """

    name: str
    is_descending: bool = False

    @property
    def term(self) -> str:
        """Write it for `order_by`."""
        return f"-{self.name}" if self.is_descending else self.name


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a list: which rows, and the columns of the index that they are in order of.

    Together the columns name one row, and all go in one direction. A list has several parts where
    no single index has it all: the rows without an id come after those with one.
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


def sort_by_relationships(*, within: str) -> Sort:
    """Sort by how many relationships there are, along the index of the totals.

    It begins with the column `within`, which the list has narrowed in the rows themselves.
    """
    is_same = Q((f"totals__{within}", F(within)))
    fewest_first = leg("totals__relationship_count", "totals__pk", condition=is_same)
    return Sort((fewest_first,), (fewest_first.turned(),))


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


def beyond(order: Sequence[str], values: Sequence[Any]) -> "IsBeyond":
    """Ask for the rows after these values in an order whose terms all go in one direction."""
    names = [name.removeprefix("-") for name in order]
    return IsBeyond(names, values, "<" if order[0].startswith("-") else ">")


class IsBeyond(Func):
    """Compare several columns at once, so that an index skips to the place among equal counts.

    Django 5.2 says it column by column to SQLite, which then reads all of them.
    """

    output_field = BooleanField()

    def __init__(self, names: Sequence[str], values: Sequence[Any], operator: str) -> None:
        super().__init__(*map(F, names), *map(Value, values))
        self.operator = operator

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **options: Any) -> Compiled:
        """Write a row of columns beside one of values."""
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        columns, values = (
            ", ".join(sql for sql, _ in row) for row in (parts[:half], parts[half:])
        )
        parameters = tuple(each for _, some in parts for each in some)
        return f"({columns}) {self.operator} ({values})", parameters


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
            chosen = chosen.filter(beyond([column.term for column in part.columns], place.values))
        ordered = chosen.order_by(*[column.term for column in part.columns])
        found += [(number, row) for row in ordered[: limit - len(found)]]
        if len(found) == limit:
            break
    return found


def _place_of(legs: Sequence[Leg], number: int, row: Any, *, is_backwards: bool) -> Place:
    values = tuple(
        attrgetter(column.name.replace("__", "."))(row) for column in legs[number].columns
    )
    return Place(number, values, is_backwards=is_backwards)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read_value(model: type[Model], column: Column, value: Any) -> Any:
    *path, name = column.name.split("__")
    if name == "pk":
        return _number(value, most=_BIGGEST_KEY)
    stored: Any = model._meta
    for step in path:
        stored = stored.get_field(step).related_model._meta
    stored = stored.get_field(name)
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
