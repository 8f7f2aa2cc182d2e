"""An import while it runs and when it is over: how far it is, what became of the rows."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from data_in.check_report import Group
from data_in.import_frame import address_of, has_file, is_set_up, render_page
from data_in.import_review import progress_of
from data_in.import_words import describe_columns, describe_settings, result_tiles
from data_in.models import Import
from data_in.settings import parse
from operations.doors.job_story import duration_of, tell_change_set, tell_progress
from operations.doors.origin import read_clock
from operations.doors.undo_pages import offer_undo
from operations.models import Job
from operations.wire.columns import Kind

SHOWN_PROBLEMS: Final = 100


def show_importing(request: HttpRequest, row: Import, job: Job) -> HttpResponse:
    """Show how far the import is."""
    context = progress_of(row, job) | {"facts": _facts(row, job)}
    return render_page(request, "import_running", context, title=_("Import"), row=row)


def show_result(request: HttpRequest, row: Import, job: Job) -> HttpResponse:
    """Show what became of the rows, and what can be done next."""
    change_set = job.change_set
    settings = parse(row.settings)
    refused = int(row.result.get(Group.REFUSED, 0))
    context: dict[str, Any] = {
        "job": job,
        "tiles": result_tiles(row, settings),
        "columns": describe_columns(settings),
        "progress": tell_progress(job, now=read_clock()),
        "facts": _facts(row, job),
        "change_set": change_set,
        "touched": tell_change_set(change_set, job) if change_set else None,
        "undo": offer_undo(request, change_set) if change_set else None,
        "refused": refused,
        "warned": int(row.result.get(Group.WARNINGS, 0)),
        "problems": job.refusals[:SHOWN_PROBLEMS],
        "hidden_problems": max(0, refused - len(job.refusals[:SHOWN_PROBLEMS])),
        "again_link": _again(row),
        "corrected_link": _again(row, corrected="1"),
        "has_files": has_file(row),
        "may_resume": job.state == Job.State.FAILED and has_file(row),
    }
    return render_page(request, "import_result", context, title=_("Import"), row=row)


def show_unusable(request: HttpRequest, row: Import) -> HttpResponse:
    """Say why the check could not be made, and how to go on."""
    told = row.problem or (row.check_job.message if row.check_job else "")
    context = {
        "problem": told if has_file(row) else _("The file is not kept any more; upload it again."),
        "setup_link": address_of(row, "import_setup") if is_set_up(row) else "",
        "facts": _facts(row, row.check_job),
        "again_link": _again(row),
    }
    return render_page(request, "import_unusable", context, title=_("Import"), row=row)


def _facts(row: Import, job: Job | None) -> list[tuple[str, str]]:
    """Say what is known of an import besides the counts; the template shows times itself."""
    settings = describe_settings(parse(row.settings), kind=Kind(row.kind))
    duration = duration_of(job, now=read_clock()) if job else ""
    return [*settings, *([(_("Took"), duration)] if duration else [])]


def _again(row: Import, **more: str) -> str:
    return f"{reverse('admin:import_add')}?{urlencode({'like': str(row.pk), **more})}"
