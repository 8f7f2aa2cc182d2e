"""The export of one object or person: two JSON files in one archive."""

import tempfile
from collections.abc import Iterator
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext as _

from operations.doors.audit import record
from operations.doors.current import current_workspace
from operations.json import dump
from operations.types import Json
from relationships.models import Relationship
from workspaces.models import AuditEntry

_KEPT_IN_MEMORY_BYTES: Final = 1_000_000
_ROWS_AT_ONCE: Final = 2_000


def export_one(page: Any, request: HttpRequest, row: Any) -> HttpResponseBase:
    """Send attributes.json and relationships.json of one row."""
    record(
        request,
        AuditEntry.Kind.EXPORTED,
        _("Exported one %(name)s") % {"name": page.opts.verbose_name},
        workspace=current_workspace(request),
        details={"rows": 1, "key": row.pk},
    )
    # Closed by the response, which sends it piece by piece.
    file = tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY_BYTES)  # noqa: SIM115
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        whole = page.keys_of(row) | {"attributes": row.attributes}
        archive.writestr("attributes.json", dump(whole))
        with archive.open("relationships.json", "w", force_zip64=True) as part:
            for piece in _relationships(page, row):
                part.write(piece)
    file.seek(0)
    name = f"{page.opts.model_name}-{slugify(str(row)) or row.pk}.zip"
    return FileResponse(file, as_attachment=True, filename=name)


def _relationships(page: Any, row: Any) -> Iterator[bytes]:
    rows = page.relationships_of(row).order_by("pk").iterator(chunk_size=_ROWS_AT_ONCE)
    yield b"["
    for number, relationship in enumerate(rows):
        yield (b",\n" if number else b"\n") + dump(_other_side(page, relationship))
    yield b"\n]\n"


def _other_side(page: Any, relationship: Relationship) -> dict[str, Json]:
    return {
        **page.keys_of_other_side(relationship),
        "attributes": relationship.attributes,
        "created_at": int(relationship.created_at.timestamp()),
    }
