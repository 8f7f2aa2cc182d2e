"""What Django answers by itself when no view could: JSON for programs, a page for browsers."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from cioapp.middleware import API_PREFIXES
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace
from operations.doors.lost_permission import readable
from workspaces.permissions import role_of

SHOWN_FIELDS: Final = 20
# What a form posts besides what a person typed.
_NOT_TYPED: Final = frozenset(
    {
        "csrfmiddlewaretoken",
        "version",
        "action",
        "_selected_action",
        "select_across",
        "index",
        "step",
        "type",
        "go",
        "chosen",
        "shown",
    }
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refuses, such as one for an unknown host."""
    if request.path.startswith(API_PREFIXES):
        return _errors("bad_request", "the request is malformed or for another host", status=400)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Refuse in words, and give back what was typed by somebody whose role has changed."""
    if request.path.startswith(API_PREFIXES):
        return _errors("permission_denied", "this key may not do this", status=403)
    if not admin.site.has_permission(request):
        return defaults.permission_denied(request, exception)
    role = role_of(request.user, current_workspace(request))
    context = {
        "title": _("You may not do this here"),
        "role": role.label.partition(":")[0] if role else "",
        "typed": tuple(readable(_typed(request)))[:SHOWN_FIELDS],
    }
    return _page(request, "admin/403.html", context, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page, with the navigation beside it."""
    if request.path.startswith(API_PREFIXES):
        return _errors("not_found", "there is nothing at this address", status=404)
    if not admin.site.has_permission(request):
        return defaults.page_not_found(request, exception)
    return _page(request, "admin/404.html", {"title": _("There is no such page")}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure outside of the views; the log says why."""
    if request.path.startswith(API_PREFIXES):
        return _errors("error", "the server failed; the log of the server says why", status=500)
    return defaults.server_error(request)


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        is_secret = "password" in name
        for value in values:
            if value.strip() and name not in _NOT_TYPED and not is_secret:
                yield name, str(value)


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int
) -> HttpResponse:
    base = admin.site.each_context(request) | {"trail": (Crumb(context["title"]),)}
    return render(request, template, base | context, status=status)


def _errors(code: str, message: str, *, status: int) -> HttpResponse:
    error = {"index": None, "field": None, "code": code, "message": message}
    return JsonResponse({"errors": [error]}, status=status)
