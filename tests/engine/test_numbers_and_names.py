"""What must not come back: numbers of deleted types, names of suppressed people."""

import pytest

from objects.models import Object
from operations.engine import apply
from operations.errors import Reason
from operations.limits import NAME_MAX_CHARS
from operations.models import Activity
from operations.results import Status
from operations.types import (
    Call,
    DeleteObjectType,
    IdentifyObject,
    IdentifyPerson,
    MergePeople,
    ObjectKey,
    PersonKey,
    Rules,
    SaveObjectType,
    Suppress,
    Unsuppress,
)
from people.models import Person, Suppression
from tests.make import apply_one, make_person, origin
from workspaces.models import Workspace

ADA, BOB = PersonKey(id="ada"), PersonKey(id="bob")


def test_the_number_of_a_deleted_type_is_not_used_again(workspace: Workspace) -> None:
    apply_one(workspace, SaveObjectType(number=5, name="Five"))
    apply_one(workspace, DeleteObjectType(5))
    again = apply_one(workspace, SaveObjectType(number=5, name="Five"))
    assert [one.reason for one in again.rejections] == [Reason.CONFLICT]
    named = IdentifyObject(ObjectKey("a", 5))
    call = Call(origin(workspace), (named,), rules=Rules(creates_types=True))
    assert apply([call]).outcomes[0].rejections[0].field == "object_type_id"
    assert apply_one(workspace, SaveObjectType(number=4, name="Four")).status is Status.CREATED


def test_suppressing_redacts_what_was_merged_into_the_person(workspace: Workspace) -> None:
    for key in (ADA, BOB, PersonKey(id="eve")):
        apply_one(workspace, IdentifyPerson(key, {"secret": f"of {key.id}"}))
    apply_one(workspace, MergePeople(BOB, PersonKey(id="eve")))
    apply_one(workspace, MergePeople(ADA, BOB))
    apply_one(workspace, Suppress(ADA))
    log = Activity.objects.for_workspace(workspace).exclude(cio_id=None)
    assert log.count() == 7
    assert not log.exclude(person_id=None).exists()
    assert not any("secret" in str([entry.before, entry.after]) for entry in log)


def test_identifiers_blocked_together_are_freed_by_the_cio_id(workspace: Workspace) -> None:
    person = make_person(workspace, "ada", email="ada@example.com")
    apply_one(workspace, Suppress(ADA))
    assert Suppression.objects.filter(workspace=workspace).count() == 2
    freed = apply_one(workspace, Unsuppress(PersonKey(cio_id=person.cio_id)))
    assert freed.status is Status.UPDATED
    assert not Suppression.objects.filter(workspace=workspace).exists()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * (NAME_MAX_CHARS - 1), "x" * (NAME_MAX_CHARS - 1)),
        ("x" * NAME_MAX_CHARS, "x" * NAME_MAX_CHARS),
        ("x" * (NAME_MAX_CHARS + 1), "x" * (NAME_MAX_CHARS - 1) + "…"),
    ],
)
def test_a_name_that_goes_on_says_so(workspace: Workspace, text: str, shown: str) -> None:
    apply_one(workspace, IdentifyObject(ObjectKey("a"), {"name": text}))
    apply_one(workspace, IdentifyPerson(ADA, {"first_name": text}))
    assert Object.objects.get().name == shown
    assert Person.objects.get().name == shown
