"""What the icon of the tasks asks for: how many are running, and the last few of them."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import ngettext

from operations.doors.current import current_workspace, may_here
from operations.doors.display import render_time
from operations.doors.job_story import duration_of, state_tone, tell_progress
from operations.doors.jobs import running_jobs
from operations.doors.origin import read_clock
from operations.models import Job
from workspaces.permissions import Permission

SHOWN_TASKS: Final = 6


def tell_tasks(request: HttpRequest) -> JsonResponse:
    """Answer the script of the icon, in two statements."""
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.VIEW):
        raise PermissionDenied
    now = read_clock()
    jobs = Job.objects.for_workspace(workspace).listed().order_by("-pk")[:SHOWN_TASKS]
    running = running_jobs(workspace)
    return JsonResponse(
        {
            "running": running,
            "label": tasks_label(running),
            "tasks": [_tell(job, now=now) for job in jobs],
        }
    )


def tasks_label(running: int) -> str:
    """Say how many tasks are running."""
    if not running:
        return ""
    return ngettext("%(count)s task running", "%(count)s tasks running", running) % {
        "count": running
    }


def _tell(job: Job, *, now: Any) -> dict[str, Any]:
    progress = tell_progress(job, now=now)
    since = job.finished_at or job.started_at or job.queued_at or job.created_at
    rest = progress["rest"] if job.is_unfinished else duration_of(job, now=now)
    return {
        "title": str(job),
        "link": reverse("admin:operations_job_change", args=[job.pk]),
        "label": progress["label"],
        "tone": state_tone(job),
        "percent": progress["percent"],
        "text": " · ".join(filter(None, (progress["text"], rest))),
        "since": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "shown_since": str(render_time(since, with_clock=True))
        .partition(">")[2]
        .partition("<")[0],
        "is_finished": progress["is_finished"],
    }
