"""Object types and objects in the App API, which only reads."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify

from objects.models import Object, ObjectType
from operations.doors.app_api import app_view, read_page, refuse
from operations.doors.conditions import condition_on
from operations.doors.origin import read_clock
from operations.doors.wire_http import answer, read_body
from operations.types import Json
from operations.wire.app_filters import parse_app_filter
from operations.wire.columns import Kind
from operations.wire.filters import FilterError
from relationships.models import Relationship
from workspaces.models import Credential

ID_TYPES = ("object_id", "cio_object_id")
PAGE_DEFAULT, PAGE_MAX = 50, 1_000
# People have no type; the real service writes this number where it names one.
_TYPE_OF_PEOPLE = "0"


@app_view("GET")
def list_types(request: HttpRequest, key: Credential) -> HttpResponse:
    """List the types of objects."""
    rows = ObjectType.objects.for_workspace(key.workspace_id).order_by("number")
    return answer({"types": [_type(row) for row in rows]})


@app_view("POST")
def search_objects(request: HttpRequest, key: Credential) -> HttpResponse:
    """Find the objects of a type that a filter matches."""
    page = read_page(request, default=PAGE_DEFAULT, maximum=PAGE_MAX)
    if isinstance(page, HttpResponse):
        return page
    body = read_body(request)
    if not isinstance(body, dict) or not body.get("object_type_id") or "filter" not in body:
        return refuse("object_type_id and filter are required", 400)
    number = type_number(body["object_type_id"])
    if number is None:
        return refuse("object_type_id must be a whole number from 1", 400)
    try:
        tree = parse_app_filter(body["filter"], kind=Kind.OBJECTS, type_id=number)
    except FilterError as error:
        return refuse(f"filter: {error}", 400)
    condition = condition_on(Kind.OBJECTS, tree, workspace=key.workspace_id, at=read_clock())
    objects = Object.objects.for_workspace(key.workspace_id).of_type(number).filter(condition)
    found, token = page.cut(objects.only("object_id", "cio_object_id"))
    named: list[Json] = [
        {"cio_object_id": row.cio_object_id, "object_id": row.object_id} for row in found
    ]
    return answer({"identifiers": named, "ids": [row.object_id for row in found], "next": token})


@app_view("GET")
def show_attributes(
    request: HttpRequest, key: Credential, number: str, object_id: str
) -> HttpResponse:
    """Give the attributes of an object with the times at which they were set."""
    row = _find(request, key, number, object_id)
    if isinstance(row, HttpResponse):
        return row
    identifiers: Json = {
        "cio_object_id": row.cio_object_id,
        "object_id": row.object_id,
        "id": row.object_id,
    }
    found: Json = {
        "attributes": row.attributes,
        "timestamps": row.attribute_times,
        "identifiers": identifiers,
        "object_type_id": str(row.object_type.number),
    }
    return answer({"object": found})


@app_view("GET")
def list_relationships(
    request: HttpRequest, key: Credential, number: str, object_id: str
) -> HttpResponse:
    """List the people who are related to an object."""
    page = read_page(request, default=PAGE_DEFAULT, maximum=PAGE_MAX)
    if isinstance(page, HttpResponse):
        return page
    row = _find(request, key, number, object_id)
    if isinstance(row, HttpResponse):
        return row
    related = Relationship.objects.filter(object=row).select_related("person")
    found, token = page.cut(related)
    return answer({"cio_relationships": [_related_person(each) for each in found], "next": token})


def type_number(value: Any) -> int | None:
    """Read the number of a type, with or without quotes."""
    text = str(value) if type(value) in (str, int) else ""
    is_number = text.isascii() and text.isdecimal() and len(text) < 10  # noqa: PLR2004
    return int(text) if is_number and int(text) else None


def _find(
    request: HttpRequest, key: Credential, number: str, object_id: str
) -> Object | HttpResponse:
    id_type = request.GET.get("id_type") or "object_id"
    if id_type not in ID_TYPES:
        return refuse("id_type must be object_id or cio_object_id", 400)
    wanted = type_number(number)
    rows = Object.objects.for_workspace(key.workspace_id).select_related("object_type")
    row = None
    if wanted is not None and "\0" not in object_id:
        row = rows.of_type(wanted).filter(**{id_type: object_id}).first()
    return row or refuse("object not found", 404)


def _type(row: ObjectType) -> dict[str, Json]:
    return {
        "id": str(row.number),
        "name": row.name,
        "singular_name": row.singular_name,
        "slug": row.slug,
        "singular_slug": _slug(row.singular_name),
        "enabled": row.enabled,
        "icon": row.icon,
    }


def _slug(name: str) -> str:
    return slugify(name) or "object"


def _related_person(relationship: Relationship) -> dict[str, Json]:
    person = relationship.person
    return {
        "object_type_id": _TYPE_OF_PEOPLE,
        "identifiers": {"cio_id": person.cio_id, "id": person.person_id, "email": person.email},
        "attributes": relationship.attributes,
        "timestamps": relationship.attribute_times,
    }
