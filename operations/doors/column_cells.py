"""The cells of an attribute in a list: one line each, in the look of the value's type."""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations.doors.attribute_rows import Kind, kind_of
from operations.doors.display import (
    moment_of,
    plain_text,
    render_mask,
    render_time,
    short_text,
)
from operations.masking import Masked
from operations.types import Attributes, Json
from operations.wire.filter_tree import Path
from operations.wire.value_tests import values_at

_VALUES_SHOWN: Final = 5
_TITLE_CHARS: Final = 280


def render_cell(path: Path, attributes: Attributes) -> SafeString:
    """Show what a row has at a path: a dash for nothing, several values between commas."""
    values = values_at(dict(attributes), path)
    if not values:
        return format_html('<span class="cio-none cio-dash">{}</span>', "-")
    name = next((step for step in reversed(path) if step is not None), "")
    return _render_one(name, values[0]) if len(values) == 1 else _render_several(values)


def _render_one(name: str, value: Json) -> SafeString:
    if isinstance(value, Masked):
        return render_mask()
    kind = kind_of(name, value)
    moment = moment_of(value) if kind is Kind.TIME and isinstance(value, int) else None
    if moment is not None:
        return render_time(moment)
    text = plain_text(value)
    if kind in (Kind.NUMBER, Kind.BOOLEAN):
        return format_html('<span class="cio-code cio-value-{}">{}</span>', kind.value, text)
    look = "cio-cell-text" if kind is Kind.TEXT else "cio-cell-text cio-code"
    return _render_cut(short_text(value), text, look)


def _render_several(values: list[Json]) -> SafeString:
    shown = ", ".join(short_text(value) for value in values[:_VALUES_SHOWN])
    whole = ", ".join(plain_text(value) for value in values[: 10 * _VALUES_SHOWN])
    more = ", …" if len(values) > _VALUES_SHOWN else ""
    return _render_cut(short_text(shown + more), whole, "cio-cell-text")


def _render_cut(shown: str, whole: str, look: str) -> SafeString:
    """Show a text that may have been cut; then more of it stands in a tooltip."""
    if shown == whole:
        return format_html('<bdi class="{}">{}</bdi>', look, shown)
    title = whole if len(whole) <= _TITLE_CHARS else f"{whole[:_TITLE_CHARS]}…"
    return format_html('<bdi class="{}" title="{}">{}</bdi>', look, title, shown)
