"""Activities, workspaces and the data index in the App API."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from operations.doors.app_api import app_view, read_page, refuse
from operations.doors.audit import actor_of_key
from operations.doors.counts import read_counts
from operations.doors.data_index_forms import record_mark
from operations.doors.view_counts import forget_counts
from operations.doors.wire_http import answer, read_body
from operations.limits import ATTRIBUTE_DESCRIPTION_MAX_CHARS, ATTRIBUTE_NAME_LISTED_MAX_CHARS
from operations.models import Activity, AttributeKind, AttributeName
from operations.types import Json
from operations.wire.app_activities import ACTIVITY_TYPES, asked_by, data_of, type_of
from workspaces.models import Credential, Role

ACTIVITIES_DEFAULT, ACTIVITIES_MAX = 10, 100
_DESCRIBED_MAX: Final = 100
_CIO_PREFIX: Final = "cio_"
_KINDS: Final = sorted({kind for kind, _ in ACTIVITY_TYPES})
_ID_COLUMNS: Final = {"id": "person_id", "email": "email__iexact", "cio_id": "cio_id"}


@app_view("GET")
def list_activities(request: HttpRequest, key: Credential) -> HttpResponse:
    """List the activities of a workspace, the newest first."""
    rows = Activity.objects.for_workspace(key.workspace_id)
    customer = request.GET.get("customer_id", "")
    if customer:
        column = _ID_COLUMNS.get(request.GET.get("id_type") or "id")
        if column is None:
            return refuse("id_type must be id, email or cio_id", 400)
        rows = rows.filter(**{column: customer.removeprefix(_CIO_PREFIX)})
    return answer_activities(request, rows)


def answer_activities(request: HttpRequest, rows: QuerySet[Activity]) -> HttpResponse:
    """Answer with a page of activities, filtered as the address says."""
    page = read_page(request, default=ACTIVITIES_DEFAULT, maximum=ACTIVITIES_MAX)
    if isinstance(page, HttpResponse):
        return page
    rows = rows.filter(kind__in=_KINDS).exclude(status="unchanged")
    if wanted := request.GET.get("type", ""):
        pairs, number = asked_by(wanted)
        asked = reduce(or_, (Q(kind=kind, status=status) for kind, status in pairs), Q(pk=None))
        rows = rows.filter(asked)
        rows = rows if number is None else rows.filter(object_type_number=number)
    if name := request.GET.get("name", ""):
        rows = rows.filter(name=name)
    found, token = page.cut_newest(rows)
    return answer({"activities": [_activity(row) for row in found], "next": token})


@app_view("GET")
def list_workspaces(request: HttpRequest, key: Credential) -> HttpResponse:
    """Describe the workspace that the key belongs to."""
    counts = read_counts(key.workspace_id)
    found: Json = {
        "id": key.workspace_id,
        "name": key.workspace.name,
        "messages_sent": 0,
        "billable_messages_sent": 0,
        "people": counts.people,
        "object_types": key.workspace.object_types.count(),
        "objects": counts.all_objects,
    }
    return answer({"workspaces": [found]})


@app_view("POST")
def describe_attributes(request: HttpRequest, key: Credential) -> HttpResponse:
    """Describe attributes of people, and say which are sensitive."""
    if key.role != Role.ADMIN:
        return refuse("only keys of workspace admins describe attributes", 403)
    body = read_body(request)
    entries = body.get("attributes") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= _DESCRIBED_MAX:
        return refuse(f"attributes must be a list of 1 to {_DESCRIBED_MAX} entries", 400)
    found = [entry if isinstance(entry, dict) else {} for entry in entries]
    problems: list[Json] = [
        problem for index, entry in enumerate(found) for problem in _check(entry, index)
    ]
    if problems:
        return answer({"errors": problems}, status=422)
    _describe(request, key, {str(entry["name"]): entry for entry in found})
    return HttpResponse(status=204)


def _describe(
    request: HttpRequest, key: Credential, entries: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write what is said of people's attributes; what is not said stays as it is."""
    known = AttributeName.objects.filter(
        workspace=key.workspace_id, kind=AttributeKind.PEOPLE, name__in=list(entries)
    )
    before = {row.name: row for row in known}
    rows = []
    for name, entry in entries.items():
        old = before.get(name) or AttributeName(name=name)
        level, text = entry.get("privacy_level"), entry.get("description")
        is_sensitive = old.is_sensitive if level is None else level == 1
        if is_sensitive != old.is_sensitive:
            forget_counts(key.workspace)
            record_mark(actor_of_key(request, key), key.workspace, name, is_sensitive=is_sensitive)
        rows.append(
            AttributeName(
                workspace_id=key.workspace_id,
                kind=AttributeKind.PEOPLE,
                name=name,
                description=old.description if text is None else text,
                is_sensitive=is_sensitive,
            )
        )
    AttributeName.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["description", "is_sensitive"],
        unique_fields=["workspace", "kind", "object_type_number", "name"],
    )


def _check(found: Mapping[str, Any], index: int) -> list[Json]:
    def problem(field: str, detail: str) -> Json:
        pointer = f"/attributes/{index}/{field}"
        return {"detail": detail, "status": "422", "source": {"pointer": pointer}}

    problems: list[Json] = []
    name, description = found.get("name"), found.get("description")
    if not isinstance(name, str) or not 0 < len(name) <= ATTRIBUTE_NAME_LISTED_MAX_CHARS:
        problems.append(problem("name", "name must be a text of 1 to 300 characters"))
    is_text = description is None or isinstance(description, str)
    if not is_text or len(description or "") > ATTRIBUTE_DESCRIPTION_MAX_CHARS:
        problems.append(problem("description", "description has at most 255 characters"))
    if found.get("privacy_level") not in (None, 0, 1):
        problems.append(problem("privacy_level", "privacy_level must be 0 or 1"))
    return problems


def _activity(row: Activity) -> dict[str, Json]:
    kind = type_of(row.kind, row.status, row.object_type_number)
    found: dict[str, Json] = {
        "id": f"{row.pk:026d}",
        "type": kind,
        "timestamp": int(row.received_at.timestamp()),
        "customer_id": row.person_id,
        "customer_identifiers": {
            "cio_id": row.cio_id,
            "id": row.person_id,
            "email": row.email,
        },
        "data": data_of(row.before, row.after),
    }
    if row.name is not None:
        found["name"] = row.name
    return found
