"""Within one batch a key can come to name another row than when the batch was loaded."""

import pytest

from operations.engine import apply
from operations.engine.segments import SegmentDefinition, save_segment
from operations.results import Status
from operations.types import (
    AddToSegment,
    Call,
    DeletePerson,
    Door,
    Identifiers,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    Unrelate,
)
from operations.wire.rules import RULES
from people.models import Person, SegmentMember
from relationships.models import Relationship
from tests.engine.state import assert_consistent
from tests.make import apply_one, origin
from workspaces.models import Workspace

MAIL = "ada@example.com"
ADA, BOB, OF_ADA = PersonKey(id="ada"), PersonKey(id="bob"), PersonKey(email=MAIL)
ACME = ObjectKey("acme")
# Afterwards bob, or the e-mail, is somebody who was stored under another name.
RENAMES: dict[str, tuple[Operation, PersonKey]] = {
    "found by the e-mail, takes the id on": (
        IdentifyPerson(BOB, identifiers=Identifiers(email=MAIL)),
        BOB,
    ),
    "gets an e-mail": (
        IdentifyPerson(ADA, identifiers=Identifiers(email="a@b.c")),
        PersonKey(email="A@b.c"),
    ),
}


@pytest.fixture(params=RENAMES)
def renamed(request: pytest.FixtureRequest, workspace: Workspace) -> tuple[Operation, PersonKey]:
    """Relate somebody and say which operation gives them which other name."""
    operation, key = RENAMES[request.param]
    email = MAIL if key is BOB else None
    apply_one(workspace, IdentifyPerson(ADA, identifiers=Identifiers(email=email)))
    apply_one(workspace, Relate(ADA, ACME, {"role": "owner"}))
    return operation, key


def apply_after(
    workspace: Workspace, renamed: tuple[Operation, PersonKey], *operations: Operation
) -> list[Status]:
    made = origin(workspace)
    calls = [Call(made, (operation,)) for operation in (renamed[0], *operations)]
    return [outcome.status for outcome in apply(calls).outcomes[1:]]


def test_deletes_who_has_the_name_by_then(renamed, workspace: Workspace) -> None:
    assert apply_after(workspace, renamed, DeletePerson(renamed[1])) == [Status.DELETED]
    assert not Person.objects.exists()
    assert_consistent(workspace)


def test_merges_into_the_relationship_of_who_has_the_name_by_then(
    renamed, workspace: Workspace
) -> None:
    change = Relate(renamed[1], ACME, {"since": 2020})
    assert apply_after(workspace, renamed, change) == [Status.UPDATED]
    assert Relationship.objects.get().attributes == {"role": "owner", "since": 2020}
    assert_consistent(workspace)


def test_ends_the_relationship_of_who_has_the_name_by_then(renamed, workspace: Workspace) -> None:
    assert apply_after(workspace, renamed, Unrelate(renamed[1], ACME)) == [Status.DELETED]
    assert_consistent(workspace)


def test_knows_the_segments_of_who_has_the_name_by_then(renamed, workspace: Workspace) -> None:
    clients = SegmentDefinition(name="Clients", condition=None)
    number = save_segment(clients, origin=origin(workspace)).number
    apply_one(workspace, AddToSegment(ADA, number))
    assert apply_after(workspace, renamed, AddToSegment(renamed[1], number)) == [Status.UNCHANGED]
    assert SegmentMember.objects.count() == 1


def test_an_unknown_cio_object_id_finds_the_relationship_by_the_object_id(
    workspace: Workspace,
) -> None:
    apply_one(workspace, Relate(ADA, ACME))
    apply_one(workspace, Relate(ADA, ObjectKey("obfe")))
    for key in (ObjectKey("acme", 1, "ob0123"), ObjectKey(None, 1, "obfe")):
        call = Call(origin(workspace), (Relate(ADA, key, {"role": "owner"}),), RULES[Door.CSV])
        assert apply([call]).outcomes[0].status is Status.UPDATED
    assert_consistent(workspace)
