"""ETag and If-Match: a change or deletion that only happens if the row is still as it was read."""

from typing import Any, Final

from django.db.models import Model
from django.utils.http import parse_etags
from msgspec.structs import replace
from rest_framework import status
from rest_framework.request import Request

from operations.doors.rest_errors import RefusedRequest, refuse
from operations.errors import Reason
from operations.types import Operation

_ANY: Final = "*"
_WEAK: Final = "W/"


def is_versioned(model: type[Model]) -> bool:
    """Tell whether the rows of a model count their versions."""
    return any(field.name == "version" for field in model._meta.get_fields())


def etag_of(row: Model) -> str | None:
    """Name the version of a row; None where rows of this kind are not versioned.

    The key is part of it, because a row that is deleted and made again counts from 1 again.
    """
    if not is_versioned(type(row)):
        return None
    return f'"{row.pk:x}-{getattr(row, "version"):x}"'  # noqa: B009 - models have it by type


def headers_of(row: Model) -> dict[str, str]:
    """Give the headers that an answer with this row carries."""
    etag = etag_of(row)
    return {} if etag is None else {"ETag": etag}


def expect_version(
    operation: Operation, row: Model, request: Request, *, row_name: str
) -> Operation:
    """Make an operation expect the version that If-Match names, or answer 412.

    The engine asks once more, under its lock. A proxy that compresses answers marks their ETag as
    weak; it still names the version.
    """
    wanted = {tag.removeprefix(_WEAK) for tag in parse_etags(request.headers.get("If-Match", ""))}
    if "If-Match" not in request.headers or _ANY in wanted:
        return operation
    etag = etag_of(row)
    if etag is None:
        raise _refuse(f"this {row_name} has no ETag; leave If-Match out")
    if etag not in wanted:
        raise changed_since(row_name)
    expecting: Any = operation
    found: Operation = replace(expecting, expected_version=getattr(row, "version"))  # noqa: B009
    return found


def changed_since(row_name: str) -> RefusedRequest:
    """Refuse to change or delete another version than the caller has read."""
    return _refuse(f"this {row_name} was changed since; read it again and send its new ETag")


def _refuse(message: str) -> RefusedRequest:
    code = status.HTTP_412_PRECONDITION_FAILED
    return refuse(Reason.STALE, message, status_code=code, field="If-Match")
