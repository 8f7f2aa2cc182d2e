"""What a refusal is: a value that names the field, the reason and the way on."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

WHOLE_CALL: Final = -1


class Reason(StrEnum):
    """Why an operation was refused, or what was odd about it."""

    REQUIRED = "required"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    RESERVED = "reserved"
    CONFLICT = "conflict"
    STALE = "stale"
    NOT_FOUND = "not_found"
    SUPPRESSED = "suppressed"
    SENSITIVE = "sensitive"


class Rejection(Struct, frozen=True):
    """One refusal: `position` counts operations inside the call from 0.

    The message is written once, below the doors; a door adds its own position and format.
    The same shape serves warnings, which do not refuse anything.
    """

    position: int
    reason: Reason
    field: str
    message: str


def is_stale(rejections: Iterable[Rejection]) -> bool:
    """Tell whether somebody else saved the row after the caller had read it."""
    return any(rejection.reason is Reason.STALE for rejection in rejections)
