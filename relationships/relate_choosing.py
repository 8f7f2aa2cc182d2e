"""What the buttons of a choosing step do to a draft: take over boxes, select all, paste, clear."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.doors.admin import is_primary_key
from operations.doors.pasted import TooManyPasted, find_pasted, split_pasted
from operations.doors.selection import select_matching
from operations.wire.columns import Kind
from relationships.bulk import chosen_rows, plan_of
from relationships.choice import KEYS_MAX, Choice, add_keys, merge_page
from relationships.models import Draft
from relationships.relate_rows import (
    choice_of,
    find_matching,
    keys_chosen_by_query,
    keys_offered,
    list_query,
    put_choice,
)

_SEPARATORS: Final = re.compile(r"[,;\t]")
_SHOWN_MAX: Final = 1_000


def take_page(draft: Draft, kind: Kind, posted: Any) -> None:
    """Take over the boxes of the page: `shown` names its rows, `chosen` the checked ones."""
    checked = _keys(posted.getlist("chosen"))
    shown = _keys(posted.get("shown", "").split(",")) | checked
    if not shown:
        return
    choice = merge_page(
        choice_of(draft, kind),
        shown=shown,
        checked=keys_offered(draft, kind, checked),
        matching=keys_chosen_by_query(draft, kind, shown),
    )
    if len(choice.keys) <= KEYS_MAX:
        put_choice(draft, kind, choice)


def select_all(request: HttpRequest, draft: Draft, kind: Kind) -> None:
    """Choose all that match the search and the filters, besides what is checked elsewhere."""
    query = list_query(kind, request.POST)
    listing = find_matching(draft, kind, query)
    if not listing.filters.is_valid():
        return
    selection = select_matching(kind, workspace=draft.workspace_id, query=query)
    before = choice_of(draft, kind)
    choice = replace(before, query=query, up_to=selection.up_to or 0, without=frozenset())
    put_choice(draft, kind, choice)
    count = chosen_rows(plan_of(draft), kind).order_by().count()
    put_choice(draft, kind, replace(choice, count=count))
    if before.query not in (None, query):
        messages.info(request, _("This list is selected in place of the one selected before."))


def clear_choice(draft: Draft, kind: Kind) -> None:
    """Choose nothing; what was pasted and not found stays in its box."""
    put_choice(draft, kind, Choice(unknown=choice_of(draft, kind).unknown))


def take_pasted(request: HttpRequest, draft: Draft, kind: Kind) -> None:
    """Choose the rows that a pasted list names, and keep what was not found."""
    choice, text = choice_of(draft, kind), request.POST.get("pasted", "").replace("\x00", "�")
    try:
        keys, unknown = _find(draft, kind, split_pasted(text))
    except TooManyPasted as error:
        messages.error(request, _("%(problem)s.") % {"problem": error})
        put_choice(draft, kind, replace(choice, unknown=text))
        return
    known = keys_chosen_by_query(draft, kind, keys) - choice.without
    added = add_keys(choice, keys, chosen=known | (choice.keys & keys))
    if len(added.keys) > KEYS_MAX:
        message = _("More than %(max)s cannot be selected one by one. Select by a filter instead.")
        messages.error(request, message % {"max": f"{KEYS_MAX:,}"})
        put_choice(draft, kind, replace(choice, unknown=text))
        return
    put_choice(draft, kind, replace(added, unknown="\n".join(unknown)))
    _say_what_was_found(request, found=len(keys), unknown=len(unknown))


def _find(
    draft: Draft, kind: Kind, lines: Iterable[str]
) -> tuple[frozenset[int], tuple[str, ...]]:
    """Look lines up whole, then, where that finds nothing, cut at commas, semicolons and tabs."""
    where: dict[str, Any] = {"workspace": draft.workspace_id, "type_number": draft.type_number}
    whole = find_pasted(kind, identifiers=lines, **where)
    cut = [line for line in whole.missing if _SEPARATORS.search(line)]
    if not cut:
        return frozenset(whole.selection.keys), whole.missing
    pieces = [piece for line in cut for piece in _SEPARATORS.split(line) if piece.strip()]
    parts = find_pasted(kind, identifiers=pieces, **where)
    plain = [line for line in whole.missing if not _SEPARATORS.search(line)]
    unknown = dict.fromkeys((*plain, *(piece.strip() for piece in parts.missing)))
    return frozenset((*whole.selection.keys, *parts.selection.keys)), tuple(unknown)


def _say_what_was_found(request: HttpRequest, *, found: int, unknown: int) -> None:
    if found:
        text = ngettext("%(count)s found and selected.", "%(count)s found and selected.", found)
        messages.success(request, text % {"count": f"{found:,}"})
    if unknown:
        text = ngettext(
            "%(count)s was not found. It is kept in the box, so that you can correct it.",
            "%(count)s were not found. They are kept in the box, so that you can correct them.",
            unknown,
        )
        messages.warning(request, text % {"count": f"{unknown:,}"})
    if not found and not unknown:
        messages.warning(request, _("Paste one id or e-mail address on each line."))


def _keys(texts: list[str]) -> frozenset[int]:
    """Read primary keys; whatever else a forged form holds is left out."""
    return frozenset(int(text) for text in texts[:_SHOWN_MAX] if is_primary_key(text))
