"""The rows of the builder: every filter of one level of groups, and back, as it was."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.doors.condition_rows import SUBJECTS, Group, Row, groups_of, node_of, with_problem
from operations.doors.condition_texts import read_texts, write_value
from operations.json import equal
from operations.wire.columns import Kind
from operations.wire.filters import FilterError, parse_filter, render_filter
from tests.conditions.trees import FILTERS, conditions

pytestmark = pytest.mark.once

EXISTS = {"object_attribute": {"field": "a", "operator": "exists"}}
EQ = {"object_attribute": {"field": "b", "operator": "eq", "value": 5}}
ROLE = {"relationship_attribute": {"field": "role", "operator": "eq", "value": "owner"}}


@pytest.mark.parametrize(
    ("node", "joins"),
    [
        (EXISTS, ["all"]),
        ({"and": [EXISTS, EQ]}, ["all"]),
        ({"or": [EXISTS, EQ]}, ["any"]),
        ({"not": {"or": [EXISTS, EQ]}}, ["none"]),
        ({"and": [EXISTS, {"or": [EXISTS, EQ]}]}, ["all", "any"]),
        ({"and": [EXISTS, {"not": {"or": [EQ]}}]}, ["all", "none"]),
        ({"and": [EXISTS, {"related": {"where": {"and": [ROLE, EQ]}}}]}, ["all", "related"]),
        ({"related": {"where": ROLE}}, ["all"]),
        ({"not": {"related": {"where": {"person": {"id": "x"}}}}}, ["all"]),
        ({"related": {"at_least": 2}}, ["all"]),
        ({"related": {"at_least": 2, "at_most": 2}}, ["all"]),
    ],
)
def test_rows_give_back_the_filter_they_show(node: Any, joins: list[str]) -> None:
    groups = groups_of(node, kind=Kind.OBJECTS)
    assert groups is not None
    assert [group.join for group in groups] == joins
    assert node_of(groups, kind=Kind.OBJECTS) == node


@pytest.mark.parametrize(
    "node",
    [
        {"and": [{"or": [{"and": [EXISTS, EQ]}]}]},
        {"related": {"where": ROLE, "at_least": 2}},
        {"related": {"at_least": 1, "at_most": 2}},
        {"object_type": {"id": 1}},
        ROLE,
        [],
        {"and": 5},
        {"object_attribute": {"field": "a", "operator": "eq", "value": 1, "type_id": 1}},
    ],
)
def test_what_rows_cannot_show_is_left_to_the_json(node: Any) -> None:
    assert groups_of(node, kind=Kind.OBJECTS) is None


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), kind=st.sampled_from(Kind))
def test_rows_mean_what_the_filter_means(data: st.DataObject, kind: Kind) -> None:
    node = render_filter(data.draw(FILTERS[kind]))
    groups = groups_of(node, kind=kind)
    if groups is None:
        return
    assert {row.subject for group in groups for row in group.rows} <= set(SUBJECTS[kind])
    written = parse_filter(node_of(groups, kind=kind), kind=kind)
    assert _plain(render_filter(written)) == _plain(node)


@settings(max_examples=300)
@given(condition=st.sampled_from(["object", "person"]).flatmap(conditions))
def test_a_value_survives_as_text(condition: Any) -> None:
    body = next(iter(render_filter(condition).values()))
    operator, value = body["operator"], body.get("value")
    texts = write_value(operator, value)
    assert texts is not None
    found = read_texts(operator, *texts).get("value")
    if operator in ("before", "after"):
        kind = {"field": "a", "operator": operator}
        leaves = [
            parse_filter({"attribute": {**kind, "value": each}}, kind=Kind.PEOPLE)
            for each in (found, value)
        ]
        assert leaves[0] == leaves[1]
    else:
        assert equal(found, value)


@pytest.mark.parametrize(
    ("operator", "value", "to", "expected"),
    [
        ("eq", "25", "", 25),
        ("eq", '"25"', "", "25"),
        ("eq", "007", "", "007"),
        ("eq", "true", "", True),
        ("eq", "gold", "", "gold"),
        ("contains", "25", "", "25"),
        ("in", "gold, 25, \"a, b\", true,, 'x'", "", ["gold", 25, "a, b", True, "'x'"]),
        ("between", "1", "2.5", [1, 2.5]),
        ("between", "a", "", ["a", ""]),
        ("before", "2023-11-14", "", "2023-11-14"),
        ("in_last_days", "30", "", 30),
        ("exists", "left over", "", None),
        ("eq", "", "", None),
        ("eq", "99999999999999999999", "", "99999999999999999999"),
    ],
)
def test_a_text_is_read_as_a_cell_of_a_file(
    operator: str, value: str, to: str, expected: Any
) -> None:
    assert equal(read_texts(operator, value, to).get("value"), expected)


def test_empty_rows_ask_nothing() -> None:
    empty = Row("object_attribute", operator="eq")
    assert node_of((Group("all", (empty,)), Group("any", (empty,))), kind=Kind.OBJECTS) is None


def test_a_problem_stands_beside_its_row() -> None:
    wrong = {"object_attribute": {"field": "b", "operator": "in_last_days", "value": "many"}}
    node = {"and": [EXISTS] * 11 + [{"or": [EQ, wrong]}]}
    groups = groups_of(node, kind=Kind.OBJECTS)
    with pytest.raises(FilterError) as caught:
        parse_filter(node, kind=Kind.OBJECTS)
    shown = with_problem(groups or (), caught.value)
    problems = [[bool(row.problem) for row in group.rows] for group in shown]
    assert problems == [[False] * 11, [False, True]]
    assert shown[1].rows[1].value == "many"


@pytest.mark.parametrize("subject", ["nonsense", "count", "person", "", "object_attribute"])
def test_forged_rows_become_a_filter_that_is_refused(subject: str) -> None:
    rows = (Row(subject, name="a", operator="nonsense", value="x"),)
    node = node_of((Group("nonsense", rows), Group("related", rows)), kind=Kind.OBJECTS)
    with pytest.raises(FilterError):
        parse_filter(json.loads(json.dumps(node)), kind=Kind.OBJECTS)


def _plain(node: Any) -> str:
    """Write a filter without lists of one, and with the parts of a list in one order."""
    ((name, body),) = node.items()
    if name in ("and", "or"):
        parts = sorted({_plain(part) for part in body})
        return parts[0] if len(parts) == 1 else f"{name}({', '.join(parts)})"
    if name == "not":
        return f"not {_plain(body)}"
    if name == "related" and "where" in body:
        counts = {key: value for key, value in body.items() if key != "where"}
        return f"related {counts} {_plain(body['where'])}"
    return json.dumps(node, sort_keys=True)
