"""All operations of a call are applied, or none; the calls beside it do not notice."""

from typing import Any

import pytest

from operations.engine import apply
from operations.errors import Reason
from operations.json import dump, sorted_dump
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
    RecordCall,
    RecordEvent,
    Relate,
    RemoveFromSegment,
    SaveObjectType,
    Suppress,
    Unrelate,
    Unsuppress,
)
from people.models import Person, Segment
from tests.engine.state import activity_of, assert_consistent, rows_of, whole_database
from tests.make import apply_one, make_type, make_workspace, origin
from workspaces.models import Workspace

ADA, BOB, ACME = PersonKey(id="ada"), PersonKey(id="bob"), ObjectKey("acme")
# Refused by the fold, not by the first look at the call: the others were applied in memory.
REFUSED = IdentifyObject(ObjectKey("elsewhere", 99))
EACH: list[Operation] = [
    IdentifyPerson(PersonKey(id="new")),
    IdentifyPerson(ADA, {"plan": "team"}, identifiers=Identifiers(email="new@example.com")),
    IdentifyPerson(ADA, identifiers=Identifiers(anonymous_id="anon-1")),
    IdentifyObject(ObjectKey("new")),
    IdentifyObject(ACME, {"name": "B", "city": None}),
    Relate(PersonKey(id="new"), ObjectKey("new")),
    Relate(ADA, ACME, {"role": "guest"}),
    Unrelate(ADA, ACME),
    DeletePerson(ADA),
    DeleteObject(ACME),
    SaveObjectType(name="Courses"),
    SaveObjectType(number=1, name="Firms"),
    DeleteObjectType(1),
    MergePeople(ADA, BOB),
    Suppress(ADA),
    Unsuppress(PersonKey(id="gone")),
    AddDevice(BOB, "token", "android"),
    AddDevice(PersonKey(id="new"), "other"),
    DeleteDevice(ADA, "token"),
    AddToSegment(BOB, 1),
    RemoveFromSegment(ADA, 1),
    RecordEvent(PersonKey(id="new"), EventKind.EVENT, "purchase"),
    RecordCall({"type": "alias"}),
]


def fill(workspace: Workspace) -> None:
    Segment.objects.create(workspace=workspace, number=1, name="First")
    filling: tuple[Operation, ...] = (
        IdentifyPerson(ADA, {"plan": "free"}),
        IdentifyPerson(BOB, {"score": 1}),
        IdentifyObject(ACME, {"name": "Acme", "city": "Paris"}),
        Relate(ADA, ACME, {"role": "owner"}),
        Relate(BOB, ACME),
        Relate(PersonKey(anonymous_id="anon-1"), ACME),
        AddDevice(ADA, "token", "ios"),
        AddToSegment(ADA, 1),
        Suppress(PersonKey(id="gone")),
    )
    assert apply_one(workspace, *filling).status is Status.CREATED


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """Fill the workspace with something of every kind."""
    fill(workspace)
    return workspace


@pytest.mark.parametrize("operation", EACH, ids=lambda operation: type(operation).__name__)
def test_a_refused_operation_takes_back_the_ones_before(
    filled: Workspace, operation: Operation
) -> None:
    before = whole_database()
    outcome = apply_one(filled, operation, REFUSED)
    assert [(one.position, one.reason) for one in outcome.rejections] == [(1, Reason.NOT_FOUND)]
    assert whole_database() == before


@pytest.mark.parametrize("operation", EACH, ids=lambda operation: type(operation).__name__)
def test_the_calls_after_a_refused_one_start_from_what_was_there(
    filled: Workspace, operation: Operation
) -> None:
    """The same operation behind its own refused twin does what it would have done alone."""
    expected_rows, expected_activity = apply_in_a_copy(operation)
    log_before = len(activity_of(filled))
    outcomes = apply(
        [
            Call(origin(filled), (operation, REFUSED)),
            Call(origin(filled), (operation,)),
            Call(origin(filled), (REFUSED, operation)),
        ]
    ).outcomes
    assert [outcome.status is Status.REFUSED for outcome in outcomes] == [True, False, True]
    assert rows_of(filled) == expected_rows
    assert in_any_order(activity_of(filled)[log_before:]) == in_any_order(expected_activity)
    assert_consistent(filled)


def in_any_order(activity: list[dict[str, Any]]) -> list[bytes]:
    """Several relationships that end together have no order among themselves."""
    return sorted(map(sorted_dump, activity))


def apply_in_a_copy(operation: Operation) -> tuple[Any, Any]:
    copy = make_workspace()
    make_type(copy, "Companies", number=1)
    fill(copy)
    log_before = len(activity_of(copy))
    apply_one(copy, operation)
    return rows_of(copy), activity_of(copy)[log_before:]


def test_a_call_refused_at_first_sight_leaves_its_neighbours(workspace: Workspace) -> None:
    calls = [
        Call(origin(workspace), (IdentifyObject(ObjectKey(object_id)),))
        for object_id in ("one", "x" * 151, "two")
    ]
    statuses = [outcome.status for outcome in apply(calls).outcomes]
    assert statuses == [Status.CREATED, Status.REFUSED, Status.CREATED]
    assert [row["object"] for row in rows_of(workspace)["objects"]] == ["1/one", "1/two"]


def test_names_every_bad_operation_of_a_call(workspace: Workspace) -> None:
    outcome = apply_one(
        workspace,
        IdentifyObject(ObjectKey("")),
        IdentifyObject(ACME),
        IdentifyPerson(PersonKey(email="nobody")),
    )
    assert [(one.position, one.field) for one in outcome.rejections] == [
        (0, "object_id"),
        (2, "email"),
    ]


def test_an_anonymous_person_that_does_not_fit_is_refused_without_a_trace(
    workspace: Workspace,
) -> None:
    half = {"text": "x" * 60_000}
    apply_one(workspace, IdentifyPerson(ADA, half))
    anonymous = IdentifyPerson(PersonKey(anonymous_id="anon-1"), {"other": "y" * 60_000})
    apply_one(workspace, anonymous)
    before = whole_database()
    linking = IdentifyPerson(ADA, {"plan": "free"}, identifiers=Identifiers(anonymous_id="anon-1"))
    outcome = apply_one(workspace, linking)
    if outcome.status is Status.REFUSED:
        assert whole_database() == before
    for row in Person.objects.for_workspace(workspace):
        assert len(dump(row.attributes)) == row.attributes_bytes


def test_people_too_large_together_are_not_merged(workspace: Workspace) -> None:
    apply_one(workspace, IdentifyPerson(ADA, {"text": "x" * 60_000}))
    apply_one(workspace, IdentifyPerson(BOB, {"other": "y" * 60_000}))
    before = whole_database()
    outcome = apply_one(workspace, MergePeople(ADA, BOB))
    assert [one.reason for one in outcome.rejections] == [Reason.TOO_LARGE]
    assert whole_database() == before


def test_identifiers_may_change_places_within_a_batch(workspace: Workspace) -> None:
    """Each step is right by itself; written at once, two rows must not meet on one value."""
    for name in ("ada", "bob"):
        operation = IdentifyPerson(
            PersonKey(id=name), identifiers=Identifiers(email=f"{name}@example.com")
        )
        apply_one(workspace, operation)
    keys = {
        row.person_id: PersonKey(cio_id=row.cio_id)
        for row in Person.objects.for_workspace(workspace)
    }
    for first, second in (("ada", "bob"), ("bob", "ada")):
        emails = {row["id"]: row["email"] for row in rows_of(workspace)["people"]}
        steps = [
            (first, "free@example.com"),
            (second, emails[first]),
            (first, emails[second]),
        ]
        calls = [
            Call(
                origin(workspace),
                (IdentifyPerson(keys[name], identifiers=Identifiers(email=email)),),
            )
            for name, email in steps
        ]
        statuses = {outcome.status for outcome in apply(calls).outcomes}
        assert statuses == {Status.UPDATED}
        changed = {row["id"]: row["email"] for row in rows_of(workspace)["people"]}
        assert changed == {first: emails[second], second: emails[first]}
