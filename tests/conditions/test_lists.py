"""The filter `f` of the lists, in the admin and in the API: told in words, kept, and harmless."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from objects.filters import ObjectFilterSet
from objects.models import Object
from operations.json import dump
from people.filters import PersonFilterSet
from people.models import Person
from relationships.filters import RelationshipFilterSet
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.api.caller import errors_of, token_caller
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db

GOLD = {"object_attribute": {"field": "plan", "operator": "eq", "value": "gold"}}
RELATED = {"related": {"at_least": 1}}
OWNER = {"relationship_attribute": {"field": "role", "operator": "eq", "value": "owner"}}


@pytest.fixture
def workspace() -> Workspace:
    workspace = make_workspace()
    companies = make_type(workspace, "Companies")
    acme = make_object(companies, "acme", {"name": "Acme", "plan": "gold", "tags": ["a.b"]})
    make_object(companies, "free", {"name": "Free", "plan": "free"})
    make_object(companies, "lone", {"name": "Lone", "plan": "gold", "x.y": {"z": 1}})
    relate(make_person(workspace, "ada", {"name": "Ada", "vip": True}), acme, {"role": "owner"})
    make_person(workspace, "bob", {"name": "Bob"})
    return workspace


@pytest.fixture
def admin(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.VIEWER)


def titles(response: Any) -> list[str]:
    return [str(row) for row in response.context["cl"].result_list]


def f(node: Any) -> dict[str, str]:
    return {"f": dump(node).decode()}


def sent(*rows: tuple[str, ...], joins: tuple[str, ...] = ("all",)) -> dict[str, Any]:
    """Give what the builder's form sends for rows of group, subject, name, operator, value, to."""
    parts = ("group", "subject", "name", "operator", "value", "to")
    columns = {f"f.{part}": [row[at] for row in rows] for at, part in enumerate(parts)}
    return {"f.apply": "1", "f.join": list(joins), **columns}


def test_the_lists_keep_what_meets_the_conditions(admin: Client) -> None:
    assert titles(admin.get(list_of(OBJECTS), f(GOLD))) == ["Lone", "Acme"]
    assert titles(admin.get(list_of(OBJECTS), f({"and": [GOLD, RELATED]}))) == ["Acme"]
    assert titles(admin.get(list_of(PEOPLE), f({"related": {"where": OWNER}}))) == ["Ada"]
    assert len(titles(admin.get(list_of(RELATIONSHIPS), f(OWNER)))) == 1
    assert titles(admin.get(list_of(RELATIONSHIPS), f({"not": OWNER}))) == []


def test_conditions_add_to_the_other_filters_and_the_search(admin: Client) -> None:
    query = {**f(GOLD), "without_relationships": "true"}
    assert titles(admin.get(list_of(OBJECTS), query)) == ["Lone"]
    assert titles(admin.get(list_of(OBJECTS), {**f(GOLD), "q": "acm"})) == ["Acme"]
    assert titles(admin.get(list_of(OBJECTS), {**f(GOLD), "object_type": 1})) == ["Lone", "Acme"]


def test_every_condition_is_a_chip_that_can_be_taken_away(admin: Client) -> None:
    query = {**f({"and": [GOLD, RELATED]}), "q": "a", "object_type": "1"}
    response = admin.get(list_of(OBJECTS), query)
    first, second = response.context["cl"].toolbar.chips
    assert first.label == "plan is gold"
    assert second.label == "related to at least 1 person"
    left = parse_qs(urlsplit(first.link).query)
    assert json.loads(left["f"][0]) == RELATED
    assert (left["q"], left["object_type"]) == (["a"], ["1"])
    alone = admin.get(list_of(OBJECTS), f(GOLD)).context["cl"].toolbar.chips[0]
    assert "f=" not in alone.link


def test_chips_name_types_by_their_names(admin: Client, workspace: Workspace) -> None:
    node = {"related": {"where": {"object_type": {"id": 1}}}}
    chips = admin.get(list_of(PEOPLE), f(node)).context["cl"].toolbar.chips
    assert [chip.label for chip in chips] == ["related to the type Companies"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not valid JSON at line 1"),
        ('{"object_attribute":{"field":"a","operator":"like"}}', "known are eq"),
        ('{"attribute":{"field":"a","operator":"exists"}}', "not known for objects"),
        ('{"object_attribute":{"field":"\\u0000","operator":"exists"}}', "NUL"),
    ],
)
def test_a_bad_filter_is_told_and_kept(admin: Client, text: str, words: str) -> None:
    response = admin.get(list_of(OBJECTS), {"f": text})
    builder = response.context["cl"].toolbar.conditions
    assert response.status_code == 200
    assert words in builder.problem
    assert builder.text == text
    assert titles(response) == []
    body = response.content.decode()
    assert "<details" in body
    assert 'cio-filters-wide" open' in body
    link = response.context["cl"].toolbar.chips[0].link
    assert "f=" not in link
    assert titles(admin.get(list_of(OBJECTS) + link)) == ["Lone", "Free", "Acme"]


@pytest.mark.parametrize("text", ["\x00", "[" * 5_000, "9" * 20_000, "\ud83d", "null", " ", "{}"])
def test_no_filter_is_an_error_page(admin: Client, workspace: Workspace, text: str) -> None:
    for name in (OBJECTS, PEOPLE, RELATIONSHIPS):
        query = {"f": text.encode("utf-8", "surrogatepass")}
        assert admin.get(list_of(name), query).status_code == 200


def test_rows_become_the_address_of_the_list(admin: Client) -> None:
    rows = (
        ("0", "object_attribute", "plan", "eq", "gold", ""),
        ("0", "object_attribute", "", "eq", "", ""),
        ("1", "count", "", "at_least", "1", ""),
        ("1", "relationship_attribute", "role", "is_true", "", ""),
    )
    query = {**sent(*rows, joins=("all", "any")), "q": "acm", "object_type": "1", "p": "4"}
    response = admin.get(list_of(OBJECTS), query)
    assert response.status_code == 302
    left = parse_qs(urlsplit(response["Location"]).query)
    role = {"relationship_attribute": {"field": "role", "operator": "is_true"}}
    others = {"or": [RELATED, {"related": {"where": role}}]}
    assert json.loads(left["f"][0]) == {"and": [GOLD, others]}
    assert left.keys() == {"f", "q", "object_type"}
    assert titles(admin.get(response["Location"])) == ["Acme"]


def test_a_wrong_row_comes_back_as_it_was_typed(admin: Client) -> None:
    rows = (
        ("0", "object_attribute", "plan", "in_last_days", "a few", ""),
        ("0", "count", "", "at_least", "many", ""),
    )
    response = admin.get(list_of(OBJECTS), sent(*rows), follow=True)
    first, second = response.context["cl"].toolbar.conditions.groups[0].rows
    assert (first.name, first.value) == ("plan", "a few")
    assert 'not "a few"' in first.problem
    assert (second.value, second.problem) == ("many", "")


def test_rows_without_a_condition_clear_the_filter(admin: Client) -> None:
    rows = (("0", "object_attribute", "", "eq", "", ""),)
    response = admin.get(list_of(OBJECTS), {**sent(*rows), **f(GOLD)})
    assert response["Location"] == f"{list_of(OBJECTS)}?"


@pytest.mark.parametrize(
    "query",
    [
        {"f.apply": "1"},
        {"f.apply": "1", "f.join": "all", "f.subject": "x"},
        sent(("0", "nonsense", "a", "b", "c", "d")),
        sent(("7", "object_attribute", "a", "eq", "c", "d")),
        sent(*[("0", "object_attribute", "a", "eq", "c", "")] * 150),
        sent(("0", "object_attribute", "a" * 600, "eq", "\x00", "")),
    ],
)
def test_forged_rows_never_break_the_list(admin: Client, query: dict[str, Any]) -> None:
    assert admin.get(list_of(OBJECTS), query, follow=True).status_code == 200


def test_suggests_names_of_recent_rows(admin: Client) -> None:
    names = admin.get(list_of(OBJECTS), {"object_type": 1}).context["cl"].toolbar.conditions.names
    assert {"plan", "tags[]", r"x\.y.z", "object_id"} <= set(names)


def test_names_and_values_are_escaped_on_the_page(admin: Client, workspace: Workspace) -> None:
    bad = '"><script>alert(1)</script>'
    make_object(make_type(workspace, f"Things {bad}"), "x", {"name": "X", bad: bad})
    attribute = {"object_attribute": {"field": bad, "operator": "eq", "value": bad}}
    node = {"and": [attribute, {"not": {"object_type": {"id": 2}}}]}
    for query in (f(node), f({"or": [attribute, attribute]}), {"f": bad}):
        body = admin.get(list_of(OBJECTS), query).content.decode()
        assert "<script>alert" not in body
    assert titles(admin.get(list_of(OBJECTS), f(attribute))) == ["X"]


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "%", "_", "%s", "{0}", '"', "\\", "$[0]", "a__b", "'); DROP TABLE x"]
)
def test_names_and_values_are_data(admin: Client, workspace: Workspace, text: str) -> None:
    make_object(make_type(workspace, "Others"), "x", {"name": "X", text: f"a{text}b"})
    field = text.replace("\\", "\\\\").replace(".", "\\.")
    for operator, value in (("eq", f"a{text}b"), ("contains", text), ("in", [f"a{text}b", text])):
        body = {"field": field, "operator": operator, "value": value}
        assert titles(admin.get(list_of(OBJECTS), f({"object_attribute": body}))) == ["X"]


def test_a_list_with_conditions_takes_as_many_statements_for_many_rows(
    admin: Client, workspace: Workspace, statements: Any
) -> None:
    node = {"and": [GOLD, {"related": {"where": {"or": [OWNER, {"person": {"id": "ada"}}]}}}]}
    admin.get(list_of(OBJECTS), f(node))
    with statements() as few:
        admin.get(list_of(OBJECTS), f(node))
    companies = Object.objects.for_workspace(workspace)[0].object_type
    for number in range(30):
        made = make_object(companies, f"c{number}", {"plan": "gold"})
        relate(make_person(workspace, f"p{number}"), made, {"role": "owner"})
    with statements() as many:
        assert len(titles(admin.get(list_of(OBJECTS), f(node)))) == 31
    assert len(many) == len(few)


def test_the_api_takes_the_same_filter(workspace: Workspace) -> None:
    api = token_caller(workspace)
    text = dump({"and": [GOLD, RELATED]}).decode()
    found = api.get(f"objects?{QueryDict.fromkeys(['f'], text).urlencode()}").json()["results"]
    assert [row["object_id"] for row in found] == ["acme"]
    refused = api.get('objects?f={"object_attribute":{"field":"a","operator":"like"}}')
    assert refused.status_code == 400
    error = errors_of(refused)[0]
    assert error["field"] == "f"
    assert error["message"].startswith('object_attribute.operator: "like" is not known; known are')


def test_the_api_describes_the_filter(workspace: Workspace) -> None:
    schema = token_caller(workspace).get("schema?format=json")
    if schema.status_code != 200:
        pytest.skip("the document lies elsewhere")
    assert "object_attribute" in schema.content.decode()


@pytest.mark.parametrize(
    ("filter_set", "model", "node"),
    [
        (ObjectFilterSet, Object, {"related": {"where": {"person": {"id": "ada"}}}}),
        (PersonFilterSet, Person, {"related": {"where": {"object_type": {"id": 1}}}}),
        (RelationshipFilterSet, Relationship, {"object_type": {"id": 1}}),
    ],
)
def test_a_query_string_can_be_applied_without_a_request(
    filter_set: Any, model: Any, node: Any, workspace: Workspace
) -> None:
    rows = model.objects.for_workspace(workspace)
    query = QueryDict.fromkeys(["f"], dump(node).decode())
    assert filter_set(query, queryset=rows, workspace=workspace).qs.count() == 1
    other = make_workspace()
    assert filter_set(query, queryset=rows, workspace=other).qs.count() == 0


def test_two_workspaces_with_equal_ids_stay_apart(admin: Client, workspace: Workspace) -> None:
    other = make_workspace()
    companies = make_type(other, "Companies")
    stranger = make_person(other, "ada", {"name": "Stranger"})
    relate(stranger, make_object(companies, "free", {"name": "Theirs"}), {"role": "owner"})
    node = {"related": {"where": {"person": {"id": "ada"}}}}
    assert titles(admin.get(list_of(OBJECTS), f(node))) == ["Acme"]
    node = {"related": {"where": {"person": {"cio_id": stranger.cio_id}}}}
    assert titles(admin.get(list_of(OBJECTS), f(node))) == []
