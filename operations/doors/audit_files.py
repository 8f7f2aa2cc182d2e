"""Audit entries about many rows at once: what came in, what left, what was deleted."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.doors.audit import By, record
from operations.models import Job
from operations.types import Json
from operations.wire.columns import Kind
from workspaces.models import AuditEntry, Workspace

_NAMES = {
    None: gettext_lazy("object types"),
    Kind.PEOPLE: gettext_lazy("people"),
    Kind.OBJECTS: gettext_lazy("objects"),
    Kind.RELATIONSHIPS: gettext_lazy("relationships"),
}


def record_import(
    by: By,
    *,
    kind: Kind | None,
    workspace: Workspace | None,
    counts: Mapping[str, int],
    file: str = "",
) -> None:
    """Write down who imported what, and what became of the rows."""
    rows = sum(counts.values())
    said = ngettext("Imported %(name)s: %(rows)s row", "Imported %(name)s: %(rows)s rows", rows)
    details: dict[str, Json] = {"of": kind or "object types", "rows": rows, **counts}
    if file:
        details["file"] = file
    record(
        by,
        AuditEntry.Kind.IMPORTED,
        said % {"name": _NAMES[kind], "rows": f"{rows:,}"},
        workspace=workspace,
        details=details,
    )


def record_export(
    by: By, *, kind: Kind | None, workspace: Workspace | None, rows: int, filters: str = ""
) -> None:
    """Write down who took how many rows out, chosen how."""
    details: dict[str, Json] = {"of": kind or "object types", "rows": rows}
    if filters:
        details["filters"] = filters
    said = ngettext("Exported %(name)s: %(rows)s row", "Exported %(name)s: %(rows)s rows", rows)
    record(
        by,
        AuditEntry.Kind.EXPORTED,
        said % {"name": _NAMES[kind], "rows": f"{rows:,}"},
        workspace=workspace,
        details=details,
    )


def record_undo(by: By, job: Job, *, workspace: Workspace | None) -> None:
    """Write down who confirmed the undo of a change set; its task tells what became of it."""
    details: dict[str, Json] = {
        "task": job.pk,
        "change_set": job.parameters["change_set"],
        "changes": job.total,
        "reason": job.reason,
    }
    said = _("Confirmed: %(title)s") % {"title": job.title}
    record(by, AuditEntry.Kind.UNDONE, said, workspace=workspace, details=details)


def record_deletion(by: By, job: Job, *, workspace: Workspace | None) -> None:
    """Write down who confirmed a bulk deletion; its task tells what became of it."""
    details = {
        "task": job.pk,
        "rows": job.total,
        "relationships": job.parameters.get("relationships", 0),
        "suppresses": bool(job.parameters.get("suppresses")),
        "reason": job.reason,
    }
    said = _("Confirmed: %(title)s") % {"title": job.title}
    record(by, AuditEntry.Kind.DELETED, said, workspace=workspace, details=details)
