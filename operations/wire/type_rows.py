"""Flat rows of object types: read as calls, and written from stored values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from operations.errors import Reason, Rejection
from operations.limits import OBJECT_TYPE_NUMBER_MAX
from operations.types import Call, Door, Origin, SaveObjectType
from operations.wire.columns import COUNT_COLUMN, ERROR_COLUMNS, HeaderError
from operations.wire.rules import RULES

NUMBER_COLUMN: Final = "object_type_id"
TYPE_COLUMNS: Final = (NUMBER_COLUMN, "name", "singular_name", "icon", "enabled")
_IGNORED: Final = frozenset({"slug", "objects", COUNT_COLUMN, *ERROR_COLUMNS})
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_ENABLED: Final = {"true": True, "false": False, "": None}


@dataclass(frozen=True, slots=True)
class TypePlan:
    """Which cell of a row is what; made once from the header of a file."""

    header: tuple[str, ...]
    places: dict[str, int]

    def column_of(self, field: str) -> str:
        """Name the column that holds what a rejection calls `field`; "" for none of them."""
        at = self.places.get(field)
        return "" if at is None else self.header[at]


def plan_type_columns(header: Sequence[str]) -> TypePlan:
    """Find out what each column is; raise HeaderError for a header that cannot be used."""
    for number, name in enumerate(header, start=1):
        if name not in (*TYPE_COLUMNS, *_IGNORED):
            allowed = ", ".join(TYPE_COLUMNS)
            raise HeaderError(f'column {number}, "{name}", is none of an object type: {allowed}')
        if name in header[: number - 1]:
            raise HeaderError(f'column {number} repeats the name "{name}"; rename one of the two')
    if NUMBER_COLUMN not in header:
        raise HeaderError(f"object types need a column {NUMBER_COLUMN}")
    places = {name: header.index(name) for name in TYPE_COLUMNS if name in header}
    return TypePlan(tuple(header), places)


def parse_type_row(plan: TypePlan, cells: list[str], *, origin: Origin) -> Call | Rejection:
    """Read the cells of one row as the call that makes or changes its type."""
    if len(cells) != len(plan.header):
        message = f"the row has {len(cells)} cells; the header has {len(plan.header)} columns"
        return Rejection(0, Reason.INVALID, "", message)
    found = {name: cells[at] for name, at in plan.places.items()}
    text = found[NUMBER_COLUMN]
    number = int(text) if _NUMBER.fullmatch(text) else 0
    if not 1 <= number <= OBJECT_TYPE_NUMBER_MAX:
        message = (
            f"{NUMBER_COLUMN} must be a whole number from 1 to {OBJECT_TYPE_NUMBER_MAX}, "
            f"not {text!r}"
        )
        return Rejection(0, Reason.INVALID if text else Reason.REQUIRED, NUMBER_COLUMN, message)
    enabled = found.get("enabled", "").lower()
    if enabled not in _ENABLED:
        message = f"enabled must be true or false, not {found['enabled'][:40]!r}"
        return Rejection(0, Reason.INVALID, "enabled", message)
    operation = SaveObjectType(
        number,
        found.get("name") or None,
        found.get("singular_name") or None,
        found.get("icon") or None,
        _ENABLED[enabled],
    )
    return Call(origin, (operation,), RULES[Door.CSV])
