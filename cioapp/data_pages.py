"""The short address of the list of a type."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from objects.models import ObjectType
from operations.doors.current import current_workspace, may_here
from workspaces.permissions import Permission


def open_type(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead from the short address of a type to its list; the slug outlives a new name."""
    workspace = current_workspace(request)
    if workspace is None or not may_here(request, Permission.VIEW):
        raise PermissionDenied
    found = get_object_or_404(ObjectType.objects.for_workspace(workspace), slug=slug)
    query = request.GET.copy()
    query["object_type"] = str(found.number)
    address = reverse("admin:objects_object_changelist")
    return HttpResponseRedirect(f"{address}?{query.urlencode()}")
