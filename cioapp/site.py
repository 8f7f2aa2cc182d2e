"""The admin site of the product: the pages that belong to no model, and the pickers."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from cioapp.data_pages import open_type
from cioapp.home import home_context
from cioapp.palette import find_all
from cioapp.signing_in import SigningInSite
from cioapp.task_menu import tell_tasks
from cioapp.usage import show_usage
from data_in.export_pages import export_urls
from data_in.import_pages import import_urls
from objects.models import Object
from operations.doors.column_pages import choose_columns
from operations.doors.current import current_workspace
from operations.doors.data_index_pages import data_index_urls
from operations.doors.exact_first import order_exact_first
from operations.doors.jobs import running_jobs
from operations.doors.view_pages import add_view, show_view
from people.duplicate_pages import duplicate_urls
from people.models import Person
from relationships.relating import relate_urls
from workspaces.permissions import offered_workspaces
from workspaces.switcher import switch_workspace


class CioAdminSite(SigningInSite):
    """Unfold's site with the product's own navigation."""

    def extra_urls(self) -> list[URLPattern]:
        """Add the addresses that belong to no model."""
        return [
            path("workspace/", self.admin_view(switch_workspace), name="switch_workspace"),
            path("objects/t/<slug:slug>/", self.admin_view(open_type), name="objects_of_type"),
            path("columns/<slug:kind>/", self.admin_view(choose_columns), name="list_columns"),
            path("views/add/<slug:kind>/", self.admin_view(add_view), name="saved_view_add"),
            path("views/<int:key>/", self.admin_view(show_view), name="saved_view"),
            path("usage/", self.admin_view(show_usage), name="usage"),
            path("tasks/state/", self.admin_view(tell_tasks), name="tasks_state"),
            *data_index_urls(self),
            *duplicate_urls(self),
            *export_urls(self),
            *import_urls(self),
            *relate_urls(self),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Name the active workspace and the others on every page."""
        workspace = current_workspace(request)
        return {
            **super().each_context(request),
            "workspace": workspace,
            "workspaces": offered_workspaces(request) if self.has_permission(request) else [],
            "running_tasks": running_jobs(workspace) if workspace else 0,
        }

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """List the models of one app; the navigation is our own, so no page lists all of them."""
        return super().get_app_list(request, app_label) if app_label else []

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what there is, what changed and what to do next."""
        workspace = current_workspace(request)
        context: dict[str, Any] = {"title": _("Home"), "has_workspace": workspace is not None}
        if workspace is not None:
            context |= home_context(request, workspace)
        return super().index(request, context | (extra_context or {}))

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Answer the palette; unfold's own search keeps results whoever asks, and where."""
        return JsonResponse({"groups": find_all(self, request)})

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Answer the pickers of the forms."""
        return PickerView.as_view(admin_site=self)(request)


class PickerView(AutocompleteJsonView):
    """Name rows so that two of the same name can be told apart."""

    def get_queryset(self) -> Any:
        """Begin with the row that was typed in as a whole."""
        return order_exact_first(super().get_queryset(), self.term)

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """Add the type of an object and the identifier of a person."""
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Object):
            result["text"] = f"{obj} · {obj.object_type.name}"
        elif isinstance(obj, Person) and str(obj) != (known := obj.email or obj.person_id):
            result["text"] = f"{obj} · {known or obj.cio_id}"
        return result
