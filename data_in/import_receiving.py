"""The first step of an import: what the rows are, and the file, refused while it comes in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from django.conf import settings as django_settings
from django.contrib import messages
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from data_in.formats.encodings import UnusableFile, look_at
from data_in.import_fetching import fetch, name_of
from data_in.import_files import template_file
from data_in.import_forms import FileForm
from data_in.import_frame import (
    Step,
    address_of,
    find_by_text,
    go_to,
    render_step,
    types_of,
    workspace_of,
)
from data_in.import_setup import look
from data_in.import_words import required_columns
from data_in.importing import NotReady, keep_settings, like, receive, same_file, start_check
from data_in.models import Import
from data_in.settings import Blanks, Mode, parse
from data_in.uploads import too_large
from objects.models import ObjectType
from operations.types import When
from operations.wire.columns import Choices, Kind
from workspaces.models import Workspace

# What is left of a refused file is read to its end up to here, so that the answer arrives, and
# with it the fields that come after; behind a longer one the connection is closed.
_REST_MAX_BYTES: Final = 8_000_000
_FORM_MAX_BYTES: Final = 100_000


class EarlyRefusal(FileUploadHandler):
    """Stops an upload as soon as it shows that the file cannot be used, and keeps why."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.problem = ""
        self._announced = 0
        self._is_first = True

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Hear how long the whole request is."""
        self._announced = content_length

    def new_file(self, *arguments: Any, **options: Any) -> None:
        """Refuse a file that is announced as too large."""
        super().new_file(*arguments, **options)
        if self._announced - _FORM_MAX_BYTES > django_settings.FILE_MAX_BYTES:
            self._stop(too_large(), seen=0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Look at the first bytes, and at how many there are by now."""
        if self._is_first:
            self._is_first = False
            try:
                look_at(raw_data)
            except UnusableFile as error:
                self._stop(str(error), seen=len(raw_data))
        if start + len(raw_data) > django_settings.FILE_MAX_BYTES:
            self._stop(too_large(), seen=start + len(raw_data))
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that keep it."""
        return

    def _stop(self, problem: str, *, seen: int) -> None:
        self.problem = problem
        if self._announced - seen > _REST_MAX_BYTES:
            raise StopUpload(connection_reset=True)
        raise SkipFile


# Otherwise the body, and with it the file, would be read before the handler is there.
@csrf_exempt
def add_import(request: HttpRequest) -> HttpResponse:
    """Ask what the rows are and for the file, or take it; the role is asked before it is read."""
    workspace = workspace_of(request)
    handler = EarlyRefusal(request)
    request.upload_handlers.insert(0, handler)
    answer: HttpResponse = csrf_protect(_add_import)(request, workspace, handler)
    return answer


def send_template(request: HttpRequest) -> HttpResponse:
    """Send an example file for a kind, with the attributes that there are."""
    workspace = workspace_of(request)
    form = FileForm(request.GET, types=types_of(workspace))
    if not form.is_valid() and "what" in form.errors:
        return go_to(reverse("admin:import_add"))
    kind, number = form.chosen()
    answer = HttpResponse(template_file(workspace, kind, number), content_type="text/csv")
    name = f"{form.cleaned_data['what']}-template.csv"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def take_over(
    request: HttpRequest, *, file: File[bytes], object_type: ObjectType | None, choices: Choices
) -> HttpResponse:
    """Go on here with a file that was too large for the import of a list."""
    workspace = workspace_of(request)
    kind = choices.kind
    try:
        row = receive(
            workspace,
            kind=kind,
            object_type_number=object_type.number if object_type else None,
            actor=request.user.get_username(),
            file_name=file.name or "",
            chunks=_chunks(file),
        )
    except UnusableFile as error:
        messages.error(request, _sentence(str(error)))
        chosen = f"{kind}-{object_type.number}" if object_type else kind.value
        return go_to(f"{reverse('admin:import_add')}?{urlencode({'what': chosen})}")
    _adopt(row, choices)
    messages.info(
        request,
        _("This file has many rows, so it is set up and checked here, in the background."),
    )
    return go_to(address_of(row, "import_setup"))


def _adopt(row: Import, choices: Choices) -> None:
    """Set an import up as was chosen in the form of the list."""
    settings = replace(
        parse(row.settings),
        mode=_MODES[choices.when],
        identifier=choices.identifier,
        blanks=Blanks.CLEAR if choices.clears_blanks else Blanks.IGNORE,
        is_made_safe=choices.is_made_safe,
    )
    seen = look(row, settings)
    keep_settings(row, settings if isinstance(seen, str) else seen.proposed)


_MODES: Final = {
    When.ANY: Mode.ALL,
    When.NEW: Mode.ONLY_NEW,
    When.EXISTING: Mode.ONLY_EXISTING,
}


def _add_import(request: HttpRequest, workspace: Workspace, handler: EarlyRefusal) -> HttpResponse:
    types = types_of(workspace)
    earlier = find_by_text(workspace, request.GET.get("like", ""))
    if request.method != "POST":
        form = FileForm(initial=_initial(request, earlier), types=types)
        return _show(request, form, types=types, earlier=earlier)
    sent, files = request.POST, request.FILES  # reading them is what the handler hears of
    form = FileForm(sent, files, types=types, problem=_sentence(handler.problem))
    if form.is_valid():
        row = _receive(request, form, workspace=workspace)
        if row is not None:
            return _received(request, row, earlier=earlier)
    return _refuse(request, form, types=types, earlier=earlier)


def _receive(request: HttpRequest, form: FileForm, *, workspace: Workspace) -> Import | None:
    file, url = form.cleaned_data["file"], form.cleaned_data["url"]
    kind, number = form.chosen()
    try:
        return receive(
            workspace,
            kind=kind,
            object_type_number=number,
            actor=request.user.get_username(),
            file_name=file.name if file else name_of(url),
            chunks=_chunks(file) if file else fetch(url),
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
        )
    except UnusableFile as error:
        form.add_error("file" if file else "url", _sentence(str(error)))
        return None


def _received(request: HttpRequest, row: Import, *, earlier: Import | None) -> HttpResponse:
    """Go on to the next step, with the settings of an earlier import where there is one."""
    if earlier is not None and earlier.kind == row.kind:
        settings = like(earlier)
        seen = look(row, settings)
        keep_settings(row, settings if isinstance(seen, str) else seen.proposed)
        text = _("It is set up like “%(name)s”.")
        messages.info(request, text % {"name": earlier.name})
    if (same := same_file(row)) is not None:
        messages.warning(
            request,
            format_html(
                _('The very same file came in before: <a href="{}">{}</a>. You can go on.'),
                address_of(same),
                same.name,
            ),
        )
    address = address_of(row, "import_setup")
    if earlier is not None and request.GET.get("corrected") and _is_checked(request, row):
        address = address_of(row)
    return JsonResponse({"address": address}) if _is_script(request) else go_to(address)


def _is_checked(request: HttpRequest, row: Import) -> bool:
    """Have a corrected file checked at once; where that cannot be, its set-up tells why."""
    try:
        start_check(row, actor=request.user.get_username())
    except NotReady:
        return False
    return True


def _refuse(
    request: HttpRequest,
    form: FileForm,
    *,
    types: dict[int, ObjectType],
    earlier: Import | None,
) -> HttpResponse:
    if _is_script(request):
        problems = {name: list(errors) for name, errors in form.errors.items()}
        return JsonResponse({"problems": problems})
    return _show(request, form, types=types, earlier=earlier)


def _show(
    request: HttpRequest,
    form: FileForm,
    *,
    types: dict[int, ObjectType],
    earlier: Import | None,
) -> HttpResponse:
    context = {
        "form": form,
        "choices": list(_choices(form, types)),
        "names": [form["name"], form["description"]],
        "earlier": earlier,
        "is_corrected": bool(request.GET.get("corrected")),
        "max_bytes": django_settings.FILE_MAX_BYTES,
        "max_size": filesizeformat(django_settings.FILE_MAX_BYTES),
    }
    return render_step(request, "import_file", context, step=Step.FILE, row=None)


def _choices(form: FileForm, types: dict[int, ObjectType]) -> Iterator[dict[str, Any]]:
    chosen = form["what"].value()
    address = reverse("admin:import_template")
    for value, label in form.fields["what"].choices:  # type: ignore[attr-defined]
        kind, _dash, number = value.partition("-")
        shown = types.get(int(number)) if number else None
        yield {
            "value": value,
            "label": label,
            "icon": shown.icon if shown else _ICONS[Kind(kind)],
            "hint": required_columns(Kind(kind), has_type=True),
            "template": f"{address}?{urlencode({'what': value})}",
            "is_chosen": value == chosen,
            "is_disabled": shown is not None and not shown.enabled,
            "has_types": kind == Kind.RELATIONSHIPS,
        }


_ICONS: Final = {Kind.PEOPLE: "person", Kind.OBJECTS: "category", Kind.RELATIONSHIPS: "link"}


def _initial(request: HttpRequest, earlier: Import | None) -> dict[str, Any]:
    """Preselect what the address names, or what an earlier import was."""
    if earlier is not None:
        kind, number = earlier.kind, str(earlier.object_type_number or "")
    else:
        kind = request.GET.get("kind", "") or request.GET.get("what", "")
        number = request.GET.get("object_type", "")
    if kind == Kind.OBJECTS and number:
        kind = f"{kind}-{number}"
    related = number if kind == Kind.RELATIONSHIPS else ""
    found = {"what": kind, "related_type": related}
    return found | ({"description": earlier.description} if earlier is not None else {})


def _chunks(file: File[bytes]) -> Iterator[bytes]:
    read: Callable[[], Iterator[bytes]] = file.chunks
    return read()


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _sentence(problem: str) -> str:
    return f"{problem[:1].upper()}{problem[1:].removesuffix('.')}." if problem else ""
