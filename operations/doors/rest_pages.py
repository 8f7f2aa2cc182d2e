"""Pages of the REST API's lists: by cursor, newest first, never counted."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.template import loader
from rest_framework import status
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations.doors.rest_errors import RefusedRequest, refuse
from operations.limits import INTEGER_MAX

PAGE_ROWS: Final = 50
PAGE_MAX_ROWS: Final = 1_000
CURSOR_MAX_CHARS: Final = 100
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_CURSOR: Final = re.compile(r"([<>])(-?[0-9]{1,18})?,([0-9]{1,19})", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: after a row, or (backwards) before it."""

    key: int
    at: datetime | None
    is_backwards: bool = False


class NewestFirst(BasePagination):
    """Orders by a column and the database key, or by the key alone; the view says which.

    The library's own pages go by one column, and lose rows where many share one second, as after
    an import.
    """

    page: list[Any]
    next_url: str | None = None
    previous_url: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Read one page, and one row more to see whether there is another."""
        limit = _parse_limit(request.query_params.get("limit"))
        is_by_time = view.is_listed_by_time(request)
        cursor = _parse_cursor(request.query_params.get("cursor"), is_by_time=is_by_time)
        is_backwards = cursor is not None and cursor.is_backwards
        columns = ("created_at", "pk") if is_by_time else ("pk",)
        rows = queryset.order_by(*[name if is_backwards else f"-{name}" for name in columns])
        if cursor is not None:
            rows = rows.filter(_beyond(cursor))
        found = list(rows[: limit + 1])
        self.page = found[:limit][:: -1 if is_backwards else 1]
        has_more = len(found) > limit
        if self.page and (has_more or is_backwards):
            self.next_url = _link(request, _cursor_at(self.page[-1], is_by_time=is_by_time))
        if self.page and (has_more if is_backwards else cursor is not None):
            first = _cursor_at(self.page[0], is_by_time=is_by_time, is_backwards=True)
            self.previous_url = _link(request, first)
        self.display_page_controls = bool(self.next_url or self.previous_url)
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        """Give the page with the addresses of its neighbours."""
        return Response({"next": self.next_url, "previous": self.previous_url, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        address = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the two parameters."""
        limit = {"type": "integer", "minimum": 1, "maximum": PAGE_MAX_ROWS, "default": PAGE_ROWS}
        return [
            _parameter("cursor", "Taken from `next` or `previous` of a page.", {"type": "string"}),
            _parameter("limit", "Rows of a page.", limit),
        ]

    def to_html(self) -> str:
        """Show the two links on a browsable page."""
        template = loader.get_template("rest_framework/pagination/previous_and_next.html")
        return template.render({"previous_url": self.previous_url, "next_url": self.next_url})


def _parse_limit(text: str | None) -> int:
    if not text:
        return PAGE_ROWS
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= PAGE_MAX_ROWS:
        message = f"limit must be a whole number from 1 to {PAGE_MAX_ROWS:,}"
        raise _refused("limit", message)
    return int(text)


def _parse_cursor(text: str | None, *, is_by_time: bool) -> Cursor | None:
    if not text:
        return None
    try:
        found = _CURSOR.fullmatch(urlsafe_b64decode(text[:CURSOR_MAX_CHARS]).decode("ascii"))
    except ValueError:
        found = None
    if found is None or int(found[3]) > INTEGER_MAX or (found[2] is not None) != is_by_time:
        raise _refused("cursor", "this cursor is not one that this list gave; start without it")
    try:
        at = _EPOCH + timedelta(microseconds=int(found[2])) if found[2] else None
    except OverflowError:
        raise _refused("cursor", "this cursor is not one that this list gave") from None
    return Cursor(int(found[3]), at, is_backwards=found[1] == "<")


def _render_cursor(cursor: Cursor) -> str:
    at = "" if cursor.at is None else (cursor.at - _EPOCH) // timedelta(microseconds=1)
    text = f"{'<' if cursor.is_backwards else '>'}{at},{cursor.key}"
    return urlsafe_b64encode(text.encode()).decode()


def _cursor_at(row: Any, *, is_by_time: bool, is_backwards: bool = False) -> Cursor:
    return Cursor(row.pk, row.created_at if is_by_time else None, is_backwards)


def _beyond(cursor: Cursor) -> Q:
    beyond = "gt" if cursor.is_backwards else "lt"
    is_past_key = Q((f"pk__{beyond}", cursor.key))
    if cursor.at is None:
        return is_past_key
    # The first condition says nothing more than the rest, but lets the index skip to the place.
    is_near = Q((f"created_at__{beyond}e", cursor.at))
    return is_near & (Q((f"created_at__{beyond}", cursor.at)) | is_past_key)


def _link(request: Request, cursor: Cursor) -> str:
    url = request.build_absolute_uri()
    return str(replace_query_param(url, "cursor", _render_cursor(cursor)))


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _refused(field: str, message: str) -> RefusedRequest:
    return refuse("invalid", message, status_code=status.HTTP_400_BAD_REQUEST, field=field)
