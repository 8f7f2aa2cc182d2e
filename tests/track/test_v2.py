"""Track API v2: every type and action, every way to name somebody, and the documented errors."""

from typing import Any

import pytest

from objects.models import Object, ObjectType
from operations.models import Activity, ChangeSet
from people.models import Device, Person, Suppression
from relationships.models import Relationship
from tests.track.caller import Track

ANN = {"id": "ann"}
ACME = {"object_type_id": "1", "object_id": "acme"}


def error_of(response: Any) -> tuple[str, str, str]:
    assert response.status_code == 400
    [found] = response.json()["errors"]
    return found["reason"], found["field"], found["message"]


def test_identifies_a_person_with_relationships(track: Track) -> None:
    response = track.entity(
        type="person",
        action="identify",
        identifiers=ANN,
        attributes={"email": "Ann@example.com", "plan": "gold", "cio_id": "ignored", "n": 1.5},
        cio_relationships=[
            {"identifiers": ACME, "relationship_attributes": {"role": "owner"}},
            {"identifiers": {"object_type_id": 7, "object_id": 42}},
        ],
    )
    assert (response.status_code, response.content) == (200, b"{}\n")
    assert response["Content-Type"] == "application/json; charset=utf-8"
    person = Person.objects.get()
    assert (person.person_id, person.email) == ("ann", "Ann@example.com")
    assert person.attributes == {"plan": "gold", "n": 1.5}
    found = Relationship.objects.order_by("object__object_id").values_list(
        "object__object_type__number", "object__object_id", "attributes"
    )
    assert list(found) == [(7, "42", {}), (1, "acme", {"role": "owner"})]
    assert set(ObjectType.objects.values_list("name", flat=True)) == {
        "Custom Objects",
        "Custom Objects 7",
    }


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_empty_remove_an_attribute(track: Track, value: str | None) -> None:
    track.entity(type="person", action="identify", identifiers=ANN, attributes={"plan": "gold"})
    track.entity(type="person", action="identify", identifiers=ANN, attributes={"plan": value})
    assert Person.objects.get().attributes == {}


def test_update_creates_nobody_and_relates_nobody(track: Track) -> None:
    response = track.entity(
        type="person",
        action="identify",
        identifiers=ANN,
        attributes={"_update": True, "plan": "gold"},
        cio_relationships=[{"identifiers": ACME}],
    )
    assert response.status_code == 200
    assert not Person.objects.exists()
    assert not Relationship.objects.exists()


def test_an_older_call_does_not_override_a_newer_one(track: Track) -> None:
    for at, plan in ((2_000_000_000, "gold"), (1_900_000_000, "free")):
        attributes = {"plan": plan, "_timestamp": at}
        track.entity(type="person", action="identify", identifiers=ANN, attributes=attributes)
    assert Person.objects.get().attributes == {"plan": "gold"}


@pytest.mark.parametrize("action", ["event", "page", "screen"])
def test_records_events_of_known_and_anonymous_people(track: Track, action: str) -> None:
    item = {"type": "person", "action": action, "name": " Bought ", "attributes": {"n": 1}}
    assert track.entity(**item, identifiers=ANN).status_code == 200
    assert track.entity(**item, identifiers={"anonymous_id": "a1"}).status_code == 200
    found = Activity.objects.filter(kind=action).values_list("name", "person_id", "anonymous_id")
    assert set(found) == {("Bought", "ann", None), ("Bought", None, "a1")}


def test_an_event_with_an_id_is_taken_once(track: Track) -> None:
    item = {"type": "person", "action": "event", "identifiers": ANN, "name": "Bought"}
    for identifier in ("01HZY3QZ5T0000000000000000", "01hzy3qz5t0000000000000000", "no ulid"):
        assert track.entity(**item, id=identifier).status_code == 200
    assert track.entity(**item, id="no ulid").status_code == 200
    assert Activity.objects.filter(kind="event").count() == 3


def test_relationships_from_both_sides(track: Track) -> None:
    related = [{"identifiers": ACME, "relationship_attributes": {"role": "owner", "x": 1}}]
    people = [{"identifiers": ANN, "relationship_attributes": {"x": None}}]
    track.entity(
        type="person", action="add_relationships", identifiers=ANN, cio_relationships=related
    )
    track.entity(
        type="object", action="add_relationships", identifiers=ACME, cio_relationships=people
    )
    assert Relationship.objects.get().attributes == {"role": "owner"}
    track.entity(
        type="object", action="delete_relationships", identifiers=ACME, cio_relationships=people
    )
    assert not Relationship.objects.exists()
    assert Object.objects.exists()
    assert Person.objects.exists()


def test_an_object_is_identified_with_its_people(track: Track) -> None:
    track.entity(
        type="object",
        action="identify",
        identifiers=ACME,
        attributes={"name": "Acme", "employees": 7},
        cio_relationships=[{"identifiers": {"email": "bob@example.com"}}],
    )
    stored = Object.objects.get()
    assert (stored.name, stored.attributes["employees"]) == ("Acme", 7)
    assert Relationship.objects.get().person.email == "bob@example.com"
    named = {"cio_object_id": stored.cio_object_id}
    track.entity(type="object", action="identify", identifiers=named, attributes={"employees": 8})
    stored.refresh_from_db()
    assert stored.attributes["employees"] == 8


def test_an_unknown_cio_object_id_changes_nothing(track: Track) -> None:
    named = {"cio_object_id": "ob0123456789abcdef01234567"}
    response = track.entity(type="object", action="identify", identifiers=named, attributes={})
    assert response.status_code == 200
    assert not Object.objects.exists()


def test_an_anonymous_relation_becomes_real_when_the_person_is_known(track: Track) -> None:
    track.entity(
        type="object", action="identify_anonymous", identifiers=ACME, anonymous_id="visitor"
    )
    track.entity(
        type="person",
        action="identify",
        identifiers=ANN,
        attributes={"anonymous_id": "visitor"},
    )
    assert Relationship.objects.get().person.person_id == "ann"
    assert Person.objects.count() == 1


def test_devices(track: Track) -> None:
    device = {"token": "t:1/2", "platform": "ios", "last_used": 1_700_000_000}
    device["attributes"] = {"push_enabled": "true"}
    track.entity(type="person", action="add_device", identifiers=ANN, device=device)
    stored = Device.objects.get()
    assert (stored.platform, int(stored.last_used_at.timestamp())) == ("ios", 1_700_000_000)
    misplaced = {"token": "t", "platform": "ios", "attributes": {"token": "t"}}
    response = track.entity(type="person", action="add_device", identifiers=ANN, device=misplaced)
    assert error_of(response) == (
        "invalid",
        "device.attributes.token",
        "must be in the top-level device object",
    )
    gone = {"token": "t:1/2"}
    track.entity(type="person", action="delete_device", identifiers=ANN, device=gone)
    assert not Device.objects.exists()


def test_merges_and_suppresses_and_deletes(track: Track) -> None:
    for name in ("ann", "bob"):
        item = {"type": "person", "identifiers": {"id": name}}
        track.entity(**item, action="identify", attributes={name: 1})
    track.entity(type="person", action="merge", primary=ANN, secondary={"id": "bob"})
    assert Person.objects.get().attributes == {"ann": 1, "bob": 1}
    track.entity(type="person", action="suppress", identifiers=ANN)
    assert not Person.objects.exists()
    track.entity(type="person", action="identify", identifiers=ANN, attributes={})
    assert not Person.objects.exists()
    track.entity(type="person", action="unsuppress", identifiers=ANN)
    assert not Suppression.objects.exists()
    track.entity(type="person", action="identify", identifiers=ANN, attributes={})
    track.entity(type="person", action="delete", identifiers=ANN)
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"type": "object"}, ("required", "action", "must be one of add_relationships, delete, "
          "delete_relationships, identify or identify_anonymous")),
        ({}, ("required", "type", "must be one of delivery, object or person")),
        ({"type": "firm"}, ("invalid", "type", "must be one of delivery, object or person")),
        ({"type": "object", "action": "identify", "identifiers": {"object_type_id": 1}},
         ("required", "identifiers.object_id", "must be present")),
        ({"type": "object", "action": "identify", "identifiers": {"object_type_id": "x",
          "object_id": "a"}}, ("invalid", "identifiers.object_type_id",
                               "must be a whole number from 1")),
        ({"type": "person", "action": "identify"},
         ("required", "identifiers", "must contain one of cio_id, email or id")),
        ({"type": "person", "action": "identify", "identifiers": {"id": "a", "email": "b@c.d"}},
         ("invalid", "identifiers", "must contain only one of cio_id, email or id")),
        ({"type": "person", "action": "identify", "identifiers": {"id": True}},
         ("invalid", "identifiers.id", "must be a string")),
        ({"type": "person", "action": "identify", "identifiers": {"id": "x" * 151}},
         ("invalid", "identifiers.id", "id is 151 characters long; the limit is 150")),
        ({"type": "person", "action": "event", "identifiers": {"id": "a"}},
         ("required", "name", "must not be blank")),
        ({"type": "person", "action": "add_relationships", "identifiers": {"id": "a"}},
         ("required", "cio_relationships", "must be present")),
        ({"type": "person", "action": "identify", "identifiers": {"id": "a"},
          "attributes": [1]}, ("invalid", "attributes", "must be a JSON object")),
    ],
)  # fmt: skip
def test_says_what_is_wrong_in_the_documented_words(
    track: Track, item: dict, expected: tuple
) -> None:
    assert error_of(track.entity(**item)) == expected
    response = track.batch(item)
    assert response.status_code == 400
    [found] = response.json()["errors"]
    assert found["batch_index"] == 0
    assert not Person.objects.exists()


def test_a_reserved_name_is_refused(track: Track) -> None:
    item = {"type": "object", "action": "identify", "identifiers": ACME}
    reason, field, _ = error_of(track.entity(**item, attributes={"relationship": 1}))
    assert (reason, field) == ("invalid", "attributes.relationship")
    assert not Object.objects.exists()


def test_a_batch_takes_the_good_items_and_names_the_bad_ones(track: Track) -> None:
    good = [
        {"type": "person", "action": "identify", "identifiers": {"id": name}, "attributes": {}}
        for name in ("ann", "bob")
    ]
    response = track.batch(good[0], {"type": "person"}, 7, good[1])
    assert response.status_code == 207
    assert [found["batch_index"] for found in response.json()["errors"]] == [1, 2]
    assert Person.objects.count() == 2
    assert ChangeSet.objects.get().rows_created == 2
    assert track.batch(*good).json() == {}


def test_the_order_of_a_batch_is_kept(track: Track) -> None:
    item = {"type": "person", "identifiers": ANN}
    track.batch(
        {**item, "action": "identify", "attributes": {"plan": "free", "old": 1}},
        {**item, "action": "delete"},
        {**item, "action": "identify", "attributes": {"plan": "gold"}},
    )
    assert Person.objects.get().attributes == {"plan": "gold"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b'{"batch": 7}', b'{"batch": []}', b"\xff\xfe"]
)
def test_a_body_that_cannot_be_used_is_told(track: Track, body: bytes) -> None:
    response = track.post("/api/v2/batch", body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "body"


def test_the_printed_names_are_taken_unless_the_workspace_is_strict(
    track: Track, strict: Track
) -> None:
    related = [{"identifiers": {"object_id": "acme"}}]
    item = {"type": "person", "action": "add_relationship", "identifiers": ANN}
    assert track.entity(**item, cio_relationships=related).status_code == 200
    assert Relationship.objects.count() == 1
    assert error_of(strict.entity(**item, cio_relationships=related))[1] == "action"
    item["action"] = "add_relationships"
    assert error_of(strict.entity(**item, cio_relationships=related)) == (
        "required",
        "cio_relationships[0].identifiers.object_type_id",
        "must be present",
    )
