"""Track API v1: the addresses of people, events, devices, segments, and who is meant by a path."""

from typing import Any
from urllib.parse import quote

import pytest

from objects.models import Object
from operations.models import Activity
from people.models import Device, Person, Segment, SegmentMember
from relationships.models import Relationship
from tests.make import make_person
from tests.track.caller import Track

PEOPLE = "/api/v1/customers"


def error_of(response: Any) -> str:
    assert response.status_code == 400
    return response.json()["meta"]["error"]


@pytest.mark.parametrize(
    "person_id", ["ann", "a/b +%", "événement", "+4915112345", "x" * 150, "a/events/b"]
)
def test_a_path_names_a_person_by_any_id(track: Track, person_id: str) -> None:
    path = f"{PEOPLE}/{quote(person_id, safe='')}"
    response = track.put(path, {"plan": "gold"})
    assert (response.status_code, response.content) == (200, b"{}\n")
    assert Person.objects.get().person_id == person_id
    assert track.delete(path).status_code == 200
    assert not Person.objects.exists()


def test_a_path_is_told_by_its_shape(track: Track) -> None:
    track.put(f"{PEOPLE}/Ann%40example.com", {"id": "ann", "plan": "free"})
    person = Person.objects.get()
    assert (person.person_id, person.email) == ("ann", "Ann@example.com")
    track.put(f"{PEOPLE}/cio_{person.cio_id}", {"id": "anne", "email": "anne@example.com"})
    person.refresh_from_db()
    assert (person.person_id, person.email) == ("anne", "anne@example.com")
    assert track.put(f"{PEOPLE}/cio_unknown", {"plan": "gold"}).status_code == 200
    assert Person.objects.count() == 1


def test_an_email_that_is_known_takes_the_id_of_the_path(track: Track) -> None:
    track.put(f"{PEOPLE}/ann%40example.com", {"plan": "gold"})
    track.put(f"{PEOPLE}/ann", {"email": "ann@example.com"})
    assert Person.objects.values_list("person_id", "email").get() == ("ann", "ann@example.com")


def test_an_identifier_of_somebody_else_does_not_fail_the_call(track: Track) -> None:
    make_person(track.workspace, "bob", email="bob@example.com")
    make_person(track.workspace, "ann")
    response = track.put(f"{PEOPLE}/ann", {"email": "bob@example.com", "plan": "gold"})
    assert response.status_code == 200
    ann = Person.objects.get(person_id="ann")
    assert (ann.email, ann.attributes["plan"]) == (None, "gold")


RELATED = [{"identifiers": {"object_type_id": "1", "object_id": "acme"}}]


@pytest.mark.parametrize(
    "shape",
    [
        RELATED,
        {"action": "add_relationships", "relationships": RELATED},
        {"relationships": RELATED},
    ],
)
def test_relationships_in_both_shapes(track: Track, shape: Any) -> None:
    assert track.put(f"{PEOPLE}/ann", {"cio_relationships": shape, "n": 1}).status_code == 200
    assert Relationship.objects.get().object.object_id == "acme"
    assert Person.objects.get().attributes == {"n": 1}
    away = {"action": "delete_relationships", "relationships": RELATED}
    track.put(f"{PEOPLE}/ann", {"cio_relationships": away})
    assert not Relationship.objects.exists()
    assert Object.objects.exists()


def test_events(track: Track) -> None:
    body = {"name": "Bought", "data": {"price": 3}, "timestamp": 1_700_000_000, "type": "odd"}
    assert track.post(f"{PEOPLE}/ann/events", body).status_code == 200
    anonymous = {"name": "Saw", "anonymous_id": "a1"}
    assert track.post("/api/v1/events", anonymous).status_code == 200
    assert track.post("/api/v1/events", {"name": "Invited"}).status_code == 200
    found = Activity.objects.filter(kind="event").order_by("pk")
    assert [(each.name, each.person_id, each.anonymous_id) for each in found] == [
        ("Bought", "ann", None),
        ("Saw", None, "a1"),
    ]
    assert found[0].after == {"properties": {"price": 3}, "timestamp": 1_700_000_000}
    assert error_of(track.post(f"{PEOPLE}/ann/events", {"data": {}})) == "name must not be blank"


def test_devices(track: Track) -> None:
    device = {"id": "en:1/2", "platform": "android", "last_used": "1700000000"}
    response = track.put(f"{PEOPLE}/ann/devices", {"device": device | {"attributes": None}})
    assert response.status_code == 200
    assert Device.objects.get().token == "en:1/2"
    assert track.delete(f"{PEOPLE}/ann/devices/{quote('en:1/2', safe='')}").status_code == 200
    assert not Device.objects.exists()


def test_suppression_beats_everything(track: Track) -> None:
    track.put(f"{PEOPLE}/ann", {"email": "ann@example.com"})
    assert track.call("POST", f"{PEOPLE}/ann/suppress").status_code == 200
    track.put(f"{PEOPLE}/bob", {"email": "ann@example.com"})
    assert not Person.objects.exists()
    assert track.call("POST", f"{PEOPLE}/ann/unsuppress").status_code == 200
    track.put(f"{PEOPLE}/ann", {"email": "ann@example.com"})
    assert Person.objects.count() == 1


def test_merging(track: Track) -> None:
    track.put(f"{PEOPLE}/ann", {"a": 1})
    track.put(f"{PEOPLE}/bob", {"b": 1})
    body = {"primary": {"id": "ann"}, "secondary": {"id": "bob"}}
    assert track.post("/api/v1/merge_customers", body).status_code == 200
    assert Person.objects.get().attributes == {"a": 1, "b": 1}
    for body in (
        {"primary": {"id": "nobody"}, "secondary": {"id": "ann"}},
        {"primary": {"id": "ann"}, "secondary": {"id": "ann"}},
    ):
        assert track.post("/api/v1/merge_customers", body).status_code == 200
    twice = {"primary": {"id": "a", "email": "a@b.c"}, "secondary": {"id": "b"}}
    assert "only one of" in error_of(track.post("/api/v1/merge_customers", twice))


def test_manual_segments(track: Track) -> None:
    make_person(track.workspace, "ann")
    segment = Segment.objects.create(workspace=track.workspace, number=3, name="VIP")
    body = {"ids": ["ann", "nobody", 7]}
    assert track.post("/api/v1/segments/3/add_customers", body).status_code == 200
    assert SegmentMember.objects.filter(segment=segment).count() == 1
    assert track.post("/api/v1/segments/3/remove_customers?id_type=id", body).status_code == 200
    assert not SegmentMember.objects.exists()
    assert "not a manual segment" in error_of(track.post("/api/v1/segments/4/add_customers", body))
    assert error_of(track.post("/api/v1/segments/3/add_customers", {"ids": []}))
    path = "/api/v1/segments/3/add_customers?id_type=phone"
    assert "must be one of" in error_of(track.post(path, body))


def test_forms_and_reports(track: Track) -> None:
    form = {"data": {"email": "ann@example.com", "plan": "gold", "form_id": "x"}}
    response = track.post("/api/v1/forms/signup/submit", form)
    assert (response.status_code, response.content) == (204, b"")
    assert Person.objects.get().attributes == {"plan": "gold"}
    assert error_of(track.post("/api/v1/forms/signup/submit", {"data": {"plan": "gold"}}))
    for path in ("/api/v1/metrics", "/api/v1/push/events", "/push/events"):
        assert track.post(path, {"delivery_id": "d", "event": "opened"}).status_code == 200
    assert track.post("/unsubscribe/d1", {"unsubscribe": True}).json() == {}
    assert Activity.objects.filter(kind="call").count() == 4


def test_region_and_auth(track: Track) -> None:
    found = track.call("GET", "/api/v1/accounts/region").json()
    assert found["environment_id"] == track.workspace.pk
    assert track.call("GET", "/auth").status_code == 200


def test_the_printed_addresses_exist_unless_the_workspace_is_strict(
    track: Track, strict: Track
) -> None:
    for method, path in (
        ("POST", "/api/v1/customer/ann"),
        ("POST", "/api/v1/customers/ann"),
        ("PUT", "/api/v1/identify/ann"),
    ):
        assert track.call(method, path, {"plan": "gold"}).status_code == 200
        assert strict.call(method, path, {"plan": "gold"}).status_code == 404
    event = {"name": "Bought"}
    assert track.post(f"{PEOPLE}/ann/event", event).status_code == 200
    assert strict.post(f"{PEOPLE}/ann/event", event).status_code == 404
    assert Person.objects.count() == 1
