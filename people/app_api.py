"""People in the App API, which only reads."""

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from operations.app_api import answer_activities
from operations.doors.app_api import app_view, as_text, read_page, refuse
from operations.doors.conditions import condition_on
from operations.doors.origin import read_clock
from operations.doors.wire_http import answer, read_body
from operations.models import Activity
from operations.types import Json
from operations.wire.app_filters import parse_app_filter
from operations.wire.columns import Kind
from operations.wire.filters import FilterError
from people.models import Device, Person, Segment
from people.segment_members import dynamic_segments_of
from relationships.models import Relationship
from workspaces.models import Credential

PAGE_DEFAULT, PAGE_MAX = 50, 1_000
IDS_MAX: Final = 100
ID_TYPES: Final = {"id": "person_id", "email": "email_key", "cio_id": "cio_id"}
_CIO_PREFIX: Final = "cio_"
_TRUE_TEXTS: Final = frozenset({"true", "1"})


@app_view("GET", "POST")
def find_customers(request: HttpRequest, key: Credential) -> HttpResponse:
    """Find people by an e-mail address, or by a filter."""
    if request.method == "POST":
        return _search(request, key)
    email = request.GET.get("email", "")
    if not email:
        return refuse("email is required", 400)
    rows = Person.objects.for_workspace(key.workspace_id).filter(email_key=email.lower())
    return answer({"results": [_short(row) for row in rows.order_by("pk")[:PAGE_MAX]]})


@app_view("POST")
def show_many(request: HttpRequest, key: Credential) -> HttpResponse:
    """Give the attributes of several people; unknown ones are left out."""
    body = read_body(request)
    ids = body.get("ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not 1 <= len(ids) <= IDS_MAX:
        return refuse(f"ids must be a list of 1 to {IDS_MAX} identifiers", 400)
    column = ID_TYPES.get(request.GET.get("id_type") or "id")
    if column is None:
        return refuse("id_type must be id, email or cio_id", 400)
    wanted = [_wanted(str(each), column) for each in ids if type(each) in (str, int)]
    rows = Person.objects.for_workspace(key.workspace_id).filter(**{f"{column}__in": wanted})
    people = list(rows.order_by("pk"))
    devices = _devices(people)
    found = [_whole(row, devices.get(row.pk, [])) for row in people]
    # The description wraps each of them, a client reads them bare: both find what they look for.
    return answer({"customers": [{"customer": each, **each} for each in found]})


@app_view("GET")
def show_attributes(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Give the attributes of a person, all as texts, and the devices."""
    person = find_person(request, key, identifier)
    if isinstance(person, HttpResponse):
        return person
    return answer({"customer": _whole(person, _devices([person]).get(person.pk, []))})


@app_view("GET")
def list_relationships(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """List the objects to which a person is related."""
    page = read_page(request, default=PAGE_DEFAULT, maximum=PAGE_MAX)
    if isinstance(page, HttpResponse):
        return page
    person = find_person(request, key, identifier)
    if isinstance(person, HttpResponse):
        return person
    rows = Relationship.objects.filter(person=person).select_related("object__object_type")
    found, token = page.cut(rows)
    return answer({"cio_relationships": [_related(each) for each in found], "next": token})


@app_view("GET")
def list_segments(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """List the segments that a person is in."""
    person = find_person(request, key, identifier)
    if isinstance(person, HttpResponse):
        return person
    manual = Segment.objects.filter(members__person=person).order_by("number")
    found = [*manual, *dynamic_segments_of(person, at=read_clock())]
    return answer(
        {
            "segments": [
                {"id": row.number, "name": row.name, "description": row.description}
                for row in found
            ]
        }
    )


@app_view("GET")
def list_activities(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """List what a person did and what was done to the person."""
    person = find_person(request, key, identifier)
    if isinstance(person, HttpResponse):
        return person
    rows = Activity.objects.for_workspace(key.workspace_id).filter(cio_id=person.cio_id)
    return answer_activities(request, rows)


@app_view("GET")
def list_messages(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """List the messages of a person: this product sends none."""
    person = find_person(request, key, identifier)
    if isinstance(person, HttpResponse):
        return person
    return answer({"messages": [], "next": ""})


@app_view("GET")
def show_preferences(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Tell what a person wants to get; topics are not kept here."""
    person = find_person(request, key, identifier)
    if isinstance(person, HttpResponse):
        return person
    found: Json = {
        "id": person.person_id,
        "identifiers": _short(person),
        "topics": [],
        "unsubscribed": is_unsubscribed(person.attributes),
        "header": {"title": "", "subtitle": ""},
    }
    return answer({"customer": found})


def find_person(request: HttpRequest, key: Credential, identifier: str) -> Person | HttpResponse:
    """Find the person that a path names, in the way that `id_type` says."""
    column = ID_TYPES.get(request.GET.get("id_type") or "id")
    if column is None:
        return refuse("id_type must be id, email or cio_id", 400)
    rows = Person.objects.for_workspace(key.workspace_id)
    row = None
    if "\0" not in identifier:
        row = rows.filter(**{column: _wanted(identifier, column)}).first()
    return row or refuse("customer not found", 404)


def is_unsubscribed(attributes: dict[str, Json]) -> bool:
    """Read the attribute `unsubscribed`: true in any letter case, or 1."""
    return as_text(attributes.get("unsubscribed")).lower() in _TRUE_TEXTS


def _search(request: HttpRequest, key: Credential) -> HttpResponse:
    page = read_page(request, default=PAGE_DEFAULT, maximum=PAGE_MAX)
    if isinstance(page, HttpResponse):
        return page
    body = read_body(request)
    if not isinstance(body, dict) or "filter" not in body:
        return refuse("filter is required", 400)
    try:
        tree = parse_app_filter(body["filter"], kind=Kind.PEOPLE)
    except FilterError as error:
        return refuse(f"filter: {error}", 400)
    condition = condition_on(Kind.PEOPLE, tree, workspace=key.workspace_id, at=read_clock())
    rows = Person.objects.for_workspace(key.workspace_id).filter(condition)
    found, token = page.cut(rows.only("cio_id", "person_id", "email"))
    ids: list[Json] = [row.person_id or "" for row in found]
    return answer({"identifiers": [_short(row) for row in found], "ids": ids, "next": token})


def _wanted(text: str, column: str) -> str:
    if column == "email_key":
        return text.lower()
    return text.removeprefix(_CIO_PREFIX) if column == "cio_id" else text


def _short(row: Person) -> dict[str, Json]:
    return {"cio_id": row.cio_id, "id": row.person_id, "email": row.email}


def _whole(row: Person, devices: list[Json]) -> dict[str, Json]:
    named = {"id": row.person_id, "email": row.email}
    attributes: dict[str, Json] = {
        "cio_id": row.cio_id,
        **{name: value for name, value in named.items() if value is not None},
        **{name: as_text(value) for name, value in row.attributes.items()},
    }
    return {
        "id": row.person_id,
        "identifiers": _short(row),
        "attributes": attributes,
        "timestamps": row.attribute_times,
        "unsubscribed": is_unsubscribed(row.attributes),
        "devices": devices,
    }


def _devices(people: list[Person]) -> dict[int, list[Json]]:
    """Read the devices of people in one statement."""
    found: dict[int, list[Json]] = {}
    rows: QuerySet[Device] = Device.objects.filter(person__in=people).order_by("pk")
    for row in rows:
        entry: dict[str, Any] = {
            "id": row.token,
            "platform": row.platform,
            "last_used": int(row.last_used_at.timestamp()),
            "attributes": row.attributes,
        }
        found.setdefault(row.person_id, []).append(entry)
    return found


def _related(relationship: Relationship) -> dict[str, Json]:
    row = relationship.object
    found: dict[str, Json] = {
        "object_type_id": row.object_type.number,
        "identifiers": {"object_id": row.object_id, "cio_object_id": row.cio_object_id},
        "attributes": relationship.attributes,
        "timestamps": relationship.attribute_times,
    }
    if not row.object_type.enabled:
        found["object_type_disabled"] = True
    return found
