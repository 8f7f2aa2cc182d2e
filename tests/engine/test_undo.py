"""Undoing a change set puts every row back as it was: values, times, instants, keys and counts."""

from collections.abc import Callable

import pytest

from objects.models import Object
from operations.engine import apply, preview
from operations.engine.clear import CLEAR_FROM_CALLS
from operations.models import Activity
from operations.results import Status
from operations.types import (
    Call,
    DeleteObject,
    DeletePerson,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    UndoChange,
    Unrelate,
)
from people.models import Person
from tests.engine.state import assert_consistent, whole_database
from tests.engine.statements import count_statements, watch_statements
from tests.engine.test_clear import email, fill, number_of
from tests.engine.test_failpoints import InjectedError, fail_after
from tests.engine.undoing import apply_as_one, differences, refused, said_now, stored, undo
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = CLEAR_FROM_CALLS + 20
STATEMENTS_MAX = 50


def person(number: int) -> PersonKey:
    return PersonKey(id=f"person-{number}")


def thing(number: int) -> ObjectKey:
    return ObjectKey(f"object-{number}", number_of(number))


def import_objects(number: int) -> list[Operation]:
    """Change a known object, leave another as it is, make a new one and change that again."""
    return [
        IdentifyObject(thing(number), {"name": f"Name {number}", "plan": None, "text": "x"}),
        IdentifyObject(ObjectKey(f"new-{number}"), {"name": "New", "created_at": number}),
        IdentifyObject(ObjectKey(f"new-{number}"), {"name": "Newer", "created_at": 5}),
        IdentifyObject(thing(number), {"created_at": 1_000 + number, "plan": "z"}),
    ]


def import_people(number: int) -> list[Operation]:
    """Change values, e-mails and ids, and make people known by one of them or by both."""
    wanted = Identifiers(email=f"moved.{number}@example.com")
    taken = Identifiers(id=f"renamed-{number}")
    return [
        IdentifyPerson(person(number), {"first_name": "Zoë", "name": ""}, wanted),
        IdentifyPerson(PersonKey(id=f"new-{number}"), {"plan": "a"}),
        IdentifyPerson(PersonKey(email=f"only.{number}@example.com"), {"plan": "a"}),
        IdentifyPerson(PersonKey(email=f"only.{number}@example.com"), {"plan": "b"}, taken),
    ]


def import_relationships(number: int) -> list[Operation]:
    """Change relationships, add some between known rows, and some whose rows are new too."""
    return [
        Relate(person(number), thing((number * 7) % ROWS), {"role": "guest", "plan": None}),
        Relate(person(number), thing((number * 5 + 1) % ROWS), {"role": "owner"}),
        Relate(PersonKey(id=f"new-{number}"), ObjectKey(f"new-{number % 9}"), {"since": number}),
    ]


def delete_objects(number: int) -> list[Operation]:
    return [DeleteObject(thing(number))]


def delete_people(number: int) -> list[Operation]:
    return [DeletePerson(person(number))]


def end_relationships(number: int) -> list[Operation]:
    return [Unrelate(person(number), thing((number * 7) % ROWS))]


def everything(number: int) -> list[Operation]:
    """Do all of it to the same rows, so that changes build on each other."""
    return [
        *import_objects(number),
        *import_people(number),
        *import_relationships(number),
        *(delete_objects(number) if number % 3 == 0 else []),
        *(delete_people(number) if number % 5 == 0 else []),
        *(import_relationships(number) if number % 2 else end_relationships(number)),
    ]


WORKS = [
    import_objects,
    import_people,
    import_relationships,
    delete_objects,
    delete_people,
    end_relationships,
    everything,
]


@pytest.mark.parametrize("size", [40, 5_000], ids=["in parts", "at once"])
@pytest.mark.parametrize("make", WORKS)
def test_every_row_is_as_it_was(make: Callable[[int], list[Operation]], size: int) -> None:
    workspace = fill(ROWS)
    before = stored(workspace)
    operations = [one for number in range(ROWS - 5) for one in make(number)]
    change_set = apply_as_one(workspace, operations, chunk=size)
    assert stored(workspace) != before
    outcomes = undo(workspace, change_set, chunk=37 if size == 40 else 1_000)
    refused = [one.rejections for one in outcomes if one.status is Status.REFUSED]
    assert not refused
    assert not differences(before, stored(workspace))
    assert_consistent(workspace)


@pytest.fixture
def small() -> Workspace:
    return fill(6)


def test_chained_undos_go_back_one_by_one(small: Workspace) -> None:
    states = [stored(small)]
    sets = []
    for number in range(3):
        operations: list[Operation] = [
            IdentifyObject(thing(0), {"plan": number}),
            IdentifyPerson(person(0), {"plan": number}),
        ]
        sets.append(apply_as_one(small, operations))
        states.append(stored(small))
    for number in (2, 1, 0):
        assert not refused(undo(small, sets[number]))
        assert not differences(states[number], stored(small))


def test_people_hand_their_identifiers_on_and_get_them_back(small: Workspace) -> None:
    before = stored(small)
    cio_ids = dict(Person.objects.filter(workspace=small).values_list("person_id", "cio_id"))
    handed: list[Operation] = [
        IdentifyPerson(
            PersonKey(cio_id=cio_ids[f"person-{number}"]), {}, Identifiers(email=f"{step}@x.de")
        )
        for step, number in enumerate((0, 1, 2))
    ]
    handed += [
        IdentifyPerson(
            PersonKey(cio_id=cio_ids[f"person-{number}"]), {}, Identifiers(email=email(other))
        )
        for number, other in ((1, 0), (2, 1), (0, 2))
    ]
    for chunk in (100, 1):
        change_set = apply_as_one(small, handed)
        assert not refused(undo(small, change_set, chunk=chunk))
        assert not differences(before, stored(small))


def test_a_version_is_never_given_twice(small: Workspace) -> None:
    before = Object.objects.get(workspace=small, object_id="object-0").version
    for _ in range(2):
        change_set = apply_as_one(small, [IdentifyObject(thing(0), {"plan": "x"})])
        undo(small, change_set)
    assert Object.objects.get(workspace=small, object_id="object-0").version == before + 4


def test_created_rows_and_single_calls_log_nothing_more(small: Workspace) -> None:
    apply_as_one(small, [IdentifyObject(ObjectKey("new"), {"plan": "x"})])
    apply([Call(said_now(small), (IdentifyObject(thing(0), {"plan": "x"}),))])
    assert not Activity.objects.filter(workspace=small, before_row__isnull=False).exists()


def test_the_preview_tells_what_the_undo_does(small: Workspace) -> None:
    operations = [one for number in range(5) for one in everything(number)]
    change_set = apply_as_one(small, operations)
    apply_as_one(small, [IdentifyObject(thing(1), {"other": 1})])
    keys = list(Activity.objects.filter(change_set=change_set).order_by("-pk").values_list("pk"))
    calls = [Call(said_now(small), (UndoChange(key),)) for (key,) in keys]
    before = stored(small)
    foretold = [(one.status, one.rejections) for one in preview(calls).outcomes]
    assert not differences(before, stored(small))
    done = [(one.status, one.rejections) for one in undo(small, change_set)]
    assert done == foretold
    assert {Status.REFUSED, Status.CREATED, Status.UPDATED, Status.DELETED} <= {
        status for status, _ in done
    }


@pytest.mark.parametrize("make", WORKS)
def test_takes_as_many_statements_however_many(
    make: Callable[[int], list[Operation]],
) -> None:
    counts = []
    for size in (30, 100):
        workspace = fill(size + 10)
        operations = [one for number in range(size) for one in make(number)]
        change_set = apply_as_one(workspace, operations)
        with count_statements() as seen:
            undo(workspace, change_set, chunk=10_000)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] <= STATEMENTS_MAX


def test_a_failure_after_any_statement_leaves_no_trace(small: Workspace) -> None:
    operations = [one for number in range(4) for one in everything(number)]
    change_set = apply_as_one(small, operations)
    keys = list(Activity.objects.filter(change_set=change_set).order_by("-pk").values_list("pk"))
    calls = [Call(said_now(small), (UndoChange(key),)) for (key,) in keys]
    before = whole_database()
    for number in range(STATEMENTS_MAX):
        try:
            with watch_statements(fail_after(number)):
                apply(calls)
        except InjectedError:
            assert whole_database() == before, number
        else:
            return
    raise AssertionError("it never came to its end")
