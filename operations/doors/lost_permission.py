"""What a person sees who may not edit any more when the form comes in: nothing typed is lost."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from operations.doors.attribute_rows import parse_rows, read_rows, render_raw
from operations.doors.changelist import Crumb

# What the page sends besides what was typed.
_HIDDEN = frozenset({"csrfmiddlewaretoken", "version", "opened", "_save", "_addanother"})
_ROWS = "attributes_rows"


def answer_lost_permission(page: Any, request: HttpRequest, row: Any) -> TemplateResponse:
    """Refuse the save with what was typed, so that it can be copied."""
    typed = (
        (name, str(value)) for name, value in request.POST.items() if name not in _HIDDEN and value
    )
    request.current_app = page.admin_site.name
    context = {
        **page.admin_site.each_context(request),
        "title": _("You may not edit here any more"),
        "row": row,
        "typed": tuple(readable(typed)),
        "trail": (*page.trail(row), Crumb(_("Not saved"))),
        "back": page.address_of(row),
        "opts": page.opts,
    }
    return TemplateResponse(request, "operations/lost_permission.html", context, status=403)


def readable(sent: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give the rows of the editor as JSON, which can be pasted back.

    While the rows are in use, the text area beside them has what the page was made from.
    """
    found = list(sent)
    has_rows = any(name == _ROWS for name, _value in found)
    for name, value in found:
        if name == _ROWS:
            yield "attributes", _as_json(value)
        elif name != "attributes" or not has_rows:
            yield name, value


def _as_json(rows: str) -> str:
    try:
        return render_raw(parse_rows(read_rows(rows), stored={}))
    except ValueError:
        return rows
