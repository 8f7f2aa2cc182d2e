"""The number of statements does not grow with the number of operations in a chunk."""

from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from operations.engine import apply, open_change_set, preview
from operations.engine.form import FORM_FROM_CALLS
from operations.results import Status
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteDevice,
    DeleteObject,
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
)
from people.models import Segment
from tests.engine.statements import count_statements
from tests.make import make_type, make_workspace, origin
from workspaces.models import Workspace

MIXED_MAX = 40
# New rows take their keys first, since their totals carry the same ones: two statements.
IMPORT_MAX = 17


def person(name: str, number: int) -> PersonKey:
    return PersonKey(id=f"{name} {number}")


def thing(name: str, number: int) -> ObjectKey:
    return ObjectKey(f"{name} {number}")


def filling(size: int) -> list[Operation]:
    """Make what the mixed operations find: nine of each kind for every nine operations."""
    rows: list[Operation] = []
    for number in range(size):
        rows += [
            Relate(person("known", number), thing("known", number), {"role": "owner"}),
            Relate(person("gone", number), thing("gone", number)),
            AddDevice(person("known", number), f"token {number}"),
            AddToSegment(person("known", number), 1),
        ]
    return rows


def mixed(number: int) -> list[Operation]:
    """Make operations of every kind that a chunk may hold together."""
    return [
        IdentifyPerson(person("new", number), {"plan": "free"}),
        IdentifyPerson(
            person("known", number),
            {"plan": "team"},
            identifiers=Identifiers(email=f"known.{number}@example.com"),
        ),
        IdentifyObject(thing("new", number), {"name": "Acme"}),
        IdentifyObject(thing("known", number), {"name": "Acme"}),
        Relate(person("known", number), thing("known", number), {"role": "guest"}),
        Relate(person("new", number), thing("known", number)),
        Relate(PersonKey(email=f"mail.{number}@example.com"), thing("other", number)),
        Unrelate(person("gone", number), thing("gone", number)),
        AddDevice(person("new", number), f"new token {number}"),
        DeleteDevice(person("known", number), f"token {number}"),
        AddToSegment(person("new", number), 1),
        RemoveFromSegment(person("known", number), 1),
        RecordEvent(person("known", number), EventKind.EVENT, "purchase"),
        RecordCall({"type": "alias"}, person("known", number)),
        DeletePerson(person("gone", number)),
        DeleteObject(thing("gone", number)),
    ]


def statements_for(
    run: Callable[[Sequence[Call]], object], size: int, make: Callable[[int], list[Operation]]
) -> list[str]:
    """Run `size` times the operations in a workspace of its own and collect the statements."""
    workspace = make_workspace()
    make_type(workspace, "Companies", number=1)
    Segment.objects.create(workspace=workspace, number=1, name="First")
    filled = apply([Call(origin(workspace), (one,)) for one in filling(size)])
    assert Status.REFUSED not in {outcome.status for outcome in filled.outcomes}
    calls = [
        Call(origin(workspace), (operation,))
        for number in range(size)
        for operation in make(number)
    ]
    with count_statements() as seen:
        run(calls)
    return seen


@pytest.mark.parametrize("run", [apply, preview], ids=["apply", "preview"])
def test_mixed_operations_take_as_many_statements_however_many(
    db: None, run: Callable[[Sequence[Call]], object]
) -> None:
    few = statements_for(run, 1, mixed)
    more = statements_for(run, 2, mixed)
    many = statements_for(run, 60, mixed)  # 960 operations
    assert len(many) == len(more) == len(few)
    assert len(many) <= MIXED_MAX, "\n".join(many)


@pytest.mark.parametrize(
    "make",
    [
        lambda number: [IdentifyObject(thing("new", number), {"name": "Acme"})],
        lambda number: [IdentifyObject(thing("known", number), {"name": "Acme"})],
        lambda number: [IdentifyPerson(person("new", number), {"plan": "free"})],
        lambda number: [Relate(person("known", number), thing("gone", number))],
        lambda number: [Relate(person("known", number), thing("known", number))],
    ],
    ids=["new objects", "known objects", "new people", "new pairs", "unchanged pairs"],
)
def test_an_import_takes_few_statements(db: None, make: Callable[[int], list[Operation]]) -> None:
    few = statements_for(apply, FORM_FROM_CALLS, make)
    many = statements_for(apply, 900, make)
    assert len(many) == len(few)
    assert len(many) <= IMPORT_MAX, "\n".join(many)


@pytest.mark.parametrize(
    "make",
    [
        lambda number: [MergePeople(person("known", number), person("gone", number))],
        lambda number: [Suppress(person("known", number))],
        lambda number: [DeleteObject(thing("known", number))],
        lambda number: [DeletePerson(person("known", number))],
        lambda number: [SaveObjectType(name=f"Type {number}")],
    ],
    ids=["merges", "suppressions", "deleted objects", "deleted people", "object types"],
)
def test_rare_operations_are_done_in_sets_too(
    db: None, make: Callable[[int], list[Operation]]
) -> None:
    one, many = (statements_for(apply, size, make) for size in (1, 60))
    assert len(many) == len(one)


def test_a_change_set_costs_one_statement_more(workspace: Workspace) -> None:
    change_set = open_change_set(origin(workspace))
    call = Call(origin(workspace), (IdentifyObject(ObjectKey("acme")),))
    other = Call(origin(workspace), (IdentifyObject(ObjectKey("beta")),))
    with count_statements() as without:
        apply([call])
    with count_statements() as with_it:
        apply([other], change_set=change_set)
    assert len(with_it) == len(without) + 1


def test_a_batch_that_changes_nothing_writes_nothing(workspace: Workspace) -> None:
    call = Call(origin(workspace), (IdentifyObject(ObjectKey("acme"), {"name": "Acme"}),))
    apply([call])
    with count_statements() as seen:
        assert apply([call] * 100).outcomes[99].status is Status.UNCHANGED
    writing = [sql for sql in seen if not sql.lstrip().upper().startswith(("SELECT", "SAVEPOINT"))]
    writing = [sql for sql in writing if not sql.startswith(("RELEASE", "BEGIN"))]
    assert not writing
    assert connection.in_atomic_block
