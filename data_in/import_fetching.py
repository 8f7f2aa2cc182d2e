"""A file fetched from an address, piece by piece, in place of one that is uploaded."""

from collections.abc import Iterator
from time import monotonic
from typing import Final
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from data_in.formats.encodings import UnusableFile
from operations.doors.outbound import OutboundError, open_url

_CHUNK_BYTES: Final = 262_144
# Somebody waits for the answer; what takes longer is better uploaded.
_FETCH_MAX_SECONDS: Final = 120.0
_USUAL_NAME: Final = "import.csv"


def fetch(url: str) -> Iterator[bytes]:
    """Give the chunks of the file at an address; raise UnusableFile where there is none."""
    until = monotonic() + _FETCH_MAX_SECONDS
    try:
        with open_url(url) as response:
            for chunk in response.iter_raw(_CHUNK_BYTES):
                yield chunk
                if monotonic() > until:
                    raise UnusableFile(_too_slow())
    except OutboundError as error:
        raise UnusableFile(str(error)) from error


def name_of(url: str) -> str:
    """Name the file at an address after the end of its path."""
    return unquote(urlsplit(url).path).rpartition("/")[2] or _USUAL_NAME


def _too_slow() -> str:
    text = _("the file did not come within %(seconds)s seconds; download it and upload it here")
    return text % {"seconds": round(_FETCH_MAX_SECONDS)}
