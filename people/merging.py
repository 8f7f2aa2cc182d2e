"""Merge two people: choose the other, see both side by side with the result, confirm."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.doors.admin import is_primary_key
from operations.doors.changelist import Crumb
from operations.doors.display import readable_text
from operations.doors.exact_first import take_exact_first
from operations.engine import apply, preview
from operations.errors import Rejection
from operations.masking import mask_everywhere
from operations.results import Change, Outcome, Status
from operations.types import Call, Json, MergePeople, PersonKey
from people.models import Person

_CANDIDATES_SHOWN: Final = 10
_ROWS_SHOWN: Final = 200
_IDENTIFIERS: Final = (("id", "person_id"), ("email", "email"), ("cio_id", "cio_id"))


@dataclass(frozen=True, slots=True)
class MergedRow:
    """One line of the comparison; None where there is nothing."""

    name: str
    kept: str | None
    absorbed: str | None
    result: str | None

    @property
    def is_lost(self) -> bool:
        """Tell whether the value of the person who goes away is not kept."""
        return self.absorbed is not None and self.absorbed != self.result


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a merge would do, as the engine's preview says."""

    identifiers: list[MergedRow]
    attributes: list[MergedRow]
    moved: list[str]
    filled: list[str]
    more: int
    relationships: str


def merge(page: Any, request: HttpRequest, row: Person) -> HttpResponse:
    """Ask for the other person, then show what the merge does, then merge."""
    given = request.POST if request.method == "POST" else request.GET
    other = _find(page, request, given.get("other", ""))
    if other is None or other.pk == row.pk:
        return _pick(page, request, row)
    keeps_other = given.get("keep") == "other"
    kept, absorbed = (other, row) if keeps_other else (row, other)
    call = Call(
        origin=page.origin(request),
        operations=(
            MergePeople(PersonKey(cio_id=kept.cio_id), PersonKey(cio_id=absorbed.cio_id)),
        ),
    )
    versions = f"{kept.version}.{absorbed.version}"
    if request.method == "POST" and given.get("versions") == versions:
        outcome = apply([call]).outcomes[0]
        if outcome.status is Status.UPDATED:
            return _merged(page, request, kept=kept, absorbed=absorbed)
        return _compare(page, request, row, kept=kept, absorbed=absorbed, outcome=outcome)
    if request.method == "POST":
        messages.warning(
            request, _("One of the two changed while you were looking. This is how they are now.")
        )
    outcome = preview([call]).outcomes[0]
    return _compare(page, request, row, kept=kept, absorbed=absorbed, outcome=outcome)


def _find(page: Any, request: HttpRequest, key: str) -> Person | None:
    if not is_primary_key(key):
        return None
    found: Person | None = page.get_queryset(request).filter(pk=key).first()
    return found


def _pick(page: Any, request: HttpRequest, row: Person) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()
    others = page.get_queryset(request).exclude(pk=row.pk)
    matching = others.search(words).order_by("-pk")
    found = take_exact_first(matching, words, limit=_CANDIDATES_SHOWN) if words else []
    context = {
        "title": _("Merge %(name)s") % {"name": row},
        "trail": (*page.trail(row)[:-1], Crumb(str(row), page.address_of(row)), Crumb(_("Merge"))),
        "row": row,
        "words": words,
        "found": [(each, f"?{urlencode({'other': each.pk})}") for each in found],
        "more_than": _CANDIDATES_SHOWN if len(found) == _CANDIDATES_SHOWN else 0,
        "cancel_address": page.address_of(row),
        "opts": page.opts,
    }
    response: HttpResponse = page.render_page(request, "people/merge_pick.html", context)
    return response


def _merged(
    page: Any, request: HttpRequest, *, kept: Person, absorbed: Person
) -> HttpResponseRedirect:
    said = _("Merged %(absorbed)s into %(kept)s.") % {"absorbed": absorbed, "kept": kept}
    messages.success(request, said)
    return HttpResponseRedirect(page.address_of(kept))


def _compare(
    page: Any,
    request: HttpRequest,
    row: Person,
    *,
    kept: Person,
    absorbed: Person,
    outcome: Outcome,
) -> HttpResponse:
    other = absorbed if kept.pk == row.pk else kept
    stays, goes = _names(kept, absorbed)
    rejections: tuple[Rejection, ...] = outcome.rejections
    swapped = {"other": other.pk} | ({} if kept.pk != row.pk else {"keep": "other"})
    context = {
        "title": _("Merge %(absorbed)s into %(kept)s") % {"absorbed": goes, "kept": stays},
        "trail": (*page.trail(row)[:-1], Crumb(str(row), page.address_of(row)), Crumb(_("Merge"))),
        "kept": kept,
        "kept_name": stays,
        "absorbed": absorbed,
        "absorbed_name": goes,
        "kept_link": page.address_of(kept),
        "absorbed_link": page.address_of(absorbed),
        "other": other,
        "keep": "row" if kept.pk == row.pk else "other",
        "versions": f"{kept.version}.{absorbed.version}",
        "swap_link": f"?{urlencode(swapped)}",
        "pick_link": "?",
        "cancel_address": page.address_of(row),
        "rejections": rejections,
        "comparison": None if rejections else _comparison(kept, absorbed, outcome.changes),
        "opts": page.opts,
    }
    response: HttpResponse = page.render_page(request, "people/merge.html", context)
    return response


def _names(kept: Person, absorbed: Person) -> tuple[str, str]:
    """Name both so that they can be told apart; duplicates often share their name."""
    if str(kept) != str(absorbed):
        return str(kept), str(absorbed)
    stays, goes = (
        f"{each} ({each.person_id or each.email or each.cio_id})" for each in (kept, absorbed)
    )
    return stays, goes


def _comparison(kept: Person, absorbed: Person, changes: tuple[Change, ...]) -> Comparison:
    merged = next((change for change in changes if change.kind == "merge"), None)
    gained: Any = mask_everywhere((merged.after or {}).get("attributes", {})) if merged else {}
    names = sorted({*kept.attributes, *absorbed.attributes})
    result = kept.attributes | gained
    related = [change for change in changes if change.kind == "relationship"]
    moved = [_object_of(change) for change in related if change.status is Status.CREATED]
    filled = [_object_of(change) for change in related if change.status is Status.UPDATED]
    total = kept.relationship_count + len(moved)
    return Comparison(
        identifiers=_identifier_rows(kept, absorbed),
        attributes=[
            MergedRow(
                name=name,
                kept=_shown(kept.attributes, name),
                absorbed=_shown(absorbed.attributes, name),
                result=_shown(result, name),
            )
            for name in names[:_ROWS_SHOWN]
        ],
        moved=moved[:_ROWS_SHOWN],
        filled=filled[:_ROWS_SHOWN],
        more=max(len(names), len(moved), len(filled)) - _ROWS_SHOWN,
        relationships=ngettext("%(count)s relationship", "%(count)s relationships", total)
        % {"count": f"{total:,}"},
    )


def _identifier_rows(kept: Person, absorbed: Person) -> list[MergedRow]:
    found = [
        (label, getattr(kept, field), getattr(absorbed, field)) for label, field in _IDENTIFIERS
    ]
    return [
        MergedRow(name=label, kept=ours, absorbed=theirs, result=ours or theirs)
        for label, ours, theirs in found
    ]


def _object_of(change: Change) -> str:
    keys = change.object or {}
    return str(keys.get("object_id") or keys.get("cio_object_id") or "")


def _shown(attributes: dict[str, Json], name: str) -> str | None:
    return readable_text(name, attributes[name]) if name in attributes else None
