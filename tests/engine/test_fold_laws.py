"""Laws of applying operations, tried on generated batches."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from operations.engine import apply, apply_stream, preview
from operations.json import sorted_dump
from operations.results import Outcome, Status
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
    When,
)
from people.models import Segment
from tests.engine.makers import immutable_ids, with_ids
from tests.engine.state import activity_of, assert_consistent, logged_changes, rows_of
from tests.make import make_type, make_workspace, origin
from workspaces.models import Workspace

# The database is shared by the examples of a test, so each takes workspaces of its own.
LAWS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(LAWS, max_examples=150)
_numbers = count(1)

PEOPLE = [
    PersonKey(id="ada"),
    PersonKey(id="bob"),
    PersonKey(email="ada@example.com"),
    PersonKey(email="Bob@Example.com"),
    PersonKey(anonymous_id="anon-1"),
    # Put in the place of these by `calls_of`, because each workspace has its own.
    PersonKey(cio_id="cio_id of ada"),
    PersonKey(cio_id="cio_id of bob"),
]
OBJECTS = [
    ObjectKey("acme"),
    ObjectKey("beta"),
    ObjectKey("acme", 2),
    ObjectKey("nowhere", 9),
    ObjectKey(cio_object_id="cio_object_id of acme"),
]
FILLING: list[Operation] = [
    IdentifyPerson(PersonKey(id="ada"), identifiers=Identifiers(email="ada@example.com")),
    IdentifyPerson(PersonKey(id="bob"), {"plan": 1, "name": "Bob"}),
    Relate(PersonKey(id="ada"), ObjectKey("acme"), {"plan": "text"}),
    Relate(PersonKey(id="bob"), ObjectKey("acme"), {"name": 1}),
    Relate(PersonKey(id="bob"), ObjectKey("beta")),
    Relate(PersonKey(anonymous_id="anon-1"), ObjectKey("acme")),
    Relate(PersonKey(anonymous_id="anon-1"), ObjectKey("acme", 2)),
    AddDevice(PersonKey(id="bob"), "token 1"),
    AddToSegment(PersonKey(id="bob"), 1),
    Suppress(PersonKey(id="gone")),
]
VALUES: list[Any] = [None, "", 1, 1.0, True, "text", [1], {"a": {"b": None}}]

people = st.sampled_from(PEOPLE)
objects = st.sampled_from(OBJECTS)
values = st.sampled_from(VALUES)
attributes = st.dictionaries(st.sampled_from(["name", "plan", "created"]), values, max_size=3)
whens = st.sampled_from(When)
instants = st.sampled_from([None, 1_000, 2_000, 1_900_000_000])
tokens = st.sampled_from(["token 1", "token 2"])
identifiers = st.builds(
    Identifiers,
    id=st.sampled_from([None, None, "ada", "bob", "cleo", "gone"]),
    email=st.sampled_from([None, None, "ADA@example.com", "bob@example.com", "c@example.com"]),
    anonymous_id=st.sampled_from([None, None, "anon-1"]),
)
operations: SearchStrategy[Operation] = st.one_of(
    st.builds(
        IdentifyPerson,
        people,
        attributes,
        identifiers=st.one_of(st.none(), identifiers),
        when=whens,
        at=instants,
    ),
    st.builds(IdentifyPerson, people, identifiers=identifiers),
    st.builds(IdentifyObject, objects, attributes, when=whens, at=instants),
    st.builds(Relate, people, objects, attributes, when=whens, at=instants),
    st.builds(Relate, people, objects, attributes),
    st.builds(Unrelate, people, objects),
    st.builds(DeletePerson, people),
    st.builds(DeleteObject, objects),
    st.builds(
        SaveObjectType,
        number=st.sampled_from([None, 1, 2, 3]),
        name=st.sampled_from([None, "Courses", "Firms"]),
        enabled=st.sampled_from([None, True, False]),
    ),
    st.builds(DeleteObjectType, st.sampled_from([1, 2])),
    st.builds(MergePeople, people, people),
    st.builds(Suppress, people),
    st.builds(Unsuppress, people),
    st.builds(AddDevice, people, tokens, st.sampled_from(["", "ios"]), attributes),
    st.builds(DeleteDevice, people, tokens),
    st.builds(AddToSegment, people, st.sampled_from([1, 2])),
    st.builds(RemoveFromSegment, people, st.sampled_from([1, 2])),
    st.builds(RecordEvent, people, st.sampled_from(EventKind), st.just("purchase")),
)
merges: SearchStrategy[Operation] = st.one_of(
    st.builds(IdentifyPerson, people, attributes),
    st.builds(IdentifyObject, objects, attributes),
    st.builds(Relate, people, objects, attributes),
)
batches = st.lists(st.lists(operations, min_size=1, max_size=3).map(tuple), max_size=10)


def make_start() -> Workspace:
    """Make a workspace that has something of every kind."""
    workspace = make_workspace(f"Law {next(_numbers)}")
    make_type(workspace, "Companies", number=1)
    make_type(workspace, "Courses", number=2)
    Segment.objects.create(workspace=workspace, number=1, name="First")
    filled = apply([Call(origin(workspace), (operation,)) for operation in FILLING])
    assert Status.REFUSED not in {outcome.status for outcome in filled.outcomes}
    return workspace


def calls_of(workspace: Workspace, batch: Sequence[tuple[Operation, ...]]) -> list[Call]:
    ids = immutable_ids(workspace)
    return [
        Call(origin(workspace), tuple(with_ids(operation, ids) for operation in operations))
        for operations in batch
    ]


def seen(outcomes: Sequence[Outcome]) -> list[Any]:
    return [
        (
            outcome.status,
            [(one.position, one.reason, one.field) for one in outcome.rejections],
            [(one.position, one.reason, one.field) for one in outcome.warnings],
        )
        for outcome in outcomes
    ]


def log_of(workspace: Workspace) -> list[bytes]:
    """Read the log without an order among the changes of one operation."""
    return sorted(map(sorted_dump, activity_of(workspace)))


@LAWS
@given(before=batches, operation=merges)
def test_merging_twice_is_merging_once(
    db: None, before: list[tuple[Operation, ...]], operation: Operation
) -> None:
    workspace = make_start()
    apply(calls_of(workspace, before))
    first = apply(calls_of(workspace, [(operation,)])).outcomes[0]
    rows, log = rows_of(workspace), log_of(workspace)
    second = apply(calls_of(workspace, [(operation,)])).outcomes[0]
    if first.status in (Status.CREATED, Status.UPDATED):
        assert second.status is Status.UNCHANGED
    else:
        assert second.status is first.status
    assert rows_of(workspace) == rows
    assert log_of(workspace) == log


@MANY
@given(batch=batches)
def test_a_batch_does_what_its_calls_do_one_by_one(
    db: None, batch: list[tuple[Operation, ...]]
) -> None:
    together, one_by_one = make_start(), make_start()
    outcomes = apply(calls_of(together, batch)).outcomes
    single = [apply([call]).outcomes[0] for call in calls_of(one_by_one, batch)]
    assert seen(outcomes) == seen(single)
    assert rows_of(together) == rows_of(one_by_one)
    assert log_of(together) == log_of(one_by_one)
    assert_consistent(together)
    assert_consistent(one_by_one)


@LAWS
@given(batch=batches)
def test_a_stream_does_what_a_batch_does(db: None, batch: list[tuple[Operation, ...]]) -> None:
    streamed, applied = make_start(), make_start()
    counts = apply_stream(iter(calls_of(streamed, batch)))
    assert counts == apply(calls_of(applied, batch)).counts()
    assert rows_of(streamed) == rows_of(applied)
    assert log_of(streamed) == log_of(applied)


@LAWS
@given(before=batches, batch=batches)
def test_the_preview_foretells_what_is_done(
    db: None, before: list[tuple[Operation, ...]], batch: list[tuple[Operation, ...]]
) -> None:
    workspace = make_start()
    apply(calls_of(workspace, before))
    rows, log = rows_of(workspace), activity_of(workspace)
    previewed = preview(calls_of(workspace, batch)).outcomes
    assert rows_of(workspace) == rows
    assert activity_of(workspace) == log
    applied = apply(calls_of(workspace, batch)).outcomes
    assert seen(previewed) == seen(applied)
    if not any(isinstance(one, Suppress) for operations in batch for one in operations):
        changes = [change for outcome in previewed for change in outcome.changes]
        foretold = sorted(map(sorted_dump, logged_changes(changes)))
        assert foretold == sorted(map(sorted_dump, activity_of(workspace)[len(log) :]))


@LAWS
@given(batch=batches, data=st.data())
def test_a_refused_call_changes_nothing_for_the_others(
    db: None, batch: list[tuple[Operation, ...]], data: st.DataObject
) -> None:
    refused = (*data.draw(st.lists(operations, max_size=2)), IdentifyObject(ObjectKey("x", 9)))
    at = data.draw(st.integers(0, len(batch)))
    with_it, without = make_start(), make_start()
    outcomes = apply(calls_of(with_it, [*batch[:at], refused, *batch[at:]])).outcomes
    expected = apply(calls_of(without, batch)).outcomes
    # Without rejections the operation in front may have been skipped, and the call with it.
    if outcomes[at].status is not Status.REFUSED:
        return
    assert seen([*outcomes[:at], *outcomes[at + 1 :]]) == seen(expected)
    assert rows_of(with_it) == rows_of(without)
    assert log_of(with_it) == log_of(without)


@LAWS
@given(
    mine=st.lists(st.dictionaries(st.sampled_from("abc"), values), min_size=1, max_size=4),
    data=st.data(),
)
def test_unrelated_operations_may_come_in_any_order(
    db: None, mine: list[dict[str, Any]], data: st.DataObject
) -> None:
    batch: list[tuple[Operation, ...]] = []
    for number, given_attributes in enumerate(mine):
        person, related = PersonKey(id=f"person {number}"), ObjectKey(f"object {number}")
        batch.append((Relate(person, related, given_attributes),))
        batch.append((RecordEvent(PersonKey(id=f"other {number}"), EventKind.PAGE, "/"),))
    shuffled = data.draw(st.permutations(batch))
    in_order, in_disorder = make_start(), make_start()
    apply(calls_of(in_order, batch))
    apply(calls_of(in_disorder, shuffled))
    assert rows_of(in_order) == rows_of(in_disorder)
    assert log_of(in_order) == log_of(in_disorder)
