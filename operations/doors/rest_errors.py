"""The one error shape of the REST API, whatever went wrong."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict

from rest_framework import exceptions, status
from rest_framework.settings import api_settings

from operations.errors import Reason, Rejection


class ErrorEntry(TypedDict):
    """One thing that was wrong: in which item of a list, in which field, and how to put it right.

    `index` and `field` are None where the error is not about an item or a field.
    """

    index: int | None
    field: str | None
    code: str
    message: str


class RefusedRequest(exceptions.APIException):
    """A request that is answered with errors of our own."""

    def __init__(self, errors: list[ErrorEntry], *, status_code: int) -> None:
        super().__init__()
        self.errors = errors
        self.status_code = status_code


def refuse(
    code: str, message: str, *, status_code: int, field: str | None = None
) -> RefusedRequest:
    """Make the refusal of a whole request."""
    return RefusedRequest([entry(code, message, field=field)], status_code=status_code)


def entry(
    code: str, message: str, *, index: int | None = None, field: str | None = None
) -> ErrorEntry:
    """Make one error."""
    return {"index": index, "field": field, "code": code, "message": message}


def render_rejections(rejections: Iterable[Rejection], *, index: int) -> list[ErrorEntry]:
    """Render the refusal of one item."""
    return [
        entry(found.reason, found.message, index=index, field=found.field or None)
        for found in rejections
    ]


def status_of(rejections: Iterable[Rejection]) -> int:
    """Tell a conflict with what is stored (409) from an item that is wrong by itself (400)."""
    is_conflict = any(found.reason is Reason.CONFLICT for found in rejections)
    return status.HTTP_409_CONFLICT if is_conflict else status.HTTP_400_BAD_REQUEST


def parse_detail(detail: Any) -> Iterator[Rejection]:
    """Flatten what a serializer or a form found wrong: `person.id` for nested fields."""
    yield from _parse_detail(detail, field="")


def _parse_detail(detail: Any, *, field: str) -> Iterator[Rejection]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_own = name == api_settings.NON_FIELD_ERRORS_KEY
            path = field if is_own else f"{field}.{name}".lstrip(".")
            yield from _parse_detail(inner, field=path)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _parse_detail(inner, field=field)
    else:
        is_missing = detail.code == Reason.REQUIRED
        reason = Reason.REQUIRED if is_missing else Reason.INVALID
        yield Rejection(0, reason, field, str(detail))
