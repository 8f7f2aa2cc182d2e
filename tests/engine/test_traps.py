"""The traps of this stack that concern the write path: each was measured before it was avoided."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from objects.models import Object
from operations.errors import Reason
from operations.json import dump
from operations.limits import ATTRIBUTES_MAX_BYTES
from operations.results import Status
from operations.types import (
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
)
from people.models import Person
from relationships.models import Relationship
from tests.engine.state import whole_database
from tests.make import apply_one, make_type, make_workspace
from workspaces.models import Workspace

ACME = ObjectKey("acme")
ADA = PersonKey(id="ada")


def make_operation(kind: str, attributes: Any) -> Operation:
    if kind == "object":
        return IdentifyObject(ACME, attributes)
    if kind == "person":
        return IdentifyPerson(ADA, attributes)
    return Relate(ADA, ACME, attributes)


def stored_attributes(workspace: Workspace, kind: str) -> Any:
    models = {"object": Object, "person": Person, "relationship": Relationship}
    row = models[kind].objects.for_workspace(workspace).get()
    assert row.attributes_bytes == len(dump(row.attributes))
    return row.attributes


KINDS = pytest.mark.parametrize("kind", ["object", "person", "relationship"])
NESTED_IN_TEXT = "\\u0000"  # six characters, not a NUL

BAD_TEXTS = pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 151, Reason.TOO_LONG),
        ("\N{GRINNING FACE}" * 151, Reason.TOO_LONG),
        ("a\x00b", Reason.INVALID),
        ("a\ud800b", Reason.INVALID),
        ("", Reason.REQUIRED),
        (" \t ", Reason.REQUIRED),
    ],
    ids=["151 characters", "151 emoji", "NUL", "half a surrogate pair", "empty", "white space"],
)


@BAD_TEXTS
def test_refuses_a_bad_object_id(workspace: Workspace, text: str, reason: Reason) -> None:
    before = whole_database()
    outcome = apply_one(workspace, IdentifyObject(ObjectKey(text)))
    assert [(one.reason, one.field) for one in outcome.rejections] == [(reason, "object_id")]
    assert whole_database() == before


@BAD_TEXTS
@pytest.mark.parametrize("field", ["id", "anonymous_id"])
def test_refuses_a_bad_person_id(
    workspace: Workspace, text: str, reason: Reason, field: str
) -> None:
    before = whole_database()
    outcome = apply_one(workspace, IdentifyPerson(PersonKey(**{field: text})))
    assert [(one.reason, one.field) for one in outcome.rejections] == [(reason, field)]
    assert whole_database() == before


@pytest.mark.parametrize(
    "text",
    ["x" * 150, "\N{GRINNING FACE}" * 150, "\u0416" * 150, " padded ", NESTED_IN_TEXT, "a/b?c"],
)
def test_keeps_an_odd_id_as_it_is(workspace: Workspace, text: str) -> None:
    assert apply_one(workspace, Relate(PersonKey(id=text), ObjectKey(text))).status == "created"
    assert Object.objects.for_workspace(workspace).get().object_id == text
    assert Person.objects.for_workspace(workspace).get().person_id == text


@pytest.mark.parametrize(
    ("first", "second"),
    [("é", "e\u0301"), ("straße", "strasse"), ("i", "İ"), ("ACME", "acme"), ("a", "a ")],
)
def test_ids_are_compared_byte_for_byte(workspace: Workspace, first: str, second: str) -> None:
    for text in (first, second):
        outcome = apply_one(workspace, Relate(PersonKey(id=text), ObjectKey(text)))
        assert outcome.status is Status.CREATED
    assert Object.objects.for_workspace(workspace).count() == 2
    assert Person.objects.for_workspace(workspace).count() == 2


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@KINDS
@pytest.mark.parametrize(
    "value",
    [
        "a\x00b",
        {"inner": ["\x00"]},
        {"na\x00me": 1},
        "\ud800",
        {"\udfff": 1},
        float("inf"),
        float("-inf"),
        float("nan"),
        [1e308 * 10],
        2**63,
        -(2**63) - 1,
        10**400,
        nested(65),
        nested(1_000),
        nested(100_000),
        b"bytes",
        {1: "a number as a name"},
        {"a set"},
    ],
    ids=lambda value: repr(type(value).__name__)[1:-1],
)
def test_refuses_a_value_that_is_not_json(workspace: Workspace, kind: str, value: Any) -> None:
    before = whole_database()
    outcome = apply_one(workspace, make_operation(kind, {"good": 1, "bad": value}))
    assert outcome.status is Status.REFUSED
    assert {one.field for one in outcome.rejections} == {"attributes.bad"}
    assert whole_database() == before


@KINDS
@pytest.mark.parametrize("name", ["a\x00b", "\ud800", ""])
def test_refuses_a_bad_attribute_name(workspace: Workspace, kind: str, name: str) -> None:
    before = whole_database()
    outcome = apply_one(workspace, make_operation(kind, {name: 1}))
    assert outcome.status is Status.REFUSED
    assert all(one.field.startswith("attributes") for one in outcome.rejections)
    assert whole_database() == before


@KINDS
@pytest.mark.parametrize("attributes", [None, [], "x", 5, True, [("name", "value")]])
def test_refuses_attributes_that_are_not_an_object(
    workspace: Workspace, kind: str, attributes: Any
) -> None:
    outcome = apply_one(workspace, make_operation(kind, attributes))
    assert [(one.reason, one.field) for one in outcome.rejections] == [
        (Reason.INVALID, "attributes")
    ]


@KINDS
@pytest.mark.parametrize(
    "value",
    [
        NESTED_IN_TEXT,
        "\\" + NESTED_IN_TEXT,
        2**63 - 1,
        -(2**63),
        0.1,
        1e-300,
        -0.0,
        True,
        [None, "", {}],
        {"": {"a": None}},
        nested(63),
        "\N{GRINNING FACE} \u2028",
    ],
    ids=repr,
)
def test_keeps_a_value_exactly(workspace: Workspace, kind: str, value: Any) -> None:
    apply_one(workspace, make_operation(kind, {"value": value}))
    stored = stored_attributes(workspace, kind)["value"]
    assert stored == value
    assert type(stored) is type(value)
    assert apply_one(workspace, make_operation(kind, {"value": value})).status == "unchanged"


FILLERS = pytest.mark.parametrize(
    "letter",
    ["a", "\u20ac", "\N{GRINNING FACE}", '"', "\n"],
    ids=["ASCII", "3 bytes", "4 bytes", "escaped quote", "escaped newline"],
)


def filled_to(size: int, letter: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Add texts until the attributes are exactly this many bytes of compact JSON."""
    room = size - len(dump({**attributes, "text": "", "rest": ""})) - 1
    filled = {**attributes, "text": letter * (room // (len(dump(letter)) - 2))}
    filled["rest"] = "r" * (size - len(dump({**filled, "rest": ""})))
    assert len(dump(filled)) == size, "the filler has to fit"
    return filled


@KINDS
@FILLERS
def test_measures_100_kb_after_merging(workspace: Workspace, kind: str, letter: str) -> None:
    start = {"created_at": 1_700_000_000, "first": 1}
    apply_one(workspace, make_operation(kind, start))
    full = filled_to(ATTRIBUTES_MAX_BYTES, letter, start)
    merged = {name: value for name, value in full.items() if name not in start}

    over = apply_one(workspace, make_operation(kind, {**merged, "rest": merged["rest"] + "r"}))
    assert [(one.reason, one.field) for one in over.rejections] == [
        (Reason.TOO_LARGE, "attributes")
    ]
    assert "102,401" in over.rejections[0].message
    assert stored_attributes(workspace, kind) == start

    assert apply_one(workspace, make_operation(kind, merged)).status is Status.UPDATED
    assert stored_attributes(workspace, kind) == full
    assert len(dump(full)) == 102_400


@KINDS
@FILLERS
def test_measures_100_kb_of_a_row_that_is_new(
    workspace: Workspace, kind: str, letter: str
) -> None:
    start = {"created_at": 1_700_000_000}
    over = filled_to(ATTRIBUTES_MAX_BYTES + 1, letter, start)
    assert apply_one(workspace, make_operation(kind, over)).status is Status.REFUSED
    full = filled_to(ATTRIBUTES_MAX_BYTES, letter, start)
    assert apply_one(workspace, make_operation(kind, full)).status is Status.CREATED


@KINDS
def test_100_kb_cannot_be_passed_little_by_little(workspace: Workspace, kind: str) -> None:
    statuses = [
        apply_one(workspace, make_operation(kind, {f"part {number}": "x" * 20_000})).status
        for number in range(7)
    ]
    assert statuses == [Status.CREATED, *[Status.UPDATED] * 4, *[Status.REFUSED] * 2]
    assert len(dump(stored_attributes(workspace, kind))) <= ATTRIBUTES_MAX_BYTES


@KINDS
def test_100_kb_cannot_be_passed_inside_one_call(workspace: Workspace, kind: str) -> None:
    parts = [make_operation(kind, {f"part {number}": "x" * 40_000}) for number in range(3)]
    outcome = apply_one(workspace, *parts)
    assert [(one.position, one.reason) for one in outcome.rejections] == [(2, Reason.TOO_LARGE)]
    assert not Object.objects.for_workspace(workspace).exists()
    assert not Person.objects.for_workspace(workspace).exists()


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_merging_loses_no_update_between_threads() -> None:
    workspace = make_workspace()
    make_type(workspace, number=1)

    def merge(number: int) -> Status:
        try:
            return apply_one(workspace, IdentifyObject(ACME, {f"key {number}": number})).status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(merge, range(80)))

    assert set(statuses) <= {Status.CREATED, Status.UPDATED}
    assert statuses.count(Status.CREATED) == 1
    attributes = stored_attributes(workspace, "object")
    assert {f"key {number}" for number in range(80)} <= attributes.keys()


@pytest.mark.sqlite_only
def test_sqlite_locks_at_once_and_writes_through(db: None) -> None:
    assert connection.transaction_mode == "IMMEDIATE"
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.postgresql_only
def test_postgresql_answers_after_the_write_is_durable(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        synchronous_commit, fsync = cursor.fetchone()
    assert synchronous_commit != "off"
    assert fsync == "on"


@pytest.mark.parametrize("value", [2.0**63, 9.3e18, 1e19, 12345678901234567890.5, 1.8e19])
def test_refuses_floats_that_jsonb_would_give_back_as_integers(
    workspace: Workspace, value: float
) -> None:
    outcome = apply_one(workspace, IdentifyObject(ObjectKey("big"), {"x": value}))
    assert [one.field for one in outcome.rejections] == ["attributes.x"]
    assert "64 bits" in outcome.rejections[0].message


@pytest.mark.parametrize(
    "value", [1e15, 1e16, 1e18, 9.2e18, 1.9e19, 2e19, 1e22, 1.5e300, -1e19, -1e16, 1e-7]
)
def test_a_number_sent_again_as_it_came_back_changes_nothing(
    workspace: Workspace, value: float
) -> None:
    apply_one(workspace, IdentifyObject(ObjectKey("big"), {"x": value}))
    stored = Object.objects.for_workspace(workspace).get(object_id="big")
    assert len(dump(stored.attributes)) == stored.attributes_bytes
    for again in (value, stored.attributes["x"]):
        outcome = apply_one(workspace, IdentifyObject(ObjectKey("big"), {"x": again}))
        assert outcome.status is Status.UNCHANGED
