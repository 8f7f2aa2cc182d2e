"""An undo leaves what something else has touched since, says why, and does all the rest."""

from threading import Thread

import pytest
from django.db import connection

from objects.models import Object
from operations.engine import apply, open_change_set, preview
from operations.models import Activity
from operations.results import Status
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteObject,
    DeleteObjectType,
    DeletePerson,
    IdentifyObject,
    IdentifyPerson,
    MergePeople,
    ObjectKey,
    PersonKey,
    Relate,
    SaveObjectType,
    Suppress,
    UndoChange,
    Unrelate,
)
from people.models import Person, Segment
from tests.engine.state import assert_consistent
from tests.engine.statements import watch_statements
from tests.engine.test_clear import fill, number_of
from tests.engine.test_undo import person, thing
from tests.engine.undoing import apply_as_one, refused, said_now, stored, undo
from tests.make import make_workspace
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small() -> Workspace:
    return fill(6)


def test_a_row_changed_since_stays_and_the_others_come_back(small: Workspace) -> None:
    before = stored(small)
    operations = [IdentifyObject(thing(number), {"plan": "x"}) for number in range(6)]
    change_set = apply_as_one(small, operations)
    apply_as_one(small, [IdentifyObject(thing(2), {"other": 1})])
    after = stored(small)
    messages = refused(undo(small, change_set))
    assert len(messages) == 1
    assert "was changed by something else" in messages[0]
    found = stored(small)["objects"]
    assert [row for row in found if row not in before["objects"]] == [
        row for row in after["objects"] if row["object_id"] == "object-2"
    ]


def test_a_change_in_between_is_a_conflict_too(small: Workspace) -> None:
    said = said_now(small)
    change_set = open_change_set(said)
    first, second = ({"plan": value} for value in ("first", "second"))
    apply([Call(said, (IdentifyObject(thing(0), first),))], change_set=change_set)
    apply_as_one(small, [IdentifyObject(thing(0), {"plan": "between"})])
    apply([Call(said, (IdentifyObject(thing(0), second),))], change_set=change_set)
    assert len(refused(undo(small, change_set))) == 1
    row = Object.objects.get(workspace=small, object_id="object-0")
    assert row.attributes["plan"] == "between"


def test_what_was_created_and_used_since_stays(small: Workspace) -> None:
    made = [
        IdentifyPerson(PersonKey(id="related"), {}),
        IdentifyPerson(PersonKey(id="with a device"), {}),
        IdentifyPerson(PersonKey(id="in a segment"), {}),
        IdentifyPerson(PersonKey(id="changed"), {}),
        IdentifyPerson(PersonKey(id="gone"), {}),
        IdentifyPerson(PersonKey(id="as it was"), {}),
        IdentifyObject(ObjectKey("related"), {}),
    ]
    change_set = apply_as_one(small, made)
    apply_as_one(
        small,
        [
            Relate(PersonKey(id="related"), ObjectKey("related"), {}),
            AddDevice(PersonKey(id="with a device"), "token"),
            AddToSegment(PersonKey(id="in a segment"), 1),
            IdentifyPerson(PersonKey(id="changed"), {"plan": "x"}),
            DeletePerson(PersonKey(id="gone")),
        ],
    )
    outcomes = undo(small, change_set)
    assert [outcome.status for outcome in outcomes] == [
        Status.REFUSED,
        Status.DELETED,
        Status.UNCHANGED,
        Status.REFUSED,
        Status.REFUSED,
        Status.REFUSED,
        Status.REFUSED,
    ]
    messages = refused(outcomes)
    assert "relationships that were added otherwise (1)" in messages[0]
    assert "changed by something else" in messages[1]
    assert "devices or memberships" in messages[2]
    assert "devices or memberships" in messages[3]
    assert_consistent(small)


def test_what_is_gone_or_taken_stays_so(small: Workspace) -> None:
    change_set = apply_as_one(
        small,
        [
            IdentifyObject(thing(0), {"plan": "x"}),
            DeleteObject(thing(1)),
            DeletePerson(person(2)),
            DeletePerson(person(3)),
            Unrelate(person(5), thing(5)),
        ],
    )
    apply_as_one(
        small,
        [
            DeleteObject(thing(0)),
            IdentifyObject(thing(1), {}),
            IdentifyPerson(PersonKey(email="person.2@example.com"), {}),
            Suppress(PersonKey(id="person-3")),
            Relate(person(5), thing(5), {}),
        ],
    )
    messages = refused(undo(small, change_set))
    for part in (
        "have been related again since",
        'id "person-3" is suppressed',
        "belongs to another person by now",
        'there is an object with the object_id "object-1" again',
        "was deleted since, so there is nothing to put values into",
        "the person that was related is not there, or did not come back",
    ):
        assert any(part in message for message in messages), (part, messages)
    assert_consistent(small)


def test_nothing_of_a_suppressed_person_comes_back(small: Workspace) -> None:
    changed = apply_as_one(small, [IdentifyPerson(person(0), {"plan": "x"})])
    deleted = apply_as_one(small, [DeletePerson(person(1))])
    cio_id = str(Activity.objects.get(change_set=deleted, kind="person").cio_id)
    apply_as_one(small, [Suppress(person(0)), Suppress(PersonKey(id="person-1"))])
    assert "a person was suppressed" in refused(undo(small, changed))[0]
    assert "person-1" in refused(undo(small, deleted))[-1] or cio_id
    assert not Person.objects.filter(workspace=small, person_id__in=["person-0", "person-1"])
    log = Activity.objects.filter(workspace=small, before_row__isnull=False)
    assert not log.filter(cio_id=Activity.objects.get(change_set=changed).cio_id).exists()


def test_devices_and_memberships_that_are_elsewhere_by_now_stay_there(small: Workspace) -> None:
    change_set = apply_as_one(small, [DeletePerson(person(0))])
    apply_as_one(small, [AddDevice(person(1), "token 0")])
    Segment.objects.filter(workspace=small).delete()
    outcomes = undo(small, change_set)
    assert not refused(outcomes)
    said = [one.message for outcome in outcomes for one in outcome.warnings]
    assert 'the device "token 0" belongs to another person by now and stays there' in said
    assert "a segment that the person was in is not there any more" in said
    assert Person.objects.get(workspace=small, person_id="person-0").devices.count() == 0


def test_the_object_type_does_not_come_back(small: Workspace) -> None:
    change_set = apply_as_one(small, [DeleteObject(thing(0))])
    apply_as_one(small, [DeleteObjectType(number_of(0))])
    assert refused(undo(small, change_set)) == ["the object type 1 is not there any more"]


def test_other_changes_are_refused_each_with_its_kind(small: Workspace) -> None:
    change_set = apply_as_one(
        small,
        [
            AddDevice(person(1), "new token"),
            MergePeople(person(2), person(1)),
            SaveObjectType(name="New"),
        ],
    )
    kinds = {
        message.partition("(")[2].partition(")")[0] for message in refused(undo(small, change_set))
    }
    assert {"object type", "merge", "device"} <= kinds


def test_the_log_of_another_workspace_is_not_undone(small: Workspace) -> None:
    change_set = apply_as_one(small, [IdentifyObject(thing(0), {"plan": "x"})])
    key = Activity.objects.get(change_set=change_set).pk
    other = make_workspace()
    outcome = apply([Call(said_now(other), (UndoChange(key),))]).outcomes[0]
    assert "has no activity" in outcome.rejections[0].message
    preview([Call(said_now(other), (UndoChange(2**63 - 1),))])
    assert apply([Call(said_now(other), (UndoChange(2**63),))]).outcomes[0].rejections


def test_what_an_earlier_version_logged_is_refused(small: Workspace) -> None:
    change_set = apply_as_one(small, [IdentifyObject(thing(0), {"plan": "x"})])
    Activity.objects.filter(change_set=change_set).update(before_row=None)
    assert "does not hold what is needed" in refused(undo(small, change_set))[0]


@pytest.mark.postgresql_only
def test_an_id_that_is_taken_at_the_same_moment_is_a_conflict(small: Workspace) -> None:
    change_set = apply_as_one(small, [DeleteObject(thing(0)), DeleteObject(thing(1))])
    begun: list[str] = []

    def take() -> None:
        try:
            apply_as_one(small, [IdentifyObject(thing(0), {"plan": "taken"})])
        finally:
            connection.close()

    def watch(sql: str) -> None:
        if not begun and "FROM objects_object" in sql:
            begun.append(sql)
            other = Thread(target=take)
            other.start()
            other.join()

    with watch_statements(watch):
        messages = refused(undo(small, change_set))
    assert begun
    assert 'there is an object with the object_id "object-0" again' in messages
    row = Object.objects.get(workspace=small, object_id="object-0")
    assert row.attributes["plan"] == "taken"
    assert Object.objects.filter(workspace=small, object_id="object-1").exists()
    assert_consistent(small)
