"""What the reads of the App API share: its key, its errors, its pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from operations.doors.rest_access import caller_of
from operations.doors.sensitive import hidden_from_caller
from operations.doors.wire_http import KeyedView, View, answer, keyed_view
from operations.json import dump
from operations.masking import read_for
from operations.types import Json
from workspaces.models import Credential

_P = ParamSpec("_P")
_Row = TypeVar("_Row", bound=Model)
_KEY_MAX_CHARS: Final = 20
_WORDS: Final[Mapping[bool, str]] = {True: "true", False: "false"}


def refuse(message: str, status: int) -> HttpResponse:
    """Answer with one error in the shape of the App API."""
    return answer({"errors": [{"detail": message, "status": str(status)}]}, status=status)


def app_view(*methods: str) -> Callable[[KeyedView[_P]], View[_P]]:
    """Make a view that is given the App API key of the caller, and reads what that may see."""

    def wrap(view: KeyedView[_P]) -> View[_P]:
        @wraps(view)
        def read(
            request: HttpRequest, key: Credential, /, *arguments: _P.args, **named: _P.kwargs
        ) -> HttpResponse:
            read_for(cache(partial(hidden_from_caller, caller_of(key))))
            return view(request, key, *arguments, **named)

        return keyed_view(Credential.Kind.APP, methods, refuse=refuse)(read)

    return wrap


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are wanted: those behind a key, so many."""

    after: int
    limit: int

    def cut(self, rows: QuerySet[_Row, Any]) -> tuple[list[Any], str]:
        """Read the rows in the order of their keys, and where the next page begins.

        The last page ends with "", on which clients stop.
        """
        found = list(rows.order_by("pk").filter(pk__gt=self.after)[: self.limit + 1])
        return self._end(found, found[self.limit - 1].pk if len(found) > self.limit else None)

    def cut_newest(self, rows: QuerySet[_Row, Any]) -> tuple[list[Any], str]:
        """Read the rows from the newest on."""
        behind = rows.filter(pk__lt=self.after) if self.after else rows
        found = list(behind.order_by("-pk")[: self.limit + 1])
        return self._end(found, found[self.limit - 1].pk if len(found) > self.limit else None)

    def _end(self, found: list[Any], last: int | None) -> tuple[list[Any], str]:
        return found[: self.limit], "" if last is None else _token(last)


def read_page(request: HttpRequest, *, default: int, maximum: int) -> Page | HttpResponse:
    """Read `start` and `limit` of an address; empty ones are absent."""
    text = request.GET.get("limit", "")
    limit = default
    if text:
        limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004
        if limit < 1:
            return refuse("limit must be a whole number from 1", 400)
    after = _key_of(request.GET.get("start", ""))
    if after is None:
        return refuse("start must be the value of next of the page before", 400)
    return Page(after, min(limit, maximum))


def as_text(value: Json) -> str:
    """Write a value as people's attributes are read there: always as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _WORDS[value]
    return "" if value is None else dump(value).decode()


def _token(key: int) -> str:
    return urlsafe_b64encode(f"0:{key}".encode()).decode().rstrip("=")


def _key_of(token: str) -> int | None:
    if not token:
        return 0
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (Base64Error, ValueError):
        return None
    head, _, key = text.partition(":")
    is_ours = head == "0" and key.isascii() and key.isdecimal() and len(key) < _KEY_MAX_CHARS
    return int(key) if is_ours else None
