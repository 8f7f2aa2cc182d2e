"""Whoever types a whole id or e-mail address finds its row first: in lists and in pickers."""

from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from operations.doors.keyset import Leg
from operations.searching import clean_words


def exact_legs(rows: QuerySet[Any], words: str, *, usual: Leg) -> tuple[Leg, ...]:
    """Begin a list with the row that the words identify."""
    exact = _find_condition(rows, words)
    if exact is None:
        return (usual,)
    return (
        Leg(usual.columns, usual.condition & exact),
        Leg(usual.columns, usual.condition & ~exact),
    )


def take_exact_first(rows: QuerySet[Any], words: str, *, limit: int) -> list[Any]:
    """Read the row that the words identify, and then others until there are enough."""
    exact = _find_condition(rows, words)
    first = [] if exact is None else list(rows.filter(exact)[:limit])
    others = rows.exclude(pk__in=[row.pk for row in first]) if first else rows
    return [*first, *others[: limit - len(first)]]


def order_exact_first(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Order rows so that the one that the words identify comes first."""
    exact = _find_condition(rows, words)
    if exact is None:
        return rows
    is_other = Case(When(exact, then=Value(0)), default=Value(1))
    return rows.order_by(is_other, *(rows.query.order_by or ("-pk",)))


def _find_condition(rows: QuerySet[Any], words: str) -> Q | None:
    """Give the condition of models whose rows can be identified by words."""
    cleaned = clean_words(words)
    is_exactly: Any = getattr(rows, "is_exactly", None)
    return is_exactly(cleaned) if cleaned and is_exactly is not None else None
