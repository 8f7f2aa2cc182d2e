"""Malformed calls: always 4xx, always JSON in the one error shape, and nothing written."""

from typing import Any

import pytest
from django.db.utils import OperationalError

from objects.models import Object
from operations.json import dump
from operations.limits import ATTRIBUTES_MAX_BYTES
from people.models import Person
from tests.api.caller import Caller, errors_of, token_caller
from tests.api.resources import RESOURCES, Resource
from tests.make import make_object
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

DEEP = b'{"attributes": {"deep": ' + b"[" * 1_000 + b"]" * 1_000 + b"}}"
BODIES = {
    "empty": b"",
    "empty list": b"[]",
    "text": b'"x"',
    "null": b"null",
    "number": b"5",
    "true": b"true",
    "no JSON": b"{",
    "comment": b'{"id": "a" /* no */}',
    "trailing comma": b'{"id": "a",}',
    "NaN": b'{"attributes": {"n": NaN}}',
    "1e400": b'{"attributes": {"n": 1e400}}',
    "long integer": b'{"attributes": {"n": 9223372036854775808}}',
    "nested 1,000 levels": DEEP,
    "deep list": b"[" * 100_000,
    "lone surrogate": b'{"id": "\\ud800", "object_id": "\\ud800", "name": "\\ud800"}',
    "bad UTF-8": b'{"id": "\xff"}',
    "UTF-16": '{"id": "a"}'.encode("utf-16"),
    "attributes null": b'{"id": "a", "object_id": "a", "attributes": null}',
    "attributes list": b'{"id": "a", "object_id": "a", "attributes": []}',
    "attributes text": b'{"id": "a", "object_id": "a", "attributes": "{}"}',
    "id number": b'{"id": 5, "object_id": 5, "name": 5, "person": 5, "object": 5}',
    "id true": b'{"id": true, "object_id": true, "name": true}',
    "id null": b'{"id": null, "object_id": null, "name": null}',
    "id list": b'{"id": [], "object_id": [], "name": [], "person": [], "object": []}',
    "type text": b'{"object_type_id": "1", "object_id": "a", "name": "a", "id": "a"}',
    "type true": b'{"object_type_id": true, "object_id": "a", "name": "a", "id": "a"}',
    "list in list": b"[[]]",
    "1,001 items": dump([{}] * 1_001),
    "items of nothing": dump([{}] * 3),
}


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
@pytest.mark.parametrize("name", BODIES)
def test_refuses_a_malformed_body(
    name: str, resource: Resource, workspace: Workspace, api: Caller
):
    path = resource.make(workspace, 5)
    before = list(resource.model.objects.values())
    for response in (
        api.post(resource.name, BODIES[name]),
        *([] if name == "items of nothing" else [api.patch(path, BODIES[name])]),
    ):
        assert response.status_code == 400, response.content
        errors_of(response)
    assert list(resource.model.objects.values()) == before


OBJECTS: dict[str, tuple[dict[str, Any], str]] = {
    "id of 151 characters": ({"object_id": "a" * 151}, "object_id"),
    "empty id": ({"object_id": ""}, "object_id"),
    "blank id": ({"object_id": " \t"}, "object_id"),
    "no id": ({"attributes": {"a": 1}}, "object_id"),
    "NUL in the id": ({"object_id": "a\0"}, "object_id"),
    "NUL in a value": ({"object_id": "a", "attributes": {"a": "\0"}}, "attributes.a"),
    "NUL in a name": ({"object_id": "a", "attributes": {"\0": "a"}}, "attributes.\\x00"),
    "reserved name": ({"object_id": "a", "attributes": {"objectId": 1}}, "attributes.objectId"),
    "bad created_at": (
        {"object_id": "a", "attributes": {"created_at": "x"}},
        "attributes.created_at",
    ),
    "unknown type": ({"object_id": "a", "object_type_id": 7}, "object_type_id"),
    "type 0": ({"object_id": "a", "object_type_id": 0}, "object_type_id"),
    "over 100 kB": (
        {"object_id": "a", "attributes": {"a": "x" * (ATTRIBUTES_MAX_BYTES - 7)}},
        "attributes",
    ),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_refuses_a_bad_object_by_field(name: str, companies: object, api: Caller):
    body, field = OBJECTS[name]
    response = api.post("objects", body)
    assert response.status_code == 400, response.content
    assert errors_of(response)[0]["field"] == field
    assert errors_of(response)[0]["index"] == 0
    assert not Object.objects.exists()


def test_takes_what_is_just_within_the_limits(companies: object, api: Caller):
    attributes = {"a": "x" * (ATTRIBUTES_MAX_BYTES - 8 - len(',"created_at":1767323045'))}
    response = api.post("objects", {"object_id": "é" * 150, "attributes": attributes})
    assert response.status_code == 201, response.content


PEOPLE: dict[str, tuple[dict[str, Any], str]] = {
    "nobody": ({}, "id"),
    "only attributes": ({"attributes": {"a": 1}}, "id"),
    "id of 151 characters": ({"id": "a" * 151}, "id"),
    "no e-mail": ({"email": "ada"}, "email"),
    "e-mail of 255 characters": ({"email": "a" * 243 + "@example.com"}, "email"),
    "reserved name": ({"id": "a", "attributes": {"_relationship": 1}}, "attributes._relationship"),
    "bad time zone": ({"id": "a", "attributes": {"timezone": "Mars"}}, "attributes.timezone"),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_refuses_a_bad_person_by_field(name: str, api: Caller):
    body, field = PEOPLE[name]
    response = api.post("people", body)
    assert response.status_code == 400, response.content
    assert errors_of(response)[0]["field"] == field
    assert not Person.objects.exists()


def test_refuses_a_body_of_more_than_512_000_bytes(api: Caller):
    padding = b" " * (512_000 - len(b'{"id": "ada"}'))
    assert api.post("people", b'{"id": "ada"}' + padding).status_code == 201
    response = api.post("people", b'{"id": "bob"}' + padding + b" ")
    assert response.status_code == 413
    assert errors_of(response)[0]["code"] == "too_large"
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_refuses_other_content_types(
    method: str, content_type: str, workspace: Workspace, api: Caller
):
    path = "people" if method == "POST" else RESOURCES[2].make(workspace, 0)
    response = api.send(method, path, b'{"id": "ada"}', content_type=content_type)
    assert response.status_code == 415
    assert errors_of(response)[0]["code"] == "unsupported_media_type"


def test_reads_over_a_byte_order_mark(api: Caller):
    assert api.post("people", b'\xef\xbb\xbf{"id": "ada"}').status_code == 201


def test_of_repeated_names_the_last_one_wins(api: Caller):
    assert api.post("people", b'{"id": "ada", "id": "bob"}').json()["id"] == "bob"


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "objects/a/b/c",
        "objects/%00",
        "objects/%FF",
        "objects//",
        "people/a%2Fb",
        "a" * 5_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_an_unknown_address_is_not_found(method: str, path: str, api: Caller):
    response = api.send(method, path, {})
    assert response.status_code == 404
    assert errors_of(response)[0]["code"] == "not_found"


def test_the_address_of_an_object_may_hold_nothing_strange(api: Caller):
    for key in ("ob%27", "ob%20", "..", "%2e%2e", "ob\u00e9", "x" * 151):
        assert api.get(f"objects/{key}").status_code == 404


def test_refuses_to_answer_in_another_format(api: Caller):
    response = api.get("people", Accept="application/xml")
    assert response.status_code == 406
    assert errors_of(response)[0]["code"] == "not_acceptable"


def test_a_request_for_another_host_is_refused_in_json(api: Caller):
    response = api.get("people", Host="evil.example")
    assert response.status_code == 400
    assert errors_of(response)[0]["code"] == "bad_request"


def test_a_failure_outside_of_the_views_is_told_in_json(api: Caller, monkeypatch):
    monkeypatch.setattr("django.http.request.HttpRequest.get_host", _fail(ValueError("secret")))
    response = api.get("people")
    assert response.status_code == 500
    assert errors_of(response)[0]["code"] == "error"
    assert b"secret" not in response.content


def test_a_failure_of_ours_is_told_without_its_inside(api: Caller, monkeypatch):
    monkeypatch.setattr("operations.doors.rest.apply", _fail(ValueError("secret inside")))
    response = api.post("people", {"id": "ada"})
    assert response.status_code == 500
    assert errors_of(response)[0]["code"] == "error"
    assert b"secret" not in response.content


def test_a_database_that_is_away_is_told_with_a_time_to_retry(api: Caller, monkeypatch):
    monkeypatch.setattr("operations.doors.rest.apply", _fail(OperationalError("locked")))
    response = api.post("people", {"id": "ada"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert errors_of(response)[0]["code"] == "unavailable"


def test_an_identifier_of_somebody_else_is_a_conflict(workspace: Workspace):
    caller = token_caller(workspace)
    caller.post("people", {"id": "ada", "email": "ada@example.com"})
    bob = caller.post("people", {"id": "bob"}).json()
    for body in ({"id": "ada"}, {"email": "ADA@example.com"}):
        response = caller.patch(f"people/{bob['cio_id']}", body)
        assert response.status_code == 409
        assert errors_of(response)[0]["code"] == "conflict"


def test_a_change_that_grows_over_100_kb_is_refused_after_merging(companies, api: Caller):
    row = make_object(companies, "acme", {"a": "x" * 60_000})
    response = api.patch(f"objects/{row.cio_object_id}", {"attributes": {"b": "x" * 60_000}})
    assert response.status_code == 400
    assert errors_of(response)[0]["code"] == "too_large"


def _fail(error: Exception) -> Any:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail
