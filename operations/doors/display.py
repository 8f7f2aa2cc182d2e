"""How values look in lists and on pages; every text of a person is escaped here."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.json import dump
from operations.types import Attributes, Json

_SHOWN_ATTRIBUTES: Final = 3
_SHOWN_CHARS: Final = 48


def render_text(value: str, *, link: str = "") -> SafeString:
    """Show a text of a person, in its own direction, linked when there is an address."""
    if link:
        return format_html('<a class="cio-name" href="{}"><bdi>{}</bdi></a>', link, value)
    return format_html("<bdi>{}</bdi>", value)


def render_identifier(value: str | None) -> SafeString:
    """Show an identifier in letters of equal width; a missing one as a dash."""
    if not value:
        return _dash()
    return format_html('<bdi class="cio-code cio-clip" title="{}">{}</bdi>', value, value)


def render_time(moment: datetime | None, *, with_clock: bool = False) -> SafeString:
    """Show the day, or also the minute; the second in a tooltip."""
    if moment is None:
        return _dash()
    local = localtime(moment)
    exact = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    text = date_format(local, "M j, Y H:i" if with_clock else "M j, Y")
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, exact, text)


def render_count(count: int) -> SafeString:
    """Show a number; nothing at all is grey."""
    shown = f"{count:,}"
    return format_html('<span class="{}">{}</span>', "cio-number" if count else "cio-none", shown)


def render_attributes(attributes: Attributes) -> SafeString:
    """Show the first few attributes on one line, and how many more there are."""
    if not attributes:
        return format_html('<span class="cio-none">{}</span>', _("No attributes"))
    names = sorted(attributes)
    pairs = ((name, short_text(attributes[name])) for name in names[:_SHOWN_ATTRIBUTES])
    chips = format_html_join(" ", '<span class="cio-chip"><b>{}</b> <bdi>{}</bdi></span>', pairs)
    if (more := len(names) - _SHOWN_ATTRIBUTES) <= 0:
        return format_html('<span class="cio-chips">{}</span>', chips)
    rest = ngettext("+%(count)s more", "+%(count)s more", more) % {"count": more}
    return format_html('<span class="cio-chips">{} <span>{}</span></span>', chips, rest)


def render_attributes_table(attributes: Attributes) -> SafeString:
    """Show every attribute with its value, to those who may not edit."""
    if not attributes:
        return format_html('<p class="cio-none">{}</p>', _("No attributes"))
    rows = format_html_join(
        "",
        '<tr><th scope="row" class="cio-code">{}</th><td><bdi>{}</bdi></td></tr>',
        ((name, plain_text(attributes[name])) for name in sorted(attributes)),
    )
    return format_html('<table class="cio-values">{}</table>', rows)


def short_text(value: Json) -> str:
    """Write a value on one line, cut where it gets long."""
    text = " ".join(plain_text(value).split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"


def plain_text(value: Json) -> str:
    """Write a value as a person reads it: texts as they are, the rest as JSON."""
    return value if isinstance(value, str) else dump(value).decode()


def join_sentence(parts: Iterable[Any]) -> SafeString:
    """Join what is already safe or still to be escaped with spaces."""
    return format_html_join(" ", "{}", ((part,) for part in parts if part))


def _dash() -> SafeString:
    return format_html('<span class="cio-none cio-dash">{}</span>', "-")
