"""What the doors of the wire share over HTTP: keys, bodies and answers, always JSON.

These views stand outside the REST framework: a call costs no more than its parsing and its one
transaction. Cookies do not count here, so there is nothing that CSRF could use.
"""

import logging
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from codecs import BOM_UTF8
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from operations.doors.key_addresses import check_address
from operations.doors.origin import origin_from, read_clock
from operations.doors.rest_throttle import FailedTokens
from operations.json import JsonError, dump, parse
from operations.limits import CALL_MAX_BYTES
from operations.types import Door, Json, Origin
from workspaces.credentials import find_credential, record_use
from workspaces.models import Credential

logger = logging.getLogger(__name__)

_RETRY_AFTER_SECONDS: Final = "1"
_NO_STORE: Final = "no-cache, no-store, must-revalidate, max-age=0"
_Answer = Callable[[str, int], HttpResponse]
_P = ParamSpec("_P")
View: TypeAlias = Callable[Concatenate[HttpRequest, _P], HttpResponse]
KeyedView: TypeAlias = Callable[Concatenate[HttpRequest, Credential, _P], HttpResponse]
UNAUTHORIZED: Final = "Unauthorized request"


class BodyError(ValueError):
    """A body that cannot be read: the status to answer with, and what is wrong."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def answer(body: Json, *, status: int = 200) -> HttpResponse:
    """Answer with JSON, followed by a line end as the real service sends it."""
    response = HttpResponse(dump(body) + b"\n", status=status)
    response["Content-Type"] = "application/json; charset=utf-8"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = _NO_STORE
    return response


def wire_view(methods: tuple[str, ...], *, refuse: _Answer) -> Callable[[View[_P]], View[_P]]:
    """Make a view for programs: other methods, broken bodies and failures are told in JSON."""

    def wrap(view: View[_P]) -> View[_P]:
        @csrf_exempt
        @wraps(view)
        def call(request: HttpRequest, /, *arguments: _P.args, **named: _P.kwargs) -> HttpResponse:
            if request.method not in methods:
                response = refuse(f"use {' or '.join(methods)} here", 405)
                response["Allow"] = ", ".join(methods)
                return response
            try:
                return view(request, *arguments, **named)
            except BodyError as error:
                return refuse(str(error), error.status)
            except APIException as error:
                return _refuse_caller(error, refuse)
            except (OperationalError, InterfaceError):
                logger.exception("a call of the wire failed: the database is busy or away")
                response = refuse("the database is busy or away; try again", 503)
                response["Retry-After"] = _RETRY_AFTER_SECONDS
                return response

        return call

    return wrap


def keyed_view(
    kind: Credential.Kind, methods: tuple[str, ...], *, refuse: _Answer
) -> Callable[[KeyedView[_P]], View[_P]]:
    """Make a view for programs that is given the key of the caller."""

    def wrap(view: KeyedView[_P]) -> View[_P]:
        @wraps(view)
        def call(request: HttpRequest, /, *arguments: _P.args, **named: _P.kwargs) -> HttpResponse:
            key = find_key(request, kind)
            if key is None:
                return refuse(UNAUTHORIZED, 401)
            try:
                return view(request, key, *arguments, **named)
            except Http404:
                return refuse("there is nothing at this address", 404)

        return wire_view(methods, refuse=refuse)(call)

    return wrap


def find_key(request: HttpRequest, kind: Credential.Kind) -> Credential | None:
    """Find the key that a call sends in the way of its kind; None when it opens nothing."""
    user, secret = _bearer(request) if kind is Credential.Kind.APP else _basic(request)
    if not secret:
        return None
    failures = FailedTokens(request, f"{user}:{secret}")
    failures.check()
    now = read_clock()
    found = find_credential(kind=kind, secret=secret, site_id=user, at=now)
    if found is None:
        failures.note_failure()
        return None
    failures.note_success()
    check_address(found, request)
    record_use(found, at=now)
    return found


def origin_of(credential: Credential, door: Door) -> Origin:
    """Say for which workspace a call is, and that its key made it."""
    return origin_from(workspace_id=credential.workspace_id, door=door, actor=str(credential))


def read_body(request: HttpRequest) -> Json:
    """Read the body as JSON, unpacked where it is packed; no body is an empty object."""
    raw = _unpacked(request, _raw(request)).removeprefix(BOM_UTF8)
    if not raw.strip():
        return {}
    try:
        return parse(raw, max_bytes=CALL_MAX_BYTES)
    except JsonError as error:
        raise BodyError(str(error)) from None


def _raw(request: HttpRequest) -> bytes:
    try:
        raw: bytes = request.read(CALL_MAX_BYTES + 1)
    except OSError:
        raise BodyError("the body ended before its announced length") from None
    if len(raw) > CALL_MAX_BYTES:
        raise _too_large()
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and len(raw) < int(announced):
        raise BodyError("the body ended before its announced length")
    return raw


def _unpacked(request: HttpRequest, raw: bytes) -> bytes:
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding != "gzip":
        raise BodyError("Content-Encoding has to be gzip or left out", status=415)
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = unpack.decompress(raw, CALL_MAX_BYTES + 1)
    except zlib.error:
        raise BodyError("the body is not gzip, as Content-Encoding says") from None
    if len(found) > CALL_MAX_BYTES:
        raise _too_large()
    if not unpack.eof or unpack.unused_data:
        raise BodyError("the gzip of the body is cut off or has something behind it")
    return found


def _too_large() -> BodyError:
    message = f"must be smaller than {CALL_MAX_BYTES:,} bytes; send several calls"
    return BodyError(message, status=413)


def _bearer(request: HttpRequest) -> tuple[str, str]:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return "", secret.strip() if scheme.lower() == "bearer" else ""


def _basic(request: HttpRequest) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError, ValueError):
        return "", ""
    return user, secret


def _refuse_caller(error: APIException, refuse: _Answer) -> HttpResponse:
    response = refuse(_text_of(error), error.status_code)
    wait = getattr(error, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _text_of(error: Any) -> str:
    entries = getattr(error, "errors", None)
    return str(entries[0]["message"]) if entries else str(error.detail)
