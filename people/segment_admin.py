"""Segments in the admin: their list, the page that changes one, and its deletion."""

from datetime import datetime
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.admin import OperationAdmin, is_primary_key
from operations.doors.capped_counts import COUNTED_MAX
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace
from operations.doors.display import render_copyable, render_count, render_text, render_time
from operations.doors.segments import hidden_segments
from operations.engine.segments import delete_segment
from operations.masking import hidden_names
from people.models import Segment
from people.segment_form import SegmentPage

SEGMENT_FILTER: Final = "segment"


@admin.register(Segment)
class SegmentAdmin(OperationAdmin):
    """The segments of a workspace, manual and dynamic; the people of one are a list of people."""

    actions = ()
    empty_icon = "group"
    empty_message = gettext_lazy("Save a filter of people as one, or let calls fill one by hand.")
    empty_title = gettext_lazy("No segments yet")
    list_display = (
        "name_cell",
        "kind_cell",
        "number_cell",
        "people_cell",
        "about_cell",
        "updated",
    )
    list_display_links = None
    list_select_related = ("size",)
    ordering = ("name", "pk")
    search_fields = ("name", "description")
    search_help_text = gettext_lazy("Search by name or description")
    sortable_by = ("name_cell", "number_cell", "updated")

    def people_address(self, row: Segment) -> str:
        """Give the address of the people of a segment."""
        return people_of(row)

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Segments")

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """Lead to the page of the segment only those who may change it."""
        people = self._people_column(request)
        columns = (people if name == "people_cell" else name for name in self.list_display)
        may_change = self.has_change_permission(request)
        return (*columns, "edit") if may_change else tuple(columns)

    # The columns.

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def name_cell(self, row: Segment) -> SafeString:
        """Link to the people of the segment."""
        return render_text(row.name, link=people_of(row))

    @admin.display(description=gettext_lazy("Type"))
    def kind_cell(self, row: Segment) -> SafeString:
        """Say whether members or a condition make it."""
        return _render_kind(row)

    @admin.display(description=gettext_lazy("Segment id"), ordering="number")
    def number_cell(self, row: Segment) -> SafeString:
        """Show the number that calls use, to be copied by one click."""
        return render_copyable(str(row.number), label=_("Copy the id"))

    @admin.display(description=gettext_lazy("Description"))
    def about_cell(self, row: Segment) -> SafeString:
        """Show what somebody wrote about it."""
        return render_text(row.description)

    @admin.display(description=gettext_lazy("Updated"), ordering="updated_at")
    def updated(self, row: Segment) -> SafeString:
        """Show the day of the last change."""
        return render_time(row.updated_at)

    @admin.display(description="")
    def edit(self, row: Segment) -> SafeString:
        """Link to the page of the segment."""
        label = _("Change the segment %(name)s") % {"name": row.name}
        icon = format_html('<span class="material-symbols-outlined">{}</span>', "edit")
        link = reverse("admin:people_segment_change", args=[row.pk])
        template = '<a class="cio-icon-button" href="{}" aria-label="{}">{}</a>'
        return format_html(template, link, label, icon)

    @admin.display(description=gettext_lazy("People"))
    def people_cell(self, row: Segment) -> SafeString:
        """Show how many were counted last, and when."""
        size = getattr(row, "size", None)
        if size is None:
            return _render_none(_("The worker counts every few minutes."))
        title = _("Counted at %(time)s UTC") % {"time": f"{size.counted_at:%Y-%m-%d %H:%M}"}
        shown = f"{COUNTED_MAX:,}+" if size.people > COUNTED_MAX else render_count(size.people)
        return format_html('<span title="{}">{}</span>', title, shown)

    # The pages.

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the page of a segment, or of a new one, and save it."""
        row = None
        if object_id is not None:
            row = self._find(request, object_id)
            if row is None:
                return self.redirect_from_missing(request, object_id)
        may = self.has_add_permission if row is None else self.has_change_permission
        if not may(request):
            raise PermissionDenied
        return SegmentPage(self, request, row).respond()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the people of the segment; the activity log has its changes."""
        row = self._find(request, object_id)
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(people_of(row))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what goes along, then delete."""
        row = self._find(request, object_id)
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_delete_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._confirm_deletion(request, row)
        outcome = delete_segment(row.number, origin=self.origin(request))
        for rejection in outcome.rejections:
            messages.error(request, rejection.message)
        if outcome.rejections:
            return HttpResponseRedirect(people_of(row))
        messages.success(request, _("Deleted %(name)s.") % {"name": row.name})
        return HttpResponseRedirect(self.list_address(request))

    def render(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """Render a page in the frame of the site."""
        request.current_app = self.admin_site.name
        base = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, template, base | context)

    def _people_column(self, request: HttpRequest) -> Any:
        """Show how many people there are, where that does not tell of what is hidden."""
        workspace = current_workspace(request)
        if workspace is None or not hidden_names():
            return "people_cell"
        dynamic = Segment.objects.for_workspace(workspace).dynamic()
        hidden = hidden_segments(workspace, dynamic.values_list("number", flat=True))

        @admin.display(description=gettext_lazy("People"))
        def known_people(row: Segment) -> SafeString:
            if row.number in hidden:
                return _render_none(_("The condition asks for a sensitive attribute."))
            return self.people_cell(row)

        return known_people

    def _find(self, request: HttpRequest, object_id: str) -> Segment | None:
        key = unquote(object_id)
        rows: QuerySet[Segment] = self.get_queryset(request)
        return rows.filter(pk=key).first() if is_primary_key(key) else None

    def _confirm_deletion(self, request: HttpRequest, row: Segment) -> HttpResponse:
        title = _("Delete %(name)s") % {"name": row.name}
        trail = (
            Crumb(self.list_name(), self.list_address(request)),
            Crumb(row.name, people_of(row)),
            Crumb(_("Delete")),
        )
        context = {"title": title, "trail": trail, "segment": row, "back": people_of(row)}
        return self.render(request, "people/segment_delete.html", context)


def people_of(row: Segment) -> str:
    """Give the address of the people of a segment."""
    return f"{reverse('admin:people_person_changelist')}?{SEGMENT_FILTER}={row.number}"


def segment_line(row: Segment, *, since: datetime | None = None) -> tuple[SafeString, ...]:
    """Show a segment on the page of a person who is in it."""
    return render_text(row.name, link=people_of(row)), _render_kind(row), render_time(since)


def _render_none(title: str) -> SafeString:
    return format_html('<span class="cio-none" title="{}">{}</span>', title, "-")


def _render_kind(row: Segment) -> SafeString:
    if row.is_dynamic:
        return format_html('<span class="cio-badge cio-info">{}</span>', _("Dynamic"))
    return format_html('<span class="cio-badge">{}</span>', _("Manual"))
