"""The files of imports and exports: where they lie, and when they go.

Nothing here is served by the web server itself: a file leaves through a view that asks who wants
it. A folder's name is random, so that nobody can guess the place of another one's file.
"""

import secrets
import shutil
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings


class Shelf(StrEnum):
    """Whose files a folder holds."""

    IMPORTS = "imports"
    EXPORTS = "exports"


def make_folder(shelf: Shelf) -> str:
    """Make an empty folder that only this server's user may read; returns its name."""
    name = secrets.token_hex(16)
    (_root(shelf) / name).mkdir(mode=0o700, parents=True)
    return name


def folder_path(shelf: Shelf, name: str) -> Path:
    """Give the path of a folder by its name."""
    if not name.isalnum():
        raise ValueError("a folder is named by letters and digits only")
    return _root(shelf) / name


def remove_folder(shelf: Shelf, name: str) -> None:
    """Remove a folder with its files, if it is there."""
    if name:
        shutil.rmtree(folder_path(shelf, name), ignore_errors=True)


def folder_names(shelf: Shelf, *, older_than: datetime) -> list[str]:
    """Name the folders in which nothing has been added or removed since an instant."""
    moment = older_than.timestamp()
    return [each.name for each in _root(shelf).iterdir() if each.stat().st_mtime < moment]


def _root(shelf: Shelf) -> Path:
    root = Path(settings.DATA_DIR) / shelf
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root
