"""Every operator against every kind of value: on the database, and in Python."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from objects.models import Object
from operations.doors.conditions import condition_on
from operations.json import normalise
from operations.wire.columns import Kind
from operations.wire.filter_tree import Operator
from operations.wire.filters import parse_filter
from operations.wire.matching import Facts, Known, matches
from tests.make import make_object, make_type, make_workspace

TABLE = json.loads((Path(__file__).parent / "truth_table.json").read_text())
VALUES: dict[str, Any] = {name: normalise(value) for name, value in TABLE["values"].items()}
AT = datetime.fromtimestamp(TABLE["at"], tz=UTC)
# An attribute cannot be "" or null by itself; inside of another value both can be.
NEVER_STORED = {"empty", "null"}
FIELDS = ("v", "deep.v", "list[]", "lists[].v[]", r"dotted\.name")
each_case = pytest.mark.parametrize(
    ("operator", "value", "expected"),
    TABLE["cases"],
    ids=lambda part: json.dumps(part, ensure_ascii=True) if not isinstance(part, str) else part,
)


def attributes_with(value: Any) -> dict[str, Any]:
    return {
        "v": value,
        "deep": {"v": value, "w": "other"},
        "list": ["other", value],
        "lists": [{"w": 1}, 5, {"v": [value]}],
        "dotted.name": value,
    }


def names_in(expected: list[str], field: str) -> set[str]:
    """Read the names; what is never stored is absent where it would be an attribute."""
    everything = {"absent", *VALUES}
    found = everything if "*" in expected else set(expected)
    found = found - {"*"} - {name[1:] for name in expected if name[0] == "-"}
    found &= everything
    if field in ("v", r"dotted\.name"):
        found = found - NEVER_STORED | (NEVER_STORED if "absent" in found else set())
    return found


def filter_of(field: str, operator: str, value: Any) -> Any:
    body = {"field": field, "operator": operator}
    node = {"object_attribute": body if value is None else {**body, "value": value}}
    return parse_filter(node, kind=Kind.OBJECTS)


@pytest.mark.django_db
def test_the_database_agrees_with_the_table() -> None:
    workspace = make_workspace()
    things = make_type(workspace)
    make_object(things, "absent", {"other": "1"})
    for name, value in VALUES.items():
        make_object(things, name, attributes_with(value))
    rows = Object.objects.for_workspace(workspace)
    wrong = []
    for operator, value, expected in TABLE["cases"]:
        for field in FIELDS:
            # "other" is an element of the list, and would be found by these.
            tree = filter_of(field, operator, value)
            for is_negated in (False, True):
                condition = condition_on(Kind.OBJECTS, tree, workspace=workspace, at=AT)
                found = rows.filter(~condition if is_negated else condition)
                wanted = expected_for(field, operator, value, expected)
                if is_negated:
                    wanted = {"absent", *VALUES} - wanted
                ids = set(found.values_list("object_id", flat=True))
                if ids != wanted:
                    wrong.append((field, operator, value, is_negated, ids ^ wanted))
    assert not wrong


@each_case
def test_python_agrees_with_the_table(operator: str, value: Any, expected: list[str]) -> None:
    for field in FIELDS:
        tree = filter_of(field, operator, value)
        found = {
            name
            for name, stored in {"absent": None, **VALUES}.items()
            if matches(tree, facts_of(name, stored), at=AT)
        }
        assert found == expected_for(field, operator, value, expected), field


def test_the_table_asks_every_operator() -> None:
    assert {case[0] for case in TABLE["cases"]} == set(Operator)


def facts_of(name: str, stored: Any) -> Facts:
    attributes = {"other": "1"} if name == "absent" else attributes_with(stored)
    kept = {key: each for key, each in attributes.items() if each not in (None, "")}
    return Facts(object=Known(kept), object_type_number=1)


def expected_for(field: str, operator: str, value: Any, expected: list[str]) -> set[str]:
    """Count in what the other element of the list adds."""
    names = names_in(expected, field)
    if field != "list[]":
        return names
    tree = filter_of("v", operator.removeprefix("not_"), value)
    adds = matches(tree, Facts(object=Known({"v": "other"})), at=AT)
    if not adds:
        return names
    with_list = set(VALUES)
    return names - with_list if operator.startswith("not_") else names | with_list
