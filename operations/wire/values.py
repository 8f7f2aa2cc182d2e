"""Values that notations write differently: instants, truth values and names."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

_ISO_INSTANT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,3})?)?"
    r"(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?"
)
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TRUTH: Final = {"true": True, "false": False, "1": True, "0": False}
_HOURS_IN_A_DAY: Final = 24
_MINUTES_IN_AN_HOUR: Final = 60


def unix_from_iso(text: str, *, naive_in: tzinfo = UTC) -> int | None:
    """Turn an ISO-8601 date or instant into whole Unix seconds; None when it is something else.

    Up to three fraction digits are cut off, more are not an instant that we know; a text
    without a zone is read as one of `naive_in`.
    """
    match = _ISO_INSTANT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    is_naive = match[7] is None and match[8] is None
    zone = naive_in if is_naive else _zone(match[8], match[9], match[10])
    if zone is None:
        return None
    try:
        instant = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        return int(instant.timestamp())
    except (ValueError, OverflowError):
        return None


def iso_from_unix(seconds: int) -> str:
    """Write Unix seconds as an ISO-8601 instant in UTC."""
    instant = datetime.fromtimestamp(seconds, tz=UTC)
    return instant.isoformat().replace("+00:00", "Z")


def parse_truth(text: str) -> bool | None:
    """Read a truth value as files and forms spell it; None when it is none."""
    return _TRUTH.get(text.strip().lower())


def snake_name(name: str) -> str:
    """Spell `objectTypeId` as `object_type_id`."""
    return _CAPITAL.sub("_", name).lower()


def camel_name(name: str) -> str:
    """Spell `object_type_id` as `objectTypeId`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _zone(sign: str | None, hours: str | None, minutes: str | None) -> timezone | None:
    if sign is None:
        return UTC
    hour, minute = int(hours or 0), int(minutes or 0)
    if hour >= _HOURS_IN_A_DAY or minute >= _MINUTES_IN_AN_HOUR:
        return None
    distance = timedelta(hours=hour, minutes=minute)
    return timezone(-distance if sign == "-" else distance)
