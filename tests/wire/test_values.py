"""Instants, truth values and names as notations write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.wire.values import (
    camel_name,
    iso_from_unix,
    parse_truth,
    snake_name,
    unix_from_iso,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2023-05-18T22:58:45+00:00", 1684450725),
        ("2023-05-18T22:58:45Z", 1684450725),
        ("2023-05-18T22:58:45", 1684450725),
        ("2023-05-18T22:58:45.1Z", 1684450725),
        ("2023-05-18T22:58:45.999Z", 1684450725),
        ("2023-05-19T00:58:45+02:00", 1684450725),
        ("2023-05-18T20:58:45-0200", 1684450725),
        ("2023-05-18T22:58", 1684450680),
        ("2023-05-18", 1684368000),
        ("1969-12-31T23:59:59.500Z", -1),
        ("0001-01-01", -62135596800),
    ],
)
def test_turns_iso_8601_into_unix_seconds(text, seconds):
    assert unix_from_iso(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-05-18T22:58:45.1234Z",
        "2023-05-18T22:58:45.123456789Z",
        "2023-02-30",
        "0000-01-01",
        "2023-05-18T25:00:00Z",
        "2023-05-18T22:58:45+24:00",
        "2023-05-18T22:58:45Z ",
        "18.05.2023",
        "1684450725",
        "٢٠٢٣-05-18",
    ],
)
def test_leaves_what_is_no_instant(text):
    assert unix_from_iso(text) is None


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_instants_come_back(seconds):
    assert unix_from_iso(iso_from_unix(seconds)) == seconds


def test_reads_truth_values():
    assert [parse_truth(text) for text in ("True", "0", "yes")] == [True, False, None]


def test_spells_names_both_ways():
    assert snake_name("relationshipAttributes") == "relationship_attributes"
    assert camel_name("object_type_id") == "objectTypeId"
