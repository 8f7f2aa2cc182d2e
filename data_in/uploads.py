"""The file of an import on its way to the disk: measured, and refused as early as can be told."""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from data_in.formats.encodings import UnusableFile, look_at

ORIGINAL_FILE: Final = "original"
# What the database and the passes over the file need besides the file itself.
_KEPT_FREE_BYTES: Final = 200_000_000
_LOOKED_AT_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Upload:
    """What is known of a file once it has come in; `lines` are its physical ones, about."""

    size: int
    digest: str
    lines: int


def keep_file(folder: Path, chunks: Iterable[bytes]) -> Upload:
    """Write the file of an import; raise UnusableFile as soon as it cannot be one."""
    digest, size, start = hashlib.sha256(), 0, b""
    ends = {b"\n": 0, b"\r": 0}
    with (folder / ORIGINAL_FILE).open("xb") as file:
        for chunk in chunks:
            if len(start) < _LOOKED_AT_BYTES:
                start += chunk[: _LOOKED_AT_BYTES - len(start)]
                if start:
                    look_at(start)
            size += len(chunk)
            if size > settings.FILE_MAX_BYTES:
                raise UnusableFile(too_large())
            _check_space(folder, len(chunk))
            try:
                file.write(chunk)
            except OSError as error:
                raise UnusableFile(_no_space()) from error
            digest.update(chunk)
            for end in ends:
                ends[end] += chunk.count(end)
    look_at(start)
    return Upload(size, digest.hexdigest(), max(ends.values()))


def too_large() -> str:
    """Say how large a file may be."""
    message = _("the file is larger than %(size)s; split it into several files")
    return message % {"size": filesizeformat(settings.FILE_MAX_BYTES)}


def _check_space(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + _KEPT_FREE_BYTES:
        raise UnusableFile(_no_space())


def _no_space() -> str:
    return _("there is no room left for the file on this server; ask whoever runs it")
