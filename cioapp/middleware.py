"""What the project adds to Django's own middleware."""

import time
from collections.abc import Callable
from functools import cache, partial
from typing import TypeAlias

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)

from operations.doors.sensitive import hidden_from_member
from operations.masking import current_reader, each_read_for, reading_for

GetResponse: TypeAlias = Callable[[HttpRequest], HttpResponseBase]
API_PREFIXES = ("/api/", "/v1/")
SESSION_RENEWAL_SECONDS = 60 * 60
_RENEWED_AT = "renewed_at"


class HttpsApiMiddleware:
    """Refuse an API call over plain http, which has shown its key; browsers are redirected."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next step of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 403 in place of the redirect that Django's middleware would send."""
        is_api = request.path.startswith(API_PREFIXES)
        if is_api and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return JsonResponse({"errors": [_HTTPS_REQUIRED]}, status=403)
        return self.get_response(request)


class PrivateApiMiddleware:
    """Keep what the API answers out of caches: it is for one caller, at one moment."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next step of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Say so in each answer that says nothing about caches itself."""
        response = self.get_response(request)
        if request.path.startswith(API_PREFIXES):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


_HTTPS_REQUIRED = {
    "index": None,
    "field": None,
    "code": "https_required",
    "message": "This server takes API calls over https only.",
}


class RollingSessionMiddleware:
    """Keep a session alive while it is in use.

    Django's SESSION_SAVE_EVERY_REQUEST would write to the database for every page; once an hour
    is enough.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next step of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Renew the session of a signed-in member before the page is made."""
        if not request.session.is_empty():
            seconds = int(time.time())
            if seconds - request.session.get(_RENEWED_AT, 0) > SESSION_RENEWAL_SECONDS:
                request.session[_RENEWED_AT] = seconds
        return self.get_response(request)


class ReaderMiddleware:
    """Say for whom rows are read, so that what is hidden from the member is never decoded.

    What is hidden is looked up when the first row is read. The REST API names its own caller.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next step of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Make the page, and the rest of an answer that is made while it is sent."""
        with reading_for(cache(partial(hidden_from_member, request))):
            response = self.get_response(request)
            reader = current_reader()
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = each_read_for(iter(response), reader)
        return response
