"""What the palette finds: pages, people and objects of the active workspace, ten of each."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cioapp.navigation import build_navigation
from objects.models import Object, ObjectType
from operations.doors.current import current_workspace, may_here
from operations.doors.deadline import run_within
from operations.doors.exact_first import take_exact_first
from people.models import Person
from workspaces.models import Workspace
from workspaces.permissions import Permission

SHOWN_OF_EACH: Final = 10
SHORTEST_SEARCH_CHARS: Final = 2
LONGEST_SEARCH_CHARS: Final = 150
LONGEST_SEARCH_SECONDS: Final = 1

Found: TypeAlias = dict[str, str]


def find_all(site: AdminSite, request: HttpRequest) -> list[dict[str, Any]]:
    """Give the groups of what matches; without words, the pages."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH_CHARS]
    groups = [(_("Pages"), _find_pages(request, words))]
    if may_here(request, Permission.VIEW) and len(words) >= SHORTEST_SEARCH_CHARS:
        groups.append((_("People"), _find_people(site, request, words)))
        groups.append((_("Objects"), _find_objects(site, request, words)))
    return [{"title": title, "items": items} for title, items in groups if items]


def _find_pages(request: HttpRequest, words: str) -> list[Found]:
    wanted = words.casefold().split()
    pages = {
        page["link"]: page
        for page in reversed([*_pages(request)])
        if all(word in f"{page['title']} {page['note']}".casefold() for word in wanted)
    }
    return [*reversed(pages.values())][:SHOWN_OF_EACH]


def _pages(request: HttpRequest) -> Iterator[Found]:
    for group in build_navigation(request):
        for entry in group["items"]:
            yield _found(entry["title"], str(group.get("title", "")), entry["icon"], entry["link"])
    workspace = current_workspace(request)
    if workspace is not None:
        yield from _other_types(workspace)
        yield from _things_to_add(request, workspace)
    yield _found(_("Change password"), "", "password", reverse("admin:password_change"))


def _other_types(workspace: Workspace) -> Iterator[Found]:
    address = reverse("admin:objects_object_changelist")
    for row in ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number"):
        note = _("Object type") if row.enabled else _("Disabled type")
        yield _found(row.name, note, row.icon, f"{address}?object_type={row.number}")


def _things_to_add(request: HttpRequest, workspace: Workspace) -> Iterator[Found]:
    if may_here(request, Permission.EDIT):
        yield _found(_("Add person"), _("Action"), "person_add", _add("people_person"))
        types = ObjectType.objects.for_workspace(workspace).filter(enabled=True)
        for row in types.order_by("number"):
            title = _("Add %(name)s") % {"name": row.singular_name}
            link = f"{_add('objects_object')}?object_type={row.number}"
            yield _found(title, _("Action"), "add", link)
    if may_here(request, Permission.MANAGE_TYPES):
        yield _found(_("Add object type"), _("Action"), "add", _add("objects_objecttype"))


def _find_people(site: AdminSite, request: HttpRequest, words: str) -> list[Found]:
    people, is_whole = _search(site, request, model=Person, words=words)
    address = "admin:people_person_change"
    found = [
        _found(
            str(row),
            next((each for each in (row.email, row.person_id) if each and each != str(row)), ""),
            "person",
            reverse(address, args=[row.pk]),
        )
        for row in people
    ]
    return found if is_whole else [*found, _more(_("All people"), "people_person", words)]


def _find_objects(site: AdminSite, request: HttpRequest, words: str) -> list[Found]:
    objects, is_whole = _search(site, request, model=Object, words=words)
    address = "admin:objects_object_change"
    found = [
        _found(
            str(row),
            f"{row.object_type.singular_name} · {row.object_id}",
            row.object_type.icon,
            reverse(address, args=[row.pk]),
        )
        for row in objects
    ]
    return found if is_whole else [*found, _more(_("All objects"), "objects_object", words)]


def _search(
    site: AdminSite, request: HttpRequest, *, model: Any, words: str
) -> tuple[list[Any], bool]:
    """Use the search of the list, so that both find the same; stop when it takes too long.

    Also tell whether these are all.
    """
    model_admin: Any = site.get_model_admin(model)
    rows = model_admin.get_queryset(request)
    if model is Object:
        rows = rows.select_related("object_type")
    found, _may_repeat = model_admin.get_search_results(request, rows, words)
    first = run_within(
        lambda: take_exact_first(found, words, limit=SHOWN_OF_EACH + 1),
        seconds=LONGEST_SEARCH_SECONDS,
    )
    if first is None:
        return [], False
    return first[:SHOWN_OF_EACH], len(first) <= SHOWN_OF_EACH


def _more(title: str, name: str, words: str) -> Found:
    link = f"{reverse(f'admin:{name}_changelist')}?{urlencode({'q': words})}"
    return _found(title, f"“{words}”", "search", link)


def _add(name: str) -> str:
    return reverse(f"admin:{name}_add")


def _found(title: str, note: str, icon: str, link: str) -> Found:
    return {"title": title, "note": note, "icon": icon, "link": link}
