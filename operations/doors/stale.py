"""What to do when somebody saved in between: for each attribute, whose value is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.doors.attribute_rows import changed_attributes
from operations.doors.display import readable_text
from operations.json import JsonError, equal, parse_object
from operations.types import Attributes, Json

# More attributes than this are not chosen one by one.
_CHOICES_MAX: Final = 1_000
_ABSENT: Final = object()


class Side(StrEnum):
    """Whose value an attribute gets."""

    YOURS = "yours"
    THEIRS = "theirs"
    BEFORE = "before"


SIDE_LABELS: Final[dict[Side, Promise]] = {
    Side.YOURS: _("Yours"),
    Side.THEIRS: _("Theirs"),
    Side.BEFORE: _("Before"),
}


@dataclass(frozen=True, slots=True)
class SideValue:
    """One of the three values to choose from; None where the attribute is absent."""

    side: Side
    label: Promise
    value: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """An attribute on which two sides differ."""

    name: str
    sides: tuple[SideValue, ...]
    picked: Side
    is_contested: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """The three states of the attributes: as typed, as stored, and when the form was opened."""

    yours: Attributes
    theirs: Attributes
    before: Attributes


def find_choices(versions: Versions, *, picked: Mapping[str, Side]) -> list[Choice]:
    """List what differs between what was typed and what is stored.

    What only one side changed is proposed as that side has it; where both did, what was typed.
    """
    mine = changed_attributes(versions.yours, stored=versions.before)
    others = changed_attributes(versions.theirs, stored=versions.before)
    differing = changed_attributes(versions.yours, stored=versions.theirs)
    return [
        Choice(
            name=name,
            sides=tuple(_side_value(versions, side, name) for side in Side),
            picked=picked.get(name, Side.YOURS if name in mine else Side.THEIRS),
            is_contested=name in mine and name in others,
        )
        for name in sorted(differing)[:_CHOICES_MAX]
    ]


def settle(versions: Versions, picked: Mapping[str, Side]) -> dict[str, Json]:
    """Put together the attributes that were picked; the rest is as stored."""
    settled: dict[str, Any] = dict(versions.theirs)
    for name, side in picked.items():
        value = _of(versions, side).get(name, _ABSENT)
        if value is _ABSENT:
            settled.pop(name, None)
        else:
            settled[name] = value
    return settled


def read_picked(data: Any, field: str) -> dict[str, Side]:
    """Read the sides that were picked, by the name of the attribute."""
    picked: dict[str, Side] = {}
    for number in range(_CHOICES_MAX):
        name = data.get(f"{field}_name_{number}")
        if name is None:
            break
        side = data.get(f"{field}_pick_{number}", "")
        if side in set(Side):
            picked[name] = Side(side)
    return picked


def read_opened(text: str) -> dict[str, Json] | None:
    """Read the state that the form was made from; None when it is not there or not ours."""
    try:
        return parse_object(text) if text else None
    except JsonError:
        return None


def is_same(first: Attributes, second: Attributes) -> bool:
    """Tell whether two states of the attributes are the same."""
    return equal(dict(first), dict(second))


def _side_value(versions: Versions, side: Side, name: str) -> SideValue:
    found = _of(versions, side)
    value = readable_text(name, found[name]) if name in found else None
    return SideValue(side=side, label=SIDE_LABELS[side], value=value)


def _of(versions: Versions, side: Side) -> Attributes:
    return {
        Side.YOURS: versions.yours,
        Side.THEIRS: versions.theirs,
        Side.BEFORE: versions.before,
    }[side]
