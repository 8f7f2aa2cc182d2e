"""A batch that only deletes ends as it does row by row: rows, log, counts and outcomes."""

import json
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import pytest
from django.db import connection

from objects.models import Object
from operations.engine import apply, open_change_set
from operations.engine.clear import CLEAR_FROM_CALLS
from operations.models import ChangeSet
from operations.results import Outcome, Status
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteObject,
    DeletePerson,
    Handling,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    Rules,
    Unrelate,
)
from people.models import Person, Segment
from relationships.models import Relationship
from tests.engine.state import (
    activity_of,
    assert_consistent,
    latest_activity,
    rows_of,
    whole_database,
)
from tests.engine.statements import count_statements
from tests.engine.test_failpoints import InjectedError, fail_after
from tests.engine.test_sieve import STORED
from tests.make import make_type, make_workspace, origin
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = CLEAR_FROM_CALLS + 20
STATEMENTS_MAX = 20
LARGE: dict[str, Json] = {"text": "ä%s\\'\"" * 11_300, "share": 1.0}
VALUES: tuple[dict[str, Json], ...] = ({}, STORED, {"name": "Zoë\n\u2028"}, {"a b": [None, {}]})
SKIPPING = Rules(unknown_cio_id=Handling.SKIP, unknown_cio_object_id=Handling.SKIP)
STRICT = Rules()

Maker = Callable[[Workspace, int], Operation]


def number_of(number: int) -> int:
    """Give the type of an object."""
    return 1 + number % 2


def email(number: int) -> str:
    return f"Person.{number}@Example.com"


def relates(number: int, size: int = ROWS) -> list[int]:
    """List the objects of a person: none, one, two or three."""
    return [(number * 7 + step * 11) % size for step in range(number % 4)]


def fill(size: int = ROWS) -> Workspace:
    """Make people and objects with all that can hang on them."""
    ids_of.cache_clear()
    first_objects_of.cache_clear()
    workspace = make_workspace()
    make_type(workspace, "Companies", number=1)
    make_type(workspace, "Courses", number=2)
    Segment.objects.create(workspace=workspace, number=1, name="First")
    rows: list[Operation] = []
    for number in range(size):
        values = LARGE if number == 5 else VALUES[number % len(VALUES)]
        wanted = Identifiers(email=email(number))
        rows.append(IdentifyPerson(PersonKey(id=f"person-{number}"), values, wanted))
        rows.append(IdentifyObject(ObjectKey(f"object-{number}", number_of(number)), values))
    for number in range(size):
        person = PersonKey(id=f"person-{number}")
        for related in relates(number, size):
            key = ObjectKey(f"object-{related}", number_of(related))
            values = LARGE if number == 6 else VALUES[(number + related) % len(VALUES)]
            rows.append(Relate(person, key, values))
        if number % 3 == 0:
            device = AddDevice(person, f"token {number}", "ios", {"a b": [None, "ä'\\"]})
            rows += [device, AddToSegment(person, 1)]
    outcomes = apply([Call(origin(workspace), (row,)) for row in rows]).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.CREATED}
    return workspace


@lru_cache
def ids_of(workspace: int) -> dict[str, str]:
    """Read the generated id of each person and object by its name."""
    people = Person.objects.for_workspace(workspace).values_list("person_id", "cio_id")
    objects = Object.objects.for_workspace(workspace).values_list("object_id", "cio_object_id")
    return {str(name): generated for name, generated in [*people, *objects]}


@lru_cache
def first_objects_of(workspace: int) -> dict[str, int]:
    """Read which object each person was related to first."""
    rows = Relationship.objects.for_workspace(workspace).order_by("-pk")
    pairs = rows.values_list("person__person_id", "object__object_id")
    return {str(person): int(related.removeprefix("object-")) for person, related in pairs}


def cio_id(workspace: Workspace, number: int) -> str:
    return ids_of(workspace.pk).get(f"person-{number}", f"{number:024x}")


def cio_object_id(workspace: Workspace, number: int) -> str:
    return ids_of(workspace.pk).get(f"object-{number}", f"ob{number:024x}")


def object_by_id(workspace: Workspace, number: int) -> Operation:
    return DeleteObject(ObjectKey(f"object-{number}", number_of(number)))


def object_by_generated_id(workspace: Workspace, number: int) -> Operation:
    return DeleteObject(ObjectKey(cio_object_id=cio_object_id(workspace, number)))


def person_by_id(workspace: Workspace, number: int) -> Operation:
    return DeletePerson(PersonKey(id=f"person-{number}"))


def person_by_email(workspace: Workspace, number: int) -> Operation:
    return DeletePerson(PersonKey(email=email(number).swapcase()))


def person_by_generated_id(workspace: Workspace, number: int) -> Operation:
    return DeletePerson(PersonKey(cio_id=cio_id(workspace, number)))


def first_object_of(workspace: Workspace, number: int) -> int:
    """Give the object of a person that was related first, or one that is not related."""
    return first_objects_of(workspace.pk).get(f"person-{number}", number)


def end_by_id(workspace: Workspace, number: int) -> Operation:
    related = first_object_of(workspace, number)
    key = ObjectKey(f"object-{related}", number_of(related))
    return Unrelate(PersonKey(id=f"person-{number}"), key)


def end_by_generated_id(workspace: Workspace, number: int) -> Operation:
    related = first_object_of(workspace, number)
    key = ObjectKey(cio_object_id=cio_object_id(workspace, related), object_type_id=2)
    return Unrelate(PersonKey(cio_id=cio_id(workspace, number)), key)


MAKERS = [
    object_by_id,
    object_by_generated_id,
    person_by_id,
    person_by_email,
    person_by_generated_id,
    end_by_id,
    end_by_generated_id,
]


def batch(workspace: Workspace, make: Maker) -> list[Operation]:
    """Name most rows in no order, some twice, some that are not there, and some wrongly."""
    numbers = list(range(ROWS - 7))
    random.Random(3).shuffle(numbers)
    numbers[20:20] = [ROWS + 1, numbers[0], numbers[40]]
    operations = [make(workspace, number) for number in numbers]
    wrong: list[Operation]
    match operations[3]:
        case DeleteObject():
            wrong = [DeleteObject(ObjectKey("x" * 151)), DeleteObject(ObjectKey())]
        case DeletePerson():
            wrong = [DeletePerson(PersonKey(id="")), DeletePerson(PersonKey())]
        case _:
            wrong = [Unrelate(PersonKey(id="\x00"), ObjectKey("x"))]
    operations[50:50] = wrong
    return operations


def calls_of(
    workspace: Workspace, operations: Sequence[Operation], *, rules: Rules = STRICT
) -> list[Call]:
    said = origin(workspace)
    return [Call(said, (operation,), rules) for operation in operations]


def apply_whole(
    workspace: Workspace, operations: Sequence[Operation], *, rules: Rules, change_set: int
) -> list[Outcome]:
    calls = calls_of(workspace, operations, rules=rules)
    return apply(calls, change_set=change_set).outcomes


def apply_in_parts(
    workspace: Workspace, operations: Sequence[Operation], *, rules: Rules, change_set: int
) -> list[Outcome]:
    """Apply in batches that are too small to be done in sets."""
    outcomes: list[Outcome] = []
    size = CLEAR_FROM_CALLS - 1
    for start in range(0, len(operations), size):
        part = operations[start : start + size]
        outcomes += apply_whole(workspace, part, rules=rules, change_set=change_set)
    return outcomes


def in_words(outcomes: Sequence[Outcome], names: dict[str, str]) -> list[tuple[object, ...]]:
    """Say what became of each call, with names in place of the generated ids."""

    def worded(text: str) -> str:
        for generated, name in names.items():
            text = text.replace(generated, name)
        return text

    return [
        (
            outcome.status,
            [(one.reason, one.field, worded(one.message)) for one in outcome.rejections],
            [(one.reason, one.field, worded(one.message)) for one in outcome.warnings],
            names.get(outcome.cio_id or ""),
            names.get(outcome.cio_object_id or ""),
            outcome.object_type_number,
            outcome.changes,
        )
        for outcome in outcomes
    ]


def names_of(workspace: Workspace) -> dict[str, str]:
    return {generated: name for name, generated in ids_of(workspace.pk).items()}


def log_of(workspace: Workspace, names: dict[str, str], *, after: int) -> list[tuple[Any, ...]]:
    """Read every column of the log as it is stored, with names in place of generated ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT call_id, cio_id, cio_object_id, CAST(before AS text), received_at, kind, "
            "status, door, actor, object_type_number, object_id, person_id, email, anonymous_id, "
            "name, after, transaction_id IS NULL, change_set_id IS NULL, "
            "CAST(before_row AS text) "
            "FROM operations_activity WHERE workspace_id = %s AND id > %s ORDER BY id",
            [workspace.pk, after],
        )
        rows = cursor.fetchall()
    calls = list(dict.fromkeys(row[0] for row in rows))
    assert all(len(call) == 24 and int(call, 16) for call in calls)
    return [
        (
            calls.index(row[0]),
            *map(names.get, row[1:3]),
            *row[3:-1],
            row[-1] and kept(row[-1]),
        )
        for row in rows
    ]


def kept(text: str) -> dict[str, Any]:
    """Read what an undo needs of a deleted row, without the keys, which differ by workspace."""
    found = json.loads(text)
    assert found.pop("id") > 0
    for member in found.get("segments", ()):
        assert member.pop("segment") > 0
    return found


def counts_of(change_set: int) -> dict[str, int]:
    row = ChangeSet.objects.filter(pk=change_set).values().get()
    return {name: count for name, count in row.items() if name.startswith("rows_")}


@pytest.mark.parametrize("rules", [STRICT, SKIPPING], ids=["strict", "skipping"])
@pytest.mark.parametrize("make", MAKERS)
def test_ends_as_row_by_row(make: Maker, rules: Rules) -> None:
    whole, parts = fill(), fill()
    start = latest_activity()
    untouched = rows_of(parts)
    seen = []
    for workspace, apply_all in ((whole, apply_whole), (parts, apply_in_parts)):
        names = names_of(workspace)
        change_set = open_change_set(origin(workspace))
        operations = batch(workspace, make)
        outcomes = apply_all(workspace, operations, rules=rules, change_set=change_set)
        log = log_of(workspace, names, after=start)
        seen.append((in_words(outcomes, names), log, counts_of(change_set)))
        assert rows_of(parts) == untouched or workspace is parts
    assert seen[0] == seen[1]
    assert counts_of(change_set)["rows_deleted"] > ROWS / 2
    assert rows_of(whole) == rows_of(parts)
    assert activity_of(whole, after=start) == activity_of(parts, after=start)
    assert_consistent(whole)
    assert_consistent(parts)


@pytest.mark.parametrize("make", MAKERS)
def test_takes_as_many_statements_however_many(make: Maker) -> None:
    few, many = (statements_for(make, size) for size in (4 * CLEAR_FROM_CALLS, 600))
    assert len(few) == len(many)
    assert len(many) <= STATEMENTS_MAX, "\n".join(many)
    assert not [sql for sql in many if "raw.version" in sql], "a row was read into a slot"


def statements_for(make: Maker, size: int) -> list[str]:
    workspace = fill(size)
    has_row = [number for number in range(size) if relates(number, size)]
    calls = calls_of(workspace, [make(workspace, number) for number in has_row])
    with count_statements() as seen:
        outcomes = apply(calls).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.DELETED}
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("make", [object_by_id, person_by_id, end_by_id])
def test_a_failure_after_any_statement_leaves_no_trace(make: Maker) -> None:
    workspace = fill()
    change_set = open_change_set(origin(workspace))
    calls = calls_of(workspace, batch(workspace, make))
    before = whole_database()
    number = 0
    while True:
        try:
            with fail_after(number):
                apply(calls, change_set=change_set)
        except InjectedError as error:
            assert whole_database() == before, f"after statement {number}: {error}"
            number += 1
        else:
            break
    assert number > 5, "the batch has to take more statements than that"
    assert counts_of(change_set)["rows_deleted"] > ROWS / 2
    assert_consistent(workspace)


def test_a_mixed_batch_goes_the_general_way() -> None:
    whole, parts = fill(), fill()
    seen = []
    for workspace, apply_all in ((whole, apply_whole), (parts, apply_in_parts)):
        names = names_of(workspace)
        operations = [object_by_id(workspace, number) for number in range(CLEAR_FROM_CALLS)]
        operations.insert(9, object_by_generated_id(workspace, 3))
        operations.insert(7, IdentifyObject(ObjectKey("object-90", 1), {"name": "New"}))
        operations.append(IdentifyObject(ObjectKey("object-90", 1), {"name": "New"}))
        change_set = open_change_set(origin(workspace))
        outcomes = apply_all(workspace, operations, rules=STRICT, change_set=change_set)
        seen.append(in_words(outcomes, names))
    assert [each[:3] for each in seen[0]] == [each[:3] for each in seen[1]]
    assert rows_of(whole) == rows_of(parts)
    assert activity_of(whole) == activity_of(parts)
