"""Which people or objects are chosen: some by key, or all that match a list but a few."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

# Thousands of keys travel with every page of the steps; whoever wants more chooses by filter.
KEYS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows under `keys`, and all that match `query` up to the key `up_to` but `without` some.

    `query` is the part of a list's address that searches and filters; None when no list was
    chosen as a whole. `count` is how many rows that was when they were chosen. `unknown` is what
    was pasted and not found, kept so that it can be corrected.
    """

    keys: frozenset[int] = frozenset()
    query: str | None = None
    up_to: int = 0
    without: frozenset[int] = frozenset()
    count: int = 0
    unknown: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is chosen."""
        return self.count == 0

    @property
    def shown_count(self) -> str:
        """Write the count."""
        return f"{self.count:,}"


def load_choice(stored: Any) -> Choice:
    """Read a choice from a draft's column."""
    values = dict(stored or {})
    for name in ("keys", "without"):
        values[name] = frozenset(values.get(name, ()))
    return Choice(**values)


def dump_choice(choice: Choice) -> dict[str, Any]:
    """Write a choice for a draft's column."""
    return {
        "keys": sorted(choice.keys),
        "query": choice.query,
        "up_to": choice.up_to,
        "without": sorted(choice.without),
        "count": choice.count,
        "unknown": choice.unknown,
    }


def choose_keys(keys: Collection[int]) -> Choice:
    """Choose rows by key."""
    return Choice(keys=frozenset(keys), count=len(frozenset(keys)))


def merge_page(
    choice: Choice,
    *,
    shown: Collection[int],
    checked: Collection[int],
    matching: Collection[int],
) -> Choice:
    """Take over the boxes of one page; `matching` are the shown rows that the query chooses."""
    shown, checked, matching = frozenset(shown), frozenset(checked), frozenset(matching)
    before = (choice.keys & shown) | (matching - choice.without)
    return replace(
        choice,
        keys=(choice.keys - shown) | (checked - matching),
        without=(choice.without - checked) | (matching - checked),
        count=choice.count + len(checked) - len(before),
    )


def add_keys(choice: Choice, keys: Collection[int], *, chosen: Collection[int]) -> Choice:
    """Choose more rows by key; `chosen` are those of them that are chosen already."""
    added = frozenset(keys) - frozenset(chosen)
    return replace(
        choice,
        keys=choice.keys | added,
        without=choice.without - added,
        count=choice.count + len(added),
    )
