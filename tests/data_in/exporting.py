"""Orders exports and reads their files, as the tests of exports need it again and again."""

import csv
import gzip
import io
import json
from typing import Any
from zipfile import ZipFile

from data_in.export_settings import ExportSettings
from data_in.exporting import file_of, order_export
from data_in.models import Export
from operations.doors.selection import select_matching
from operations.wire.columns import Kind
from workspaces.models import Workspace


def settings_for(
    workspace: Workspace, kind: Kind = Kind.OBJECTS, query: str = "", **more: Any
) -> ExportSettings:
    """Choose all that match a query string."""
    chosen = select_matching(kind, workspace=workspace.pk, query=query)
    return ExportSettings(chosen, **more)


def export(
    workspace: Workspace, kind: Kind = Kind.OBJECTS, query: str = "", **more: Any
) -> Export:
    """Have an export made within the call."""
    asked = settings_for(workspace, kind, query, **more)
    made = order_export(workspace, asked, actor="ann", description="All objects", rows=1)
    assert made.state is Export.State.DONE, made.job and made.job.message
    return made


def content_of(made: Export) -> bytes:
    """Read the finished file."""
    path = file_of(made)
    assert path is not None
    return path.read_bytes()


def text_of(made: Export) -> str:
    """Read the finished file as text, unpacked."""
    found = content_of(made)
    return (gzip.decompress(found) if made.file_name.endswith(".gz") else found).decode()


def rows_of_csv(text: str | bytes) -> list[dict[str, str]]:
    """Read CSV."""
    read = text.decode() if isinstance(text, bytes) else text
    return list(csv.DictReader(io.StringIO(read, newline="")))


def rows_of_json(made: Export) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    return [json.loads(line) for line in text_of(made).splitlines()]


def members_of(made: Export) -> dict[str, bytes]:
    """Read the files of an archive."""
    with ZipFile(io.BytesIO(content_of(made))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
