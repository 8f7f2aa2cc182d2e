"""The addresses of imports, and the page of one, which is another one in each of its states."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from data_in.check_report import Group
from data_in.import_columns import show_columns
from data_in.import_files import error_file, original_file, warning_file
from data_in.import_fixing import fix_rows
from data_in.import_frame import address_of, find_import, go_to, has_file, render_page
from data_in.import_list import running_job, show_imports, tell_imports
from data_in.import_receiving import add_import, send_template
from data_in.import_result import show_importing, show_result, show_unusable
from data_in.import_review import show_checking, show_review, start
from data_in.import_setup import show_setup
from data_in.import_words import tell_import
from data_in.importing import NotReady, remove
from data_in.models import Import
from operations.doors.audit import record
from operations.doors.jobs import cancel_job, resume_job
from operations.doors.origin import read_clock
from workspaces.models import AuditEntry

_FILES: Final[Mapping[str, Callable[[Import], Iterator[bytes]]]] = {
    "original": original_file,
    "errors": error_file,
    "warnings": warning_file,
}

_GROUPS: Final = {"errors": Group.REFUSED, "warnings": Group.WARNINGS}


def import_urls(site: Any) -> list[URLPattern]:
    """Give the addresses of imports, for those who are signed in."""
    one = "<int:key>/"
    pages = (
        ("", show_imports, "imports"),
        ("state/", tell_imports, "imports_state"),
        ("add/", add_import, "import_add"),
        ("template/", send_template, "import_template"),
        (one, show_import, "import_page"),
        (f"{one}setup/", show_setup, "import_setup"),
        (f"{one}columns/", show_columns, "import_columns"),
        (f"{one}start/", start, "import_start"),
        (f"{one}state/", tell_state, "import_state"),
        (f"{one}stop/", stop, "import_stop"),
        (f"{one}resume/", resume, "import_resume"),
        (f"{one}fix/", fix_rows, "import_fix"),
        (f"{one}file/<slug:which>/", send_file, "import_file"),
        (f"{one}delete/", delete_import, "import_delete"),
    )
    return [path(f"imports/{end}", site.admin_view(view), name=name) for end, view, name in pages]


def show_import(request: HttpRequest, key: int) -> HttpResponse:
    """Show an import where it stands."""
    row = find_import(request, key)
    state = row.state
    is_waiting = state in (Import.State.PREPROCESSED, Import.State.VALIDATED)
    if is_waiting and not has_file(row):
        return show_unusable(request, row)
    if state == Import.State.PREPROCESSED:
        return go_to(address_of(row, "import_setup"))
    if state == Import.State.VALIDATING and row.check_job is not None:
        return show_checking(request, row, row.check_job)
    if state == Import.State.VALIDATED:
        return show_review(request, row)
    if row.job is None:
        return show_unusable(request, row)
    if state == Import.State.IMPORTING:
        return show_importing(request, row, row.job)
    return show_result(request, row, row.job)


def tell_state(request: HttpRequest, key: int) -> JsonResponse:
    """Answer the script of the page."""
    job = running_job(find_import(request, key))
    if job is None:
        return JsonResponse({"is_finished": True})
    return JsonResponse(tell_import(job, now=read_clock()))


@require_POST
def stop(request: HttpRequest, key: int) -> HttpResponse:
    """Stop the check or the import after its current step."""
    row = find_import(request, key)
    job = running_job(row)
    if job is not None:
        cancel_job(job)
    return go_to(address_of(row))


@require_POST
def resume(request: HttpRequest, key: int) -> HttpResponse:
    """Go on with an import that failed, where it stopped."""
    row = find_import(request, key)
    if row.job is not None:
        resume_job(row.job)
    return go_to(address_of(row))


def send_file(request: HttpRequest, key: int, which: str) -> HttpResponseBase:
    """Send the file as it came, or the refused rows, or those with warnings."""
    row = find_import(request, key)
    if which not in _FILES:
        raise Http404
    if not has_file(row):
        messages.warning(request, _("The files of this import are not kept any more."))
        return go_to(address_of(row))
    group = _GROUPS.get(which)
    if group is not None and not (row.result or row.found).get(group):
        messages.info(request, _("There are no rows of that kind."))
        return go_to(address_of(row))
    name, _dot, ending = row.file_name.rpartition(".")
    shown = row.file_name if which == "original" else f"{name or ending}-{which}.csv"
    answer = StreamingHttpResponse(_FILES[which](row), content_type="text/csv")
    answer["Content-Disposition"] = content_disposition_header(True, shown)
    answer["X-Content-Type-Options"] = "nosniff"
    record(
        request,
        AuditEntry.Kind.EXPORTED,
        _("Fetched a file of the import “%(name)s”") % {"name": row.name},
        workspace=row.workspace,
        details={"import": row.pk, "file": shown},
    )
    return answer


def delete_import(request: HttpRequest, key: int) -> HttpResponse:
    """Ask, then delete an import with its files; what it imported stays."""
    row = find_import(request, key)
    if request.method != "POST":
        return render_page(request, "import_delete", {}, title=_("Delete the import"), row=row)
    try:
        remove(row)
    except NotReady as error:
        messages.error(request, str(error))
        return go_to(address_of(row))
    messages.success(request, _("Deleted “%(name)s” with its files.") % {"name": row.name})
    return go_to(reverse("admin:imports"))
