"""Pages of the REST API's lists: by cursor, newest first, never counted."""

import re
from typing import Any, Final

from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from operations.doors.rest_errors import refuse
from operations.limits import INTEGER_MAX

_DIGITS: Final = re.compile(r"[0-9]{1,19}", re.ASCII)


class NewestFirst(CursorPagination):
    """Orders by the database key alone.

    Many rows of an import share one second, and a cursor over a column with long runs of equal
    values loses rows.
    """

    ordering = "-id"
    page_size = 50
    max_page_size = 1_000
    page_size_query_param = "limit"
    page_size_query_description = "Rows of a page, from 1 to 1,000; 50 when absent."
    cursor_query_description = "Where the page starts: taken from `next` or `previous`."

    def get_page_size(self, request: Request) -> int:
        """Refuse a limit that cannot be kept, where the library would take its default."""
        asked = request.query_params.get("limit")
        if not asked:
            return self.page_size
        if not _DIGITS.fullmatch(asked) or not 1 <= int(asked) <= self.max_page_size:
            message = f"limit must be a whole number from 1 to {self.max_page_size:,}"
            code = status.HTTP_400_BAD_REQUEST
            raise refuse("invalid", message, status_code=code, field="limit")
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Refuse a cursor that we did not make."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise self._refused() from None
        if cursor is None or cursor.position is None:
            return cursor
        position = str(cursor.position)
        if not _DIGITS.fullmatch(position) or int(position) > INTEGER_MAX:
            raise self._refused()
        return cursor

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        page["required"] = ["next", "previous", "results"]
        for name in ("next", "previous"):
            page["properties"][name]["example"] = "https://cio.example.com/api/objects?cursor=cD00"
        return page

    def _refused(self) -> Exception:
        message = "this cursor is not one that a list gave; start without it"
        code = status.HTTP_400_BAD_REQUEST
        return refuse("invalid", message, status_code=code, field="cursor")
