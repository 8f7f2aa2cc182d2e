"""A preview of many batches says what applying them does, whatever stands in which batch."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from operations.engine import Carried, apply, preview
from operations.engine.carry_names import names_of_operation, way_of_operation
from operations.engine.carry_store import CarryStore
from operations.results import Outcome, Status
from operations.types import (
    Call,
    DeleteObject,
    DeletePerson,
    Door,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    SaveObjectType,
    Unrelate,
    When,
)
from operations.wire.rules import RULES
from tests.engine.makers import immutable_ids, with_ids
from tests.engine.state import activity_of, latest_activity, logged_changes
from tests.engine.statements import count_statements
from tests.make import apply_one, make_type, make_workspace, origin
from workspaces.models import Workspace

LAWS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
IDS = ("ada", "bob", "cyd", "dan")
EMAILS = ("ada@example.com", "Bob@Example.com", "cyd@example.com")
OBJECT_IDS = ("acme", "beta", "core")
# What stands in the place of the generated ids of two stored rows, and two that nobody has.
CIO_IDS = ("cio_id of ada", "cio_id of bob", "nobody")
CIO_OBJECT_IDS = ("cio_object_id of acme", "ob00ff", "ob00fe", "odd")
MADE_ID = re.compile(r"\b(?:ob)?[0-9a-f]{24}\b")

attributes: SearchStrategy[dict[str, Json]] = st.dictionaries(
    st.sampled_from(["plan", "name", "created_at"]),
    st.sampled_from([None, 1, 2, "x", 1_700_000_000]),
    max_size=2,
)
when = st.sampled_from(When)
person_keys = st.one_of(
    st.builds(PersonKey, id=st.sampled_from(IDS)),
    st.builds(PersonKey, email=st.sampled_from(EMAILS)),
    st.builds(PersonKey, cio_id=st.sampled_from(CIO_IDS)),
)
object_keys = st.one_of(
    st.builds(ObjectKey, st.sampled_from(OBJECT_IDS), st.sampled_from([1, 1, 2, 9])),
    st.builds(
        ObjectKey,
        st.sampled_from([None, *OBJECT_IDS]),
        st.just(1),
        st.sampled_from(CIO_OBJECT_IDS),
    ),
)
wanted = st.one_of(
    st.none(),
    st.builds(
        Identifiers, st.sampled_from([None, *IDS]), st.sampled_from([None, *EMAILS]), st.none()
    ),
)
by_both = st.builds(
    IdentifyPerson,
    st.builds(PersonKey, id=st.sampled_from(IDS)),
    attributes,
    st.builds(Identifiers, st.none(), st.sampled_from(EMAILS)),
    when,
)
by_cio_id = st.builds(
    IdentifyPerson,
    st.builds(PersonKey, cio_id=st.sampled_from(CIO_IDS)),
    attributes,
    st.builds(Identifiers, st.sampled_from(IDS), st.sampled_from(EMAILS)),
    when,
)
KINDS: list[SearchStrategy[Operation]] = [
    st.builds(IdentifyPerson, person_keys, attributes, wanted, when),
    by_both,
    by_cio_id,
    st.builds(IdentifyObject, object_keys, attributes, when),
    st.builds(IdentifyObject, st.builds(ObjectKey, st.sampled_from(OBJECT_IDS)), attributes, when),
    st.builds(Relate, person_keys, object_keys, attributes, when),
    st.builds(
        Relate,
        st.builds(PersonKey, id=st.sampled_from(IDS)),
        st.builds(ObjectKey, st.sampled_from(OBJECT_IDS)),
        attributes,
        when,
    ),
    st.builds(DeletePerson, person_keys),
    st.builds(DeleteObject, object_keys),
    st.builds(Unrelate, person_keys, object_keys),
]
STORED: list[Operation] = [
    IdentifyPerson(PersonKey(id="ada"), {"plan": 1}, Identifiers(email="ada@example.com")),
    IdentifyPerson(PersonKey(id="bob"), {"name": "Bob"}),
    IdentifyPerson(PersonKey(email="cyd@example.com"), {"plan": "x"}),
    IdentifyObject(ObjectKey("acme"), {"plan": 1}),
    IdentifyObject(ObjectKey("beta", 2), {"name": "x"}),
    Relate(PersonKey(id="ada"), ObjectKey("acme"), {"plan": 1}),
]


@pytest.mark.django_db(transaction=True)
@LAWS
@given(
    st.integers(0, len(STORED)),
    st.sampled_from(KINDS).flatmap(lambda kind: st.lists(kind, min_size=2, max_size=9)),
    st.integers(1, 4),
)
def test_says_what_applying_would_do(stored, operations, size):
    workspace = make_workspace()
    make_type(workspace, number=1)
    make_type(workspace, "Courses", number=2)
    for operation in STORED[:stored]:
        apply_one(workspace, operation)
    calls = [call_of(workspace, operation) for operation in operations]
    foreseen = foresee(calls, size=size)
    before = latest_activity()
    happened = [outcome for chunk in cut(calls, size) for outcome in apply(chunk).outcomes]
    assert [summary(one) for one in foreseen] == [summary(one) for one in happened]
    if not any(isinstance(one, DeletePerson | DeleteObject) for one in operations):
        changes = [change for outcome in foreseen for change in outcome.changes]
        assert logged_changes(changes) == activity_of(workspace, after=before)


@pytest.mark.django_db
def test_an_identifier_that_an_earlier_batch_would_free_is_free():
    workspace = make_workspace()
    for operation in STORED[:2]:
        apply_one(workspace, operation)
    operations = [
        IdentifyPerson(
            PersonKey(cio_id="cio_id of ada"), {}, Identifiers("new", "ada@example.com")
        ),
        IdentifyPerson(PersonKey(cio_id="cio_id of bob"), {}, Identifiers("ada", "b@example.com")),
    ]
    calls = [call_of(workspace, operation) for operation in operations]
    statuses = [outcome.status for outcome in foresee(calls, size=1)]
    assert statuses == [Status.UPDATED, Status.UPDATED]


@pytest.mark.django_db
def test_a_row_that_is_named_in_another_way_later_is_the_same_row():
    workspace = make_workspace()
    apply_one(workspace, STORED[0])
    keys = (PersonKey(id="ada"), PersonKey(email="Ada@example.com"))
    calls = [call_of(workspace, IdentifyPerson(key, {"plan": 2})) for key in keys]
    statuses = [outcome.status for outcome in foresee(calls, size=1)]
    assert statuses == [Status.UPDATED, Status.UNCHANGED]


@pytest.mark.django_db
def test_a_type_that_an_earlier_batch_would_make_is_there():
    workspace = make_workspace()
    operations = [
        SaveObjectType(4, "Courses", when=When.NEW),
        IdentifyObject(ObjectKey("a", 4), {"plan": 1}),
        IdentifyObject(ObjectKey("a", 4), {"plan": 1}),
    ]
    calls = [call_of(workspace, operation) for operation in operations]
    statuses = [outcome.status for outcome in foresee(calls, size=1)]
    assert statuses == [Status.CREATED, Status.CREATED, Status.UNCHANGED]


@pytest.mark.django_db
def test_a_batch_that_is_repeated_sees_what_was_there_before_it():
    workspace = make_workspace()
    make_type(workspace, number=1)
    first, second = (
        call_of(workspace, IdentifyObject(ObjectKey("a"), {"plan": plan})) for plan in (1, 2)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "carried"
        for step, call in enumerate([first, second]):
            foresee_step(path, [call], step=step)
        repeated = foresee_step(path, [second], step=1)
        again = foresee_step(path, [second], step=2)
    assert [repeated.status, again.status] == [Status.UPDATED, Status.UNCHANGED]


@pytest.mark.django_db
def test_the_statements_do_not_grow_with_the_rows():
    workspace = make_workspace()
    make_type(workspace, number=1)
    keys = [(PersonKey(id=f"p{number}"), ObjectKey(f"o{number}")) for number in range(40)]
    calls = [call_of(workspace, Relate(person, related)) for person, related in keys]
    foresee(calls[:1], size=1)
    with count_statements() as few:
        foresee(calls[:2], size=1)
    with count_statements() as many:
        foresee(calls, size=20)
    assert len(few) == len(many)


def call_of(workspace: Workspace, operation: Operation) -> Call:
    """Make a call as a file would, with the generated ids of this workspace."""
    asked = with_ids(operation, immutable_ids(workspace))
    return Call(origin(workspace), (asked,), RULES[Door.CSV])


def foresee(calls: Sequence[Call], *, size: int) -> list[Outcome]:
    """Preview calls in batches, each seeing the ones before it."""
    operations = [call.operations[0] for call in calls]
    names = Counter(name for one in operations for name in set(names_of_operation(one)))
    is_mixed = len({way_of_operation(one) for one in operations}) > 1
    found: list[Outcome] = []
    with TemporaryDirectory() as folder:
        for step, chunk in enumerate(cut(calls, size)):
            with CarryStore(Path(folder) / "carried", step=step) as store:
                carried = Carried(store, may_return=lambda name: is_mixed or names[name] > 1)
                found += preview(chunk, carried=carried).outcomes
    return found


def foresee_step(path: Path, calls: Sequence[Call], *, step: int) -> Outcome:
    with CarryStore(path, step=step) as store:
        return preview(calls, carried=Carried(store, may_return=lambda name: True)).outcomes[0]


def cut(calls: Sequence[Call], size: int) -> Iterator[list[Call]]:
    waiting = iter(calls)
    while chunk := list(islice(waiting, size)):
        yield chunk


def summary(outcome: Outcome) -> tuple[object, ...]:
    """Give what a person would be told, without the ids that are made anew each time."""
    said = [
        (one.reason, one.field, MADE_ID.sub("made", one.message))
        for one in (*outcome.rejections, *outcome.warnings)
    ]
    return (outcome.status, said)
