"""Choosing the workspace that the admin shows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from workspaces.permissions import choose_workspace, workspaces_of


@require_POST
def switch_workspace(request: HttpRequest) -> HttpResponse:
    """Show another workspace from here on, beginning with its home page."""
    chosen = request.POST.get("workspace", "")
    known = workspaces_of(request.user).filter(pk=int(chosen)) if _is_key(chosen) else None
    workspace = known.first() if known is not None else None
    if workspace is None or not choose_workspace(request, workspace):
        messages.error(request, _("You are not a member of this workspace."))
    return HttpResponseRedirect(reverse("admin:index"))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(2**63))
