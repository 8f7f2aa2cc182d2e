"""What a person sees who may not edit any more when the form comes in: nothing typed is lost."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

# What the page sends besides what was typed.
_HIDDEN = frozenset({"csrfmiddlewaretoken", "version", "opened", "_save", "_addanother"})


def answer_lost_permission(page: Any, request: HttpRequest, row: Any) -> TemplateResponse:
    """Refuse the save with what was typed, so that it can be copied."""
    typed = [
        (name, value) for name, value in request.POST.items() if name not in _HIDDEN and value
    ]
    request.current_app = page.admin_site.name
    context = {
        **page.admin_site.each_context(request),
        "title": _("You may not edit here any more"),
        "row": row,
        "typed": typed,
        "back": page.address_of(row),
        "opts": page.opts,
    }
    return TemplateResponse(request, "operations/lost_permission.html", context, status=403)
