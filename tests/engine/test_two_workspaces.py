"""Equal ids in two workspaces never touch each other, not even inside one batch."""

from typing import Any

import pytest

from objects.models import Object
from operations.engine import apply
from operations.results import Status
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteDevice,
    DeleteObject,
    DeleteObjectType,
    DeletePerson,
    EventKind,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    MergePeople,
    ObjectKey,
    Operation,
    PersonKey,
    RecordEvent,
    Relate,
    RemoveFromSegment,
    SaveObjectType,
    Suppress,
    Unrelate,
    Unsuppress,
)
from people.models import Person, Segment
from tests.engine.state import activity_of, assert_consistent, rows_of
from tests.make import apply_one, make_type, make_workspace, origin
from workspaces.models import Workspace

ADA, BOB, ACME = PersonKey(id="ada"), PersonKey(id="bob"), ObjectKey("acme")
FILLING: tuple[Operation, ...] = (
    IdentifyPerson(ADA, {"plan": "free"}, identifiers=Identifiers(email="ada@example.com")),
    IdentifyPerson(BOB, {"score": 1}),
    IdentifyObject(ACME, {"name": "Acme"}),
    Relate(ADA, ACME, {"role": "owner"}),
    Relate(BOB, ACME),
    AddDevice(ADA, "token", "ios"),
    AddToSegment(ADA, 1),
    Suppress(PersonKey(email="gone@example.com")),
)
CHANGING: list[Operation] = [
    IdentifyPerson(ADA, {"plan": "team"}),
    IdentifyPerson(PersonKey(email="ADA@example.com"), {"plan": None}),
    IdentifyObject(ACME, {"name": None, "city": "Paris"}),
    IdentifyObject(ObjectKey("beta")),
    Relate(ADA, ACME, {"role": "guest"}),
    Unrelate(ADA, ACME),
    DeletePerson(ADA),
    DeleteObject(ACME),
    SaveObjectType(number=1, name="Firms"),
    DeleteObjectType(1),
    MergePeople(ADA, BOB),
    Suppress(ADA),
    Unsuppress(PersonKey(email="gone@example.com")),
    AddDevice(BOB, "token", "android"),
    DeleteDevice(ADA, "token"),
    AddToSegment(BOB, 1),
    RemoveFromSegment(ADA, 1),
    RecordEvent(ADA, EventKind.EVENT, "purchase"),
]


def make_filled() -> Workspace:
    workspace = make_workspace()
    make_type(workspace, number=1)
    Segment.objects.create(workspace=workspace, number=1, name="First")
    for operation in FILLING:
        assert apply_one(workspace, operation).status is not Status.REFUSED
    return workspace


def everything_in(workspace: Workspace) -> tuple[Any, ...]:
    return rows_of(workspace), activity_of(workspace)


@pytest.mark.parametrize("operation", CHANGING, ids=lambda operation: type(operation).__name__)
def test_a_change_in_one_workspace_leaves_the_other_alone(db: None, operation: Operation) -> None:
    one, other = make_filled(), make_filled()
    before = everything_in(other)
    assert apply_one(one, operation).status not in (Status.REFUSED, Status.UNCHANGED)
    assert everything_in(other) == before
    assert everything_in(one) != before


@pytest.mark.parametrize("operation", CHANGING, ids=lambda operation: type(operation).__name__)
def test_one_batch_does_to_each_workspace_what_it_would_alone(
    db: None, operation: Operation
) -> None:
    alone, one, other = make_filled(), make_filled(), make_filled()
    apply_one(alone, operation)
    outcomes = apply([Call(origin(one), (operation,)), Call(origin(other), (operation,))]).outcomes
    assert outcomes[0].status == outcomes[1].status
    assert rows_of(one) == rows_of(other) == rows_of(alone)
    assert activity_of(one) == activity_of(other) == activity_of(alone)
    for workspace in (one, other):
        assert_consistent(workspace)


def test_the_immutable_ids_of_another_workspace_name_nothing(db: None) -> None:
    one, other = make_filled(), make_filled()
    before = everything_in(other)
    person = PersonKey(cio_id=Person.objects.for_workspace(other).get(person_id="ada").cio_id)
    foreign = ObjectKey(
        cio_object_id=Object.objects.for_workspace(other).get(object_id="acme").cio_object_id
    )
    outcomes = [
        apply_one(one, IdentifyPerson(person, {"plan": "stolen"})),
        apply_one(one, IdentifyObject(foreign, {"name": "stolen"})),
        apply_one(one, Relate(person, ACME)),
        apply_one(one, Relate(ADA, foreign)),
        apply_one(one, MergePeople(ADA, person)),
        apply_one(one, RecordEvent(person, EventKind.EVENT, "purchase")),
        apply_one(one, AddDevice(person, "token")),
    ]
    assert {outcome.status for outcome in outcomes} == {Status.REFUSED}
    assert apply_one(one, DeletePerson(person)).status is Status.UNCHANGED
    assert everything_in(other) == before


def test_a_dedup_key_counts_in_its_own_workspace(db: None) -> None:
    one, other = make_filled(), make_filled()
    calls = [
        Call(origin(workspace), (IdentifyObject(ACME, {"city": "Paris"}),), dedup_key="message-1")
        for workspace in (one, other)
    ]
    assert [outcome.status for outcome in apply(calls).outcomes] == [Status.UPDATED] * 2
    assert [outcome.status for outcome in apply(calls).outcomes] == [Status.DUPLICATE] * 2
