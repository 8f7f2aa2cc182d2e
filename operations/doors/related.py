"""The relationships tab: the other sides as a table, and the end of those that are checked."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.doors.admin import is_primary_key
from operations.doors.changelist import Crumb
from operations.doors.current import may_here
from operations.doors.deletion import (
    SAMPLE_ROWS,
    Deletion,
    count_label,
    delete_all,
    told_with_undo,
)
from operations.doors.display import render_attributes, render_time
from operations.doors.page_parts import OtherSide, RelatedRow, Tab, relate_link
from operations.doors.related_pages import read_numbered_page, read_placed_page
from operations.results import Status
from operations.types import ObjectKey, PersonKey, Unrelate
from relationships.models import Relationship
from workspaces.permissions import Permission

# Somebody with more relationships sees the newest first, in one list: counting and sorting them
# by type would read them all for each page.
GROUPED_MAX_ROWS = 5_000
_CHOSEN_MAX_ROWS = 1_000
_BOTH_SIDES = ("person__cio_id", "object__cio_object_id", "object__object_type__number")


def describe_related(relationship: Relationship, other: OtherSide, *, back: str) -> RelatedRow:
    """Fill in what both sides show alike; saving leads back to the page of the side `back`."""
    edit = reverse("admin:relationships_relationship_change", args=[relationship.pk])
    return RelatedRow(
        key=relationship.pk,
        other=other,
        attribute_count=len(relationship.attributes),
        attributes=render_attributes(relationship.attributes),
        since=render_time(relationship.created_at),
        edit_link=f"{edit}?back={back}",
    )


def related_context(page: Any, request: HttpRequest, row: Any) -> dict[str, Any]:
    """Give the tab a page of relationships, those of one type when the address names it."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    is_many = row.relationship_count > GROUPED_MAX_ROWS
    is_grouped = page.groups_by_type and not is_many
    found = page.relationships_of(row)
    types = _type_tabs(page, request, row) if is_grouped else []
    number = request.GET.get("type", "") if any(tab.is_active for tab in types[1:]) else ""
    if number:
        found = found.of_type(int(number))
    if words:
        found = page.search_related(found, words)
    known = None if words or number else row.relationship_count
    given = {"tab": "relationships", "q": words, "type": number}
    kept = {name: value for name, value in given.items() if value}
    if is_many:
        shown = read_placed_page(
            request, found, order=page.order_of_many, known_count=known, kept=kept
        )
    else:
        order = ("object__object_type__number", "-pk") if is_grouped else ("-pk",)
        shown = read_numbered_page(request, found.order_by(*order), known_count=known, kept=kept)
    rows = [page.related_row(relationship) for relationship in shown.rows]
    return {
        "page": shown,
        "groups": [
            (group, list(each)) for group, each in groupby(rows, lambda one: one.other.group)
        ],
        "is_grouped": is_grouped and not number,
        "type_tabs": types,
        "chosen_type": number,
        "words": words,
        "columns": page.related_columns,
        "search_label": page.related_search,
        "add_link": relate_link(page.relate_field, row.pk)
        if may_here(request, Permission.EDIT)
        else "",
        "unrelate_link": page.row_address("unrelate", row)
        if may_here(request, Permission.DELETE)
        else "",
    }


def unrelate(page: Any, request: HttpRequest, row: Any) -> HttpResponse:
    """Confirm the end of the checked relationships with counts, then end them in one go."""
    back = HttpResponseRedirect(page.tab_address(row, "relationships"))
    if request.method != "POST":
        return back
    keys = request.POST.getlist("chosen")
    if not all(map(is_primary_key, keys)) or len(keys) > _CHOSEN_MAX_ROWS:
        raise BadRequest
    chosen = page.relationships_of(row).filter(pk__in=keys).order_by("-pk")
    count = chosen.count()
    if not count:
        messages.warning(request, _("Check the box beside each relationship to delete first."))
        return back
    label = count_label(Relationship, count)
    title = _("Delete %(rows)s") % {"rows": label}
    if not request.POST.get("post"):
        return _confirm(page, request, row, chosen=chosen, title=title)
    sides = list(chosen.values_list(*_BOTH_SIDES))
    counts, change_set = delete_all(
        page.origin(request, reason=title),
        operations=(
            Unrelate(PersonKey(cio_id=cio_id), ObjectKey(None, number, cio_object_id))
            for cio_id, cio_object_id, number in sides
        ),
    )
    deleted = count_label(Relationship, counts.get(Status.DELETED, 0))
    told = told_with_undo(_("Deleted %(rows)s.") % {"rows": deleted}, change_set=change_set)
    messages.success(request, told)
    return back


def _confirm(
    page: Any, request: HttpRequest, row: Any, *, chosen: QuerySet[Relationship], title: str
) -> HttpResponse:
    rows = [page.related_row(each) for each in chosen]
    tab = page.tab_address(row, "relationships")
    trail = (*page.trail(row)[:-1], Crumb(str(row), tab), Crumb(_("Delete relationships")))
    deletion = Deletion(
        count=len(rows),
        label=count_label(Relationship, len(rows)),
        along=(),
        sample=tuple(f"{row} · {each.other.title}" for each in rows[:SAMPLE_ROWS]),
    )
    context = {
        "title": title,
        "deletion": deletion,
        "stays": _("The people and the objects themselves stay."),
        "selection": [("chosen", str(each.key)) for each in rows],
        "cancel_address": tab,
        "trail": trail,
        "opts": page.opts,
    }
    response: HttpResponse = page.render_page(
        request, "operations/delete_confirmation.html", context
    )
    return response


def _type_tabs(page: Any, request: HttpRequest, row: Any) -> list[Tab]:
    """Offer each type that the person has relationships to, with their number."""
    names = ("object__object_type__number", "object__object_type__name")
    counted = page.relationships_of(row).order_by(names[0]).values_list(*names)
    chosen = request.GET.get("type", "")
    address = page.tab_address(row, "relationships")
    tabs = [
        Tab(name, f"{address}&type={number}", chosen == str(number), count)
        for number, name, count in counted.annotate(Count("pk"))
    ]
    is_all = not any(tab.is_active for tab in tabs)
    return [Tab(_("All"), address, is_all, row.relationship_count), *tabs]
