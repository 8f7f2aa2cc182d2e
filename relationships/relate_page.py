"""What the pages of the steps share: the step at hand, its frame, and the way to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.changelist import Crumb
from operations.doors.current import mark_in_navigation
from operations.wire.columns import Kind
from relationships.models import Draft
from relationships.relate_steps import (
    KINDS,
    Step,
    address_of,
    choose_only_type,
    describe_line,
    find_draft,
    open_steps,
    save_draft,
    step_after,
    step_before,
)

_TRIES: Final = 3
_PEOPLE: Final = "people_person_changelist"
_OBJECTS: Final = "objects_object_changelist"


@dataclass(slots=True)
class Here:
    """A step of a draft, asked for by a request."""

    request: HttpRequest
    draft: Draft
    step: Step
    object_type: ObjectType | None

    @property
    def kind(self) -> Kind:
        """Name what the step chooses."""
        return KINDS[self.step]

    def command(self, usual: str = "next") -> tuple[str, str]:
        """Give what the pressed button asks for, and its argument."""
        name, _colon, argument = self.request.POST.get("go", usual).partition(":")
        return name, argument


def change_draft(here: Here, change: Callable[[Draft], None]) -> bool:
    """Change the draft and save it, on top of what another tab may have saved meanwhile."""
    for _attempt in range(_TRIES):
        change(here.draft)
        if save_draft(here.draft):
            return True
        fresh = find_draft(here.request, here.draft.workspace, here.draft.pk)
        if fresh is None or fresh.started_at is not None:
            return False
        here.draft = fresh
    return False


def leave(here: Here, command: str, argument: str) -> HttpResponse:
    """Go to another step; forward only when something is chosen."""
    draft, object_type = here.draft, choose_only_type(here.draft)
    if command == "step":
        is_open = argument in open_steps(draft, object_type)
        return go_to(address_of(draft, argument if is_open else here.step))
    if command == "back":
        return go_to(address_of(draft, step_before(here.step)))
    after = step_after(draft, here.step, object_type)
    return go_to(address_of(draft, after), "missing=1" if after is here.step else "")


def go_to(address: str, query: str | QueryDict = "") -> HttpResponseRedirect:
    """Redirect, so that a reload repeats nothing."""
    text = query if isinstance(query, str) else query.urlencode()
    return HttpResponseRedirect(f"{address}?{text}" if text else address)


def render_step(here: Here, name: str, context: dict[str, Any]) -> HttpResponse:
    """Show the page of a step in its frame."""
    line = describe_line(here.draft, here.step, here.object_type)
    title = _("Step %(number)s of %(total)s: %(title)s") % {
        "number": line.number,
        "total": line.total,
        "title": line.title,
    }
    frame = {
        "draft": here.draft,
        "line": line,
        "step": here.step,
        "object_type": here.object_type,
        "is_first": line.number == 1,
        "form_address": here.request.path if not here.draft._state.adding else "",
    }
    shown = here.object_type
    if here.step is Step.PEOPLE or shown is None:
        mark_in_navigation(here.request, list_name=_PEOPLE)
    else:
        mark_in_navigation(here.request, list_name=_OBJECTS, type_number=shown.number)
    return render_page(here.request, f"relate_{name}", frame | context, title=title)


def render_page(
    request: HttpRequest, name: str, context: dict[str, Any], *, title: str, status: int = 200
) -> HttpResponse:
    """Show a page of the admin outside of its models."""
    site = admin.site
    request.current_app = site.name
    relationships = reverse("admin:relationships_relationship_changelist")
    base = {
        **site.each_context(request),
        "title": title,
        "trail": (Crumb(_("Relationships"), relationships), Crumb(title)),
    }
    template = f"relationships/{name}.html"
    return TemplateResponse(request, template, base | context, status=status)
