"""The Liquid preview: what a text would say about this object or person."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from operations.doors import liquid_sandbox
from operations.doors.changelist import Crumb
from operations.json import dump, parse_object
from operations.types import Json

TEMPLATE_MAX_CHARS: Final = 20_000
_TIMEOUT_SECONDS: Final = 5
_RELATED_MAX_ROWS: Final = 50
# The other sides are read until their attributes come to this much.
_RELATED_MAX_BYTES: Final = 400_000
_KEPT_ENVIRONMENT: Final = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of a template: a text, or what is wrong with it."""

    text: str = ""
    problem: str = ""


def liquid_preview(page: Any, request: HttpRequest, row: Any) -> HttpResponse:
    """Show the form, and the text that was typed with the values of this row."""
    typed = request.POST.get("template") if request.method == "POST" else None
    variables = page.liquid_variables(row, related_rows(page, row))
    context = page.page_context(request, row, tab="") | {
        "title": _("Liquid preview of %(name)s") % {"name": row},
        "trail": (*page.trail(row)[:-1], Crumb(str(row), page.address_of(row)), Crumb("Liquid")),
        "template": page.liquid_sample if typed is None else typed,
        "rendered": None if typed is None else render_liquid(typed, variables),
        "names": sorted(variables),
        "limit": TEMPLATE_MAX_CHARS,
    }
    response: HttpResponse = page.render_page(request, "operations/liquid.html", context)
    return response


def related_rows(page: Any, row: Any) -> list[Any]:
    """Read the latest relationships, as many as a template can want."""
    found: list[Any] = []
    size = 0
    for relationship in page.relationships_of(row).order_by("-pk")[:_RELATED_MAX_ROWS]:
        size += relationship.attributes_bytes + page.other_of(relationship).attributes_bytes
        if size > _RELATED_MAX_BYTES:
            break
        found.append(relationship)
    return found


def render_liquid(template: str, variables: dict[str, Json]) -> Rendered:
    """Render a template apart from this process."""
    if len(template) > TEMPLATE_MAX_CHARS:
        problem = _("The text is %(size)s characters long; the limit is %(limit)s.")
        size, limit = f"{len(template):,}", f"{TEMPLATE_MAX_CHARS:,}"
        return Rendered(problem=problem % {"size": size, "limit": limit})
    asked = dump({"template": template.replace("\0", ""), "variables": variables})
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-I", "-X", "utf8", str(Path(liquid_sandbox.__file__))]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, the template goes in by a pipe
            command,
            input=asked,
            capture_output=True,
            env=kept,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        problem = _("The text takes too long or too much memory. Use shorter loops and ranges.")
        return Rendered(problem=problem)
    answer = parse_object(done.stdout)
    return Rendered(text=str(answer.get("text", "")), problem=str(answer.get("problem", "")))
