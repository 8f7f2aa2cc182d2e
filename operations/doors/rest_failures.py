"""How the REST API answers exceptions: always in the one error shape."""

import logging
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from rest_framework import exceptions
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from operations.doors.rest_errors import ErrorEntry, RefusedRequest, entry, parse_detail

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS: Final = "1"


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Answer every exception under /api/ in the one shape; what is our fault is logged."""
    answer = exception_handler(error, context)
    if answer is None:
        answer = _answer_failure(error)
    else:
        answer.data = {"errors": _errors(error, answer.data)}
    _choose_renderer(context["request"])
    return answer


def _answer_failure(error: Exception) -> Response:
    set_rollback()
    logger.error("a call of the REST API failed", exc_info=error)
    if isinstance(error, OperationalError | InterfaceError):
        message = "the database is busy or away; try again"
        return _answer(entry("unavailable", message), status_code=503)
    message = "the server failed; the log of the server says why"
    return _answer(entry("error", message), status_code=500)


def _answer(found: ErrorEntry, *, status_code: int) -> Response:
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status_code == 503 else None  # noqa: PLR2004
    return Response({"errors": [found]}, status=status_code, headers=headers)


def _errors(error: Exception, data: Any) -> list[ErrorEntry]:
    if isinstance(error, RefusedRequest):
        return error.errors
    if isinstance(error, exceptions.ValidationError):
        return [
            entry(found.reason, found.message, field=found.field or None)
            for found in parse_detail(data)
        ]
    code = error.get_codes() if isinstance(error, exceptions.APIException) else None
    detail = data["detail"]
    return [entry(str(code or detail.code), str(detail))]


def _choose_renderer(request: Any) -> None:
    # Pages are for members who are signed in; everybody else is a program and gets JSON.
    renderer = getattr(request, "accepted_renderer", None)
    is_page = isinstance(renderer, BrowsableAPIRenderer)
    if is_page and getattr(request._request, "user", None) is not None:
        is_page = request._request.user.is_authenticated
    if not is_page:
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = JSONRenderer.media_type
