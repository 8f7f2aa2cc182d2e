"""Sensitive attributes: who reads is said once, and rows are decoded without what is hidden.

A door says for whom it reads (`reading_for`, `read_for`); `AttributesField` then decodes rows with
a mask in the place of each hidden value. So every page, list, export and answer is masked, also
one that is added later. The engine reads by its own statements and never sees a mask; without a
reader, as in a worker or a command, nothing is hidden.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeAlias, TypeVar

from operations.types import HiddenNames, Json

Piece = TypeVar("Piece")
FindHidden: TypeAlias = Callable[[], HiddenNames]
NOTHING_HIDDEN: Final = HiddenNames()


class Masked(str):
    """What stands in the place of a hidden value; a text to whoever does not ask."""

    __slots__ = ()
    is_masked = True


MASK: Final = Masked("••••")
_reader: ContextVar[FindHidden | None] = ContextVar("reader", default=None)


@contextmanager
def reading_for(find: FindHidden | None) -> Iterator[None]:
    """Read for somebody; what is hidden is looked up with the first row, if any is read."""
    token = _reader.set(find)
    try:
        yield
    finally:
        _reader.reset(token)


def read_for(find: FindHidden) -> None:
    """Go on reading for somebody else, until the surrounding `reading_for` ends."""
    _reader.set(find)


def current_reader() -> FindHidden | None:
    """Give how to look up what is hidden from whoever is being read for."""
    return _reader.get()


def each_read_for(pieces: Iterable[Piece], find: FindHidden | None) -> Iterator[Piece]:
    """Give the pieces of an answer that is made while it is sent, each read for somebody."""
    waiting = iter(pieces)
    while True:
        with reading_for(find):
            try:
                piece = next(waiting)
            except StopIteration:
                return
        yield piece


def hidden_names() -> HiddenNames:
    """Give the names that are hidden from whoever is being read for."""
    find = _reader.get()
    return NOTHING_HIDDEN if find is None else find()


def mask_names(attributes: Json, names: frozenset[str]) -> Json:
    """Put the mask in the place of the values of these names."""
    if not isinstance(attributes, dict) or names.isdisjoint(attributes):
        return attributes
    return {name: MASK if name in names else value for name, value in attributes.items()}


def masked_names(attributes: Mapping[str, Json]) -> frozenset[str]:
    """Give the names whose values are masked."""
    return frozenset(name for name, value in attributes.items() if isinstance(value, Masked))


def mask_everywhere(value: Any, names: frozenset[str] | None = None) -> Any:
    """Mask these names wherever they stand in a value, or all hidden ones.

    A log holds attributes of every kind, in several depths: rather a value too many is masked.
    """
    hidden = hidden_names().every if names is None else names
    return _mask_inside(value, hidden) if hidden else value


def _mask_inside(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            name: MASK if name in names else _mask_inside(inner, names)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_mask_inside(inner, names) for inner in value]
    return value
