"""What the attribute editor shows and posts becomes the same attributes again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.doors.attribute_rows import (
    AttributeRow,
    Kind,
    RowsError,
    changed_attributes,
    parse_rows,
    read_rows,
    render_raw,
    render_rows,
)
from operations.json import dump, normalise, parse_object

pytestmark = pytest.mark.once

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
attributes = st.dictionaries(texts.filter(bool), values.map(normalise), max_size=6)


def post(rows: list[AttributeRow]) -> list[AttributeRow]:
    return read_rows(json.dumps([[row.name, row.kind, row.value] for row in rows]))


@given(attributes)
def test_rows_that_are_posted_as_shown_change_nothing(stored: dict) -> None:
    typed = parse_rows(post(render_rows(stored)), stored=stored)
    assert changed_attributes(typed, stored=stored) == {}


@given(attributes)
def test_raw_json_that_is_posted_as_shown_changes_nothing(stored: dict) -> None:
    typed = parse_object(render_raw(stored))
    assert {name: dump(value) for name, value in typed.items()} == {
        name: dump(value) for name, value in stored.items()
    }


@pytest.mark.parametrize("number", ["9007199254740993", "-9223372036854775808"])
def test_integers_beyond_double_precision_stay_exact(number: str) -> None:
    rows = [AttributeRow("n", Kind.NUMBER, number)]
    assert parse_rows(rows, stored={}) == {"n": int(number)}


def test_line_breaks_of_a_text_area_are_not_a_change() -> None:
    stored = {"note": "one\r\ntwo"}
    rows = [AttributeRow("note", Kind.TEXT, "one\ntwo")]
    assert parse_rows(rows, stored=stored) == stored


def test_a_time_becomes_unix_seconds() -> None:
    rows = [AttributeRow("created_at", Kind.TIME, "2023-05-18T22:58:45")]
    assert parse_rows(rows, stored={}) == {"created_at": 1684450725}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.NUMBER, "12x"),
        (Kind.NUMBER, "true"),
        (Kind.NUMBER, "1e400"),
        (Kind.NUMBER, "9223372036854775808"),
        (Kind.BOOLEAN, "yes"),
        (Kind.TIME, "yesterday"),
        (Kind.JSON, "{"),
        (Kind.JSON, "[" * 65 + "]" * 65),
    ],
)
def test_a_wrong_value_names_its_attribute(kind: Kind, value: str) -> None:
    with pytest.raises(RowsError) as raised:
        parse_rows([AttributeRow("seats", kind, value)], stored={})
    assert raised.value.problems["seats"].startswith("seats: ")


def test_a_name_that_is_there_twice_is_refused() -> None:
    rows = [AttributeRow("a", Kind.TEXT, "1"), AttributeRow("a", Kind.TEXT, "2")]
    with pytest.raises(RowsError, match="twice"):
        parse_rows(rows, stored={})


def test_an_empty_row_is_nothing() -> None:
    assert parse_rows([AttributeRow("", Kind.TEXT, "")], stored={}) == {}


def test_a_removed_attribute_is_sent_as_null() -> None:
    assert changed_attributes({"a": 1}, stored={"a": 1, "b": 2}) == {"b": None}


def test_json_that_does_not_parse_names_its_attribute_and_its_place() -> None:
    with pytest.raises(RowsError) as caught:
        parse_rows([AttributeRow("address", Kind.JSON, '{"a":\n 1,}')], stored={})
    assert caught.value.problems["address"].startswith(
        "address: the value is not valid JSON at line 2, column 3"
    )
