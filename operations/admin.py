"""The activity log and the change sets, to be read only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.admin import OperationAdmin
from operations.doors.changelist import Crumb
from operations.doors.display import render_count, render_identifier, render_text, render_time
from operations.doors.log_filters import ActivityFilterSet
from operations.doors.story import KIND_ICONS, STATUS_LABELS, door_label, subject_of, tell
from operations.models import Activity, ChangeSet


class LogAdmin(OperationAdmin):
    """Rows that the engine writes by itself."""

    actions = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes the log by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites the log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody shortens the log."""
        return False


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
    search_fields = ("cio_object_id",)
    search_help_text = gettext_lazy("Search by an id, whole")
    shown_filters = ("kind", "door", "after", "before")
    sortable_by = ()

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Activity log")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what names this id, as a whole."""
        words = search_term.strip()
        if not words:
            return queryset, False
        found = queryset.none()
        for name in ("cio_object_id", "cio_id", "object_id", "person_id", "email"):
            found |= queryset.filter(**{name: words})
        return found, False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Show one activity with its differences."""
        activity = options["obj"]
        back = Crumb(_("Activity log"), reverse("admin:operations_activity_changelist"))
        line = tell(activity)
        context |= {"line": line, "trail": (back, Crumb(line.what)), "activity": activity}
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

    @admin.display(description=gettext_lazy("What"))
    def title(self, row: ChangeSet) -> SafeString:
        """Link to the activity of the change set."""
        address = reverse("admin:operations_activity_changelist")
        return render_text(str(row), link=f"{address}?change_set={row.pk}")

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
