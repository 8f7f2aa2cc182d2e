"""The steps that add relationships: choose people, a type, objects, and add attributes."""

from dataclasses import replace
from typing import Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.condition_builder import FIELD
from operations.doors.counts import read_counts
from operations.doors.current import current_workspace, may_here
from operations.doors.keyset_list import CURSOR_VAR
from operations.doors.origin import read_clock
from operations.doors.selection import SelectionError
from operations.wire.columns import Kind
from relationships.bulk import plan_of
from relationships.models import Draft
from relationships.relate_choosing import clear_choice, select_all, take_page, take_pasted
from relationships.relate_confirming import (
    make_origin,
    review,
    show_expired,
    show_missing,
    show_started,
)
from relationships.relate_forms import RelateAttributesForm
from relationships.relate_list import describe_choosing
from relationships.relate_page import Here, change_draft, go_to, leave, render_step
from relationships.relate_plan import find_refusals
from relationships.relate_rows import list_query
from relationships.relate_steps import (
    Step,
    address_of,
    begin_draft,
    choose_only_type,
    choose_type,
    find_draft,
    first_open,
    is_expired,
    open_steps,
)
from workspaces.models import Workspace
from workspaces.permissions import Permission

# Django redirects to no address that is longer than 2,048 characters.
_QUERY_MAX_CHARS: Final = 1_900


def relate_urls(site: admin.AdminSite) -> list[URLPattern]:
    """Give the addresses of the steps, for those who are signed in."""
    return [
        path("relationships/add/", site.admin_view(start), name="relate_start"),
        path(
            "relationships/add/<int:key>/<slug:name>/",
            site.admin_view(show_step),
            name="relate_step",
        ),
    ]


def start(request: HttpRequest) -> HttpResponse:
    """Show the first step that lacks something, with what the address names already chosen.

    Looking keeps nothing: the draft is stored with the first button that is pressed.
    """
    workspace = _workspace(request)
    draft = begin_draft(request, workspace, request.GET)
    object_type = choose_only_type(draft)
    posted = request.POST.get("step", "")
    name = posted if posted in open_steps(draft, object_type) else first_open(draft, object_type)
    return _show(Here(request, draft, Step(name), object_type))


def show_step(request: HttpRequest, key: int, name: str) -> HttpResponse:
    """Show one step of a draft, or take over what was done there."""
    draft = find_draft(request, _workspace(request), key)
    if draft is None:
        return show_missing(request)
    if draft.started_at is not None:
        return show_started(request, draft)
    object_type = choose_only_type(draft)
    if is_expired(draft, now=read_clock()):
        return show_expired(request, draft, object_type)
    if name not in open_steps(draft, object_type):
        return go_to(address_of(draft, first_open(draft, object_type)))
    return _show(Here(request, draft, Step(name), object_type))


def _show(here: Here) -> HttpResponse:
    match here.step:
        case Step.PEOPLE | Step.OBJECTS:
            return _choose(here)
        case Step.TYPE:
            return _ask_type(here)
        case Step.ATTRIBUTES:
            return _ask_attributes(here)
        case Step.REVIEW:
            return review(here)


def _choose(here: Here) -> HttpResponse:
    request, kind = here.request, here.kind
    if request.method != "POST":
        context = describe_choosing(here.draft, kind, request.GET)
        return render_step(here, "choose", context | _links(here))
    command, argument = here.command()
    if not change_draft(here, lambda draft: _take(request, draft, kind, command)):
        return go_to(address_of(here.draft, here.step))
    if command in {"next", "back", "step"}:
        return leave(here, command, argument)
    query = _list_address(here, command, argument)
    if len(query.urlencode()) > _QUERY_MAX_CHARS:
        messages.error(request, _("These filters are too long for an address. Use fewer."))
        query.clear()
    return go_to(address_of(here.draft, here.step), query)


def _list_address(here: Here, command: str, argument: str) -> QueryDict:
    """Say which list comes next: another page of this one, or one filtered otherwise."""
    posted = list_query(here.kind, here.request.POST)
    query = QueryDict("" if command == "clear" else posted, mutable=True)
    if command == "drop":
        query.pop(argument, None)
    elif command == "conditions":
        query[FIELD] = argument
        query = QueryDict(list_query(here.kind, query), mutable=True)
    elif command == "add" and argument:
        query[argument] = "true"
    elif command == "page" and argument:
        query[CURSOR_VAR] = argument
    return query


def _take(request: HttpRequest, draft: Draft, kind: Kind, command: str) -> None:
    take_page(draft, kind, request.POST)
    if command == "all":
        select_all(request, draft, kind)
    elif command == "none":
        clear_choice(draft, kind)
    elif command == "paste":
        take_pasted(request, draft, kind)


def _links(here: Here) -> dict[str, bool]:
    """Say what an empty list may offer."""
    return {
        "may_import": may_here(here.request, Permission.IMPORT),
        "may_edit": may_here(here.request, Permission.EDIT),
    }


def _ask_type(here: Here) -> HttpResponse:
    request, workspace = here.request, here.draft.workspace
    types = list(ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number"))
    problem = ""
    if request.method == "POST":
        command, argument = here.command()
        chosen = request.POST.get("type", "")
        number = next((each.number for each in types if str(each.number) == chosen), None)
        if number is not None:
            change_draft(here, lambda draft: choose_type(draft, number))
        elif here.draft._state.adding:
            change_draft(here, lambda draft: None)
        if number is not None or command != "next":
            return leave(here, command, argument)
        problem = _("Choose an object type.")
    counts = read_counts(workspace.pk).objects
    context = {
        "types": [(each, counts.get(each.number, 0)) for each in types],
        "problem": problem,
        "may_manage_types": may_here(request, Permission.MANAGE_TYPES),
    }
    return render_step(here, "type", context)


def _ask_attributes(here: Here) -> HttpResponse:
    request = here.request
    if request.method != "POST":
        form = RelateAttributesForm(initial={"attributes": here.draft.attributes})
        return render_step(here, "attributes", {"form": form})
    form = RelateAttributesForm(request.POST)
    if form.is_valid():
        _add_refusals(here, form)
    if not form.is_valid():
        return render_step(here, "attributes", {"form": form})
    typed = form.cleaned_data["attributes"]
    change_draft(here, lambda changed: setattr(changed, "attributes", typed))
    command, argument = here.command()
    return leave(here, command, argument)


def _add_refusals(here: Here, form: RelateAttributesForm) -> None:
    """Ask the engine about the attributes now, while they can be corrected beside their rows."""
    plan = replace(plan_of(here.draft), attributes=form.cleaned_data["attributes"])
    try:
        rejections = find_refusals(plan, make_origin(here.request, here.draft))
    except SelectionError:
        return  # the review says so, and leads back to the step
    form.add_rejections(rejections)


def _workspace(request: HttpRequest) -> Workspace:
    """Give the active workspace to those who may relate in it."""
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.EDIT):
        raise PermissionDenied
    return workspace
