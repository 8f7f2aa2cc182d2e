"""The export of one object or person: JSON files in one archive."""

import tempfile
from collections.abc import Callable
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext as _

from objects.models import Object
from operations.doors.audit import record
from operations.doors.current import current_workspace
from operations.json import dump
from operations.models import Activity
from operations.types import Json
from people.models import Person
from relationships.models import Relationship
from workspaces.models import AuditEntry

_KEPT_IN_MEMORY_BYTES: Final = 1_000_000
_ROWS_AT_ONCE: Final = 2_000


def export_one(page: Any, request: HttpRequest, row: Any) -> HttpResponseBase:
    """Send attributes.json and relationships.json of one row, of a person activity.json too."""
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
        rows = page.relationships_of(row)
        _write(archive, "relationships.json", rows, lambda each: _other_side(page, each))
        if isinstance(row, Person):
            _write(archive, "activity.json", page.activity_of(row), _activity)
    file.seek(0)
    name = f"{_stem(row)}.zip"
    return FileResponse(file, as_attachment=True, filename=name)


def _stem(row: Person | Object) -> str:
    """Name the file after the type and the id, as far as file names can have them."""
    if isinstance(row, Person):
        return f"person_{slugify(row.person_id or row.email or '') or row.pk}"
    return f"{row.object_type.slug}_{slugify(row.object_id) or row.pk}"


def _write(
    archive: ZipFile, name: str, rows: QuerySet[Any], render: Callable[[Any], dict[str, Json]]
) -> None:
    """Write rows as one list, a line for each, however many there are."""
    with archive.open(name, "w", force_zip64=True) as part:
        part.write(b"[")
        for number, row in enumerate(rows.order_by("pk").iterator(chunk_size=_ROWS_AT_ONCE)):
            part.write((b",\n" if number else b"\n") + dump(render(row)))
        part.write(b"\n]\n")


def _other_side(page: Any, relationship: Relationship) -> dict[str, Json]:
    return {
        **page.keys_of_other_side(relationship),
        "attributes": relationship.attributes,
        "created_at": int(relationship.created_at.timestamp()),
    }


def _activity(activity: Activity) -> dict[str, Json]:
    about = {
        "object_type_id": activity.object_type_number,
        "object_id": activity.object_id,
        "cio_object_id": activity.cio_object_id,
        "before": activity.before,
        "after": activity.after,
    }
    return {
        "kind": activity.kind,
        "status": activity.status,
        "door": activity.door,
        "actor": activity.actor,
        "received_at": int(activity.received_at.timestamp()),
        **{name: value for name, value in about.items() if value is not None},
    }
