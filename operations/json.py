"""The only JSON codec: bodies, cells, forms and stored columns all pass through it."""

import math
import re
from typing import Any, Final

import orjson

from operations.errors import Reason
from operations.limits import INTEGER_MAX, INTEGER_MIN, JSON_MAX_BYTES, JSON_MAX_DEPTH
from operations.masking import Masked
from operations.types import Json

_SIMPLE: Final = frozenset({str, bool, type(None)})
_EXACT_ABOVE: Final = 1e16  # from here on a float is written without a decimal point
_UNSIGNED_FROM, _UNSIGNED_TO = 2.0**63, 2.0**64
_LONG_DIGITS: Final = re.compile(rb"[0-9]{19}")
_BRACKETS: Final = re.compile(rb"\"(?:[^\"\\]|\\.)*+\"|([\[{])|([\]}])", re.DOTALL)
_OPTIONS: Final = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


class JsonError(ValueError):
    """A text or value that is not JSON as this product takes it."""

    def __init__(
        self, message: str, *, reason: Reason = Reason.INVALID, syntax: bool = False
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.is_syntax = syntax


def parse(raw: bytes | str, *, max_bytes: int = JSON_MAX_BYTES) -> Json:
    """Parse a JSON text and refuse what the databases could not both keep.

    Of repeated names the last one wins. Integers are within 64 bits, floats finite, nesting at
    most 64 levels; lone surrogates are refused. NUL characters are left to whoever takes the
    value (`has_nul`), since a refusal has to name the field that they stand in.
    """
    data = _encoded(raw)
    if len(data) > max_bytes:
        message = f"the JSON is {len(data):,} bytes long; the limit is {max_bytes:,}"
        raise JsonError(message, reason=Reason.TOO_LARGE)
    _check_depth(data)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        is_syntax = not any(word in str(error) for word in ("infinity", "surrogate"))
        raise JsonError(_syntax_message(error), syntax=is_syntax) from None
    if _LONG_DIGITS.search(data):
        _check_long_integers(data)
    return normalise(value)


def parse_object(raw: bytes | str, *, max_bytes: int = JSON_MAX_BYTES) -> dict[str, Json]:
    """Parse a JSON text whose root has to be an object."""
    value = parse(raw, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise JsonError(f"must be a JSON object, not {_type_name(value)}")
    return value


def dump(value: object) -> bytes:
    """Write compact UTF-8 JSON; its length is what the limits measure."""
    try:
        return orjson.dumps(value, default=_write_mask, option=_OPTIONS)
    except TypeError as error:
        raise JsonError(_type_message(error)) from None


def load_stored(raw: bytes | str) -> Any:
    """Read what this codec wrote to a column, without checking it again."""
    return orjson.loads(raw)


def normalise(value: Json) -> Json:
    """Return the value in the one form that both databases give back.

    Raises JsonError for anything but JSON values, and for values outside the limits.
    """
    return _normalise(value, depth=0)


def normalise_attributes(attributes: dict[str, Json]) -> dict[str, Json]:
    """Normalise attribute values; names and texts are checked when they are dumped.

    The same dictionary comes back when there is nothing to change, which is the usual case.
    """
    for value in attributes.values():
        kind = type(value)
        if kind in _SIMPLE:
            continue
        if kind is int and INTEGER_MIN <= value <= INTEGER_MAX:  # type: ignore[operator]
            continue
        if kind is float and value and -_EXACT_ABOVE < value < _EXACT_ABOVE:  # type: ignore[operator]
            continue
        return {name: _normalise(item, depth=1) for name, item in attributes.items()}
    return attributes


def equal(first: Json, second: Json) -> bool:
    """Tell whether two values are the same JSON: `true` is not `1` and `1` is not `1.0`."""
    if type(first) is not type(second):
        return False
    if isinstance(first, (dict, list)):
        return sorted_dump(first) == sorted_dump(second)
    return first == second


def sorted_dump(value: Json) -> bytes:
    """Write JSON with sorted names, so that equal values have equal bytes."""
    return orjson.dumps(value, default=_write_mask, option=_OPTIONS | orjson.OPT_SORT_KEYS)


def has_nul(data: bytes) -> bool:
    """Tell whether dumped JSON holds a NUL character in a name or a text."""
    at = data.find(b"\\u0000")
    while at >= 0:
        slashes = len(data[:at]) - len(data[:at].rstrip(b"\\"))
        if slashes % 2 == 0:
            return True
        at = data.find(b"\\u0000", at + 1)
    return False


def _encoded(raw: bytes | str) -> bytes:
    if isinstance(raw, bytes):
        return raw
    try:
        return raw.encode()
    except UnicodeEncodeError:
        raise JsonError("contains half of a surrogate pair, which is no character") from None


def _check_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= JSON_MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(data):
        if match[1]:
            depth += 1
        elif match[2]:
            depth -= 1
        if depth > JSON_MAX_DEPTH:
            raise JsonError(_depth_message())


def _write_mask(value: object) -> str:
    """Write the mask of a hidden value as a text; the engine does not take it for one."""
    if isinstance(value, Masked):
        return str(value)
    raise TypeError(f"Type is not JSON serializable: {type(value).__name__}")


def _check_long_integers(data: bytes) -> None:
    without_texts = re.sub(rb"\"(?:[^\"\\]|\\.)*+\"", b'""', data, flags=re.DOTALL)
    for match in re.finditer(rb"-?[0-9]{19,}(?![0-9.eE])", without_texts):
        before = without_texts[match.start() - 1 : match.start()]
        if before in {b".", b"e", b"E", b"+"}:
            continue
        _check_integer(int(match[0][:400]))


def _check_integer(value: int) -> None:
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        shown = str(value)[:40]
        message = f"{shown} does not fit into 64 bits; send larger integers as text"
        raise JsonError(message)


def _normalise(value: Any, *, depth: int) -> Json:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value  # type: ignore[no-any-return]
    if kind is int:
        _check_integer(value)
        return int(value)
    if kind is float:
        return _normalise_float(value)
    if depth >= JSON_MAX_DEPTH:
        raise JsonError(_depth_message())
    if kind is dict:
        return {_name(name): _normalise(item, depth=depth + 1) for name, item in value.items()}
    if kind in {list, tuple}:
        return [_normalise(item, depth=depth + 1) for item in value]
    raise JsonError(f"{kind.__name__} is not a JSON value")


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise JsonError(f"the name {name!r} must be a text")
    return name


def _normalise_float(value: float) -> float | int:
    if not math.isfinite(value):
        raise JsonError("a number is not finite; the largest is about 1.8e308")
    if value == 0:
        return 0.0  # jsonb has no negative zero
    if _UNSIGNED_FROM <= value < _UNSIGNED_TO:
        # jsonb would give it back without exponent, as an integer that does not fit.
        raise JsonError(f"{value!r} does not fit into 64 bits; send larger integers as text")
    if abs(value) >= _EXACT_ABOVE and INTEGER_MIN <= value <= INTEGER_MAX - 1024:
        return int(value)  # jsonb writes it without exponent, so it comes back as an integer
    return value


def _depth_message() -> str:
    return f"is nested more than {JSON_MAX_DEPTH} levels deep"


def _syntax_message(error: orjson.JSONDecodeError) -> str:
    if "infinity" in str(error):
        return "a number is not finite; the largest is about 1.8e308"
    if "surrogate" in str(error):
        return f"contains half of a surrogate pair at line {error.lineno}, column {error.colno}"
    return f"is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}"


def _type_message(error: TypeError) -> str:
    text = str(error)
    if "surrogates" in text:
        return "contains half of a surrogate pair, which is no character"
    if "Recursion" in text:
        return _depth_message()
    return f"is not JSON: {text}"


def _type_name(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
