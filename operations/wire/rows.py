"""Flat rows, such as the lines of a CSV file: read as calls, and written from stored values."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from msgspec.structs import replace

from operations.errors import Reason, Rejection
from operations.json import JsonError
from operations.limits import OBJECT_TYPE_NUMBER_MAX
from operations.types import (
    Attributes,
    Call,
    DeleteObject,
    DeletePerson,
    Door,
    Handling,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
    Unrelate,
)
from operations.wire.cells import CELL_READERS, render_cell, undo_safe
from operations.wire.columns import Identifier, Kind, Plan
from operations.wire.rules import RULES

# The number of the physical line on which a row starts, with its cells or why there are none.
Row: TypeAlias = tuple[int, list[str] | Rejection]

_WHOLE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_TYPE_COLUMN: Final = "object_type_id"
_SHOWN_CHARS: Final = 40
_NULL: Final = "null"
_FILE_RULES: Final = RULES[Door.CSV]
# What is to go and is not there is no mistake, and is never made first.
_REMOVAL_RULES: Final = replace(
    _FILE_RULES, unknown_cio_id=Handling.SKIP, unknown_cio_object_id=Handling.SKIP
)


def parse_row(plan: Plan, cells: list[str], *, origin: Origin) -> Call | Rejection:
    """Read the cells of one row as the call that they ask for.

    What the engine checks anyway (identifiers, reserved values, sizes) is left to it.
    """
    if len(cells) != len(plan.header):
        return _wrong_width(plan, cells)
    if plan.choices.is_made_safe:
        cells = [undo_safe(cell) for cell in cells]
    if plan.choices.treats_null_as_empty:
        cells = ["" if cell.lower() == _NULL else cell for cell in cells]
    if plan.choices.removes:
        return _parse_removal(plan, cells, origin=origin)
    attributes: dict[str, Json] = {}
    rejection = _read_attributes(plan, cells, into=attributes)
    if rejection is not None:
        return rejection
    if plan.choices.clears_blanks:
        _clear_blanks(plan, cells, into=attributes)
    operation = _operation(plan, cells, attributes)
    if isinstance(operation, Rejection):
        return operation
    return Call(origin, (operation,), _FILE_RULES)


def render_row(
    keys: Sequence[str | int | None], attributes: Attributes, names: Sequence[str]
) -> list[str]:
    """Write the values of one row: its key columns, then the named attributes."""
    cells = ["" if key is None else str(key) for key in keys]
    for name in names:
        value = attributes.get(name)
        if value is None:
            cells.append("")
        elif type(value) is str and value[:1] not in CELL_READERS:
            cells.append(value)
        else:
            cells.append(render_cell(value))
    return cells


def _wrong_width(plan: Plan, cells: list[str]) -> Rejection:
    message = f"the row has {len(cells)} cells; the header has {len(plan.header)} columns"
    return Rejection(0, Reason.INVALID, "", message)


def _read_attributes(plan: Plan, cells: list[str], *, into: dict[str, Json]) -> Rejection | None:
    name = text = ""
    try:
        # The hottest loop of an import: most cells are taken as they are.
        for index, name in plan.attributes:
            text = cells[index]
            if text:
                reader = CELL_READERS.get(text[0])
                into[name] = text if reader is None else reader(text)
    except JsonError as error:
        return _bad_cell(name, text, error)
    return _read_typed(plan, cells, into=into) if plan.typed else None


def _read_typed(plan: Plan, cells: list[str], *, into: dict[str, Json]) -> Rejection | None:
    for index, name, reader in plan.typed:
        text = cells[index]
        try:
            if text:
                into[name] = reader(text)
        except JsonError as error:
            return _bad_cell(name, text, error)
    return None


def _bad_cell(name: str, text: str, error: JsonError) -> Rejection:
    message = f"{name}: {error}; the value was {_shown(text)}"
    return Rejection(0, error.reason, f"attributes.{name}", message)


def _clear_blanks(plan: Plan, cells: list[str], *, into: dict[str, Json]) -> None:
    for index, name in plan.every_attribute():
        if not cells[index]:
            into[name] = None


def _operation(plan: Plan, cells: list[str], attributes: Attributes) -> Operation | Rejection:
    choices = plan.choices
    if choices.kind is Kind.PEOPLE:
        name, value = _identifier(plan, cells)
        identifiers = _other_identifiers(plan, cells, name)
        return IdentifyPerson(_person_key(name, value), attributes, identifiers, choices.when)
    object_key = _object_key(plan, cells)
    if isinstance(object_key, Rejection):
        return object_key
    if choices.kind is Kind.OBJECTS:
        return IdentifyObject(object_key, attributes, choices.when)
    person = _person_key(*_identifier(plan, cells))
    return Relate(person, object_key, attributes, choices.when)


def _parse_removal(plan: Plan, cells: list[str], *, origin: Origin) -> Call | Rejection:
    """Read a row as the deletion of what it names, or as the end of a relationship."""
    kind = plan.choices.kind
    if kind is Kind.PEOPLE:
        person = _person_key(*_identifier(plan, cells))
        return Call(origin, (DeletePerson(person),), _REMOVAL_RULES)
    object_key = _object_key(plan, cells)
    if isinstance(object_key, Rejection):
        return object_key
    if kind is Kind.OBJECTS:
        return Call(origin, (DeleteObject(object_key),), _REMOVAL_RULES)
    person = _person_key(*_identifier(plan, cells))
    return Call(origin, (Unrelate(person, object_key),), _REMOVAL_RULES)


def _object_key(plan: Plan, cells: list[str]) -> ObjectKey | Rejection:
    keys = plan.keys
    at = keys.get("object_id")
    object_id = None if at is None else cells[at]
    at = keys.get("cio_object_id")
    cio_object_id = None if at is None else cells[at] or None
    at = keys.get(_TYPE_COLUMN)
    chosen = plan.choices.object_type_id
    if at is None or (not cells[at] and (chosen is not None or cio_object_id is not None)):
        number = chosen or 1
    else:
        read = _type_number(cells[at], chosen)
        if isinstance(read, Rejection):
            return read
        number = read
    if cio_object_id is not None and not object_id:
        return ObjectKey(None, number, cio_object_id)
    return ObjectKey(object_id, number, cio_object_id)


@lru_cache(maxsize=1_000)
def _type_number(text: str, chosen: int | None) -> int | Rejection:
    if not text:
        message = f"{_TYPE_COLUMN} is empty; fill it in, or choose the type of the whole file"
        return Rejection(0, Reason.REQUIRED, _TYPE_COLUMN, message)
    number = int(text) if _WHOLE_NUMBER.fullmatch(text) else 0
    if not 1 <= number <= OBJECT_TYPE_NUMBER_MAX:
        message = (
            f"{_TYPE_COLUMN} must be a whole number from 1 to {OBJECT_TYPE_NUMBER_MAX}, "
            f"not {_shown(text)}"
        )
        return Rejection(0, Reason.INVALID, _TYPE_COLUMN, message)
    if chosen is not None and number != chosen:
        message = f"{_TYPE_COLUMN} is {number}, but type {chosen} was chosen for the whole file"
        return Rejection(0, Reason.CONFLICT, _TYPE_COLUMN, message)
    return number


def _identifier(plan: Plan, cells: list[str]) -> tuple[Identifier, str]:
    """Find what names the person; all blank, the first one is left for the engine to refuse."""
    for name, at in plan.identifiers:
        if cells[at]:
            return name, cells[at]
    return plan.identifiers[0][0], ""


def _person_key(name: Identifier, value: str) -> PersonKey:
    match name:
        case Identifier.ID:
            return PersonKey(value)
        case Identifier.EMAIL:
            return PersonKey(None, value)
        case Identifier.CIO_ID:
            return PersonKey(None, None, value)


def _other_identifiers(plan: Plan, cells: list[str], name: Identifier) -> Identifiers | None:
    at = plan.keys.get("id")
    person_id = cells[at] or None if at is not None and name is not Identifier.ID else None
    at = plan.keys.get("email")
    email = cells[at] or None if at is not None and name is not Identifier.EMAIL else None
    return Identifiers(person_id, email) if person_id or email else None


def _shown(text: str) -> str:
    cut = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return f'"{cut}"' if cut.isprintable() else ascii(cut)
