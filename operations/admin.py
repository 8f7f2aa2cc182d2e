"""The activity log, the change sets and the tasks, to be read only."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.changelist import Crumb
from operations.doors.display import render_count, render_identifier, render_text, render_time
from operations.doors.job_story import tell_change_set
from operations.doors.keyset import Sort
from operations.doors.log_admin import LogAdmin
from operations.doors.log_filters import ActivityFilterSet
from operations.doors.log_page import find_subjects, happened_at, raw_text
from operations.doors.story import KIND_ICONS, STATUS_LABELS, door_label, subject_of, tell
from operations.doors.undo_pages import begin_undo, offer_undo
from operations.job_admin import JobAdmin
from operations.models import Activity, ChangeSet, Job

admin.site.register(Job, JobAdmin)


@admin.register(Activity)
class ActivityAdmin(LogAdmin):
    """What happened in a workspace, the latest first."""

    change_form_template = "operations/activity.html"
    empty_icon = "history"
    empty_message = gettext_lazy("Every change shows up here, whatever door it came through.")
    empty_title = gettext_lazy("Nothing has happened yet")
    fieldsets = ()
    list_display = ("what", "subject", "door_cell", "actor_cell", "received")
    list_display_links = ("what",)
    filterset_class = ActivityFilterSet
    ordering = ("-pk",)
    reads_by_keys = True
    search_fields = ("cio_object_id",)
    search_help_text = gettext_lazy("Search by an id, whole")
    shown_filters = (
        "kind",
        "audience",
        "person",
        "object",
        "after",
        "before",
        "door",
        "actor",
        "change_set",
    )
    sortable_by = ()

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Activity log")

    def unread_fields(self, columns: Sequence[Any]) -> tuple[str, ...]:
        """Leave what differed, which only the page of an activity shows."""
        return ("before", "after", "before_row")

    def sorts_of(self, request: HttpRequest) -> Mapping[str, Sort]:
        """Offer no other order than the latest first."""
        return {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what names this id, as a whole."""
        words = search_term.strip()
        if not words:
            return queryset, False
        return ActivityFilterSet(request=request).filter_subject(queryset, words), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Show one activity with its differences."""
        activity = options["obj"]
        back = Crumb(_("Activity log"), reverse("admin:operations_activity_changelist"))
        line = tell(activity)
        context |= {
            "line": line,
            "trail": (back, Crumb(line.what)),
            "activity": activity,
            "happened_at": happened_at(activity),
            "subjects": find_subjects(activity),
            "raw": raw_text(activity),
        }
        return super().render_change_form(request, context, *arguments, **options)

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: Activity) -> SafeString:
        """Say what happened, with an icon of its kind."""
        icon = KIND_ICONS.get(Activity.Kind(row.kind), "bolt")
        text = f"{row.get_kind_display()} {STATUS_LABELS.get(row.status, '')}".strip()
        mark = '<span class="material-symbols-outlined cio-type-icon" aria-hidden="true">{}</span>'
        return format_html(mark + "{}", icon, text)

    @admin.display(description=gettext_lazy("About"))
    def subject(self, row: Activity) -> SafeString:
        """Name the person, the object, or both."""
        return render_identifier(subject_of(row))

    @admin.display(description=gettext_lazy("Through"))
    def door_cell(self, row: Activity) -> str:
        """Name the door."""
        return door_label(row.door)

    @admin.display(description=gettext_lazy("By"))
    def actor_cell(self, row: Activity) -> SafeString:
        """Name who asked."""
        return render_text(row.actor)

    @admin.display(description=gettext_lazy("When"))
    def received(self, row: Activity) -> SafeString:
        """Show the second."""
        return render_time(row.received_at, with_clock=True)


@admin.register(ChangeSet)
class ChangeSetAdmin(LogAdmin):
    """Bulk actions, imports and API batches, each with what it changed."""

    empty_icon = "stacks"
    empty_message = gettext_lazy("Imports and bulk actions are listed here as a whole.")
    empty_title = gettext_lazy("No bulk changes yet")
    fieldsets = ()
    list_display = (
        "title",
        "door_cell",
        "actor_cell",
        "made",
        "changed",
        "gone",
        "bad",
        "received",
    )
    list_display_links = None
    ordering = ("-pk",)
    sortable_by = ()

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Change sets")

    def get_urls(self) -> list[URLPattern]:
        """Add the address that an undo is asked for at."""
        undo = self.admin_site.admin_view(self.undo_view)
        own = path("<str:key>/undo/", undo, name="operations_changeset_undo")
        return [own, *super().get_urls()]

    def undo_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Prepare an undo; what it would do is shown before it is confirmed."""
        change_set = self.get_object(request, unquote(key))
        if change_set is None:
            return self.redirect_from_missing(request, key)
        return begin_undo(request, change_set)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what a change set touched."""
        change_set = self.get_object(request, unquote(object_id))
        if change_set is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_view_permission(request, change_set):
            raise PermissionDenied
        job = change_set.jobs.first()
        context = {
            **self.admin_site.each_context(request),
            "title": str(change_set),
            "opts": self.opts,
            "change_set": change_set,
            "job": job,
            "door": door_label(change_set.door),
            "touched": tell_change_set(change_set, job),
            "undo": offer_undo(request, change_set),
            "trail": (Crumb(self.list_name(), self.list_address(request)), Crumb(str(change_set))),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "operations/change_set.html", context)

    @admin.display(description=gettext_lazy("What"))
    def title(self, row: ChangeSet) -> SafeString:
        """Link to what the change set touched, and say whether it was undone."""
        link = render_text(str(row), link=self.address_of(row))
        if row.undone_at is None:
            return link
        return format_html('{} <span class="cio-badge">{}</span>', link, _("undone"))

    @admin.display(description=gettext_lazy("Through"))
    def door_cell(self, row: ChangeSet) -> str:
        """Name the door."""
        return door_label(row.door)

    @admin.display(description=gettext_lazy("By"))
    def actor_cell(self, row: ChangeSet) -> SafeString:
        """Name who asked."""
        return render_text(row.actor)

    @admin.display(description=gettext_lazy("Created"))
    def made(self, row: ChangeSet) -> SafeString:
        """Count the rows created."""
        return render_count(row.rows_created)

    @admin.display(description=gettext_lazy("Updated"))
    def changed(self, row: ChangeSet) -> SafeString:
        """Count the rows updated."""
        return render_count(row.rows_updated)

    @admin.display(description=gettext_lazy("Deleted"))
    def gone(self, row: ChangeSet) -> SafeString:
        """Count the rows deleted."""
        return render_count(row.rows_deleted)

    @admin.display(description=gettext_lazy("Refused"))
    def bad(self, row: ChangeSet) -> SafeString:
        """Count the rows refused."""
        return render_count(row.rows_refused)

    @admin.display(description=gettext_lazy("When"))
    def received(self, row: ChangeSet) -> SafeString:
        """Show the second."""
        return render_time(row.created_at, with_clock=True)
