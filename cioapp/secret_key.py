"""The secret key of an installation that was given none."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 50


def load_or_make_secret_key(directory: Path) -> str:
    """Read the key kept in the directory, after making it when it is not there yet."""
    path = directory / "secret_key"
    if not path.exists():
        _make_once(path)
    return path.read_text(encoding="ascii").strip()


def _make_once(path: Path) -> None:
    # The server and the worker may start together: a link is made whole or not at all, so both
    # read the same key, and neither reads half of one.
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    Path(draft).unlink()
