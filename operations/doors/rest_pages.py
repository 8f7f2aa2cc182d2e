"""Pages of the REST API's lists: by place, newest first, never counted."""

import re
from typing import Any, Final

from django.db.models import Model
from django.template import loader
from rest_framework import status
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations.doors.filters import newest_first
from operations.doors.keyset import Leg, Place, find_place, leg, read_page, render_place
from operations.doors.rest_errors import RefusedRequest, refuse

PAGE_ROWS: Final = 50
PAGE_MAX_ROWS: Final = 1_000
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_BY_KEY: Final = (leg("-pk"),)


class NewestFirst(BasePagination):
    """Orders by a column and the database key, or by the key alone; the view says which.

    The library's own pages go by one column, and lose rows where many share one second, as after
    an import.
    """

    next_url: str | None = None
    previous_url: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Read one page, and one row more to see whether there is another."""
        limit = _parse_limit(request.query_params.get("limit"))
        is_by_time = view.is_listed_by_time(request)
        legs = (leg(*newest_first(request.query_params)),) if is_by_time else _BY_KEY
        place = _parse_cursor(request.query_params.get("cursor"), legs, queryset.model)
        page = read_page(queryset, legs, place=place, limit=limit)
        self.next_url = _link(request, page.next)
        self.previous_url = _link(request, page.previous)
        self.display_page_controls = bool(self.next_url or self.previous_url)
        return list(page.rows)

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


def _parse_cursor(text: str | None, legs: tuple[Leg, ...], model: type[Model]) -> Place | None:
    if not text:
        return None
    place = find_place(text, legs, model)
    if place is None:
        raise _refused("cursor", "this cursor is not one that this list gave; start without it")
    return place


def _link(request: Request, place: Place | None) -> str | None:
    if place is None:
        return None
    url = request.build_absolute_uri()
    return str(replace_query_param(url, "cursor", render_place(place)))


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
