"""Give up a workspace: it is gone for everybody at once, and its rows follow in the background."""

from time import monotonic
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_tasks import task

from operations.doors.audit import record
from operations.doors.counts import read_counts
from operations.doors.origin import read_clock
from operations.engine.removal import remove_rows
from operations.models import Job
from workspaces.models import AuditEntry, Workspace

TURN_SECONDS: Final = 20.0
_NAME_CHARS: Final = Workspace._meta.get_field("name").max_length or 0


def start_removal(request: HttpRequest, workspace: Workspace) -> None:
    """Take a workspace away from everybody, free its name, and have the worker empty it."""
    counts = read_counts(workspace.pk)
    record(
        request,
        AuditEntry.Kind.WORKSPACE_DELETED,
        _("Deleted the workspace %(name)s") % {"name": workspace},
        workspace=workspace,
        details={
            "people": counts.people,
            "objects": counts.all_objects,
            "relationships": counts.all_relationships,
        },
    )
    workspace.removal_started_at = read_clock()
    workspace.name = f"{workspace.name[: _NAME_CHARS - 24]} (deleted {workspace.pk})"
    workspace.save(update_fields=["removal_started_at", "name"])
    workspace.credentials.filter(revoked_at=None).update(revoked_at=workspace.removal_started_at)
    Job.objects.for_workspace(workspace).unfinished().update(cancel_requested=True)
    remove_workspace.enqueue(workspace=workspace.pk)


@task()
def remove_workspace(workspace: int) -> None:
    """Delete the rows of a workspace for a while, and come back until all are gone."""
    row = Workspace.objects.exclude(removal_started_at=None).filter(pk=workspace).first()
    if row is None:
        return
    ends_at = monotonic() + TURN_SECONDS
    for _gone in remove_rows(row.pk):
        if monotonic() > ends_at:
            remove_workspace.enqueue(workspace=row.pk)
            return
    row.delete()


def resume_removals() -> None:
    """Go on with what a worker that died has left behind; a second worker does no harm."""
    for key in Workspace.objects.exclude(removal_started_at=None).values_list("pk", flat=True):
        remove_workspace.enqueue(workspace=key)
