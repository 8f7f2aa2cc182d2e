"""How the body of a REST call is read: bounded, and by the product's one JSON codec."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, Final

from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from operations.doors.rest_errors import refuse
from operations.json import JsonError, parse

BODY_MAX_BYTES: Final = 512_000


class StrictJSONParser(BaseParser):
    """Reads a body through the product's codec."""

    media_type = "application/json"
    renderer_class = JSONRenderer  # fills the form of the browsable pages

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Refuse a body that is too long before reading on, and anything that is not JSON."""
        raw = _read(stream)
        if len(raw) > BODY_MAX_BYTES:
            message = f"the body is longer than {BODY_MAX_BYTES:,} bytes; send several calls"
            raise refuse("too_large", message, status_code=413)
        try:
            return parse(raw.removeprefix(BOM_UTF8), max_bytes=BODY_MAX_BYTES)
        except JsonError as error:
            message = f"the body {error}"
            raise refuse(error.reason, message, status_code=400) from None


def _read(stream: Any) -> bytes:
    try:
        raw: bytes = stream.read(BODY_MAX_BYTES + 1)
    except OSError:
        message = "the body ended before its announced length"
        raise refuse("invalid", message, status_code=400) from None
    return raw
