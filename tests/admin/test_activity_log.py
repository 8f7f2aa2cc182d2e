"""The activity log: its filters, and the page of one activity."""

import json

import pytest
from django.test import Client

from objects.models import Object
from operations.doors.story import differences_of
from operations.models import Activity
from operations.types import (
    DeletePerson,
    EventKind,
    Identifiers,
    IdentifyPerson,
    PersonKey,
    RecordEvent,
)
from people.models import Person
from relationships.models import Relationship
from tests.admin.pages import list_of
from tests.make import apply_one
from workspaces.models import Workspace

LOG = list_of("operations_activity")


def shown(client: Client, **query: str) -> list[Activity]:
    answer = client.get(LOG, query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize("name", ["ann", "ann@example.com", "ANN@example.com"])
def test_filters_by_any_name_of_a_person(
    viewer: Client, relationship: Relationship, name: str
) -> None:
    found = shown(viewer, person=name)
    assert {row.cio_id for row in found} == {relationship.person.cio_id}
    assert len(found) == 2


def test_filters_by_an_object_and_searches_for_both(
    viewer: Client, relationship: Relationship
) -> None:
    assert {row.kind for row in shown(viewer, object="acme")} == {"object", "relationship"}
    assert shown(viewer, q="acme") == shown(viewer, object="acme")
    assert shown(viewer, q="ann") == shown(viewer, person="ann")


def test_a_deleted_person_is_found_by_cio_id(
    viewer: Client, workspace: Workspace, person: Person
) -> None:
    apply_one(workspace, DeletePerson(key=PersonKey(id="ann")))
    assert {row.status for row in shown(viewer, person=person.cio_id)} == {"created", "deleted"}


def test_tells_known_people_from_anonymous_visitors(
    viewer: Client, workspace: Workspace, person: Person
) -> None:
    key = PersonKey(anonymous_id="visitor")
    apply_one(workspace, RecordEvent(person=key, name="seen", kind=EventKind.PAGE))
    assert [row.anonymous_id for row in shown(viewer, audience="anonymous")] == ["visitor"]
    assert {row.cio_id for row in shown(viewer, audience="identified")} == {person.cio_id}


def test_filters_by_kind_door_actor_and_days(viewer: Client, relationship: Relationship) -> None:
    whole = shown(viewer)
    assert shown(viewer, kind="relationship") == [
        row for row in whole if row.kind == "relationship"
    ]
    assert shown(viewer, door="system", actor="test") == whole
    assert shown(viewer, actor="somebody else") == []
    assert shown(viewer, after="2026-01-02", before="2026-01-03") == whole
    assert shown(viewer, before="2026-01-02") == []


@pytest.mark.parametrize(
    "query",
    [
        {"person": "\x00"},
        {"object": "x" * 9999},
        {"kind": "nonsense"},
        {"after": "yesterday"},
        {"change_set": "9" * 40},
        {"change_set": "-1"},
        {"change_set": "1.5"},
        {"change_set": "NaN"},
        {"audience": "all"},
    ],
)
def test_a_filter_that_cannot_be_read_finds_nothing(
    viewer: Client, relationship: Relationship, query: dict[str, str]
) -> None:
    assert shown(viewer, **query) == []


def test_the_page_shows_before_and_after_and_what_is_stored(
    viewer: Client, workspace: Workspace, person: Person
) -> None:
    apply_one(
        workspace,
        RecordEvent(
            person=PersonKey(id="ann"),
            name="bought <b>",
            kind=EventKind.EVENT,
            properties={"price": 3},
            timestamp=1_700_000_000,
        ),
    )
    row = Activity.objects.latest("pk")
    answer = viewer.get(f"{LOG}{row.pk}/change/")
    body = answer.content.decode()
    assert "2023-11-14 22:13:20 UTC" in body
    assert "2026-01-02 03:04:05 UTC" in body
    assert f"/admin/people/person/{person.pk}/change/" in body
    assert "bought <b>" not in body
    raw = json.loads(answer.context["raw"])
    assert raw["after"]["properties"] == {"price": 3}


def test_the_page_of_something_deleted_says_that_it_is_gone(
    viewer: Client, workspace: Workspace, company: Object, person: Person
) -> None:
    apply_one(workspace, DeletePerson(key=PersonKey(id="ann")))
    row = Activity.objects.latest("pk")
    assert b"Not here any more" in viewer.get(f"{LOG}{row.pk}/change/").content


def test_changed_identifiers_are_told_one_by_one(
    viewer: Client, workspace: Workspace, person: Person
) -> None:
    wanted = Identifiers(id="anna", email="anna@example.com")
    key = PersonKey(cio_id=person.cio_id)
    apply_one(workspace, IdentifyPerson(key=key, identifiers=wanted))

    told = differences_of(Activity.objects.latest("pk"))
    assert [(each.name, each.before, each.after) for each in told] == [
        ("identifiers.email", "ann@example.com", "anna@example.com"),
        ("identifiers.id", "ann", "anna"),
    ]
