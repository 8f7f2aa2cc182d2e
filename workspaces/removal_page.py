"""The page that deletes a workspace, for superusers who type its name."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.doors.changelist import Crumb, ListAdmin
from operations.doors.counts import read_counts
from operations.doors.deletion import Along, Deletion, count_label, relationships_label
from operations.doors.workspace_removal import start_removal
from workspaces.models import Workspace


class RemovalAdmin(ListAdmin):
    """Deletes a workspace in the background, after its name was typed."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave it to superusers, and keep the last workspace."""
        if not request.user.is_superuser:
            return False
        there = Workspace.objects.filter(removal_started_at=None)
        return obj is None or there.exclude(pk=obj.pk).exists()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what goes along, ask for the name, then take the workspace away."""
        if not request.user.is_superuser:
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        address = reverse("admin:workspaces_workspace_changelist")
        if row is None:
            messages.warning(request, _("There is no such workspace any more."))
            return HttpResponseRedirect(address)
        if not self.has_delete_permission(request, row):
            messages.error(request, _("This is the last workspace; make another one first."))
            return HttpResponseRedirect(address)
        if request.method != "POST" or request.POST.get("typed", "") != row.name:
            return self._confirm(request, row)
        name = row.name
        start_removal(request, row)
        messages.success(
            request,
            _("Deleted %(name)s. Its rows are removed in the background.") % {"name": name},
        )
        return HttpResponseRedirect(address)

    def _confirm(self, request: HttpRequest, row: Workspace) -> HttpResponse:
        counts = read_counts(row.pk)
        along = (
            Along(counts.people, _("%(count)s people") % {"count": f"{counts.people:,}"}),
            Along(
                counts.all_objects, _("%(count)s objects") % {"count": f"{counts.all_objects:,}"}
            ),
            Along(counts.all_relationships, relationships_label(counts.all_relationships)),
            Along(1, _("its members, keys and logs")),
        )
        deletion = Deletion(
            count=1,
            label=count_label(Workspace, 1),
            along=tuple(each for each in along if each.count),
            sample=(row.name,),
        )
        address = reverse("admin:workspaces_workspace_change", args=[row.pk])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete %(name)s") % {"name": row},
            "opts": self.opts,
            "original": row,
            "deletion": deletion,
            "wanted": row.name,
            "cancel_address": address,
            "trail": (Crumb(row.name, address), Crumb(_("Delete"))),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "operations/delete_confirmation.html", context)
