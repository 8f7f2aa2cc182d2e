"""What a list of people shows above itself when it is the list of one segment."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.doors.changelist import Crumb
from operations.doors.condition_words import describe
from operations.doors.current import current_workspace, may_here
from operations.doors.segments import load_segments, segment_names
from operations.doors.sensitive import hidden_in
from operations.wire.columns import Kind
from operations.wire.filter_tree import InSegment
from operations.wire.segments import numbers_in
from people.models import Segment
from workspaces.permissions import Permission

_FILTER = "segment"
_SHOWN = "shown_segment"


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """The segment that a list of people is of."""

    row: Segment
    words: str
    edit_link: str
    delete_link: str


def segment_context(request: HttpRequest) -> dict[str, Any]:
    """Give the list its title and the way to it, where the address names a segment."""
    row = _find(request)
    if row is None:
        return {}
    vars(request)[_SHOWN] = row
    segments = reverse("admin:people_segment_changelist")
    return {
        "title": row.name,
        "trail": (Crumb(_("Segments"), segments), Crumb(row.name)),
        "segment": SegmentHeader(
            row=row,
            words=_words(row),
            edit_link=_link(request, row, "change", Permission.EDIT),
            delete_link=_link(request, row, "delete", Permission.DELETE),
        ),
    }


def shown_segment(request: HttpRequest) -> Segment | None:
    """Give the segment that the list is of, once its context has been made."""
    found: Segment | None = vars(request).get(_SHOWN)
    return found


def _find(request: HttpRequest) -> Segment | None:
    workspace, number = current_workspace(request), request.GET.get(_FILTER, "")
    if workspace is None or not (number.isascii() and number.isdigit()):
        return None
    return Segment.objects.for_workspace(workspace).filter(number=number[:9]).first()


def _words(row: Segment) -> str:
    """Tell the condition, unless it would tell of what is hidden."""
    if not row.is_dynamic:
        return ""
    tree = load_segments(row.workspace_id, [InSegment(row.number)]).get(row.number)
    if tree is None:
        return _("The condition cannot be read any more; change it.")
    if any(hidden_in(tree)):
        return _("The condition asks for a sensitive attribute.")
    names = segment_names(row.workspace_id) if numbers_in(tree) else {}
    return describe(tree, kind=Kind.PEOPLE, segment_names=names)


def _link(request: HttpRequest, row: Segment, page: str, permission: Permission) -> str:
    if not may_here(request, permission):
        return ""
    return reverse(f"admin:people_segment_{page}", args=[row.pk])
