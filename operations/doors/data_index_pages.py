"""The pages of the data index: its list, the page of one attribute, its export."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from objects.models import ObjectType
from operations.doors.attribute_usage import Usage, find_usage
from operations.doors.changelist import Crumb
from operations.doors.counts import Counts, read_counts
from operations.doors.current import current_workspace, may_here
from operations.doors.data_index_entries import (
    Entries,
    Entry,
    marked_names,
    read_entries,
    with_samples,
)
from operations.doors.data_index_export import export_index
from operations.doors.data_index_forms import AttributeForm, save_attribute
from operations.doors.data_index_scans import ask_for_reading
from operations.doors.display import render_ago, render_time
from operations.doors.origin import read_clock
from operations.models import AttributeKind, AttributeName
from workspaces.models import Workspace
from workspaces.permissions import Permission

ENTRIES_ON_A_PAGE: Final = 100
_SHOWS: Final = ("", "in_use", "sensitive")
_SORTS: Final[dict[str, Callable[[Entry], Any]]] = {
    "": lambda entry: (entry.name.casefold(), entry.name),
    "rows": lambda entry: (-entry.row_count, entry.name),
    "set": lambda entry: (-(entry.last_set_at or 0), entry.name),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Whose attributes are listed: the people's, or those of a type's objects or relationships."""

    kind: str
    number: int
    title: str
    icon: str
    count: int

    @property
    def code(self) -> str:
        """Name the group in addresses."""
        return f"{self.kind}-{self.number}" if self.number else self.kind

    @property
    def count_label(self) -> str:
        """Write how many rows it has."""
        return f"{self.count:,}"

    @property
    def link(self) -> str:
        """Give the address of its list."""
        return f"{reverse('admin:data_index')}?{urlencode({'of': self.code})}"


def data_index_urls(site: Any) -> list[URLPattern]:
    """Give the addresses of the data index."""
    pages = (
        ("", show_index, "data_index"),
        ("attribute/", show_attribute, "data_index_attribute"),
        ("refresh/", refresh_index, "data_index_refresh"),
        ("export/", send_index, "data_index_export"),
    )
    return [
        path(f"data-index/{end}", site.admin_view(view), name=name) for end, view, name in pages
    ]


def show_index(request: HttpRequest) -> HttpResponse:
    """List the attributes of a group."""
    workspace = _workspace_for(request, Permission.VIEW)
    counts = read_counts(workspace.pk)
    groups = groups_of(workspace, counts)
    group = _chosen_group(request, groups)
    usage = find_usage(request, kind=group.kind, number=group.number)
    found = _with_usage(
        read_entries(workspace, kind=group.kind, number=group.number, counts=counts), usage
    )
    words, shown, sort = (request.GET.get(name, "").strip() for name in ("q", "show", "sort"))
    entries = _sifted(found, words=words, shown=shown if shown in _SHOWS else "")
    page = Paginator(sorted(entries, key=_SORTS.get(sort, _SORTS[""])), ENTRIES_ON_A_PAGE)
    listed = page.get_page(request.GET.get("page"))
    sampled = with_samples(listed, workspace, kind=group.kind, number=group.number)
    kept = {"of": group.code, "q": words, "show": shown, "sort": sort}
    context = {
        "title": _("Data index"),
        "trail": (Crumb(_("Data index")),),
        "group": group,
        "groups": groups,
        "rows": [_row(each, group) for each in sampled],
        "page": listed,
        "pages_query": _query(kept),
        "words": words,
        "shown": shown,
        "sort": sort,
        "show_links": [
            (name, label, f"?{_query(kept | {'show': name})}", count)
            for name, label, count in _show_tabs(found)
        ],
        "sort_links": {name or "name": f"?{_query(kept | {'sort': name})}" for name in _SORTS},
        "found": found,
        "read_at": render_time(found.read_at, with_clock=True) if found.read_at else "",
        "may_edit": may_here(request, Permission.MANAGE_ATTRIBUTES),
        "may_export": may_here(request, Permission.EXPORT),
        "may_refresh": may_here(request, Permission.EDIT) and not found.is_live,
    }
    return _page(request, "admin/data_index.html", context)


def show_attribute(request: HttpRequest) -> HttpResponse:
    """Describe, tag and mark one attribute; the address names it, for names are data."""
    workspace = _workspace_for(request, Permission.MANAGE_ATTRIBUTES)
    counts = read_counts(workspace.pk)
    group = _chosen_group(request, groups_of(workspace, counts))
    name = request.GET.get("name", "")
    stored = AttributeName.objects.filter(
        workspace=workspace, kind=group.kind, object_type_number=group.number, name=name
    ).first()
    row = stored or AttributeName(
        workspace=workspace, kind=group.kind, object_type_number=group.number, name=name
    )
    row.is_sensitive = name in marked_names(workspace, group.kind)
    form = AttributeForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and form.is_valid():
        save_attribute(request, row, form)
        said = _("Saved what the data index says about %(name)s.") % {"name": row.name}
        messages.success(request, said)
        return HttpResponseRedirect(group.link)
    title = name or _("Describe an attribute")
    context = {
        "title": title,
        "trail": (Crumb(_("Data index"), group.link), Crumb(title)),
        "group": group,
        "name": name,
        "form": form,
        "usage": find_usage(request, kind=group.kind, number=group.number).get(name, ()),
        "is_in_objects": group.kind != AttributeKind.PEOPLE,
    }
    return _page(request, "admin/data_index_attribute.html", context)


@require_POST
def refresh_index(request: HttpRequest) -> HttpResponse:
    """Have the worker read the rows again."""
    workspace = _workspace_for(request, Permission.EDIT)
    group = _chosen_group(request, groups_of(workspace, Counts()))
    ask_for_reading(workspace)
    messages.success(
        request, _("The worker reads the rows now. Open this page again in a moment.")
    )
    return HttpResponseRedirect(group.link)


def send_index(request: HttpRequest) -> HttpResponse:
    """Send the whole index as a CSV file: what it says, no values of any row."""
    workspace = _workspace_for(request, Permission.EXPORT)
    counts = read_counts(workspace.pk)
    groups = groups_of(workspace, counts)
    read = [
        (
            group.title,
            read_entries(workspace, kind=group.kind, number=group.number, counts=counts).entries,
            find_usage(request, kind=group.kind, number=group.number),
        )
        for group in groups
    ]
    return export_index(request, workspace, read)


def groups_of(workspace: Workspace, counts: Counts) -> tuple[Group, ...]:
    """Name the groups: people, the objects of each type, their relationships."""
    types = list(ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number"))
    people, objects, relationships = AttributeKind
    return (
        Group(people.value, 0, _("People"), "person", counts.people),
        *(
            Group(objects.value, row.number, row.name, row.icon, counts.objects.get(row.number, 0))
            for row in types
        ),
        *(
            Group(
                relationships.value,
                row.number,
                _("Relationships: %(name)s") % {"name": row.name},
                "link",
                counts.relationships.get(row.number, 0),
            )
            for row in types
        ),
    )


def _chosen_group(request: HttpRequest, groups: tuple[Group, ...]) -> Group:
    code = request.GET.get("of", "")
    if not code:
        return groups[0]
    found = next((group for group in groups if group.code == code), None)
    if found is None:
        raise Http404
    return found


def _with_usage(found: Entries, usage: Mapping[str, tuple[Usage, ...]]) -> Entries:
    entries = tuple(replace(each, used_in=usage.get(each.name, ())) for each in found.entries)
    return replace(found, entries=entries)


def _sifted(found: Entries, *, words: str, shown: str) -> list[Entry]:
    wanted = words.casefold()
    return [
        entry
        for entry in found.entries
        if _is_shown(entry, shown)
        and (not wanted or any(wanted in text.casefold() for text in _texts(entry)))
    ]


def _texts(entry: Entry) -> tuple[str, ...]:
    return (entry.name, entry.description, *entry.tags)


def _is_shown(entry: Entry, shown: str) -> bool:
    if shown == "in_use":
        return bool(entry.used_in)
    return entry.is_sensitive if shown == "sensitive" else True


def _show_tabs(found: Entries) -> list[tuple[str, str, int]]:
    labels = ("", _("All")), ("in_use", _("In use")), ("sensitive", _("Sensitive"))
    return [
        (name, label, sum(_is_shown(entry, name) for entry in found.entries))
        for name, label in labels
    ]


def _row(entry: Entry, group: Group) -> dict[str, Any]:
    address = reverse("admin:data_index_attribute")
    return {
        "entry": entry,
        "count": f"{entry.row_count:,}",
        "share": min(100, round(100 * entry.row_count / group.count)) if group.count else None,
        "types": [(label, f"{count:,}") for label, count in entry.type_labels],
        "last_set": render_ago(entry.last_set_at, now=read_clock()),
        "link": f"{address}?{urlencode({'of': group.code, 'name': entry.name})}",
    }


def _query(kept: dict[str, str]) -> str:
    return urlencode({name: value for name, value in kept.items() if value})


def _workspace_for(request: HttpRequest, permission: Permission) -> Workspace:
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, permission):
        raise PermissionDenied
    if "\0" in request.GET.get("name", ""):
        raise BadRequest
    return workspace


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
    request.current_app = admin.site.name
    return TemplateResponse(request, template, admin.site.each_context(request) | context)
