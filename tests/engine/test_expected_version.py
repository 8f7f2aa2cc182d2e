"""Of two who save the same version at once, one is refused, on whichever database."""

from collections.abc import Sequence
from threading import Barrier, Thread

import pytest
from django.db import connection
from msgspec.structs import replace

from operations.engine import apply
from operations.engine.form import FORM_FROM_CALLS
from operations.errors import Reason
from operations.results import Outcome, Status
from operations.types import (
    Call,
    DeleteObject,
    DeletePerson,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    Unrelate,
)
from tests.engine.state import assert_consistent
from tests.make import apply_one, make_type, make_workspace, origin
from workspaces.models import Workspace

ROUNDS = 10
ADA, ACME = PersonKey(id="ada"), ObjectKey("acme")
SAVES = {
    "person": (IdentifyPerson(ADA), IdentifyPerson(ADA)),
    "object": (IdentifyObject(ACME), IdentifyObject(ACME)),
    "relationship": (Relate(ADA, ACME), Relate(ADA, ACME)),
}
DELETIONS = {
    "person": (IdentifyPerson(ADA), DeletePerson(ADA)),
    "object": (IdentifyObject(ACME), DeleteObject(ACME)),
    "relationship": (Relate(ADA, ACME), Unrelate(ADA, ACME)),
}
RACES = [
    *(pytest.param(pair, id=f"two-saves-{name}") for name, pair in SAVES.items()),
    *(pytest.param(pair, id=f"save-and-delete-{name}") for name, pair in DELETIONS.items()),
]

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(workspace: Workspace, operations: Sequence[Operation]) -> list[Outcome]:
    """Apply each operation over a connection of its own, all at the same moment."""
    barrier = Barrier(len(operations))
    outcomes: list[Outcome] = []

    def run(operation: Operation) -> None:
        connection.ensure_connection()
        barrier.wait(timeout=30)
        outcomes.extend(apply([Call(origin(workspace), (operation,))]).outcomes)
        connection.close()

    threads = [Thread(target=run, args=(operation,)) for operation in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("pair", RACES)
def test_exactly_one_of_two_wins(pair: tuple[Operation, Operation]) -> None:
    workspace = make_workspace()
    make_type(workspace, number=1)
    for number in range(ROUNDS):
        for key in (DeletePerson(ADA), DeleteObject(ACME)):
            apply_one(workspace, key)
        apply_one(workspace, Relate(ADA, ACME))
        both = [replace(operation, expected_version=1) for operation in pair]  # type: ignore[type-var]
        typed = [
            replace(operation, attributes={"round": number, "who": who})  # type: ignore[type-var]
            if hasattr(operation, "attributes")
            else operation
            for who, operation in enumerate(both)
        ]
        outcomes = at_once(workspace, typed)
        won = [
            outcome for outcome in outcomes if outcome.status in (Status.UPDATED, Status.DELETED)
        ]
        lost = [outcome for outcome in outcomes if outcome not in won]
        assert len(won) == 1, outcomes
        # Whoever comes after a deletion finds nothing to save: a row is not made again.
        assert [found.rejections[0].reason for found in lost if found.rejections] == [
            Reason.STALE
        ] or lost[0].status is Status.UNCHANGED
        assert_consistent(workspace)


def test_says_what_to_do() -> None:
    workspace = make_workspace()
    apply_one(workspace, IdentifyPerson(ADA))
    outcome = apply_one(workspace, IdentifyPerson(ADA, {"plan": "gold"}, expected_version=7))
    (rejection,) = outcome.rejections
    assert rejection.message == (
        "version 7 was expected, but the row has version 1 by now; "
        "read it again and decide what to keep"
    )


def test_the_sieve_lets_no_expected_version_through_unseen() -> None:
    """All calls change nothing, which is what the sieve takes out."""
    workspace = make_workspace()
    said = [IdentifyPerson(PersonKey(id=f"person-{n}"), {"n": n}) for n in range(FORM_FROM_CALLS)]
    apply([Call(origin(workspace), (operation,)) for operation in said])
    expecting = [
        replace(operation, expected_version=9) if n % 10 == 3 else operation
        for n, operation in enumerate(said)
    ]
    outcomes = apply([Call(origin(workspace), (one,)) for one in expecting]).outcomes
    assert [outcome.status for outcome in outcomes] == [
        Status.REFUSED if n % 10 == 3 else Status.UNCHANGED for n in range(FORM_FROM_CALLS)
    ]
