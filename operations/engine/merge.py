"""Merge attributes: shallow, newest wins, null and "" remove; pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from operations.json import dump, equal
from operations.types import Json

_ABSENT: Final = object()
_SCALARS: Final = frozenset({str, int, bool, float})


@dataclass(slots=True)
class Merged:
    """What a merge made: the new state, and the difference under `before` and `after`.

    `after` has None for a removed attribute; `before` lacks an attribute that was not there.
    """

    attributes: dict[str, Json]
    times: dict[str, int]
    before: dict[str, Json]
    after: dict[str, Json]


def merge_attributes(
    current: dict[str, Json],
    read_times: Callable[[], dict[str, int]],
    incoming: Mapping[str, Json],
    *,
    at: int,
) -> Merged | None:
    """Merge a call into a row; None when no value changes.

    An attribute set later than `at` (Unix seconds) stays; one set at the same second gives way.
    The times are read only when a value differs.
    """
    differing = [
        item for item in incoming.items() if not _is_same(current.get(item[0], _ABSENT), item[1])
    ]
    if not differing:
        return None
    times = read_times()
    changed = [item for item in differing if times.get(item[0], at) <= at]
    if not changed:
        return None
    attributes = dict(current)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in changed:
        old = attributes.pop(name, _ABSENT)
        if old is not _ABSENT:
            before[name] = old
        if value is None or value == "":
            after[name] = None
        else:
            attributes[name] = after[name] = value
    new_times = {**times, **dict.fromkeys(after, at)}
    return Merged(attributes, new_times, before, after)


def later_times(
    times: dict[str, int], incoming: Mapping[str, Json], *, at: int
) -> dict[str, int] | None:
    """Move the times of attributes that a dated call sets to the value they have."""
    later = {name: at for name in incoming if times.get(name, at) < at}
    return {**times, **later} if later else None


def dump_text(value: object) -> str:
    """Dump JSON as the text that both databases store."""
    return dump(value).decode()


def starts_with(stored: str, raw: str) -> bool:
    """Tell whether a stored text begins with all that a call sets, in the same order.

    That is how SQLite stores what the same file set before; PostgreSQL orders names anew.
    """
    if not raw:
        return False
    start = raw[:-1]
    return stored.startswith(start) and stored[len(start)] in ",}"


def _is_same(old: Any, value: Json) -> bool:
    kind = type(value)
    if kind is str:
        return bool(old == value) or (value == "" and old is _ABSENT)
    if value is None:
        return old is _ABSENT
    if kind in _SCALARS:
        return type(old) is kind and bool(old == value)
    return old is not _ABSENT and equal(old, value)
