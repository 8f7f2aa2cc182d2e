"""The second step of an import: what the rows do, and how the file is written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from data_in.formats.encodings import UnusableFile
from data_in.glimpses import Glimpse, glimpse
from data_in.import_forms import SetupForm
from data_in.import_frame import Step, address_of, find_import, go_to, is_set_up, render_step
from data_in.importing import NotReady, keep_settings
from data_in.models import Import
from data_in.settings import Settings, parse
from operations.wire.columns import Kind


def show_setup(request: HttpRequest, key: int) -> HttpResponse:
    """Show what is chosen beside the first rows as they are read, or take over a choice."""
    row = find_import(request, key)
    if not is_set_up(row):
        return go_to(address_of(row))
    settings = parse(row.settings)
    kind = Kind(row.kind)
    seen = look(row, settings)
    posted = request.POST if request.method == "POST" else None
    form = SetupForm(posted, kind=kind, settings=settings, seen=seen)
    return _take(request, row, form) if form.is_valid() else _show(request, row, form, seen)


def look(row: Import, settings: Settings) -> Glimpse | str:
    """Look at the head of the file, or say why nothing can be made of it."""
    try:
        return glimpse(row, settings)
    except UnusableFile as error:
        return str(error)


def _take(request: HttpRequest, row: Import, form: SetupForm) -> HttpResponse:
    """Keep what was chosen; another way of reading the file finds its columns anew."""
    chosen = form.chosen()
    seen = look(row, chosen)
    settings = chosen if isinstance(seen, str) else seen.proposed
    try:
        keep_settings(row, settings)
    except NotReady as error:
        form.add_error(None, str(error))
        return _show(request, row, form, seen)
    is_readable = not isinstance(seen, str) and bool(seen.columns)
    if request.POST.get("go") == "redraw" or not is_readable:
        return go_to(address_of(row, "import_setup"))
    return go_to(address_of(row, "import_columns"))


def _show(request: HttpRequest, row: Import, form: SetupForm, seen: Glimpse | str) -> HttpResponse:
    checks = ("treats_null_as_empty", "is_made_safe", "all_or_nothing")
    context: dict[str, Any] = {"form": form, "checks": [form[name] for name in checks]}
    if isinstance(seen, str):
        context["problem"] = seen
    else:
        context |= {
            "seen": seen,
            "file_problems": [each.message for each in seen.problems if each.column is None],
            "table_label": _("The first rows as they are read"),
        }
    return render_step(request, "import_setup", context, step=Step.SETUP, row=row)
