"""The largest filters that the grammar takes are answered, by both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from objects.models import Object
from operations.doors.conditions import condition_on
from operations.json import dump
from operations.limits import (
    FILTER_MAX_CONDITIONS,
    FILTER_MAX_DEPTH,
    FILTER_PATH_MAX_STEPS,
    FILTER_VALUES_MAX,
)
from operations.wire.columns import Kind
from operations.wire.filters import parse_text
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 2, tzinfo=UTC)
DEEP = "a" + "[]" * (FILTER_PATH_MAX_STEPS - 1)
LEAF = {"object_attribute": {"field": "a", "operator": "eq", "value": 1}}
PERSON = {"related": {"where": {"person": {"id": "p"}}}}
ROLE = {"relationship_attribute": {"field": "r", "operator": "gt", "value": 0}}
EVERY = {"object_attribute": {"field": DEEP, "operator": "gte", "value": 0}}
NAMED = {"object_attribute": {"field": ".".join("abcdefghij"), "operator": "exists"}}
LISTED = {
    "object_attribute": {
        "field": "a",
        "operator": "in",
        "value": list(range(FILTER_VALUES_MAX)),
    }
}


@pytest.fixture
def workspace() -> Workspace:
    workspace = make_workspace()
    things = make_type(workspace)
    one = make_object(things, "one", {"a": 1})
    make_object(things, "two", {"a": 2})
    relate(make_person(workspace, "p"), one, {"r": 1})
    return workspace


def nested(node: Any, levels: int) -> Any:
    for _ in range(levels):
        node = {"not": {"and": [node]}}
    return node


@pytest.mark.parametrize(
    ("node", "ids"),
    [
        ({"and": [LEAF] * FILTER_MAX_CONDITIONS}, ["one"]),
        ({"or": [LEAF] * FILTER_MAX_CONDITIONS}, ["one"]),
        ({"and": [PERSON] * (FILTER_MAX_CONDITIONS // 2)}, ["one"]),
        ({"or": [PERSON] * (FILTER_MAX_CONDITIONS // 2)}, ["one"]),
        ({"and": [{"not": PERSON}] * (FILTER_MAX_CONDITIONS // 2)}, ["two"]),
        (
            {"or": [{"related": {"at_least": 1, "at_most": 3, "where": ROLE}}] * 50},
            ["one"],
        ),
        ({"or": [LISTED] * 30}, ["one", "two"]),
        ({"or": [EVERY] * 60}, []),
        ({"or": [NAMED] * 60}, []),
        (nested(LEAF, (FILTER_MAX_DEPTH - 2) // 2), ["one"]),
        (
            {"related": {"where": nested({"or": [ROLE, LEAF]}, 2)}},
            ["one"],
        ),
    ],
)
def test_the_largest_filters_are_answered(
    node: Any, ids: list[str], workspace: Workspace, statements: Any
) -> None:
    tree = parse_text(dump(node).decode(), kind=Kind.OBJECTS)
    condition = condition_on(Kind.OBJECTS, tree, workspace=workspace, at=AT)
    rows = Object.objects.for_workspace(workspace).filter(condition).order_by("pk")
    with statements() as run:
        assert [row.object_id for row in rows] == ids
    assert len(run) == 1
