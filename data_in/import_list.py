"""The list of imports: what each was, where it stands, and what became of its rows."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from data_in.import_frame import (
    Subject,
    address_of,
    render_page,
    subject_of,
    tone_of,
    types_of,
    workspace_of,
)
from data_in.import_words import counts_of, describe_mode
from data_in.models import Import
from data_in.settings import parse
from operations.doors.admin import is_primary_key
from operations.doors.display import render_time
from operations.doors.job_story import tell_progress
from operations.doors.keyset import Place, find_place, leg, read_page, render_place
from operations.doors.origin import read_clock
from operations.models import Job

IMPORTS_ON_A_PAGE: Final = 25
_LEGS: Final = (leg("-pk"),)
_CURSOR: Final = "cursor"


@dataclass(frozen=True, slots=True)
class Listed:
    """One import as a line of the list."""

    row: Import
    subject: Subject
    mode: str
    tone: str
    link: str
    counts: str
    when: SafeString
    job: Job | None


def show_imports(request: HttpRequest) -> HttpResponse:
    """List the imports of the workspace, the newest first."""
    workspace = workspace_of(request)
    types = types_of(workspace)
    rows = Import.objects.for_workspace(workspace).with_jobs()
    place = find_place(request.GET.get(_CURSOR, ""), _LEGS, Import)
    page = read_page(rows, _LEGS, place=place, limit=IMPORTS_ON_A_PAGE)
    context = {
        "lines": [
            Listed(
                row=row,
                subject=subject_of(row, types),
                mode=describe_mode(parse(row.settings)),
                tone=tone_of(row),
                link=address_of(row),
                counts=_progress(row) or counts_of(row),
                when=render_time(row.created_at, with_clock=True),
                job=running_job(row),
            )
            for row in page.rows
        ],
        "next_link": _link(page.next),
        "previous_link": _link(page.previous),
        "is_first_page": place is None,
    }
    return render_page(request, "imports", context, title=_("Imports"))


def tell_imports(request: HttpRequest) -> JsonResponse:
    """Answer the script of the list: where the imports are that it names."""
    workspace = workspace_of(request)
    keys = [key for key in request.GET.get("keys", "").split(",") if is_primary_key(key)]
    rows = Import.objects.for_workspace(workspace).with_jobs()
    found = rows.filter(pk__in=keys[:IMPORTS_ON_A_PAGE])
    return JsonResponse({"imports": [_tell(row) for row in found]})


def running_job(row: Import) -> Job | None:
    """Give the job that works on an import, if there is one."""
    return next((job for job in (row.job, row.check_job) if job and job.is_unfinished), None)


def _tell(row: Import) -> dict[str, Any]:
    job = running_job(row)
    return {
        "key": row.pk,
        "label": row.state.label,
        "tone": tone_of(row),
        "percent": job.percent if job else 100,
        "counts": _progress(row) or counts_of(row),
        "is_running": job is not None,
    }


def _progress(row: Import) -> str:
    job = running_job(row)
    return tell_progress(job, now=read_clock())["text"] if job else ""


def _link(place: Place | None) -> str:
    if place is None:
        return ""
    return f"{reverse('admin:imports')}?{urlencode({_CURSOR: render_place(place)})}"
