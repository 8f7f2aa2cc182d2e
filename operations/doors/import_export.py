"""django-import-export's pages with its rough edges smoothed: roles, workspaces, bad rows."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldError, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from import_export.results import Result, RowResult

from operations.doors.audit_files import record_export, record_import
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.doors.import_forms import (
    TOO_LARGE,
    ChoicesForm,
    ConfirmForm,
    DownloadForm,
    FileForm,
    SignedForm,
    UploadForm,
    sign_file_name,
)
from operations.doors.resource import EngineResource, TooManyRows
from operations.limits import PAGE_IMPORT_MAX_ROWS
from operations.wire.columns import Kind
from workspaces.models import Workspace
from workspaces.permissions import Permission

SHOWN_ROWS = 100
# Named and not imported: it stands above this, with the pages that it leads to.
_TAKE_OVER = "data_in.import_receiving.take_over"
_JOB_ENDINGS = (".csv", ".tsv", ".tab", ".txt")
_JOB_FORMATS = ("0", "1")  # CSV and TSV


class ImportExportAdmin(ImportExportMixin):
    """Import and export of the rows of the active workspace, through a resource of ours.

    The library offers no confirmation when any row is bad; here the bad rows are left out and
    listed, and the others can be imported.
    """

    resource_classes: ClassVar[tuple[type[EngineResource], ...]]
    import_permission: ClassVar[Permission] = Permission.IMPORT
    upload_form: ClassVar[type[FileForm]] = UploadForm
    confirm_form: ClassVar[type[SignedForm]] = ConfirmForm
    import_export_change_list_template = None
    import_template_name = "operations/import.html"
    export_template_name = "operations/export.html"
    export_form_class = DownloadForm
    to_encoding = "utf-8"

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.IMPORT) and may_here(request, self.import_permission)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.EXPORT)

    def get_resource_kwargs(self, request: HttpRequest, *_: Any, **options: Any) -> dict[str, Any]:
        """Give the resource its workspace, who asks, and the choices of the form."""
        form = options.get("form")
        found: dict[str, Any] = {
            "workspace": _workspace(request),
            "actor": request.user.get_username(),
        }
        if isinstance(form, ChoicesForm) and form.is_bound and form.is_valid():
            found["choices"] = form.choices()
            found["object_type"] = form.cleaned_data.get("object_type")
        return found

    def get_import_form_class(self, request: HttpRequest) -> Any:
        """Make the form know the kind of rows and the workspace."""
        return self._bound(self.upload_form, request)

    def get_confirm_form_class(self, request: HttpRequest) -> Any:
        """Make the form know the kind of rows and the workspace."""
        return self._bound(self.confirm_form, request)

    def get_import_form_initial(self, request: HttpRequest) -> dict[str, Any]:
        """Preselect the type of the list that the person comes from."""
        number = request.GET.get("object_type", "")
        if not (number.isascii() and number.isdigit()):
            return {}
        types = _workspace(request).object_types.filter(number=number[:10])
        return {"object_type": types.values_list("pk", flat=True).first()}

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        """Carry the choices over to the confirmation."""
        found: dict[str, Any] = super().get_confirm_form_initial(request, import_form)
        if import_form is None:
            return found
        cleaned = import_form.cleaned_data
        chosen = cleaned.get("object_type")
        found["object_type"] = chosen.pk if chosen else None
        found |= {name: cleaned.get(name) for name in _CARRIED}
        found["import_file_name"] = sign_file_name(
            found["import_file_name"],
            workspace_id=_workspace(request).pk,
            kind=self._kind(),
        )
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Let the lists of rows lead to the form that exports what they show."""
        kind = getattr(self.resource_classes[0], "kind", None)
        address = reverse("admin:export_add", args=[kind]) if kind else ""
        context = {"export_address": address} | (extra_context or {})
        return super().changelist_view(request, context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Offer to import a file besides the form for one row."""
        context = dict(extra_context or {})
        kind = self._kind()
        if kind is not None and self.has_import_permission(request):
            query = {"kind": kind.value, "object_type": request.GET.get("object_type", "")}
            context["import_address"] = f"{reverse('admin:import_add')}?{urlencode(query)}"
        return super().add_view(request, form_url, context)

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """Export the rows of the list; an address that the list does not know leads back to it."""
        try:
            response: HttpResponseBase = super().export_action(request)
        except (FieldError, IncorrectLookupParameters):
            messages.error(request, _("The address held a filter that this list does not have."))
            return HttpResponseRedirect(self._address("changelist"))
        return response

    def get_data_for_export(
        self, request: HttpRequest, queryset: QuerySet[Any], **options: Any
    ) -> Any:
        """Write down that so many rows leave."""
        found = super().get_data_for_export(request, queryset, **options)
        record_export(
            request,
            kind=self._kind(),
            workspace=_workspace(request),
            rows=len(found),
            filters=request.GET.urlencode(),
        )
        return found

    def import_action(self, request: HttpRequest, **options: Any) -> HttpResponseBase:
        """Show the form, or the preview with a confirmation for the rows that are good."""
        response: HttpResponseBase = super().import_action(request, **options)
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            if self._is_for_a_job(context):
                return self._hand_over(request, context["form"])
            context["trail"] = self._trail(_("Import"))
            context["max_rows"] = PAGE_IMPORT_MAX_ROWS
            context["takes_attributes"] = self._kind() is not None
            if (result := context.get("result")) is not None:
                self._describe(request, context, result)
        return response

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **options: Any) -> HttpResponseBase:
        """Import what was previewed; an uploaded file that is gone has to be uploaded again."""
        try:
            response: HttpResponseBase = super().process_import(request, **options)
        except FileNotFoundError:
            messages.error(request, _("The uploaded file is not kept any more; upload it again."))
            return HttpResponseRedirect(self._address("import"))
        except (IndexError, ValueError):
            messages.error(request, _("The confirmation was not complete; upload the file again."))
            return HttpResponseRedirect(self._address("import"))
        return response

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        """Say what became of the rows, the refused ones too."""
        totals = result.totals
        refused = totals[RowResult.IMPORT_TYPE_ERROR]
        record_import(
            request,
            kind=self._kind(),
            workspace=_workspace(request),
            counts={
                "created": totals[RowResult.IMPORT_TYPE_NEW],
                "updated": totals[RowResult.IMPORT_TYPE_UPDATE],
                "unchanged": totals[RowResult.IMPORT_TYPE_SKIP],
                "refused": refused,
            },
        )
        messages.success(
            request,
            _("Imported: %(created)s created, %(updated)s updated, %(unchanged)s unchanged.")
            % {
                "created": totals[RowResult.IMPORT_TYPE_NEW],
                "updated": totals[RowResult.IMPORT_TYPE_UPDATE],
                "unchanged": totals[RowResult.IMPORT_TYPE_SKIP],
            },
        )
        for error in result.base_errors:
            messages.error(request, str(error.error))
        if refused:
            messages.warning(request, _("%(count)s rows were refused.") % {"count": refused})

    def init_request_context_data(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        """Lead back to the list."""
        context: dict[str, Any] = super().init_request_context_data(request, form)
        return context | {"trail": self._trail(_("Export"))}

    def _describe(self, request: HttpRequest, context: dict[str, Any], result: Result) -> None:
        totals = result.totals
        good = sum(totals.values()) - totals[RowResult.IMPORT_TYPE_ERROR]
        changing = totals[RowResult.IMPORT_TYPE_NEW] + totals[RowResult.IMPORT_TYPE_UPDATE]
        context["preview"] = {
            "created": totals[RowResult.IMPORT_TYPE_NEW],
            "updated": totals[RowResult.IMPORT_TYPE_UPDATE],
            "unchanged": totals[RowResult.IMPORT_TYPE_SKIP],
            "refused": totals[RowResult.IMPORT_TYPE_ERROR],
            "changing": changing,
            "good_rows": [row for row in result.rows if not row.errors][:SHOWN_ROWS],
            "bad_rows": result.row_errors()[:SHOWN_ROWS],
            "hidden_rows": max(0, good - SHOWN_ROWS),
        }
        context.pop("confirm_form", None)
        if changing and not result.base_errors:
            form = self.create_confirm_form(request, import_form=context["form"])
            context["confirm_form"] = form

    def _is_for_a_job(self, context: dict[str, Any]) -> bool:
        """Tell whether a CSV file came that is too large for a request."""
        form, result = context.get("form"), context.get("result")
        if self._kind() is None or form is None or not form.is_bound:
            return False
        if form.has_error("import_file", TOO_LARGE):
            return str(form.files["import_file"].name).lower().endswith(_JOB_ENDINGS)
        errors = result.base_errors if result is not None else ()
        is_text = form.cleaned_data.get("format") in _JOB_FORMATS
        return is_text and any(isinstance(each.error, TooManyRows) for each in errors)

    def _hand_over(self, request: HttpRequest, form: UploadForm) -> HttpResponseBase:
        """Go on in the import pages, with what was chosen here."""
        file: Any = form.files["import_file"]
        file.seek(0)
        answer: HttpResponseBase = import_string(_TAKE_OVER)(
            request,
            file=file,
            object_type=form.cleaned_data.get("object_type"),
            choices=form.choices(),
        )
        return answer

    def _bound(self, form: type[Any], request: HttpRequest) -> Any:
        bound = {
            "kind": self._kind(),
            "workspace_id": _workspace(request).pk,
            "formats": self.get_import_formats(),
        }
        return type(form.__name__, (form,), bound)

    def _kind(self) -> Kind | None:
        """Tell the kind of the rows; object types are none of the three."""
        return getattr(self.resource_classes[0], "kind", None)

    def _trail(self, title: str) -> tuple[Crumb, ...]:
        names = str(self.opts.verbose_name_plural).capitalize()
        return (Crumb(names, self._address("changelist")), Crumb(title))

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")


_CARRIED = ("identifier", "when", "blanks", "is_made_safe")


def _workspace(request: HttpRequest) -> Workspace:
    workspace = current_workspace(request)
    if workspace is None:
        raise PermissionDenied
    return workspace
