"""What Django answers by itself when no view could: JSON for programs, a page for browsers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from cioapp.middleware import API_PREFIXES


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refuses, such as one for an unknown host."""
    if request.path.startswith(API_PREFIXES):
        return _errors("bad_request", "the request is malformed or for another host", status=400)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure outside of the views; the log says why."""
    if request.path.startswith(API_PREFIXES):
        return _errors("error", "the server failed; the log of the server says why", status=500)
    return defaults.server_error(request)


def _errors(code: str, message: str, *, status: int) -> HttpResponse:
    error = {"index": None, "field": None, "code": code, "message": message}
    return JsonResponse({"errors": [error]}, status=status)
