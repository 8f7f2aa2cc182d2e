"""What another writer commits between two reads of a batch; SQLite lets nobody in between."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest
from django.db import connection

from objects.models import Object, ObjectType
from operations.engine import apply, preview
from operations.errors import Reason
from operations.results import Outcome, Status
from operations.types import (
    AddDevice,
    Call,
    DeleteObject,
    DeleteObjectType,
    DeletePerson,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    SaveObjectType,
)
from people.models import Device, Person
from tests.engine.state import assert_consistent
from tests.engine.statements import watch_statements
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, origin
from workspaces.models import Workspace

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db(transaction=True)]

ACME, ADA, BOB = ObjectKey("acme"), PersonKey(id="ada"), PersonKey(id="bob")


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    """Make a workspace with the object acme of type 1, which a second writer can see."""
    made = make_workspace()
    make_object(make_type(made, number=1), "acme")
    return made


@contextmanager
def another_writer(workspace: Workspace, *operations: Operation, after: str) -> Iterator[None]:
    """Apply the operations from elsewhere, once, after the first statement about a table."""
    waiting = [operations]

    def write() -> None:
        apply_one(workspace, *waiting.pop())
        connection.close()

    def watch(statement: str) -> None:
        if waiting and f"{after} " in statement:
            with ThreadPoolExecutor(max_workers=1) as pool:
                pool.submit(write).result()

    with watch_statements(watch):
        yield
    assert not waiting, "nobody has read that table"


def apply_all(workspace: Workspace, operations: Sequence[Operation]) -> list[Outcome]:
    made = origin(workspace)
    return list(apply([Call(made, (operation,)) for operation in operations]).outcomes)


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        (IdentifyPerson(ADA, {"plan": "gold"}), Status.UPDATED),
        (DeletePerson(ADA), Status.DELETED),
    ],
    ids=["identified", "deleted"],
)
def test_a_person_who_was_made_and_related_meanwhile(
    operation: Operation, status: Status, workspace: Workspace
) -> None:
    with another_writer(workspace, Relate(ADA, ACME), after="people_person"):
        outcomes = apply_all(workspace, [DeleteObject(ACME), operation])
    assert [outcome.status for outcome in outcomes] == [Status.DELETED, status]
    assert_consistent(workspace)


def test_a_preview_of_somebody_who_was_deleted_meanwhile(workspace: Workspace) -> None:
    apply_one(workspace, Relate(ADA, ACME))
    calls = [Call(origin(workspace), (DeleteObject(ACME),))]
    with another_writer(workspace, DeletePerson(ADA), after="relationships_relationship"):
        changes = preview(calls).outcomes[0].changes
    assert [change.kind for change in changes] == ["object"]


def test_an_object_that_was_made_and_related_meanwhile(workspace: Workspace) -> None:
    make_person(workspace, "ada")
    key = ObjectKey("new")
    with another_writer(workspace, Relate(ADA, key), after="objects_object"):
        outcomes = apply_all(workspace, [DeletePerson(ADA), IdentifyObject(key, {"plan": "gold"})])
    assert [outcome.status for outcome in outcomes] == [Status.DELETED, Status.UPDATED]
    assert_consistent(workspace)


def test_an_object_type_that_was_made_meanwhile(workspace: Workspace) -> None:
    make_person(workspace, "ada")
    meanwhile = SaveObjectType(2, "Courses"), Relate(ADA, ObjectKey("latin", 2))
    with another_writer(workspace, *meanwhile, after="objects_objecttype"):
        outcomes = apply_all(workspace, [DeletePerson(ADA)])
    assert outcomes[0].status is Status.DELETED
    assert_consistent(workspace)


def test_a_device_of_somebody_who_was_made_meanwhile(workspace: Workspace) -> None:
    make_person(workspace, "ada")
    with another_writer(workspace, AddDevice(BOB, "token"), after="people_person"):
        outcomes = apply_all(
            workspace, [AddDevice(ADA, "token"), IdentifyPerson(BOB, {"plan": "gold"})]
        )
    assert [outcome.status for outcome in outcomes] == [Status.UPDATED, Status.UPDATED]
    assert Device.objects.get().person == Person.objects.get(person_id="ada")


def test_an_object_type_that_was_deleted_meanwhile_is_not_made_again(
    workspace: Workspace,
) -> None:
    operations = [IdentifyObject(ObjectKey(f"new {number}")) for number in range(500)]
    with another_writer(workspace, DeleteObjectType(1), after="objects_object"):
        outcomes = apply_all(workspace, operations)
    assert {outcome.rejections[0].reason for outcome in outcomes} == {Reason.CONFLICT}
    assert not ObjectType.objects.for_workspace(workspace).exists()
    assert not Object.objects.for_workspace(workspace).exists()


def test_a_batch_that_loses_every_race_is_let_through_alone(workspace: Workspace) -> None:
    """A person of the batch is made by somebody else after each of its reads."""
    keys = [PersonKey(id=f"person {number}") for number in range(20)]
    waiting = list(keys)
    others: list[Future[Outcome]] = []

    def watch(statement: str) -> None:
        if "FROM unnest" in statement and "people_person " in statement:
            others.append(pool.submit(write, IdentifyPerson(waiting.pop(0), {"other": 1})))
            wait(others, timeout=1)

    def write(operation: Operation) -> Outcome:
        try:
            return apply_one(workspace, operation)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool, watch_statements(watch):
        outcomes = apply_all(workspace, [IdentifyPerson(key, {"ours": 1}) for key in keys])
    assert {other.result().status for other in others} <= {Status.CREATED, Status.UPDATED}
    assert {outcome.status for outcome in outcomes} == {Status.CREATED, Status.UPDATED}
    assert all(person.attributes["ours"] == 1 for person in Person.objects.all())
    assert_consistent(workspace)
