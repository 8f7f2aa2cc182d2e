"""What the lists offer to begin adding relationships: an action for chosen rows, and a button."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.actions import chosen_rows
from operations.doors.selection import Selection, SelectionError, rows_of
from operations.wire.columns import Kind
from relationships.choice import KEYS_MAX, Choice
from relationships.models import Draft
from relationships.relate_rows import list_query, put_choice
from relationships.relate_steps import (
    address_of,
    choose_only_type,
    first_open,
    new_draft,
    save_draft,
)

_TYPES_TOLD_APART = 2


@admin.action(permissions=["change"], description=gettext_lazy("Add relationships…"))
def relate_selected(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Keep the chosen rows in a draft and lead to the first step that lacks something."""
    try:
        selection = chosen_rows(model_admin, request)
        draft = _begin(request, selection)
    except SelectionError as error:
        messages.error(request, str(error))
        return None
    if draft is None:
        return None
    object_type = choose_only_type(draft)
    save_draft(draft)
    return HttpResponseRedirect(address_of(draft, first_open(draft, object_type)))


def relate_context(model_admin: Any, request: HttpRequest, **known: int) -> dict[str, str]:
    """Lead from a list to the steps that add relationships, for those who may change rows."""
    if not model_admin.has_change_permission(request):
        return {}
    address = reverse("admin:relate_start")
    return {"relate_address": f"{address}?{urlencode(known)}" if known else address}


def _begin(request: HttpRequest, selection: Selection) -> Draft | None:
    rows = rows_of(selection).order_by()
    count = rows.count()
    if not count:
        messages.warning(request, _("None of the chosen rows is there any more."))
        return None
    draft = new_draft(request, selection.workspace)
    if selection.kind is Kind.OBJECTS:
        numbers = rows.values_list("object_type__number", flat=True).distinct()
        types = list(numbers[:_TYPES_TOLD_APART])
        if len(types) == _TYPES_TOLD_APART:
            text = _("Choose objects of one type: open the list of that type first.")
            messages.error(request, text)
            return None
        draft.type_number = types[0]
    asked = selection.query
    query = None if asked is None else list_query(selection.kind, QueryDict(asked))
    keys = frozenset(selection.keys[:KEYS_MAX])
    choice = Choice(keys=keys, query=query, up_to=selection.up_to or 0, count=count)
    put_choice(draft, selection.kind, choice)
    return draft
