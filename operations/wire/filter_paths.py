r"""Names of attributes in filters: `plan`, `address.city`, `tags[]`, `lines[].price`, `a\.b`.

A dot goes into an object, `[]` means any element of an array, and a backslash takes the meaning
from the character after it, so that every name can be written.
"""

from typing import Final

from operations.limits import FILTER_FIELD_MAX_CHARS, FILTER_PATH_MAX_STEPS
from operations.wire.filter_tree import Path

_EVERY: Final = "[]"


def parse_path(field: str) -> Path:
    """Read a name; raise ValueError with what is wrong with it."""
    if len(field) > FILTER_FIELD_MAX_CHARS:
        message = f"is {len(field):,} characters long; the limit is {FILTER_FIELD_MAX_CHARS:,}"
        raise ValueError(message)
    if not field:
        raise ValueError("write the name of an attribute")
    if "\x00" in field:
        raise ValueError("no attribute has a NUL character in its name")
    path: list[str | None] = []
    for part in _split(field):
        name, depth = _strip_every(part)
        if name == "" and path == [] and depth:
            raise ValueError("write the name of the array before []")
        path.append(_unescape(name))
        path.extend([None] * depth)
    if len(path) > FILTER_PATH_MAX_STEPS:
        raise ValueError(f"goes {len(path)} steps deep; the limit is {FILTER_PATH_MAX_STEPS}")
    return tuple(path)


def render_path(path: Path) -> str:
    """Write a path so that `parse_path` reads the same."""
    written = ""
    for position, step in enumerate(path):
        if step is None:
            written += _EVERY
        else:
            written += ("." if position else "") + escape_name(step)
    return written


def escape_name(name: str) -> str:
    """Write one name so that nothing in it has a meaning."""
    escaped = name.replace("\\", "\\\\").replace(".", "\\.")
    return escaped[:-2] + "\\[]" if escaped.endswith(_EVERY) else escaped


def _split(field: str) -> list[str]:
    parts, start, at = [], 0, 0
    while at < len(field):
        if field[at] == "\\":
            at += 1
        elif field[at] == ".":
            parts.append(field[start:at])
            start = at + 1
        at += 1
    return [*parts, field[start:]]


def _strip_every(part: str) -> tuple[str, int]:
    depth = 0
    while part.endswith(_EVERY) and not _is_escaped(part, len(part) - 2):
        part = part[:-2]
        depth += 1
    return part, depth


def _is_escaped(part: str, at: int) -> bool:
    before = part[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _unescape(name: str) -> str:
    found, at = "", 0
    while at < len(name):
        if name[at] == "\\":
            at += 1
            if at == len(name):
                raise ValueError("ends with a lone backslash; write two for one")
        found += name[at]
        at += 1
    return found
