"""The App API: shapes, pages, filters and errors as its clients expect them."""

from typing import Any

import pytest

from operations.engine.segments import SegmentDefinition, save_segment
from operations.types import AddDevice, AddToSegment, DeletePerson, PersonKey, Relate
from operations.types import ObjectKey as Key
from operations.wire.columns import Kind
from operations.wire.filters import parse_filter
from people.models import Person, Segment
from tests.app_api.conftest import App, app_caller
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, origin
from workspaces.models import AuditEntry, Role, Workspace

NOBODY = {"detail": "customer not found", "status": "404"}


@pytest.fixture
def acme(workspace: Workspace) -> Any:
    """Give an object with a person who is its owner."""
    types = make_type(workspace, "Companies")
    stored = make_object(types, "acme/1", {"plan": "gold", "seats": 7, "is_big": True})
    make_person(workspace, "ann", {"age": 30, "tags": ["a"], "ok": True}, email="Ann@example.com")
    relation = Relate(PersonKey(id="ann"), Key("acme/1", 1), {"role": "owner"})
    apply_one(workspace, relation)
    return stored


def person(workspace: Workspace) -> Person:
    return Person.objects.for_workspace(workspace).get()


def test_lists_types(app: App, acme: Any) -> None:
    [found] = app.get("object_types")["types"]
    assert found == {
        "id": "1",
        "name": "Companies",
        "singular_name": "Companie",
        "slug": "companies",
        "singular_slug": "companie",
        "enabled": True,
        "icon": found["icon"],
    }


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ({"field": "plan", "operator": "eq", "value": "gold"}, True),
        ({"field": "plan", "operator": "eq", "value": "free"}, False),
        ({"field": "seats", "operator": "eq", "value": "7"}, True),
        ({"field": "is_big", "operator": "eq", "value": "true", "type_id": 1}, True),
        ({"field": "seats", "operator": "exists", "type_id": "1"}, True),
        ({"field": "missing", "operator": "exists"}, False),
    ],
)
def test_searches_objects(app: App, acme: Any, condition: dict, is_found: bool) -> None:
    body = {"object_type_id": "1", "filter": {"and": [{"object_attribute": condition}]}}
    found = app.post("objects", body)
    assert found["ids"] == (["acme/1"] if is_found else [])
    assert found["next"] == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"object_type_id": "1"},
        {"object_type_id": "x", "filter": {}},
        {"object_type_id": 1, "filter": {}},
        {"object_type_id": 1, "filter": {"and": []}},
        {"object_type_id": 1, "filter": {"object_attribute": {"field": "a", "operator": "like"}}},
        {"object_type_id": 1, "filter": {"object_attribute": {"field": "a", "operator": "exists",
                                                              "type_id": 2}}},
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_400(app: App, acme: Any, body: dict) -> None:
    response = app.call("POST", "objects", body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["status"] == "400"


def test_pages_lead_through_everything_once(app: App, workspace: Workspace) -> None:
    types = make_type(workspace, "Companies")
    for number in range(5):
        make_object(types, f"o{number}")
    ids, start = [], ""
    everything = {"object_attribute": {"field": "object_id", "operator": "exists"}}
    body = {"object_type_id": "1", "filter": everything}
    while True:
        found = app.post(f"objects?limit=2&start={start}", body)
        ids += found["ids"]
        if not (start := found["next"]):
            break
    assert ids == [f"o{number}" for number in range(5)]
    assert app.call("POST", "objects?start=%ff", body).status_code == 400
    assert app.call("POST", "objects?limit=0", body).status_code == 400


def test_an_object_by_either_id(app: App, acme: Any) -> None:
    found = app.get("objects/1/acme%2F1/attributes")["object"]
    assert found["attributes"]["plan"] == "gold"
    assert found["timestamps"].keys() == found["attributes"].keys()
    named = f"objects/1/{acme.cio_object_id}/attributes?id_type=cio_object_id"
    assert app.get(named)["object"] == found
    [related] = app.get("objects/1/acme%2F1/relationships")["cio_relationships"]
    assert related["identifiers"]["email"] == "Ann@example.com"
    assert related["attributes"] == {"role": "owner"}
    for path in ("objects/1/nobody/attributes", "objects/2/acme%2F1/attributes"):
        assert app.call("GET", path).status_code == 404


def test_a_person_with_attributes_as_texts(app: App, acme: Any, workspace: Workspace) -> None:
    apply_one(workspace, AddDevice(PersonKey(id="ann"), "t1", "ios", {"a": "b"}, 1_700_000_000))
    found = app.get("customers/ann/attributes")["customer"]
    assert found["attributes"] == {
        "cio_id": person(workspace).cio_id,
        "id": "ann",
        "email": "Ann@example.com",
        "age": "30",
        "tags": '["a"]',
        "ok": "true",
    }
    assert found["devices"] == [
        {"id": "t1", "platform": "ios", "last_used": 1_700_000_000, "attributes": {"a": "b"}}
    ]
    for path in (
        "customers/ann%40EXAMPLE.com/attributes?id_type=email",
        f"customers/{person(workspace).cio_id}/attributes?id_type=cio_id",
        f"customers/cio_{person(workspace).cio_id}/attributes?id_type=cio_id",
    ):
        assert app.get(path)["customer"] == found
    [many] = app.post("customers/attributes", {"ids": ["ann", "nobody"]})["customers"]
    assert many["customer"] == found
    assert many["id"] == "ann"
    missing = app.call("GET", "customers/nobody/attributes")
    assert (missing.status_code, missing.json()["errors"]) == (404, [NOBODY])


def test_finds_people(app: App, acme: Any, workspace: Workspace) -> None:
    found = app.get("customers?email=ANN@example.com")["results"]
    assert [each["id"] for each in found] == ["ann"]
    assert app.get("customers?email=nobody@example.com") == {"results": []}
    exists = {"filter": {"attribute": {"field": "cio_id", "operator": "exists"}}}
    assert app.post("customers", exists)["ids"] == ["ann"]
    named = {"field": "id", "operator": "eq", "value": "ann"}
    assert app.post("customers", {"filter": {"not": {"attribute": named}}})["ids"] == []


def test_relationships_of_a_person(app: App, acme: Any) -> None:
    [found] = app.get("customers/ann/relationships")["cio_relationships"]
    assert found["object_type_id"] == 1
    assert found["identifiers"]["object_id"] == "acme/1"
    assert app.get("customers/ann/messages") == {"messages": [], "next": ""}
    assert app.get("customers/ann/subscription_preferences")["customer"]["unsubscribed"] is False


def test_segments(app: App, acme: Any, workspace: Workspace) -> None:
    made = app.post("segments", {"segment": {"name": "VIP", "description": "The best"}})
    assert (made["segment"]["type"], made["segment"]["id"]) == ("manual", 1)
    apply_one(workspace, AddToSegment(PersonKey(id="ann"), 1))
    tree = parse_filter(
        {"attribute": {"field": "age", "operator": "gt", "value": 20}}, kind=Kind.PEOPLE
    )
    save_segment(SegmentDefinition("Adults", condition=tree), origin=origin(workspace))
    assert [each["type"] for each in app.get("segments")["segments"]] == ["manual", "dynamic"]
    for number in (1, 2):
        assert app.get(f"segments/{number}/customer_count")["count"] == 1
        assert app.get(f"segments/{number}/membership")["ids"] == ["ann"]
    names = [each["name"] for each in app.get("customers/ann/segments")["segments"]]
    assert names == ["VIP", "Adults"]
    assert app.call("DELETE", "segments/2").status_code == 400
    assert app.call("DELETE", "segments/1").status_code == 204
    assert Segment.objects.count() == 1
    assert app.call("GET", "segments/9").status_code == 404
    assert app.call("POST", "segments", {"segment": {}}).status_code == 400


def test_activities(app: App, acme: Any, workspace: Workspace) -> None:
    types = [each["type"] for each in app.get("activities")["activities"]]
    assert types == ["add_relationship", "profile_create", "_o:1:create"]
    [created] = app.get("activities?type=_o:1:create")["activities"]
    assert created["data"]["plan"] == {"from": "", "to": "gold"}
    assert app.get("activities?type=_o:2:create")["activities"] == []
    assert app.get("activities?type=unheard_of")["activities"] == []
    of_ann = app.get("customers/ann/activities?limit=1")
    assert [each["type"] for each in of_ann["activities"]] == ["add_relationship"]
    rest = app.get(f"customers/ann/activities?start={of_ann['next']}")
    assert [each["type"] for each in rest["activities"]] == ["profile_create"]
    assert len(app.get("activities?customer_id=ann")["activities"]) == 2


def test_workspaces(app: App, acme: Any, workspace: Workspace) -> None:
    [found] = app.get("workspaces")["workspaces"]
    counted = (found["name"], found["people"], found["objects"], found["object_types"])
    assert counted == (workspace.name, 1, 1, 1)


def test_describes_attributes_and_marks_them(app: App, acme: Any) -> None:
    entries = [{"name": "age", "description": "In years", "privacy_level": 1}, {"name": "ok"}]
    assert app.call("POST", "data_index/attributes", {"attributes": entries}).status_code == 204
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.SENSITIVE_MARKED).count() == 1
    wrong = [{"name": "age", "description": "x" * 256}, {"name": ""}]
    response = app.call("POST", "data_index/attributes", {"attributes": wrong})
    assert response.status_code == 422
    pointers = [each["source"]["pointer"] for each in response.json()["errors"]]
    assert pointers == ["/attributes/0/description", "/attributes/1/name"]
    viewer = app_caller(app.workspace, role=Role.VIEWER)
    assert viewer.call("POST", "data_index/attributes", {"attributes": entries}).status_code == 403


def test_another_workspace_sees_nothing(app: App, acme: Any, workspace: Workspace) -> None:
    other = app_caller(make_workspace())
    make_type(other.workspace, "Companies")
    cio_id = person(workspace).cio_id
    for path in (
        "customers/ann/attributes",
        f"customers/{cio_id}/relationships?id_type=cio_id",
        "objects/1/acme%2F1/attributes",
        f"objects/1/{acme.cio_object_id}/relationships?id_type=cio_object_id",
    ):
        assert other.call("GET", path).status_code == 404
    assert other.get("customers?email=ann@example.com") == {"results": []}
    assert other.get("activities?customer_id=ann")["activities"] == []


def test_a_key_is_needed(app: App) -> None:
    wrong = App(app.workspace, "wrong")
    response = wrong.call("GET", "object_types")
    assert response.status_code == 401
    assert response.json()["errors"][0]["status"] == "401"
    assert app.call("DELETE", "object_types").status_code == 405


def test_a_deleted_person_is_gone(app: App, acme: Any, workspace: Workspace) -> None:
    apply_one(workspace, DeletePerson(PersonKey(id="ann")))
    assert app.call("GET", "customers/ann/attributes").status_code == 404
    assert app.get("activities?type=profile_delete")["activities"][0]["customer_id"] == "ann"
