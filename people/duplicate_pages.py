"""The page of likely duplicates: groups, each a click away from the preview of a merge."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operations.doors.admin import is_primary_key
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.doors.keyset import Page, find_place, leg, read_page, render_place
from operations.doors.origin import read_clock
from operations.doors.sensitive import hidden_of
from operations.wire.columns import Kind
from people.duplicate_search import (
    GROUPS_MAX,
    dismiss,
    dismissed_among,
    start_search,
    without_dismissed,
)
from people.models import DuplicateGroup, DuplicateSearch, NotDuplicates, Person
from workspaces.models import Workspace
from workspaces.permissions import Permission

GROUPS_OF_A_PAGE: Final = 25
_LEGS: Final = (leg("pk"),)
_CURSOR: Final = "cursor"
_PATIENCE_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody in a group, with the address where merging into the first is shown."""

    person: Person
    link: str
    merge_link: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who are likely to be one; the first would be kept."""

    key: int
    rules: tuple[str, ...]
    people: tuple[Alike, ...]
    more: int


def duplicate_urls(site: Any) -> list[URLPattern]:
    """Give the addresses of the page and of what is posted from it."""
    wrap = site.admin_view

    def show(request: HttpRequest) -> HttpResponse:
        return _show(site, request)

    return [
        path("people/duplicates/", wrap(show), name="duplicates"),
        path("people/duplicates/search/", wrap(_search), name="duplicates_search"),
        path("people/duplicates/dismiss/", wrap(_dismiss), name="duplicates_dismiss"),
        path("people/duplicates/recall/", wrap(_recall), name="duplicates_recall"),
    ]


def _show(site: Any, request: HttpRequest) -> HttpResponse:
    workspace = _workspace_for(request, Permission.VIEW)
    search = DuplicateSearch.objects.filter(workspace=workspace).first()
    rows = DuplicateGroup.objects.filter(workspace=workspace)
    place = find_place(request.GET.get(_CURSOR, ""), _LEGS, DuplicateGroup)
    page = read_page(rows, _LEGS, place=place, limit=GROUPS_OF_A_PAGE)
    people = (_("People"), reverse("admin:people_person_changelist"))
    context = {
        **site.each_context(request),
        "title": _("Duplicates"),
        "trail": (Crumb(*people), Crumb(_("Duplicates"))),
        "search": search,
        "is_stuck": _is_stuck(search),
        "groups": list(_groups(workspace, page)),
        "groups_max": f"{GROUPS_MAX:,}",
        "next_link": _link(page.next),
        "previous_link": _link(page.previous),
        "cursor": request.GET.get(_CURSOR, ""),
        "dismissed": NotDuplicates.objects.filter(workspace=workspace).count(),
        "may_merge": may_here(request, Permission.DELETE),
    }
    request.current_app = site.name
    return TemplateResponse(request, "people/duplicates.html", context)


@require_POST
def _search(request: HttpRequest) -> HttpResponse:
    workspace = _workspace_for(request, Permission.DELETE)
    start_search(workspace, actor=request.user.get_username())
    return HttpResponseRedirect(reverse("admin:duplicates"))


@require_POST
def _dismiss(request: HttpRequest) -> HttpResponse:
    workspace = _workspace_for(request, Permission.DELETE)
    key, person = request.POST.get("group", ""), request.POST.get("person", "")
    group = None
    if is_primary_key(key) and is_primary_key(person):
        group = DuplicateGroup.objects.filter(workspace=workspace, pk=key).first()
    if group is None or int(person) not in group.people:
        messages.warning(request, _("This group is not there any more; here are the others."))
    else:
        dismiss(group, int(person))
        messages.success(request, _("Remembered: they are not the same person."))
    query = {_CURSOR: request.POST[_CURSOR]} if request.POST.get(_CURSOR) else {}
    return HttpResponseRedirect(f"{reverse('admin:duplicates')}?{urlencode(query)}".rstrip("?"))


@require_POST
def _recall(request: HttpRequest) -> HttpResponse:
    workspace = _workspace_for(request, Permission.DELETE)
    NotDuplicates.objects.filter(workspace=workspace).delete()
    start_search(workspace, actor=request.user.get_username())
    return HttpResponseRedirect(reverse("admin:duplicates"))


def _groups(workspace: Workspace, page: Page) -> Iterator[Group]:
    keys = {key for group in page.rows for key in group.people}
    there = Person.objects.select_related("totals").for_workspace(workspace).in_bulk(sorted(keys))
    apart = dismissed_among(workspace.pk, keys)
    for group in page.rows:
        left = without_dismissed([key for key in group.people if key in there], apart)
        rules = _told_rules(group)
        if len(left) > 1 and rules:
            people = sorted((there[key] for key in left), key=_worth, reverse=True)
            yield Group(
                key=group.pk,
                rules=rules,
                people=tuple(_alike(person, first=people[0]) for person in people),
                more=max(0, group.size - len(group.people)),
            )


def _told_rules(group: DuplicateGroup) -> tuple[str, ...]:
    """Name the rules; that two phone numbers are equal is not for who may not see them."""
    hidden = {DuplicateGroup.Rule.PHONE} if "phone" in hidden_of(Kind.PEOPLE) else set()
    told = (DuplicateGroup.Rule(rule) for rule in group.rules)
    return tuple(str(rule.label) for rule in told if rule not in hidden)


def _worth(person: Person) -> tuple[int, int, int]:
    """Keep whoever has most relationships, then most attributes, then is the oldest."""
    return person.relationship_count, len(person.attributes), -person.pk


def _alike(person: Person, *, first: Person) -> Alike:
    merge = reverse("admin:people_person_merge", args=[first.pk])
    is_first = person.pk == first.pk
    return Alike(
        person=person,
        link=reverse("admin:people_person_change", args=[person.pk]),
        merge_link="" if is_first else f"{merge}?{urlencode({'other': person.pk})}",
    )


def _is_stuck(search: DuplicateSearch | None) -> bool:
    if search is None or search.state != DuplicateSearch.State.RUNNING:
        return False
    return (read_clock() - search.asked_at).total_seconds() > _PATIENCE_SECONDS


def _link(place: Any) -> str:
    return f"?{urlencode({_CURSOR: render_place(place)})}" if place else ""


def _workspace_for(request: HttpRequest, permission: Permission) -> Workspace:
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, permission):
        raise PermissionDenied
    return workspace
