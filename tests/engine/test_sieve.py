"""A batch of which most calls change nothing ends as it would without the sieve."""

from collections.abc import Sequence
from itertools import count

import pytest
from msgspec.structs import replace

from objects.models import Object
from operations.engine import apply
from operations.engine.form import FORM_FROM_CALLS
from operations.results import Outcome, Status
from operations.types import (
    Call,
    Identifiers,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
    When,
)
from people.models import Person
from relationships.models import Relationship
from tests.engine.makers import Maker, person_by_email, person_by_id, thing
from tests.engine.state import activity_of, assert_consistent, rows_of
from tests.engine.statements import count_statements
from tests.make import make_type, make_workspace, origin
from workspaces.models import Workspace

STORED: dict[str, Json] = {
    "name": "Ähre \\u0041 'quoted' \"twice\" and on",
    "count": 1,
    "share": 1.0,
    "big": 9007199254740993,
    "tiny": 1.5e-7,
    "is_on": True,
    "tags": ["a", {"b": [1, 2.50]}],
    "empty": {},
}
# What the calls of a batch may say of a row that has STORED.
ODD: tuple[dict[str, Json], ...] = (
    {},
    {"share": 1},
    {"count": 1.0},
    {"count": True},
    {"count": "1"},
    {"is_on": 1},
    {"tags": ["a", {"b": [1, 2.5]}]},
    {"tags": ["a", {"b": [1, 3]}]},
    {"tags": [{"b": [1, 2.5]}, "a"]},
    {"name": None},
    {"name": ""},
    {"absent": None},
    {"absent": ""},
    {"new": "null"},
    {"new": {"deep": None}},
    {"name": STORED["name"], "count": 2},
    dict(reversed(STORED.items())),
)


def relationship(number: int, attributes: dict[str, Json]) -> Operation:
    key = ObjectKey(f"object-{number % 7}")
    return Relate(PersonKey(id=f"person-{number}"), key, attributes)


MAKERS = [thing, person_by_id, person_by_email, relationship]


def fill(workspace: Workspace, make: Maker) -> None:
    """Store what most calls of the batches say again."""
    make_type(workspace)
    said = [make(number, STORED) for number in range(FORM_FROM_CALLS)]
    apply_in_parts(workspace, said)


def batch(make: Maker) -> list[Operation]:
    """Say it again, with calls in between that are not what they seem."""
    numbers = count()
    odd = [make(next(numbers), attributes) for attributes in ODD]
    odd += [
        make(FORM_FROM_CALLS + 1, STORED),
        make(FORM_FROM_CALLS + 2, {"relationship": 1, "cio_id": 2, "x" * 10: "y"}),
        replace(make(next(numbers), STORED), when=When.NEW),
        replace(make(next(numbers), STORED), when=When.EXISTING),
        replace(make(FORM_FROM_CALLS + 3, STORED), when=When.EXISTING),
        replace(make(next(numbers), STORED), at=1_000),
        replace(make(next(numbers), STORED), at=2_000_000_000),
        replace(make(next(numbers), {"count": 3}), at=2_000_000_000),
    ]
    back, again = next(numbers), next(numbers)
    odd += [make(back, {"count": 5}), make(back, STORED)]
    odd += [make(again, {"count": 5}), make(again, STORED), make(again, STORED)]
    same = [make(number, STORED) for number in range(next(numbers), FORM_FROM_CALLS)]
    step = len(same) // len(odd)
    mixed: list[Operation] = []
    for position, operation in enumerate(odd):
        mixed += [*same[position * step : (position + 1) * step], operation]
    return [*mixed, *same[len(odd) * step :]] + [make(FORM_FROM_CALLS - 1, STORED)] * len(odd)


def apply_whole(workspace: Workspace, operations: Sequence[Operation]) -> list[Outcome]:
    said = origin(workspace)
    return apply([Call(said, (operation,)) for operation in operations]).outcomes


def apply_in_parts(workspace: Workspace, operations: Sequence[Operation]) -> list[Outcome]:
    """Apply in batches that are too small for the sieve."""
    outcomes = []
    for start in range(0, len(operations), FORM_FROM_CALLS - 1):
        outcomes += apply_whole(workspace, operations[start : start + FORM_FROM_CALLS - 1])
    return outcomes


def in_words(outcome: Outcome) -> tuple[object, ...]:
    """Say what became of a call, without the generated ids."""
    reasons = tuple((rejection.reason, rejection.field) for rejection in outcome.rejections)
    has_ids = (outcome.cio_id is not None, outcome.cio_object_id is not None)
    return (outcome.status, reasons, has_ids)


def times_of(workspace: Workspace) -> list[dict[str, int]]:
    """Read when the attributes of every row were set, in the order in which they were made."""
    return [
        times
        for model in (Object, Person, Relationship)
        for times in model.objects.for_workspace(workspace)
        .order_by("pk")
        .values_list("attribute_times", flat=True)
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", MAKERS)
def test_ends_as_without_the_sieve(make: Maker) -> None:
    sifted, unsifted = make_workspace(), make_workspace()
    for workspace in (sifted, unsifted):
        fill(workspace, make)
    whole = apply_whole(sifted, batch(make))
    parts = apply_in_parts(unsifted, batch(make))
    assert list(map(in_words, whole)) == list(map(in_words, parts))
    assert rows_of(sifted) == rows_of(unsifted)
    assert activity_of(sifted) == activity_of(unsifted)
    assert times_of(sifted) == times_of(unsifted)
    assert_consistent(sifted)


def person_calls(number: int) -> list[Operation]:
    """Say who a person is in other words than what is stored."""
    person_id, email = f"person-{number}", f"Person.{number}@example.com"
    return [
        IdentifyPerson(PersonKey(id=person_id), STORED, Identifiers(email=email.upper())),
        IdentifyPerson(PersonKey(id=f"person-{number + 1}"), STORED, Identifiers(email="b@b.b")),
        IdentifyPerson(PersonKey(id=f"person-{number + 2}"), STORED),
        IdentifyPerson(PersonKey(id=f"person-{number + 3}"), STORED, Identifiers(id="other")),
        IdentifyPerson(PersonKey(id=f"person-{number + 4}"), {}, Identifiers(email=email)),
    ]


def person_calls_by_email(number: int) -> list[Operation]:
    """Say who a person is in other words than what is stored."""
    emails = [f"Person.{number + step}@example.com" for step in range(4)]
    return [
        IdentifyPerson(PersonKey(email=emails[0].upper()), STORED),
        IdentifyPerson(PersonKey(email=emails[1]), STORED, Identifiers(id="other")),
        IdentifyPerson(PersonKey(email=emails[2]), STORED),
        IdentifyPerson(PersonKey(email=emails[3]), STORED, Identifiers(email="b@b.b")),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("make", "odd"),
    [
        (person_by_id, person_calls(FORM_FROM_CALLS)),
        (person_by_email, person_calls_by_email(FORM_FROM_CALLS)),
    ],
)
def test_tells_identifiers_apart(make: Maker, odd: list[Operation]) -> None:
    sifted, unsifted = make_workspace(), make_workspace()
    for workspace in (sifted, unsifted):
        fill(workspace, make)
        apply_whole(workspace, [make(FORM_FROM_CALLS + n, STORED) for n in range(5)])
    said = [make(number, STORED) for number in range(FORM_FROM_CALLS)] + odd
    whole, parts = apply_whole(sifted, said), apply_in_parts(unsifted, said)
    assert list(map(in_words, whole)) == list(map(in_words, parts))
    assert rows_of(sifted) == rows_of(unsifted)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", MAKERS)
def test_reads_no_attributes_of_rows_that_stay(make: Maker) -> None:
    workspace = make_workspace()
    fill(workspace, make)
    with count_statements() as statements:
        outcomes = apply_whole(workspace, [make(n, STORED) for n in range(FORM_FROM_CALLS)])
    assert {outcome.status for outcome in outcomes} == {Status.UNCHANGED}
    assert not [sql for sql in statements if "attribute_times" in sql]


@pytest.mark.django_db(transaction=True)
def test_compares_only_rows_of_the_workspace() -> None:
    first, second = make_workspace(), make_workspace()
    for workspace in (first, second):
        fill(workspace, relationship)
    outcomes = apply_whole(
        second, [relationship(n, {**STORED, "count": n % 2}) for n in range(FORM_FROM_CALLS)]
    )
    assert [outcome.status for outcome in outcomes] == [
        Status.UNCHANGED if n % 2 else Status.UPDATED for n in range(FORM_FROM_CALLS)
    ]


@pytest.mark.django_db(transaction=True)
def test_leaves_alone_a_batch_that_names_people_in_two_ways() -> None:
    workspace = make_workspace()
    fill(workspace, person_by_id)
    operations = [person_by_id(n, STORED) for n in range(FORM_FROM_CALLS - 1)]
    operations.append(IdentifyPerson(PersonKey(email="person.3@example.com"), {"count": 7}))
    with count_statements() as statements:
        outcomes = apply_whole(workspace, operations)
    assert [outcome.status for outcome in outcomes[-2:]] == [Status.UNCHANGED, Status.UPDATED]
    assert [sql for sql in statements if "attribute_times" in sql]
