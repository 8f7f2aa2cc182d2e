"""The tasks in the admin: what is running, waiting or over, each with its page."""

from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.admin import is_primary_key
from operations.doors.bulk_pages import list_of, mark_list, show_draft
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, mark_in_navigation, may_here
from operations.doors.display import render_count, render_text, render_time
from operations.doors.job_story import (
    duration_of,
    needs_worker,
    state_tone,
    tell_change_set,
    tell_progress,
)
from operations.doors.jobs import cancel_job, permission_of, resume_job
from operations.doors.log_admin import LogAdmin
from operations.doors.log_filters import JobFilterSet
from operations.doors.origin import read_clock
from operations.doors.undo_pages import offer_undo, show_undo
from operations.doors.undoing import KIND as UNDO
from operations.doors.undoing import change_set_of
from operations.models import Job
from workspaces.permissions import Permission

_IMPORT_KINDS: Final = ("import", "check_import")


class JobAdmin(LogAdmin):
    """The tasks of a workspace: what is running, waiting or over, each with its page."""

    empty_icon = "task_alt"
    empty_message = gettext_lazy("Bulk deletions, edits and relationships show up here.")
    empty_title = gettext_lazy("No tasks yet")
    filterset_class = JobFilterSet
    list_display = ("what", "state_cell", "progress", "actor_cell", "queued", "duration")
    list_display_links = None
    ordering = ("-pk",)
    shown_filters = ("state",)
    sortable_by = ()

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Tasks")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out what nobody has confirmed."""
        return super().get_queryset(request).exclude(state=Job.State.DRAFT)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that a job's page posts to and asks."""
        wrap = self.admin_site.admin_view
        return [
            path("<str:key>/state/", wrap(self.state_view), name="operations_job_state"),
            path("<str:key>/cancel/", wrap(self.cancel_view), name="operations_job_cancel"),
            path("<str:key>/resume/", wrap(self.resume_view), name="operations_job_resume"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a job from its preview over its progress to its result."""
        job = self._find(request, object_id)
        if job is None:
            return self._redirect_from_missing(request)
        if (shown := self._import_of(request, job)) is not None:
            return HttpResponseRedirect(reverse("admin:import_page", args=[shown]))
        if job.kind == "export" and may_here(request, Permission.EXPORT):
            return HttpResponseRedirect(reverse("admin:exports"))
        if job.state == Job.State.DRAFT:
            _mark_place(request, job)
        base = {**self.admin_site.each_context(request), "opts": self.opts}
        request.current_app = self.admin_site.name
        if job.state == Job.State.DRAFT and "draft" in job.parameters:
            # The steps that add relationships have a review of their own.
            step = [job.parameters["draft"], "review"]
            return HttpResponseRedirect(reverse("admin:relate_step", args=step))
        if job.state == Job.State.DRAFT:
            show = show_undo if job.kind == UNDO else show_draft
            return show(request, job, base)
        if request.method == "POST":
            messages.info(request, _("This was confirmed before; it is done once."))
            return HttpResponseRedirect(self.address_of(job))
        return TemplateResponse(request, "operations/job.html", base | self._context(request, job))

    def state_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Answer the page's script."""
        job = self._find(request, key)
        if job is None:
            return JsonResponse({"is_finished": True}, status=404)
        return JsonResponse(tell_progress(job, now=read_clock()))

    def cancel_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Stop a job."""
        job = self._find_for_change(request, key)
        if job is None:
            return self._redirect_from_missing(request)
        cancel_job(job)
        return HttpResponseRedirect(self.address_of(job))

    def resume_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Go on with a failed job."""
        job = self._find_for_change(request, key)
        if job is None:
            return self._redirect_from_missing(request)
        if not resume_job(job):
            messages.warning(request, _("This does not go on: it was undone, or is running."))
        return HttpResponseRedirect(self.address_of(job))

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: Job) -> SafeString:
        """Link to the page of the job."""
        return render_text(str(row), link=self.address_of(row))

    @admin.display(description=gettext_lazy("State"))
    def state_cell(self, row: Job) -> SafeString:
        """Show the state as a badge."""
        badge = '<span class="cio-badge {}">{}</span>'
        return format_html(badge, state_tone(row), row.get_state_display())

    @admin.display(description=gettext_lazy("Rows"))
    def progress(self, row: Job) -> SafeString:
        """Show how many rows are dealt with."""
        if row.done == row.total:
            return render_count(row.total)
        return format_html("{} / {}", render_count(row.done), render_count(row.total))

    @admin.display(description=gettext_lazy("By"))
    def actor_cell(self, row: Job) -> SafeString:
        """Name who asked."""
        return render_text(row.actor)

    @admin.display(description=gettext_lazy("Since"))
    def queued(self, row: Job) -> SafeString:
        """Show when it was confirmed."""
        return render_time(row.queued_at, with_clock=True)

    @admin.display(description=gettext_lazy("Took"))
    def duration(self, row: Job) -> str:
        """Show how long it took."""
        return duration_of(row, now=read_clock())

    def _find(self, request: HttpRequest, key: str) -> Job | None:
        """Give a job of the workspace; a draft only to who prepared it."""
        workspace = current_workspace(request)
        if workspace is None or not self.has_view_permission(request):
            raise PermissionDenied
        key = unquote(key)
        if not is_primary_key(key):
            return None
        job = Job.objects.for_workspace(workspace).filter(pk=key).first()
        is_foreign = job is not None and job.actor != request.user.get_username()
        return None if job is None or (is_foreign and job.state == Job.State.DRAFT) else job

    def _import_of(self, request: HttpRequest, job: Job) -> int | None:
        """Find the import that a job works for: its own page tells more, to who may import."""
        if job.kind not in _IMPORT_KINDS or not may_here(request, Permission.IMPORT):
            return None
        imports = job.imports.all() if job.kind == _IMPORT_KINDS[0] else job.checked_imports.all()
        return imports.values_list("pk", flat=True).first()

    def _find_for_change(self, request: HttpRequest, key: str) -> Job | None:
        if request.method != "POST":
            return None
        job = self._find(request, key)
        if job is not None and not may_here(request, permission_of(job)):
            raise PermissionDenied
        return job

    def _redirect_from_missing(self, request: HttpRequest) -> HttpResponse:
        messages.warning(
            request, _("This is not kept any more. Choose the rows again in their list.")
        )
        return HttpResponseRedirect(self.list_address(request))

    def _stop_link(self, request: HttpRequest, job: Job) -> str:
        """Give where a job is stopped, to whoever may."""
        may_stop = may_here(request, permission_of(job))
        return reverse("admin:operations_job_cancel", args=[job.pk]) if may_stop else ""

    def _context(self, request: HttpRequest, job: Job) -> dict[str, Any]:
        now = read_clock()
        change_set = None if job.is_unfinished else job.change_set
        return {
            "title": str(job),
            "job": job,
            "tone": state_tone(job),
            "progress": tell_progress(job, now=now),
            "needs_worker": needs_worker(job, now=now),
            "state_link": reverse("admin:operations_job_state", args=[job.pk]),
            "stop_link": self._stop_link(request, job),
            "duration": duration_of(job, now=now),
            "list_link": list_of(job) if "list" in job.parameters else "",
            "may_change": may_here(request, permission_of(job)),
            "touched": tell_change_set(change_set, job) if change_set else None,
            "undone_set": change_set_of(job) if job.kind == UNDO else None,
            "undo": offer_undo(request, change_set) if change_set else None,
            "trail": (Crumb(self.list_name(), self.list_address(request)), Crumb(str(job))),
        }


def _mark_place(request: HttpRequest, job: Job) -> None:
    """Mark in the navigation where a prepared job came from."""
    if "selection" in job.parameters:
        mark_list(request, job)
    elif job.kind == UNDO:
        mark_in_navigation(request, list_name="operations_changeset_changelist")
