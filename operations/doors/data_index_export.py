"""The data index as a CSV file."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from operations.doors.attribute_usage import Usage
from operations.doors.audit import record
from operations.doors.data_index_entries import Entry
from operations.doors.display import moment_of
from operations.wire.cells import make_safe
from workspaces.models import AuditEntry, Workspace

HEADER: Final = (
    "attributes_of",
    "name",
    "rows",
    "types",
    "last_set_at",
    "description",
    "tags",
    "sensitive",
    "similar_names",
    "used_in",
)
Read = tuple[str, Sequence[Entry], Mapping[str, tuple[Usage, ...]]]


def export_index(
    request: HttpRequest, workspace: Workspace, groups: Iterable[Read]
) -> HttpResponse:
    """Send the file; cells are made safe, because it is read in a spreadsheet and not imported."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="data-index.csv"'
    writer = csv.writer(response)
    writer.writerow(HEADER)
    count = 0
    for title, entries, usage in groups:
        for entry in entries:
            writer.writerow(_cells(title, entry, usage.get(entry.name, ())))
            count += 1
    record(
        request,
        AuditEntry.Kind.EXPORTED,
        _("Exported the data index"),
        workspace=workspace,
        details={"attributes": count},
    )
    return response


def _cells(title: str, entry: Entry, used_in: Sequence[Usage]) -> list[str]:
    types = ", ".join(f"{label} {count}" for label, count in entry.type_labels)
    moment = moment_of(entry.last_set_at)
    texts = (
        title,
        entry.name,
        str(entry.row_count),
        types,
        _instant(moment),
        entry.description,
        ", ".join(entry.tags),
        "true" if entry.is_sensitive else "false",
        ", ".join(entry.similar),
        ", ".join(usage.title for usage in used_in),
    )
    return [make_safe(text) for text in texts]


def _instant(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""
