"""A batch in which every call makes a new row ends as it would the long way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from operations.engine import apply
from operations.limits import ATTRIBUTES_MAX_BYTES
from operations.results import Outcome, Status
from operations.types import (
    Call,
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
    Suppress,
    When,
)
from tests.engine.makers import Maker, person_by_email, person_by_id, thing
from tests.engine.state import activity_of, assert_consistent, rows_of
from tests.engine.statements import count_statements
from tests.make import make_type, make_workspace, origin
from workspaces.models import Workspace

VALUES: tuple[dict[str, Json], ...] = (
    {"name": "Ähre \\u0041 'quoted' \"twice\"\tand\non", "count": 1, "tags": ["a", {"b": [1.50]}]},
    {},
    {"created_at": 1_700_000_000, "name": "Dated"},
    {"first_name": "Ada", "last_name": "Byron"},
    {"name": None, "plan": "", "kept": "null"},
    {"empty": {}, "none": {"deep": None}, "share": 1.0, "is_on": True},
)
TOO_LARGE: dict[str, Json] = {"text": "x" * ATTRIBUTES_MAX_BYTES}


def relationship(number: int, attributes: dict[str, Json]) -> Operation:
    key = ObjectKey(f"object-{number // 30}")
    return Relate(PersonKey(id=f"person-{number % 30}"), key, attributes)


MAKERS = [thing, person_by_id, person_by_email, relationship]
STRICT = Rules()
ROWS = 40  # instead of hundreds, so that many cases take little time
NEXT = ROWS + 9
NEVER = 1_000_000


def ends() -> list[Operation]:
    """Make whom and what the relationships of a batch need, and nothing that it makes."""
    made: list[Operation] = [
        IdentifyPerson(PersonKey(id=f"person-{number}"), {}, Identifiers(email=f"{number}@b.b"))
        for number in range(30)
    ]
    return made + [thing(number, {}) for number in range(ROWS // 30 + 2)]


def fresh(make: Maker) -> list[Operation]:
    """Make each row once, but for one that is too large and one that cannot be stored."""
    said = [make(number, VALUES[number % len(VALUES)]) for number in range(ROWS + 2)]
    return [*said, make(ROWS + 2, TOO_LARGE), make(ROWS + 3, {"a": "\x00"})]


def apply_calls(
    workspace: Workspace, operations: Sequence[Operation], rules: Rules = STRICT
) -> list[Outcome]:
    said = origin(workspace)
    return apply([Call(said, (operation,), rules) for operation in operations]).outcomes


@contextmanager
def form_from(calls: int) -> Iterator[None]:
    """Look at batches as a set from so many calls on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("operations.engine.form.FORM_FROM_CALLS", calls)
        yield


def in_words(outcome: Outcome) -> tuple[object, ...]:
    """Say what became of a call, without the generated ids."""
    reasons = [
        [(one.reason, one.field) for one in some]
        for some in (outcome.rejections, outcome.warnings)
    ]
    has_ids = (outcome.cio_id is not None, outcome.cio_object_id is not None)
    return (outcome.status, reasons, has_ids, outcome.object_type_number)


def assert_ends_alike(
    operations: Sequence[Operation],
    *,
    before: Sequence[Operation] = (),
    limits: str = "standard",
    rules: Rules = STRICT,
) -> set[Status]:
    """Apply the operations as a set and the long way, and compare all that is left behind."""
    short, long = make_workspace(limits=limits), make_workspace(limits=limits)
    outcomes = []
    for workspace, calls in ((short, ROWS), (long, NEVER)):
        make_type(workspace)
        with form_from(NEVER):
            apply_calls(workspace, before, rules)
        with form_from(calls):
            outcomes.append(apply_calls(workspace, operations, rules))
    assert list(map(in_words, outcomes[0])) == list(map(in_words, outcomes[1]))
    assert rows_of(short) == rows_of(long)
    assert activity_of(short) == activity_of(long)
    assert_consistent(short)
    return {outcome.status for outcome in outcomes[0]}


@pytest.mark.parametrize("limits", ["standard", "customerio"])
@pytest.mark.parametrize("make", MAKERS)
def test_new_rows_end_as_they_would_the_long_way(db: None, make: Maker, limits: str) -> None:
    statuses = assert_ends_alike(fresh(make), before=ends_of(make), limits=limits)
    assert statuses == {Status.CREATED, Status.REFUSED}


@pytest.mark.parametrize("make", MAKERS)
def test_rows_that_are_too_large_are_skipped_where_the_door_says_so(db: None, make: Maker) -> None:
    rules = Rules(too_large=Handling.SKIP)
    statuses = assert_ends_alike(fresh(make), before=ends_of(make), rules=rules)
    assert Status.SKIPPED in statuses


@pytest.mark.parametrize("make", MAKERS)
def test_new_rows_are_not_searched_for_their_values(db: None, make: Maker) -> None:
    workspace = make_workspace()
    make_type(workspace)
    apply_calls(workspace, ends_of(make))
    with form_from(ROWS), count_statements() as statements:
        apply_calls(workspace, fresh(make))
    assert not [sql for sql in statements if "raw.attribute_times" in sql]
    assert not [sql for sql in statements if "raw.version, NULL, NULL FROM relation" in sql]


ODD: dict[str, Callable[[Maker], Operation]] = {
    "repeated": lambda make: make(1, {"again": True}),
    "only existing": lambda make: replace(make(NEXT, {"a": 1}), when=When.EXISTING),
    "only new": lambda make: replace(make(NEXT, {"a": 1}), when=When.NEW),
    "dated": lambda make: replace(make(NEXT, {"a": 1}), at=1_000),
    "another kind": lambda make: IdentifyPerson(PersonKey(anonymous_id="visitor"), {"a": 1}),
    "unknown type": lambda make: IdentifyObject(ObjectKey("object", 9), {"a": 1}),
    "unknown id": lambda make: IdentifyObject(ObjectKey(cio_object_id="ob00"), {"a": 1}),
    "unknown ends": lambda make: Relate(PersonKey(id="nobody"), ObjectKey("nothing")),
    "a taken e-mail": lambda make: IdentifyPerson(
        PersonKey(id="other"), {}, Identifiers(email="PERSON.3@example.com")
    ),
    "a taken id": lambda make: IdentifyPerson(
        PersonKey(email="other@example.com"), {}, Identifiers(id="person-3")
    ),
    "an anonymous id": lambda make: IdentifyPerson(
        PersonKey(id="other"), {}, Identifiers(anonymous_id="visitor")
    ),
    "two ids": lambda make: IdentifyPerson(PersonKey(id="other"), {}, Identifiers(id="another")),
    "two e-mails": lambda make: IdentifyPerson(
        PersonKey(email="a@a.a"), {}, Identifiers(email="c@c.c")
    ),
}


@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("make", MAKERS)
def test_one_odd_call_changes_nothing_for_the_others(
    db: None, make: Maker, odd: str, place: int
) -> None:
    said = fresh(make)
    said.insert(place % (len(said) + 1), ODD[odd](make))
    assert_ends_alike(said, before=ends_of(make))


@pytest.mark.parametrize("make", MAKERS)
def test_a_batch_of_which_one_row_is_there_already(db: None, make: Maker) -> None:
    before = [*ends_of(make), make(ROWS - 4, {"a": 1})]
    statuses = assert_ends_alike(fresh(make), before=before)
    assert Status.UPDATED in statuses


@pytest.mark.parametrize("make", [person_by_id, person_by_email, relationship])
def test_blocked_identifiers_stay_blocked(db: None, make: Maker) -> None:
    before = [*ends_of(make), Suppress(PersonKey(id="person-3"))]
    statuses = assert_ends_alike(fresh(make), before=before)
    assert Status.SKIPPED in statuses


def test_rows_of_another_workspace_are_not_in_the_way(db: None) -> None:
    other = make_workspace()
    make_type(other)
    apply_calls(other, [*ends(), *fresh(person_by_id), *fresh(thing)])
    for make in MAKERS:
        assert_ends_alike(fresh(make), before=ends_of(make))


def test_a_dedup_key_is_looked_up(db: None) -> None:
    workspace = make_workspace()
    make_type(workspace)
    said = origin(workspace)
    once = Call(said, (thing(0, {}),), dedup_key="once")
    again = Call(said, (thing(1, {}),), dedup_key="once")
    apply([once])
    calls = [Call(said, (thing(number, {}),)) for number in range(2, ROWS + 2)]
    with form_from(ROWS):
        outcomes = apply([*calls, again]).outcomes
    assert outcomes[-1].status is Status.DUPLICATE


def ends_of(make: Maker) -> list[Operation]:
    return ends() if make is relationship else []
