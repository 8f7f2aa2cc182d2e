"""Attributes in filters: any name, any scalar, compared exactly, the same on both databases."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from objects.models import Object
from operations.conditions import AttributeEquals, HasAttribute
from operations.doors.filter_values import parse_condition
from operations.json import dump, equal, normalise
from operations.limits import CREATED_AT, RESERVED_OBJECT_ATTRIBUTES, TIMEZONE
from tests.api.caller import Caller
from tests.make import make_object, make_type, make_workspace
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

NAMES = (
    "plan",
    "a__b",
    "contains",
    "isnull",
    "$[0]",
    "$.a",
    '"',
    '\\"',
    "\\",
    "'",
    "0",
    "-1",
    "a.b",
    "a:b",
    "%s",
    "{}",
    "é",
    "😀",
    "\u0001",
    " ",
    "attributes",
)
VALUES = (
    True,
    False,
    1,
    0,
    1.0,
    0.5,
    "1",
    "true",
    "é",
    '"',
    "a:1",
    2**63 - 1,
    -(2**63),
    1e22,
    1e-7,
)
OTHER_RULES = {*RESERVED_OBJECT_ATTRIBUTES, CREATED_AT, TIMEZONE}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
names = texts.filter(lambda name: name not in OTHER_RULES)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = (st.booleans() | numbers | texts).map(normalise)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_works(name: str, workspace: Workspace, api: Caller):
    companies = make_type(workspace)
    make_object(companies, "with", {name: "x"})
    make_object(companies, "without", {"other": "x", "nested": {name: "x"}})
    query = quote(f'{name}:"x"', safe="")
    assert _ids(api, f"objects?attribute={query}") == ["with"]
    assert _ids(api, f"objects?has_attribute={quote(name, safe='')}") == ["with"]


def test_every_value_is_equal_to_itself_only(workspace: Workspace, api: Caller):
    companies = make_type(workspace)
    for position, value in enumerate(VALUES):
        make_object(companies, str(position), {"value": value})
    make_object(companies, "list", {"value": [1]})
    make_object(companies, "map", {"value": {"1": 1}})
    make_object(companies, "absent")
    for position, value in enumerate(VALUES):
        query = quote(f"value:{dump(value).decode()}", safe="")
        assert _ids(api, f"objects?attribute={query}") == [str(position)], value


def test_several_conditions_hold_together(workspace: Workspace, api: Caller):
    companies = make_type(workspace)
    make_object(companies, "both", {"a": 1, "b": 2})
    make_object(companies, "one", {"a": 1, "b": 3})
    assert _ids(api, "objects?attribute=a:1&attribute=b:2") == ["both"]


def test_a_condition_can_be_turned_around(workspace: Workspace):
    companies = make_type(workspace)
    make_object(companies, "one", {"a": 1})
    make_object(companies, "absent")
    rows = Object.objects.for_workspace(workspace)
    assert rows.exclude(AttributeEquals("a", 1)).get().object_id == "absent"
    assert rows.exclude(HasAttribute("a")).get().object_id == "absent"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.dictionaries(names, scalars, max_size=4), max_size=4),
    name=names,
    value=scalars,
)
@example(rows=[{"a": True}, {"a": 1}, {"a": 1.0}, {"a": "1"}], name="a", value=1)
@example(rows=[{"0": 1}], name="0", value=1)
def test_agrees_with_a_model_in_python(rows: list, name: str, value: object):
    workspace = make_workspace()
    companies = make_type(workspace)
    rows = [*rows, {name: value}]
    stored = [make_object(companies, attributes=attributes).attributes for attributes in rows]
    found = Object.objects.for_workspace(workspace).order_by("pk")
    equals = found.filter(AttributeEquals(name, value))
    wanted = [each for each in stored if name in each and equal(each[name], value)]
    assert [row.attributes for row in equals] == wanted
    has = found.filter(HasAttribute(name))
    assert [row.attributes for row in has] == [each for each in stored if name in each]


@settings(max_examples=200, deadline=None)
@given(name=texts, value=scalars)
@example(name="a:1", value=2)
@example(name="a", value="x:1")
@example(name="a", value='x":"y')
def test_a_condition_is_split_where_it_was_joined(name: str, value: object):
    joined = f"{name}:{dump(value).decode()}"
    found_name, found = parse_condition(joined)
    assert found_name == name
    assert equal(found, value)


def _ids(api: Caller, path: str) -> list[str]:
    response = api.get(path)
    assert response.status_code == 200, response.content
    return [row["object_id"] for row in response.json()["results"]]
