"""Every batch locks people, objects, their totals and relationships in one order."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from operations.engine import apply
from operations.engine.clear import CLEAR_FROM_CALLS
from operations.results import Status
from operations.types import (
    Call,
    DeleteObject,
    DeletePerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    Unrelate,
)
from tests.engine.state import assert_consistent
from tests.engine.statements import count_statements
from tests.make import make_type, make_workspace, origin
from workspaces.models import Workspace

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db(transaction=True)]

ORDER = ("people_persontotals", "objects_objecttotals", "relationships_relationship")
MANY = CLEAR_FROM_CALLS + 10
WAIT_SECONDS = 20


def person(number: int) -> PersonKey:
    return PersonKey(id=f"person-{number}")


def thing(number: int) -> ObjectKey:
    return ObjectKey(f"object-{number}")


def calls_of(
    workspace: Workspace, make: Callable[[int], Operation], size: int = MANY
) -> list[Call]:
    return [Call(origin(workspace), (make(number),)) for number in range(size)]


def relate(number: int) -> Operation:
    return Relate(person(number), thing(number), {"role": "owner"})


def fill() -> Workspace:
    workspace = make_workspace()
    make_type(workspace, "Companies", number=1)
    apply(calls_of(workspace, relate))
    return workspace


@contextmanager
def another_writer() -> Iterator[psycopg.Connection]:
    """Open a transaction beside the engine's; what it holds is let go at the end."""
    given = connection.settings_dict
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    named = {name: given[key] or None for name, key in keys.items()}
    with psycopg.connect(dbname=given["NAME"], **named) as opened:
        try:
            yield opened
        finally:
            opened.rollback()


def wait_until_somebody_waits() -> None:
    ends_at = time.monotonic() + WAIT_SECONDS
    question = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while time.monotonic() < ends_at:
        with connection.cursor() as cursor:
            cursor.execute(question)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for what is held")


def apply_beside(calls: list[Call]) -> set[Status]:
    try:
        return {outcome.status for outcome in apply(calls).outcomes}
    finally:
        connection.close()


@pytest.mark.parametrize("held", ORDER[:2])
@pytest.mark.parametrize("size", [1, MANY], ids=["one by one", "in sets"])
@pytest.mark.parametrize(
    "make",
    [
        lambda number: DeleteObject(thing(number)),
        lambda number: DeletePerson(person(number)),
        lambda number: Unrelate(person(number), thing(number)),
    ],
    ids=["objects", "people", "relationships"],
)
def test_whoever_waits_holds_nothing_that_comes_later(
    make: Callable[[int], Operation], size: int, held: str
) -> None:
    workspace = fill()
    with ThreadPoolExecutor(1) as pool:
        with another_writer() as other:
            other.execute(f"SELECT id FROM {held} FOR UPDATE")
            applied = pool.submit(apply_beside, calls_of(workspace, make, size))
            wait_until_somebody_waits()
            for later in ORDER[ORDER.index(held) + 1 :]:
                other.execute(f"SELECT id FROM {later} FOR UPDATE NOWAIT")
        assert applied.result(WAIT_SECONDS) == {Status.DELETED}
    assert_consistent(workspace)


def test_relating_writes_in_the_same_order() -> None:
    workspace = fill()
    again = calls_of(workspace, lambda number: Relate(person(number), thing((number + 1) % MANY)))
    change = Call(origin(workspace), (Relate(person(0), thing(0), {"role": "guest"}),))
    with count_statements() as seen:
        apply([*again, change])
    written = ("UPDATE people_p", "UPDATE objects_o", "COPY relationships", "UPDATE relationships")
    found = [next(at for at, sql in enumerate(seen) if sql.startswith(text)) for text in written]
    assert found == sorted(found)
