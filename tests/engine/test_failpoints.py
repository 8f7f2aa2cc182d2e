"""A failure after any statement, and at the commit itself, leaves no trace of the batch."""

from typing import Any

import pytest
from django.db import DatabaseError, connection

from operations.engine import apply, open_change_set
from operations.results import Status
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteDevice,
    DeleteObject,
    DeletePerson,
    EventKind,
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
    Unsuppress,
)
from people.models import Segment
from tests.engine.state import assert_consistent, rows_of, whole_database
from tests.engine.statements import count_statements, watch_statements
from tests.make import apply_one, make_type, make_workspace, origin
from workspaces.models import Workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class InjectedError(DatabaseError):
    """What breaks in these tests."""


def make_filled() -> Workspace:
    workspace = make_workspace()
    make_type(workspace, "Companies", number=1)
    Segment.objects.create(workspace=workspace, number=1, name="First")
    for number in range(4):
        person, related = PersonKey(id=f"known {number}"), ObjectKey(f"known {number}")
        filling: list[Operation] = [
            Relate(person, related, {"role": "owner"}),
            AddDevice(person, f"token {number}"),
            AddToSegment(person, 1),
        ]
        for operation in filling:
            assert apply_one(workspace, operation).status is Status.CREATED
    apply_one(workspace, Suppress(PersonKey(id="blocked")))
    return workspace


def batch(workspace: Workspace, *, new_rows: int) -> list[Call]:
    """Make calls that reach every table; with many new rows they travel another way."""
    operations: list[Operation] = [
        SaveObjectType(name="Courses"),
        SaveObjectType(number=1, name="Firms"),
        IdentifyPerson(PersonKey(id="known 0"), {"plan": "team"}),
        IdentifyObject(ObjectKey("known 0"), {"name": "Acme"}),
        Relate(PersonKey(id="known 0"), ObjectKey("known 0"), {"role": "guest"}),
        MergePeople(PersonKey(id="known 0"), PersonKey(id="known 1")),
        DeletePerson(PersonKey(id="known 2")),
        DeleteObject(ObjectKey("known 2")),
        Suppress(PersonKey(id="known 3")),
        Unsuppress(PersonKey(id="blocked")),
        DeleteDevice(PersonKey(id="known 0"), "token 0"),
        AddDevice(PersonKey(id="new 0"), "new token"),
        RemoveFromSegment(PersonKey(id="known 0"), 1),
        AddToSegment(PersonKey(id="new 0"), 1),
        RecordEvent(PersonKey(id="new 0"), EventKind.EVENT, "purchase"),
    ]
    new = [
        Relate(PersonKey(id=f"new {number}"), ObjectKey(f"new {number}"), {"role": "owner"})
        for number in range(new_rows)
    ]
    return [
        Call(origin(workspace), (operation,), dedup_key=f"message {number}")
        for number, operation in enumerate([*new, *operations])
    ]


def fail_after(number: int) -> Any:
    """Let so many statements through and break after the next one.

    BEGIN is Django's: after a failure there it does not know of the open transaction.
    """
    left = number

    def watch(sql: str) -> None:
        nonlocal left
        left -= not sql.startswith("BEGIN")
        if left < 0:
            raise InjectedError(sql)

    return watch_statements(watch)


@pytest.mark.parametrize("new_rows", [2, 40])
def test_a_failure_after_any_statement_leaves_no_trace(new_rows: int) -> None:
    workspace = make_filled()
    change_set = open_change_set(origin(workspace))
    before = whole_database()
    calls = batch(workspace, new_rows=new_rows)
    number = 0
    while True:
        try:
            with fail_after(number):
                result = apply(calls, change_set=change_set)
        except InjectedError as error:
            assert whole_database() == before, f"after statement {number}: {error}"
            number += 1
        else:
            break
    assert number > 15, "the batch has to take more statements than that"
    assert Status.REFUSED not in {outcome.status for outcome in result.outcomes}
    assert whole_database() != before
    assert_consistent(workspace)


def test_the_next_try_after_a_failure_does_everything() -> None:
    undisturbed, disturbed = make_filled(), make_filled()
    apply(batch(undisturbed, new_rows=2))
    with count_statements() as seen, pytest.raises(InjectedError), fail_after(12):
        apply(batch(disturbed, new_rows=2))
    assert len(seen) <= 13
    apply(batch(disturbed, new_rows=2))
    assert rows_of(disturbed) == rows_of(undisturbed)


def test_a_failure_at_the_commit_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_filled()
    before = whole_database()

    def fail() -> None:
        raise InjectedError("at the commit")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", fail)
        with pytest.raises(InjectedError):
            apply(batch(workspace, new_rows=2))
    assert whole_database() == before
