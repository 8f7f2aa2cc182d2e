"""What the pages of an import share: whose it is, where it stands, and the frame around it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from data_in.files import Shelf, folder_path
from data_in.models import Import
from data_in.uploads import ORIGINAL_FILE
from objects.models import ObjectType
from operations.doors.admin import is_primary_key
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.models import Job
from operations.wire.columns import Kind
from workspaces.models import Workspace
from workspaces.permissions import Permission


class Step(StrEnum):
    """What is asked, in this order."""

    FILE = "file"
    SETUP = "setup"
    COLUMNS = "columns"
    REVIEW = "review"


TITLES: Final = {
    Step.FILE: gettext_lazy("Choose a file"),
    Step.SETUP: gettext_lazy("Set up"),
    Step.COLUMNS: gettext_lazy("Columns"),
    Step.REVIEW: gettext_lazy("Check and review"),
}
_ORDER: Final = tuple(Step)
_TONES: Final = {
    Import.State.VALIDATING: "cio-info",
    Import.State.VALIDATED: "cio-info",
    Import.State.IMPORTING: "cio-info",
    Import.State.IMPORTED: "cio-good",
    Import.State.FAILED: "cio-bad",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One step in the line above the page; a link where it can be gone to."""

    number: int
    label: str
    note: str
    link: str
    is_current: bool
    is_done: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rows of a file are, as it is called on screen."""

    title: str
    icon: str


def workspace_of(request: HttpRequest) -> Workspace:
    """Give the active workspace to those who may import into it."""
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.IMPORT):
        raise PermissionDenied
    return workspace


def find_import(request: HttpRequest, key: int | str) -> Import:
    """Give an import of the active workspace, whoever began it."""
    workspace = workspace_of(request)
    if not is_primary_key(str(key)):
        raise Http404
    found = Import.objects.for_workspace(workspace).with_jobs().filter(pk=key).first()
    if found is None:
        raise Http404
    found.workspace = workspace
    return found


def find_by_text(workspace: Workspace, text: str) -> Import | None:
    """Find an import that an address names."""
    if not is_primary_key(text):
        return None
    return Import.objects.for_workspace(workspace).with_jobs().filter(pk=int(text)).first()


def is_set_up(row: Import) -> bool:
    """Tell whether the settings of an import can still be changed."""
    is_begun = row.job is not None and row.job.state != Job.State.DRAFT
    return not is_begun and row.state != Import.State.VALIDATING and has_file(row)


def has_file(row: Import) -> bool:
    """Tell whether the file of an import is still there, on this server too."""
    if row.files_gone_at is not None or not row.folder:
        return False
    return (folder_path(Shelf.IMPORTS, row.folder) / ORIGINAL_FILE).exists()


def address_of(row: Import, name: str = "import_page", **names: str) -> str:
    """Give the address of one of an import's pages."""
    return reverse(f"admin:{name}", kwargs={"key": row.pk, **names})


def go_to(address: str) -> HttpResponseRedirect:
    """Redirect, so that a reload repeats nothing."""
    return HttpResponseRedirect(address)


def tone_of(row: Import) -> str:
    """Give the class of the badge that shows the state."""
    return _TONES.get(row.state, "")


def subject_of(row: Import, types: dict[int, ObjectType]) -> Subject:
    """Say what the rows of an import are; a type that is gone keeps its number."""
    number = row.object_type_number
    match Kind(row.kind):
        case Kind.PEOPLE:
            return Subject(_("People"), "person")
        case Kind.RELATIONSHIPS:
            return Subject(_("Relationships"), "link")
        case Kind.OBJECTS if number is not None and number in types:
            return Subject(types[number].name, types[number].icon)
        case Kind.OBJECTS:
            return Subject(_("Objects"), "category")


def types_of(workspace: Workspace) -> dict[int, ObjectType]:
    """Read the object types of a workspace by their numbers, in their order."""
    rows = ObjectType.objects.for_workspace(workspace).order_by("-enabled", "number")
    return {row.number: row for row in rows}


def render_step(
    request: HttpRequest, name: str, context: dict[str, Any], *, step: Step, row: Import | None
) -> HttpResponse:
    """Show the page of a step below the line of steps."""
    number = _ORDER.index(step) + 1
    title = _("Step %(number)s of %(total)s: %(title)s") % {
        "number": number,
        "total": len(_ORDER),
        "title": TITLES[step],
    }
    frame = {"marks": _marks(row, step), "heading": TITLES[step]}
    return render_page(request, name, frame | context, title=title, row=row)


def render_page(
    request: HttpRequest,
    name: str,
    context: dict[str, Any],
    *,
    title: str,
    row: Import | None = None,
) -> HttpResponse:
    """Show a page of imports."""
    request.current_app = admin.site.name
    base = {
        **admin.site.each_context(request),
        "title": title if row is None else f"{title} · {row.name}",
        "trail": _trail(row, title),
        "import": row,
    }
    if row is not None:
        base |= {"subject": subject_of(row, types_of(row.workspace)), "tone": tone_of(row)}
    return TemplateResponse(request, f"data_in/{name}.html", base | context)


def _trail(row: Import | None, title: str) -> tuple[Crumb, ...]:
    imports = Crumb(_("Imports"), reverse("admin:imports"))
    if row is None:
        return (Crumb(title),) if title == imports.title else (imports, Crumb(title))
    return (imports, Crumb(row.name))


def _marks(row: Import | None, step: Step) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            number=number,
            label=str(TITLES[each]),
            note=row.file_name if each is Step.FILE and row is not None else "",
            link=_link(row, each),
            is_current=each is step,
            is_done=number <= _ORDER.index(step),
        )
        for number, each in enumerate(_ORDER, start=1)
    )


def _link(row: Import | None, step: Step) -> str:
    """Give the address of a step; the file is chosen once, the review needs a check."""
    if row is None or step is Step.FILE or not is_set_up(row):
        return ""
    if step is Step.REVIEW:
        return address_of(row) if row.state == Import.State.VALIDATED else ""
    return address_of(row, f"import_{step}")
