"""The grammar of filters: what is read, what is refused and where, and that it is written back."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.json import dump
from operations.wire.columns import Kind
from operations.wire.filter_paths import parse_path, render_path
from operations.wire.filter_tree import And, Condition, Operator, Side
from operations.wire.filters import FilterError, parse_filter, parse_text, render_text
from tests.conditions.trees import FILTERS, paths

pytestmark = pytest.mark.once

NAME = {"field": "name", "operator": "exists"}
LEAF = {"object_attribute": NAME}
slow = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(data=st.data(), kind=st.sampled_from(Kind))
def test_what_is_written_is_read_as_the_same(data: st.DataObject, kind: Kind) -> None:
    tree = data.draw(FILTERS[kind])
    written = render_text(tree)
    try:
        found = parse_text(written, kind=kind)
    except FilterError as error:
        assert "levels deep" in error.message or "steps deep" in error.message
        return
    assert found == tree
    assert render_text(found) == written


@given(path=paths())
def test_every_path_can_be_written(path: Any) -> None:
    assert parse_path(render_path(path)) == path


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("plan", ("plan",)),
        ("address.city", ("address", "city")),
        ("tags[]", ("tags", None)),
        ("lines[].price", ("lines", None, "price")),
        (r"a\.b", ("a.b",)),
        (r"a\[]", ("a[]",)),
        ("grid[][]", ("grid", None, None)),
        ("a b", ("a b",)),
    ],
)
def test_a_field_goes_into_objects_and_arrays(field: str, path: Any) -> None:
    assert parse_path(field) == path


@pytest.mark.parametrize(
    ("kind", "node"),
    [
        ("objects", {"and": [{"not": {"object_attribute": {**NAME, "type_id": "1"}}}, LEAF]}),
        (
            "objects",
            {"object_attribute": {"field": "a", "operator": "eq", "value": True, "type_id": 1}},
        ),
        ("people", {"or": [{"segment": {"id": 4}}, {"attribute": NAME}]}),
        ("people", {"attribute": {"field": "cio_id", "operator": "exists"}}),
        ("people", {"not": [{"segment": {"id": "4"}}]}),
    ],
)
def test_takes_the_filters_of_the_app_api(kind: str, node: Any) -> None:
    parse_filter(node, kind=Kind(kind))


def test_dates_are_read_as_unix_seconds() -> None:
    text = '{"object_attribute":{"field":"d","operator":"before","value":"2023-11-14"}}'
    expected = Condition(Side.OBJECT, ("d",), Operator.BEFORE, 1_699_920_000)
    assert parse_text(text, kind=Kind.OBJECTS) == expected


def attribute(**body: Any) -> dict[str, Any]:
    return {"and": [LEAF, {"object_attribute": {"field": "a", **body}}]}


@pytest.mark.parametrize(
    ("node", "place", "words"),
    [
        ([], "", "exactly one of the names and, or, not, object_attribute"),
        ({}, "", "exactly one"),
        ({**LEAF, "and": []}, "", "exactly one"),
        ({"xor": []}, "", "'xor' is not known for objects; known are and, or, not"),
        ({"attribute": NAME}, "", "not known for objects"),
        ({"and": []}, "and", "at least one condition"),
        ({"and": [LEAF, {"or": {}}]}, "and[1].or", "at least one condition"),
        ({"not": []}, "not", "exactly one"),
        ({"object_attribute": []}, "object_attribute", "must be an object"),
        (attribute(operator="like"), "and[1].object_attribute.operator", '"like" is not known'),
        (attribute(operator=5), "and[1].object_attribute.operator", "known are eq, not_eq"),
        (attribute(operator="eq"), "and[1].object_attribute.value", "eq needs a value"),
        (attribute(operator="eq", value=None), "and[1].object_attribute.value", "not null"),
        (attribute(operator="eq", value=[1]), "and[1].object_attribute.value", "not [1]"),
        (attribute(operator="exists", value=1), "and[1].object_attribute.value", "no value"),
        (attribute(operator="lt", value=True), "and[1].object_attribute.value", "not true"),
        (attribute(operator="contains", value=""), "and[1].object_attribute.value", "one char"),
        (attribute(operator="contains", value=5), "and[1].object_attribute.value", "not 5"),
        (attribute(operator="between", value=[1]), "and[1].object_attribute.value", "two"),
        (attribute(operator="between", value=[1, "a"]), "and[1].object_attribute.value", "one of"),
        (attribute(operator="in", value=[]), "and[1].object_attribute.value", "1 to 100"),
        (attribute(operator="in", value=[None]), "and[1].object_attribute.value", "not null"),
        (attribute(operator="before", value="soon"), "and[1].object_attribute.value", "date"),
        (attribute(operator="before", value=2**62), "and[1].object_attribute.value", "date"),
        (attribute(operator="in_last_days", value=0), "and[1].object_attribute.value", "36,500"),
        (attribute(operator="in_last_days", value=1.5), "and[1].object_attribute.value", "not 1."),
        (attribute(operator="exists", field=""), "and[1].object_attribute.field", "name"),
        (attribute(operator="exists", field=5), "and[1].object_attribute.field", "a text"),
        (attribute(operator="exists", field="[]"), "and[1].object_attribute.field", "array"),
        (attribute(operator="exists", field="a\\"), "and[1].object_attribute.field", "backslash"),
        (attribute(operator="exists", field="\0"), "and[1].object_attribute.field", "NUL"),
        (attribute(operator="eq", value="\0"), "and[1].object_attribute.value", "NUL"),
        (attribute(operator="exists", type_id=0), "and[1].object_attribute.type_id", "not 0"),
        (attribute(operator="exists", more=0), "and[1].object_attribute", "'more'"),
        ({"related": {}}, "related", "at_least, at_most, where"),
        ({"related": {"at_least": -1}}, "related.at_least", "from 0"),
        ({"related": {"at_least": True}}, "related.at_least", "not true"),
        ({"related": {"where": {"related": {}}}}, "related.where", "for relationships"),
        ({"related": {"where": {"person": {}}}}, "related.where.person", "id, email, cio_id"),
        ({"related": {"where": {"person": {"id": 5}}}}, "related.where.person.id", "not 5"),
        ({"related": {"where": {"object": {"type_id": 1}}}}, "related.where.object", "object_id"),
        ({"object_type": {"id": 2**31}}, "object_type.id", "not 2147483648"),
    ],
)
def test_a_refusal_names_the_place_and_what_is_allowed(node: Any, place: str, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(node, kind=Kind.OBJECTS)
    assert caught.value.place == place
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not valid JSON at line 1, column 2"),
        ("null", "exactly one"),
        ('"' + "x" * 16_384 + '"', "the limit is 16,384"),
        ("[" * 100, "levels deep"),
        ('{"object_type":{"id":99999999999999999999}}', "64 bits"),
        ("\ud800", "surrogate"),
    ],
)
def test_refuses_what_is_no_filter_at_all(text: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        parse_text(text, kind=Kind.OBJECTS)


@pytest.mark.parametrize(("depth", "is_taken"), [(9, True), (10, False), (60, False)])
def test_a_filter_is_ten_levels_deep_at_most(depth: int, is_taken: bool) -> None:
    node: Any = LEAF
    for _ in range(depth):
        node = {"not": node}
    assert _is_taken(node) is is_taken


@pytest.mark.parametrize(("count", "is_taken"), [(99, True), (100, True), (101, False)])
def test_a_filter_has_100_conditions_at_most(count: int, is_taken: bool) -> None:
    assert _is_taken({"or": [LEAF] * count}) is is_taken


@pytest.mark.parametrize(("chars", "is_taken"), [(999, True), (1000, True), (1001, False)])
def test_a_text_has_1000_characters_at_most(chars: int, is_taken: bool) -> None:
    body = {"field": "a", "operator": "eq", "value": "é" * chars}
    assert _is_taken({"object_attribute": body}) is is_taken


@pytest.mark.parametrize(("count", "is_taken"), [(100, True), (101, False)])
def test_a_list_has_100_values_at_most(count: int, is_taken: bool) -> None:
    body = {"field": "a", "operator": "in", "value": list(range(count))}
    assert _is_taken({"object_attribute": body}) is is_taken


@given(
    node=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "and",
                        "or",
                        "not",
                        "object_attribute",
                        "related",
                        "where",
                        "field",
                        "operator",
                        "value",
                        "person",
                        "id",
                        "at_least",
                        "type_id",
                        "object_type",
                    ]
                ),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_nonsense_is_refused_and_never_breaks(node: Any) -> None:
    for kind in Kind:
        try:
            tree = parse_filter(node, kind=kind)
        except FilterError as error:
            assert str(error)
        else:
            assert json.loads(render_text(tree))
            assert len(dump(node)) > 0


def test_one_condition_is_no_list() -> None:
    tree = parse_filter({"and": [LEAF]}, kind=Kind.OBJECTS)
    assert isinstance(tree, And)


def _is_taken(node: Any) -> bool:
    try:
        parse_filter(node, kind=Kind.OBJECTS)
    except FilterError:
        return False
    return True
