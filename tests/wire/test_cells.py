"""Cells of flat files: every JSON value written as text comes back as itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.errors import Reason
from operations.json import JsonError, equal, normalise
from operations.wire.cells import make_safe, parse_cell, render_cell, undo_safe

pytestmark = pytest.mark.once

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters)
tricky_texts = st.one_of(
    texts,
    st.text(st.sampled_from("-0123456789.eE+"), min_size=1, max_size=25),
    st.builds(str.__add__, st.text(st.sampled_from("'=+-@\t\r\n\uff1d"), min_size=1), texts),
    st.text(st.one_of(st.sampled_from(' \n[]{}",:1'), characters), max_size=20),
    st.sampled_from(["true", "false", "null", "007", "[" * 70, "1e400", '"\\ud800"', "{}", "[]"]),
)
scalars = st.one_of(
    tricky_texts,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    # Whole numbers from 2**63 to 2**64 are refused: they are no integers of 64 bits.
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2.0**63 <= x < 2.0**64),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(st.none() | inner, max_size=4),
        st.dictionaries(texts, st.none() | inner, max_size=4),
    ),
    max_leaves=12,
).map(normalise)


@given(values)
def test_reads_back_every_value_that_is_kept(value):
    assert equal(parse_cell(render_cell(value)), value)


@given(tricky_texts)
def test_a_cell_made_safe_is_no_formula_and_comes_back(text):
    safe = make_safe(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert undo_safe(safe) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("-7", -7),
        ("0", 0),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("true", True),
        ("false", False),
        ('{"a": [1, null]}', {"a": [1, None]}),
        ("[]", []),
        ('"42"', "42"),
        ('"" ', ""),
    ],
)
def test_reads_json_as_its_value(text, value):
    assert equal(parse_cell(text), value)


@pytest.mark.parametrize(
    "text",
    [
        "007",
        "+1",
        "1_000",
        "1.",
        ".5",
        "0x10",
        "9223372036854775808",
        "12345678901234567890123456789",
        "٤٢",
        "²",
        " 42",
        "42 ",
        "42\n",
        "True",
        "null",
        "NaN",
        "Infinity",
        "-",
        "2023-05-18",
        "202-224-3441",
        "[not json",
        '"quoted" and more',
        "{a: 1}",
        ' {"a": 1}',
        "[" * 1_000,
        "don't",
    ],
)
def test_leaves_other_text_as_it_is(text):
    assert parse_cell(text) == text
    assert type(parse_cell(text)) is str


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1e400", "not finite"),
        ("-1e400", "not finite"),
        ("[1e400]", "not finite"),
        ("[" * 65 + "]" * 65, "64 levels"),
        ("[" * 1_000 + "]" * 1_000, "64 levels"),
        ("[" * 100_000 + "]" * 100_000, "64 levels"),
        ('"\\ud800"', "surrogate"),
        ('{"a": "\\udc00x"}', "surrogate"),
        ("[9223372036854775808]", "64 bits"),
        ('{"n": -123456789012345678901234567890}', "64 bits"),
    ],
)
def test_refuses_json_that_breaks_a_limit(text, words):
    with pytest.raises(JsonError, match=words) as caught:
        parse_cell(text)
    assert caught.value.reason is Reason.INVALID


def test_takes_exactly_64_levels():
    assert render_cell(parse_cell("[" * 64 + "]" * 64)) == "[" * 64 + "]" * 64


def test_numbers_are_not_made_safe():
    assert render_cell(-5) == "-5"
    assert render_cell("-5") == '"-5"'
