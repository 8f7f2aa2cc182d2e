"""Flat rows read as calls."""

from datetime import UTC, datetime

import pytest

from operations.errors import Reason, Rejection
from operations.types import (
    Door,
    Handling,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Origin,
    PersonKey,
    Relate,
    When,
)
from operations.wire.columns import (
    Choices,
    HeaderError,
    Identifier,
    Kind,
    plan_columns,
    render_column,
)
from operations.wire.rows import parse_row
from operations.wire.rules import RULES

pytestmark = pytest.mark.once

ORIGIN = Origin(1, Door.CSV, "test", datetime(2026, 1, 2, tzinfo=UTC))


def read(header, cells, kind=Kind.OBJECTS, **choices):
    plan = plan_columns(header.split(","), Choices(kind, **choices))
    parsed = parse_row(plan, cells, origin=ORIGIN)
    return parsed if isinstance(parsed, Rejection) else parsed.operations[0]


def test_reads_an_object():
    operation = read("object_id,name,seats", ["acme", "Acme", "12"], object_type_id=3)
    assert operation == IdentifyObject(ObjectKey("acme", 3), {"name": "Acme", "seats": 12})


def test_a_file_may_create_objects_under_the_generated_id_it_names():
    plan = plan_columns(["cio_object_id"], Choices(Kind.OBJECTS))
    call = parse_row(plan, ["ob0a"], origin=ORIGIN)
    assert call.rules.unknown_cio_object_id is Handling.CREATE
    assert call.operations[0].key == ObjectKey(None, 1, "ob0a")


def test_the_type_of_a_row_goes_before_type_1():
    assert read("object_type_id,object_id", ["2", "x"]).key == ObjectKey("x", 2)
    assert read("object_id", ["x"]).key == ObjectKey("x", 1)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("two", Reason.INVALID),
        ("0", Reason.INVALID),
        ("1.0", Reason.INVALID),
        ("²", Reason.INVALID),
        ("2147483648", Reason.INVALID),
        ("1", Reason.CONFLICT),
    ],
)
def test_refuses_another_type(cell, reason):
    rejection = read("object_type_id,object_id", [cell, "x"], object_type_id=2)
    assert (rejection.reason, rejection.field) == (reason, "object_type_id")


def test_an_empty_type_is_that_of_the_file():
    assert read("object_type_id,object_id", ["", "x"], object_type_id=2).key == ObjectKey("x", 2)
    assert read("object_type_id,object_id", ["", "x"]).reason is Reason.REQUIRED


def test_names_both_counts_when_the_cells_do_not_fit():
    rejection = read("object_id,name", ["x"])
    assert rejection.message == "the row has 1 cells; the header has 2 columns"


def test_names_the_column_and_the_value_of_a_bad_cell():
    rejection = read("object_id,n", ["x", "1e400"])
    assert rejection.field == "attributes.n"
    assert '"1e400"' in rejection.message


def test_ignores_blank_cells_unless_they_clear():
    assert read("object_id,a,b", ["x", "", "1"]).attributes == {"b": 1}
    assert read("object_id,a,b", ["x", "", "1"], clears_blanks=True).attributes == {
        "a": None,
        "b": 1,
    }


def test_turns_dates_into_unix_seconds_where_asked():
    operation = read(
        "object_id,since,until",
        ["x", "2023-05-18", "2023-05-18"],
        date_columns=frozenset({"since"}),
    )
    assert operation.attributes == {"since": 1684368000, "until": "2023-05-18"}


def test_leaves_in_a_date_column_what_is_no_date():
    operation = read("object_id,at", ["x", "soon"], date_columns=frozenset({"at"}))
    assert operation.attributes == {"at": "soon"}


def test_passes_the_mode_on():
    assert read("object_id", ["x"], when=When.NEW).when is When.NEW


@pytest.mark.parametrize(
    ("cells", "key", "identifiers"),
    [
        (["c", "7", "a@b.c"], PersonKey("7"), Identifiers(None, "a@b.c")),
        (["c", "", "a@b.c"], PersonKey(None, "a@b.c"), None),
        (["c", "", ""], PersonKey(None, None, "c"), None),
        (["", "", ""], PersonKey(""), None),
    ],
)
def test_names_a_person_by_the_first_identifier(cells, key, identifiers):
    operation = read("cio_id,id,email", cells, Kind.PEOPLE)
    assert operation == IdentifyPerson(key, {}, identifiers)


def test_the_chosen_identifier_names_the_person():
    cells = ["c", "7", "a@b.c"]
    by_email = read("cio_id,id,email", cells, Kind.PEOPLE, identifier=Identifier.EMAIL)
    assert by_email == IdentifyPerson(PersonKey(None, "a@b.c"), {}, Identifiers("7"))
    by_cio_id = read("cio_id,id,email", cells, Kind.PEOPLE, identifier=Identifier.CIO_ID)
    assert by_cio_id == IdentifyPerson(PersonKey(None, None, "c"), {}, Identifiers("7", "a@b.c"))


def test_reads_a_relationship():
    operation = read(
        "object_type_id,object_id,email,role", ["2", "WA", "a@b.c", "owner"], Kind.RELATIONSHIPS
    )
    assert operation == Relate(PersonKey(None, "a@b.c"), ObjectKey("WA", 2), {"role": "owner"})


def test_takes_the_apostrophe_away_only_when_told():
    cells = ["'=x", "'-1", "-1", "'quoted'"]
    kept = read("object_id,a,b,c", cells)
    assert kept.attributes == {"a": "'-1", "b": -1, "c": "'quoted'"}
    undone = read("object_id,a,b,c", cells, is_made_safe=True)
    assert undone.key.object_id == "=x"
    assert undone.attributes == {"a": -1, "b": -1, "c": "'quoted'"}


def test_reads_over_the_columns_of_our_own_reports():
    header = "object_id,relationships,error_row,error_code,error_column,error_message"
    assert read(header, ["x", "3", "9", "invalid", "name", "no"]).attributes == {}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "name", ["id", "email", "object_id", "relationships", "error_row", "attributes.x", " ", "x"]
)
def test_reads_back_the_column_of_any_attribute(kind, name):
    header = ["cio_id", "cio_object_id"] if kind is Kind.RELATIONSHIPS else []
    header = header or (["cio_id"] if kind is Kind.PEOPLE else ["cio_object_id"])
    if kind is Kind.OBJECTS and name == "object_id":
        pytest.skip("reserved on objects, so no object has it")
    plan = plan_columns([*header, render_column(name, kind=kind)], Choices(kind))
    assert [attribute for _, attribute in plan.attributes] == [name]


@pytest.mark.parametrize(
    ("kind", "header", "words"),
    [
        (Kind.OBJECTS, "name,plan", "need a column object_id or cio_object_id"),
        (Kind.PEOPLE, "name", "need a column id or email or cio_id"),
        (Kind.RELATIONSHIPS, "object_id,role", "need a column id or email or cio_id"),
        (Kind.RELATIONSHIPS, "id,role", "need a column object_id"),
        (Kind.OBJECTS, "object_id,", "column 2 has no name"),
        (Kind.OBJECTS, "object_id, ", "column 2 has no name"),
        (Kind.OBJECTS, "object_id,a,a", 'column 3 repeats the name "a"'),
        (Kind.OBJECTS, "object_id,a,attributes.a", 'two columns hold the attribute "a"'),
        (Kind.OBJECTS, "object_id,relationship", "reserved"),
        (Kind.OBJECTS, "object_id,objectId", "reserved"),
        (Kind.OBJECTS, "object_id,attributes.cio_object_id", "reserved"),
        (Kind.PEOPLE, "id,_relationship", "reserved"),
        (Kind.PEOPLE, "id,attributes.cio_id", "reserved"),
        (Kind.OBJECTS, "object_id,a\0b", "NUL"),
        (Kind.OBJECTS, "object_id,attributes.", "names no attribute"),
    ],
)
def test_refuses_a_header_before_any_row(kind, header, words):
    with pytest.raises(HeaderError, match=words):
        plan_columns(header.split(","), Choices(kind))


def test_takes_5000_columns_and_no_more():
    names = [f"a{number}" for number in range(4_999)]
    assert len(plan_columns(["object_id", *names], Choices(Kind.OBJECTS)).attributes) == 4_999
    with pytest.raises(HeaderError, match="5,001 columns; the limit is 5,000"):
        plan_columns(["object_id", *names, "b"], Choices(Kind.OBJECTS))


def test_refuses_a_date_column_that_is_not_there():
    with pytest.raises(HeaderError, match='no attribute column "when"'):
        plan_columns(["object_id"], Choices(Kind.OBJECTS, date_columns=frozenset({"when"})))


def test_dates_are_read_from_attributes_only():
    choices = Choices(Kind.OBJECTS, date_columns=frozenset({"object_id"}))
    with pytest.raises(HeaderError, match='no attribute column "object_id"'):
        plan_columns(["object_id"], choices)


def test_every_door_has_its_rules():
    assert set(RULES) == set(Door)
    assert {door for door in Door if RULES[door].creates_types} == {
        Door.TRACK_V1,
        Door.TRACK_V2,
        Door.PIPELINES,
    }
