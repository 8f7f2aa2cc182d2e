"""How values look in lists and on pages; every text of a person is escaped here."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from operations.doors.attribute_rows import Kind, kind_of
from operations.json import dump
from operations.limits import UNIX_SECONDS_MAX, UNIX_SECONDS_MIN
from operations.masking import MASK, Masked
from operations.types import Attributes, Json

_SHOWN_ATTRIBUTES: Final = 3
_SHOWN_CHARS: Final = 48
_SHOWN_VALUE_CHARS: Final = 280
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_JUST_NOW: Final = timedelta(minutes=1)


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


def render_copyable(value: str, *, label: str) -> SafeString:
    """Show an identifier as a button that copies it."""
    return format_html(
        '<button type="button" class="cio-copy" data-copy="{}" title="{}">'
        '<bdi class="cio-code">{}</bdi><span class="material-symbols-outlined" aria-hidden="true">'
        "content_copy</span></button>",
        value,
        label,
        value,
    )


def render_time(moment: datetime | None, *, with_clock: bool = False) -> SafeString:
    """Show the day, or also the minute; the second in a tooltip."""
    if moment is None:
        return _dash()
    local = localtime(moment)
    exact = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    day = _day_text(local.date(), get_language())
    text = f"{day} {local:%H:%M}" if with_clock else day
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, exact, text)


def render_ago(seconds: int | None, *, now: datetime) -> SafeString:
    """Show how long ago it was; the second in a tooltip."""
    moment = moment_of(seconds)
    if moment is None:
        return _dash()
    exact = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    ago = _("just now") if now - moment < _JUST_NOW else _ago(moment, now)
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, ago)


def render_value(name: str, value: Json) -> SafeString:
    """Show the value of an attribute as a person reads it, each type in its own way."""
    if isinstance(value, Masked):
        return render_mask()
    kind = kind_of(name, value)
    if kind is Kind.TIME and isinstance(value, int):
        return _render_moment(value)
    text = plain_text(value)
    if kind is Kind.TEXT:
        return _render_long(text, css="cio-value-text")
    if kind is Kind.JSON:
        return _render_long(text, css="cio-value-text cio-code")
    return format_html('<span class="cio-code cio-value-{}">{}</span>', kind.value, text)


def render_mask() -> SafeString:
    """Show that there is a value which the reader may not see."""
    reason = _("Sensitive: a workspace admin can let you see it.")
    return format_html('<span class="cio-masked" title="{}">{}</span>', reason, MASK)


def moment_of(seconds: int | None) -> datetime | None:
    """Turn Unix seconds into an instant, where there is one."""
    if seconds is None or not UNIX_SECONDS_MIN <= seconds <= UNIX_SECONDS_MAX:
        return None
    return _EPOCH + timedelta(seconds=seconds)


def render_count(count: int) -> SafeString:
    """Show a number; nothing at all is grey."""
    shown = f"{count:,}"
    return format_html('<span class="{}">{}</span>', "cio-number" if count else "cio-none", shown)


def render_attributes(attributes: Attributes) -> SafeString:
    """Show the first few attributes on one line, and how many more there are."""
    if not attributes:
        return format_html('<span class="cio-none">{}</span>', _("No attributes"))
    names = sorted(attributes)
    pairs = ((name, _chip_text(name, attributes[name])) for name in names[:_SHOWN_ATTRIBUTES])
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
        ((name, _table_text(attributes[name])) for name in sorted(attributes)),
    )
    return format_html('<table class="cio-values">{}</table>', rows)


def short_text(value: Json) -> str:
    """Write a value on one line, cut where it gets long."""
    text = " ".join(plain_text(value).split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"


def readable_text(name: str, value: Json) -> str:
    """Write the value of an attribute in full, a time as a date."""
    if kind_of(name, value) is Kind.TIME and isinstance(value, int):
        return f"{_EPOCH + timedelta(seconds=value):%Y-%m-%d %H:%M:%S} UTC"
    return plain_text(value)


def plain_text(value: Json) -> str:
    """Write a value as a person reads it: texts as they are, the rest as JSON."""
    return value if isinstance(value, str) else dump(value).decode()


def _table_text(value: Json) -> str:
    return render_mask() if isinstance(value, Masked) else plain_text(value)


def _chip_text(name: str, value: Json) -> str:
    if isinstance(value, Masked):
        return render_mask()
    if kind_of(name, value) is Kind.TIME and isinstance(value, int):
        return date_format(localtime(_EPOCH + timedelta(seconds=value)), "M j, Y")
    return short_text(value)


def _ago(moment: datetime, now: datetime) -> str:
    if moment > now:
        return _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


def _render_moment(seconds: int) -> SafeString:
    moment = moment_of(seconds)
    if moment is None:
        return format_html("<span>{}</span>", str(seconds))
    shown = date_format(localtime(moment), "M j, Y H:i:s")
    return format_html(
        '<time datetime="{}" title="{}" data-local>{} {}</time>',
        moment.isoformat(),
        _("%(seconds)s in Unix seconds") % {"seconds": seconds},
        shown,
        localtime(moment).tzname(),
    )


def _render_long(text: str, *, css: str) -> SafeString:
    if len(text) <= _SHOWN_VALUE_CHARS:
        return format_html('<bdi class="{}">{}</bdi>', css, text)
    return format_html(
        '<details class="cio-value-long"><summary><bdi class="{}">{}…</bdi>'
        ' <span class="cio-more">{}</span><span class="cio-less">{}</span>'
        '</summary><bdi class="{}">{}</bdi></details>',
        css,
        text[:_SHOWN_VALUE_CHARS],
        _("Show all %(count)s characters") % {"count": f"{len(text):,}"},
        _("Show less"),
        css,
        text,
    )


@lru_cache(maxsize=2_000)
def _day_text(day: date, language: str | None) -> str:
    """Write a day once: a list shows a hundred, mostly the same few."""
    return date_format(day, "M j, Y")


def _dash() -> SafeString:
    return format_html('<span class="cio-none cio-dash">{}</span>', "-")
