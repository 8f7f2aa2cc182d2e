"""A selection from a pasted list of ids or e-mail addresses: who was found, and who was not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from operations.among import TextIsAmong
from operations.doors.selection import MODELS, Selection
from operations.wire.columns import Kind

PASTED_MAX: Final = 50_000
_EMAIL: Final = "email_key"
# In the order in which a text is tried: an id may look like somebody else's e-mail address.
_COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PEOPLE: ("person_id", _EMAIL, "cio_id"),
    Kind.OBJECTS: ("object_id", "cio_object_id"),
}


class TooManyPasted(ValueError):
    """More lines than can be looked up at once."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of a pasted list; `repeated` counts the lines that name a row once more."""

    selection: Selection
    missing: tuple[str, ...]
    repeated: int


def split_pasted(text: str) -> tuple[str, ...]:
    """Give the lines that hold something; an id may have any character but a line break."""
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return tuple(line for line in lines if line.strip())


def find_pasted(
    kind: Kind, *, workspace: int, identifiers: Iterable[str], type_number: int | None = None
) -> Pasted:
    """Look up people by id, e-mail or cio_id, or objects of a type by either of their ids.

    An id that is not found as it stands is tried without the spaces around it.
    """
    wanted = tuple(identifiers)
    if len(wanted) > PASTED_MAX:
        message = f"{len(wanted):,} lines are too many; the limit is {PASTED_MAX:,} at once"
        raise TooManyPasted(message)
    rows = _rows(kind, workspace=workspace, type_number=type_number)
    found: dict[str, int] = {}
    for column in _COLUMNS[kind]:
        _look_up(rows, column, [each for each in wanted if each not in found], found=found)
    keys = tuple(dict.fromkeys(found[each] for each in wanted if each in found))
    missing = tuple(dict.fromkeys(each for each in wanted if each not in found))
    repeated = len(wanted) - len(keys) - len(missing)
    return Pasted(Selection(kind, workspace, keys=keys), missing, repeated)


def _rows(kind: Kind, *, workspace: int, type_number: int | None) -> QuerySet[Any]:
    manager: Any = MODELS[kind]._default_manager
    rows: QuerySet[Any] = manager.for_workspace(workspace)
    is_typed = kind is Kind.OBJECTS and type_number is not None
    return rows.filter(object_type__number=type_number) if is_typed else rows


def _look_up(
    rows: QuerySet[Any], column: str, wanted: Sequence[str], *, found: dict[str, int]
) -> None:
    spellings = {each: _spellings(each, column) for each in wanted}
    texts = {text for each in spellings.values() for text in each if "\0" not in text}
    if not texts:
        return
    known = dict(rows.filter(TextIsAmong(column, texts)).values_list(column, "pk"))
    for each, tried in spellings.items():
        key = next((known[text] for text in tried if text in known), None)
        if key is not None:
            found[each] = key


def _spellings(text: str, column: str) -> tuple[str, ...]:
    return (text.strip().lower(),) if column == _EMAIL else (text, text.strip())
