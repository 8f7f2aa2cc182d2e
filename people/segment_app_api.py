"""Segments in the App API: the manual ones can be made and deleted there."""

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from operations.doors.app_api import app_view, read_page, refuse
from operations.doors.conditions import condition_on
from operations.doors.origin import read_clock
from operations.doors.wire_http import answer, origin_of, read_body
from operations.engine.segments import SegmentDefinition, delete_segment, save_segment
from operations.errors import Rejection
from operations.types import Door, Json
from operations.wire.columns import Kind
from operations.wire.filter_tree import InSegment
from people.models import Person, Segment
from workspaces.models import Credential

MEMBERS_DEFAULT, MEMBERS_MAX = 1_000, 30_000
_LISTED_MAX: Final = 1_000


@app_view("GET", "POST")
def list_segments(request: HttpRequest, key: Credential) -> HttpResponse:
    """List segments, or make a manual one."""
    if request.method == "POST":
        return _create(request, key)
    rows = Segment.objects.for_workspace(key.workspace_id).order_by("number")[:_LISTED_MAX]
    return answer({"segments": [_segment(row) for row in rows]})


@app_view("GET", "DELETE")
def show_segment(request: HttpRequest, key: Credential, number: str) -> HttpResponse:
    """Give a segment, or delete it."""
    row = _find(key, number)
    if isinstance(row, HttpResponse):
        return row
    if request.method == "GET":
        return answer({"segment": _segment(row)})
    if row.is_dynamic:
        return refuse("only manual segments can be deleted here", 400)
    deleted = delete_segment(row.number, origin=origin_of(key, Door.REST))
    return _refuse(deleted.rejections) if deleted.rejections else HttpResponse(status=204)


@app_view("GET")
def count_members(request: HttpRequest, key: Credential, number: str) -> HttpResponse:
    """Count the people of a segment."""
    row = _find(key, number)
    if isinstance(row, HttpResponse):
        return row
    return answer({"segment_id": row.number, "count": _members(key, row).count()})


@app_view("GET")
def list_members(request: HttpRequest, key: Credential, number: str) -> HttpResponse:
    """List the people of a segment."""
    page = read_page(request, default=MEMBERS_DEFAULT, maximum=MEMBERS_MAX)
    if isinstance(page, HttpResponse):
        return page
    row = _find(key, number)
    if isinstance(row, HttpResponse):
        return row
    found, token = page.cut(_members(key, row).only("cio_id", "person_id", "email"))
    named: list[Json] = [
        {"cio_id": each.cio_id, "id": each.person_id, "email": each.email} for each in found
    ]
    ids: list[Json] = [each.person_id or "" for each in found]
    return answer({"segment_id": row.number, "ids": ids, "identifiers": named, "next": token})


@app_view("GET")
def show_uses(request: HttpRequest, key: Credential, number: str) -> HttpResponse:
    """Tell which messages a segment is used by: this product sends none."""
    row = _find(key, number)
    if isinstance(row, HttpResponse):
        return row
    used_by: Json = {"campaigns": [], "sent_newsletters": [], "draft_newsletters": []}
    return answer({"segment_id": row.number, "used_by": used_by})


def _create(request: HttpRequest, key: Credential) -> HttpResponse:
    body = read_body(request)
    wanted = body.get("segment") if isinstance(body, dict) else None
    found = wanted if isinstance(wanted, dict) else {}
    name, description = found.get("name"), found.get("description") or ""
    if not isinstance(name, str) or not isinstance(description, str):
        return refuse("segment.name is required and must be a text", 400)
    definition = SegmentDefinition(name, description)
    saved = save_segment(definition, origin=origin_of(key, Door.REST))
    if saved.rejections:
        return _refuse(saved.rejections)
    rows = Segment.objects.for_workspace(key.workspace_id)
    row = rows.get(number=saved.number or 0)
    return answer({"segment": _segment(row)})


def _refuse(rejections: Sequence[Rejection]) -> HttpResponse:
    return refuse("; ".join(rejection.message for rejection in rejections), 400)


def _find(key: Credential, number: str) -> Segment | HttpResponse:
    row = Segment.objects.for_workspace(key.workspace_id).filter(number=int(number)).first()
    return row or refuse("segment not found", 404)


def _members(key: Credential, row: Segment) -> QuerySet[Person]:
    condition = condition_on(
        Kind.PEOPLE, InSegment(row.number), workspace=key.workspace_id, at=read_clock()
    )
    return Person.objects.for_workspace(key.workspace_id).filter(condition)


def _segment(row: Segment) -> dict[str, Json]:
    updated_at = int(row.updated_at.timestamp())
    return {
        "id": row.number,
        "deduplicate_id": f"{row.number}:{updated_at}",
        "name": row.name,
        "description": row.description,
        "state": "finished",
        "progress": None,
        "type": "dynamic" if row.is_dynamic else "manual",
        "tags": None,
        "created_at": int(row.created_at.timestamp()),
        "updated_at": updated_at,
    }
