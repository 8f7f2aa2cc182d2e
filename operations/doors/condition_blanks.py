"""The parts of the condition builder that are alike on every page, drawn once in each process."""

from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from operations.wire.columns import Kind

_DRAWN: Final[dict[tuple[Kind, str], "Blanks"]] = {}


@dataclass(frozen=True, slots=True)
class Blanks:
    """A row and a group to fill in, and the operators that each subject offers."""

    row: SafeString
    group: SafeString
    operators: SafeString


def draw_blanks(builder: Any) -> Blanks:
    """Draw the blank parts for the builder's kind of list; they say nothing of any workspace."""
    wanted = (builder.kind, get_language() or "")
    if wanted not in _DRAWN:
        _DRAWN[wanted] = _draw(builder)
    return _DRAWN[wanted]


def _draw(builder: Any) -> Blanks:
    shared = {"builder": builder, "number": 0}
    row, group = builder.blank_row, builder.blank_group
    operators = (
        (subject, _draw_part("operators", {"groups": groups, "chosen": ""}))
        for subject, groups in builder.operators
    )
    return Blanks(
        row=_draw_part("row", shared | {"row": row}),
        group=_draw_part("group", shared | {"group": group}),
        operators=format_html_join("", '<template data-operators="{}">{}</template>', operators),
    )


def _draw_part(name: str, context: dict[str, Any]) -> SafeString:
    return render_to_string(f"parts/condition_{name}.html", context)
