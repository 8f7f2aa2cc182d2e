"""The page on which the columns of a list are chosen; above the list the same form is a menu."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.doors.keyset_list import VIEW_VAR
from operations.doors.known_names import known_names
from operations.doors.list_columns import (
    ATTRIBUTE,
    COLUMNS_MAX,
    Column,
    Columns,
    attribute_column,
    keep_choice,
)
from operations.doors.saved_views import QUERY_MAX_CHARS, address_with_columns, list_address
from operations.doors.selection import MODELS
from operations.wire.columns import Kind
from workspaces.models import Workspace
from workspaces.permissions import Permission

_SAVE: Final = "save"
_RESET: Final = "reset"
_STEPS: Final = {"up": -1, "down": 1}


@dataclass(slots=True)
class Chosen:
    """The columns as the form sent them, what was typed besides, and what is wrong with it."""

    columns: list[Column]
    typed: str = ""
    problem: str = ""


def choose_columns(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form, do one of its steps, or keep the choice and go back to the list.

    The address carries that of the list, so that it is the same afterwards.
    """
    workspace = _workspace(request)
    model_admin = admin_of(kind)
    columns: Columns = model_admin.columns_of(request)
    if request.method != "POST":
        return _render(request, workspace, columns, Chosen(list(columns.shown)))
    go, _colon, argument = request.POST.get("go", _SAVE).partition(":")
    if go == _RESET:
        return _leave(request, columns, ())
    chosen = _sent(request, columns)
    if go == _SAVE and not chosen.problem:
        return _leave(request, columns, [column.code for column in chosen.columns])
    _step(chosen, columns, go, argument)
    return _render(request, workspace, columns, chosen)


def admin_of(kind: str) -> Any:
    """Give the admin of a kind of list; there is no page for another word."""
    if kind not in set(Kind):
        raise Http404
    return admin.site._registry[MODELS[Kind(kind)]]


def _workspace(request: HttpRequest) -> Workspace:
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.VIEW):
        raise PermissionDenied
    return workspace


def _sent(request: HttpRequest, columns: Columns) -> Chosen:
    """Read the form; a name that was typed and not added counts as added."""
    codes = list(dict.fromkeys(request.POST.getlist("column")))
    if typed := request.POST.get("typed", ""):
        codes.append(f"{ATTRIBUTE}{typed}")
    chosen = Chosen(list(columns.clean(codes)))
    for code in codes:
        if code.startswith(ATTRIBUTE) and (problem := _problem_of(code)):
            chosen.typed, chosen.problem = code.removeprefix(ATTRIBUTE), problem
    if len(codes) > COLUMNS_MAX:
        limit = _("A list has at most %(max)d columns; the others are left out.")
        chosen.problem = limit % {"max": COLUMNS_MAX}
    return chosen


def _problem_of(code: str) -> str:
    """Say what is wrong with the name of an attribute, if anything is."""
    name = code.removeprefix(ATTRIBUTE)
    try:
        attribute_column(name)
    except ValueError as error:
        return f"{name[:60]}: {error}"
    return ""


def _step(chosen: Chosen, columns: Columns, go: str, argument: str) -> None:
    """Move, hide or show one column."""
    codes = [column.code for column in chosen.columns]
    if go == "show" and (found := columns.fixed.get(argument)) and argument not in codes:
        chosen.columns.append(found)
    if argument not in codes:
        return
    place = codes.index(argument)
    column = chosen.columns[place]
    if go == "hide" and not column.is_kept and len(codes) > 1:
        del chosen.columns[place]
    elif go in _STEPS and 0 <= place + _STEPS[go] < len(codes):
        del chosen.columns[place]
        chosen.columns.insert(place + _STEPS[go], column)


def _leave(request: HttpRequest, columns: Columns, codes: Sequence[str]) -> HttpResponse:
    """Keep the choice for this list, or in the address where a view is open."""
    is_of_view = VIEW_VAR in request.GET
    if not is_of_view:
        keep_choice(columns, codes)
    elif not codes:
        codes = [column.code for column in columns.usual]
    address = address_with_columns(columns.list, request.GET, tuple(codes) if is_of_view else ())
    if len(address) <= QUERY_MAX_CHARS:
        return HttpResponseRedirect(address)
    messages.warning(request, _("The filters are too long to be carried along; set them again."))
    return HttpResponseRedirect(list_address(columns.list))


def _render(
    request: HttpRequest, workspace: Workspace, columns: Columns, chosen: Chosen
) -> HttpResponse:
    site = admin.site
    request.current_app = site.name
    number = columns.list.type_number or None
    title = _("Columns")
    back = address_with_columns(columns.list, request.GET, ())
    names = known_names(columns.list.kind, workspace, type_number=number)
    context = {
        **site.each_context(request),
        "title": title,
        "trail": (Crumb(str(columns.model_admin.list_name()), back), Crumb(title)),
        "shown": chosen.columns,
        "hidden": columns.hidden(chosen.columns),
        "chosen": chosen,
        "names": [name for name in names if f"{ATTRIBUTE}{name}" not in columns.fixed],
        "is_in_address": VIEW_VAR in request.GET,
        "form_address": request.get_full_path(),
        "cancel_address": back,
    }
    return TemplateResponse(request, "operations/columns.html", context)
