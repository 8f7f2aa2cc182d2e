"""Values as a filter's address has them: read from text, or refused with the way on."""

from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from operations.json import JsonError, parse
from operations.limits import UNIX_SECONDS_MAX, UNIX_SECONDS_MIN
from operations.wire.filter_tree import Scalar

COLONS_MAX: Final = 50
_YEARS: Final = _("the years 1 to 9999 can be compared with")


def parse_condition(text: str) -> tuple[str, Scalar]:
    """Split `name:value` at the first colon after which there is JSON; names may have colons."""
    at = text.find(":")
    for _attempt in range(COLONS_MAX):
        if at < 0:
            break
        try:
            return text[:at], _scalar(parse(text[at + 1 :]))
        except JsonError:
            at = text.find(":", at + 1)
    message = _('write the name, a colon and the value as JSON, such as plan:"gold" or seats:25')
    raise ValidationError(message)


def parse_instant(text: str) -> datetime:
    """Read Unix seconds or ISO-8601."""
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return _from_unix_seconds(text)
    try:
        found = parse_datetime(text) or parse_date(text)
    except ValueError:
        found = None
    if found is None:
        told = _(
            "%(value)s is neither a day nor a time: write Unix seconds, such as 1700000000, or"
            " 2023-11-14, or 2023-11-14T22:13:20Z"
        )
        raise ValidationError(told, params={"value": text[:40]})
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day, tzinfo=UTC)
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        raise ValidationError(_YEARS) from None


def _from_unix_seconds(text: str) -> datetime:
    seconds = int(text[:20])
    if not UNIX_SECONDS_MIN <= seconds <= UNIX_SECONDS_MAX:
        raise ValidationError(_YEARS)
    return datetime.fromtimestamp(seconds, tz=UTC)


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str) and "\x00" in value:
        raise ValidationError(_("no attribute holds a NUL character"))
    if isinstance(value, str | int | float):
        return value
    message = _("compare with a text in quotation marks, a number, true or false")
    raise ValidationError(message)
