"""A page's form as a panel beside a table: the same view, a part of the page as the answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

PANEL_TEMPLATE = "operations/panel.html"
SAVED_TEMPLATE = "operations/panel_saved.html"


def is_panel(request: HttpRequest) -> bool:
    """Tell whether the page is asked for as a panel."""
    return request.GET.get("panel") == "1"


def as_panel(response: Any) -> Any:
    """Render a form's page as the panel alone."""
    if isinstance(response, TemplateResponse):
        response.template_name = PANEL_TEMPLATE
    return response


def panel_saved(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer a save in a panel with the new cell of the table."""
    return TemplateResponse(request, SAVED_TEMPLATE, context)
