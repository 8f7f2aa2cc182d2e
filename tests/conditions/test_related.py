"""Conditions about relationships, on the database and in Python, never outside the workspace."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from objects.models import Object
from operations.doors.conditions import condition_on
from operations.wire.columns import Kind
from operations.wire.filters import parse_filter
from operations.wire.matching import Facts, Known, matches
from people.models import Person, Segment, SegmentMember
from relationships.models import Relationship
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 2, tzinfo=UTC)
MODELS = {Kind.OBJECTS: Object, Kind.PEOPLE: Person, Kind.RELATIONSHIPS: Relationship}


def fill(workspace: Workspace, *, role: str = "owner") -> None:
    """Make two types, four objects, four people and five relationships."""
    companies, courses = make_type(workspace, "Companies"), make_type(workspace, "Courses")
    acme = make_object(companies, "acme", {"name": "Acme", "plan": "gold", "seats": 25})
    make_object(companies, "empty", {"name": "Empty", "plan": "free"})
    course = make_object(courses, "acme", {"name": "Acting", "tags": ["art", "stage"]})
    big = make_object(companies, "big", {"name": "Big", "plan": "gold", "seats": 400})
    ada = make_person(workspace, "ada", {"name": "Ada", "vip": True}, email="Ada@Example.com")
    bob = make_person(workspace, "bob", {"name": "Bob"})
    cyd = make_person(workspace, email="cyd@example.com")
    make_person(workspace, "dan", {"name": "Dan", "vip": False})
    relate(ada, acme, {"role": role})
    relate(bob, acme, {"role": "guest"})
    relate(cyd, acme)
    relate(ada, course, {"role": "guest"})
    relate(ada, big, {"role": "guest", "since": 1_700_000_000})
    segment = Segment.objects.create(workspace=workspace, number=3, name="Three")
    for person in (ada, cyd):
        SegmentMember.objects.create(segment=segment, person=person, created_at=AT)


@pytest.fixture
def workspace() -> Workspace:
    """Give a workspace beside another one that has the same ids."""
    fill(make_workspace(), role="stranger")
    mine = make_workspace()
    fill(mine)
    fill(make_workspace(), role="stranger")
    return mine


def found(kind: Kind, node: Any, workspace: Workspace) -> str:
    """Ask the database, and Python, and give the names in the order of their making."""
    tree = parse_filter(node, kind=kind)
    rows = MODELS[kind].objects.for_workspace(workspace).order_by("pk")
    by_database = list(rows.filter(condition_on(kind, tree, workspace=workspace, at=AT)))
    by_python = [row for row in rows if matches(tree, facts_of(row), at=AT)]
    assert by_database == by_python, node
    return ", ".join(name_of(row) for row in by_database)


def name_of(row: Any) -> str:
    if isinstance(row, Relationship):
        return f"{row.person} {row.object}"
    return str(row)


def facts_of(row: Any) -> Facts:
    match row:
        case Object():
            known = Known(
                row.attributes, {"object_id": row.object_id, "cio_object_id": row.cio_object_id}
            )
            related = tuple(facts_of(each) for each in row.relationships.all())
            return Facts(object=known, object_type_number=row.object_type.number, related=related)
        case Person():
            ids = {"id": row.person_id, "email": row.email, "cio_id": row.cio_id}
            members = SegmentMember.objects.filter(person=row)
            segments = frozenset(members.values_list("segment__number", flat=True))
            related = tuple(facts_of(each) for each in row.relationships.all())
            known = Known(row.attributes, ids)
            return Facts(person=known, segments=segments, related=related)
        case Relationship():
            person = facts_only(row.person)
            thing = facts_only(row.object)
            return Facts(
                object=thing.object,
                object_type_number=thing.object_type_number,
                person=person.person,
                segments=person.segments,
                relationship=Known(row.attributes),
            )
    raise AssertionError(row)


def facts_only(row: Any) -> Facts:
    """Give the facts of a side without its relationships, which would go round in circles."""
    if isinstance(row, Object):
        ids = {"object_id": row.object_id, "cio_object_id": row.cio_object_id}
        known = Known(row.attributes, ids)
        return Facts(object=known, object_type_number=row.object_type.number)
    ids = {"id": row.person_id, "email": row.email, "cio_id": row.cio_id}
    members = SegmentMember.objects.filter(person=row)
    segments = frozenset(members.values_list("segment__number", flat=True))
    return Facts(person=Known(row.attributes, ids), segments=segments)


def where(node: Any, **counts: int) -> Any:
    return {"related": {**counts, "where": node}}


ROLE_OWNER = {"relationship_attribute": {"field": "role", "operator": "eq", "value": "owner"}}
ROLE_GUEST = {"relationship_attribute": {"field": "role", "operator": "eq", "value": "guest"}}
ADA = {"person": {"id": "ada"}}
VIP = {"attribute": {"field": "vip", "operator": "is_true"}}


@pytest.mark.parametrize(
    ("node", "names"),
    [
        ({"related": {"at_least": 1}}, "Acme, Acting, Big"),
        ({"related": {"at_least": 2}}, "Acme"),
        ({"related": {"at_most": 1}}, "Empty, Acting, Big"),
        ({"related": {"at_most": 0}}, "Empty"),
        ({"related": {"at_least": 0}}, "Acme, Empty, Acting, Big"),
        ({"not": {"related": {"at_least": 0}}}, ""),
        ({"related": {"at_least": 1, "at_most": 1}}, "Acting, Big"),
        (where(ADA), "Acme, Acting, Big"),
        ({"not": where(ADA)}, "Empty"),
        (where({"person": {"email": "ADA@example.com"}}), "Acme, Acting, Big"),
        (where({"person": {"id": "nobody"}}), ""),
        (where(ROLE_OWNER), "Acme"),
        (where({"and": [ADA, ROLE_GUEST]}), "Acting, Big"),
        (where({"and": [VIP, ROLE_OWNER]}), "Acme"),
        (where(ROLE_GUEST, at_least=1), "Acme, Acting, Big"),
        (where(ROLE_GUEST, at_most=0), "Empty"),
        (where({"not": ROLE_GUEST}, at_least=2), "Acme"),
        (where({"not": ROLE_GUEST}, at_least=3), ""),
        (where({"not": ROLE_GUEST}, at_most=1), "Empty, Acting, Big"),
        (where({"segment": {"id": 3}}, at_least=2), "Acme"),
        ({"object_type": {"id": 2}}, "Acting"),
        ({"not": {"object_type": {"id": 2}}}, "Acme, Empty, Big"),
        ({"not": {"object_type": {"id": 99}}}, "Acme, Empty, Acting, Big"),
    ],
)
def test_objects_by_their_people(node: Any, names: str, workspace: Workspace) -> None:
    assert found(Kind.OBJECTS, node, workspace) == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"field": "object_id", "operator": "eq", "value": "acme"}, "Acme, Acting"),
        ({"field": "object_id", "operator": "eq", "value": "acme", "type_id": 2}, "Acting"),
        ({"field": "plan", "operator": "not_eq", "value": "gold", "type_id": "1"}, "Empty"),
        ({"field": "object_id", "operator": "not_in", "value": ["acme", 5]}, "Empty, Big"),
        ({"field": "object_id", "operator": "eq", "value": 5}, ""),
        ({"field": "object_id", "operator": "not_eq", "value": 5}, "Acme, Empty, Acting, Big"),
        ({"field": "object_id", "operator": "starts_with", "value": "e"}, "Empty"),
        ({"field": "object_id", "operator": "between", "value": ["b", "c"]}, "Big"),
        ({"field": "object_id", "operator": "is_timestamp"}, ""),
        ({"field": "tags[]", "operator": "eq", "value": "stage"}, "Acting"),
        ({"field": "tags[]", "operator": "exists"}, "Acting"),
        ({"field": "seats", "operator": "gt", "value": 25}, "Big"),
    ],
)
def test_objects_by_attributes_and_ids(body: Any, names: str, workspace: Workspace) -> None:
    assert found(Kind.OBJECTS, {"object_attribute": body}, workspace) == names


@pytest.mark.parametrize(
    ("node", "names"),
    [
        ({"related": {"at_least": 2}}, "Ada"),
        ({"related": {"at_most": 0}}, "Dan"),
        (where({"object_type": {"id": 1}}), "Ada, Bob, cyd@example.com"),
        (where({"object_type": {"id": 1}}, at_least=2), "Ada"),
        (where({"object": {"object_id": "acme"}}), "Ada, Bob, cyd@example.com"),
        (where({"object": {"object_id": "acme", "type_id": 2}}), "Ada"),
        (where({"object": {"object_id": "acme", "type_id": "9"}}), ""),
        (where({"and": [{"object_type": {"id": 1}}, ROLE_GUEST]}), "Ada, Bob"),
        ({"segment": {"id": 3}}, "Ada, cyd@example.com"),
        ({"not": {"segment": {"id": 4}}}, "Ada, Bob, cyd@example.com, Dan"),
        ({"attribute": {"field": "vip", "operator": "is_false"}}, "Dan"),
        ({"attribute": {"field": "id", "operator": "not_exists"}}, "cyd@example.com"),
        ({"attribute": {"field": "email", "operator": "eq", "value": "ADA@EXAMPLE.COM"}}, "Ada"),
        ({"attribute": {"field": "email", "operator": "contains", "value": "DA@"}}, "Ada"),
        (
            {"attribute": {"field": "cio_id", "operator": "exists"}},
            "Ada, Bob, cyd@example.com, Dan",
        ),
    ],
)
def test_people_by_their_objects(node: Any, names: str, workspace: Workspace) -> None:
    assert found(Kind.PEOPLE, node, workspace) == names


@pytest.mark.parametrize(
    ("node", "names"),
    [
        (ROLE_OWNER, "Ada Acme"),
        ({"and": [ROLE_GUEST, VIP]}, "Ada Acting, Ada Big"),
        ({"object_type": {"id": 2}}, "Ada Acting"),
        ({"object": {"object_id": "big"}}, "Ada Big"),
        ({"not": ADA}, "Bob Acme, cyd@example.com Acme"),
        ({"segment": {"id": 3}}, "Ada Acme, cyd@example.com Acme, Ada Acting, Ada Big"),
        (
            {"object_attribute": {"field": "seats", "operator": "gte", "value": 400}},
            "Ada Big",
        ),
        ({"relationship_attribute": {"field": "since", "operator": "is_timestamp"}}, "Ada Big"),
        ({"relationship_attribute": {"field": "id", "operator": "exists"}}, ""),
    ],
)
def test_relationships_by_both_sides(node: Any, names: str, workspace: Workspace) -> None:
    assert found(Kind.RELATIONSHIPS, node, workspace) == names


def test_a_row_is_named_by_its_immutable_id_too(workspace: Workspace) -> None:
    ada = Person.objects.for_workspace(workspace).get(person_id="ada")
    big = Object.objects.for_workspace(workspace).get(object_id="big")
    by_person = where({"person": {"cio_id": ada.cio_id}})
    by_object = where({"object": {"cio_object_id": big.cio_object_id}})
    assert found(Kind.OBJECTS, by_person, workspace) == "Acme, Acting, Big"
    assert found(Kind.PEOPLE, by_object, workspace) == "Ada"


def test_another_workspaces_ids_find_nothing(workspace: Workspace) -> None:
    stranger = Person.objects.exclude(workspace=workspace).filter(person_id="ada")[0]
    theirs = {"person": {"cio_id": stranger.cio_id}}
    assert found(Kind.OBJECTS, where(theirs), workspace) == ""
    assert found(Kind.RELATIONSHIPS, theirs, workspace) == ""
    stranger_role = {"field": "role", "operator": "eq", "value": "stranger"}
    assert found(Kind.OBJECTS, where({"relationship_attribute": stranger_role}), workspace) == ""


@pytest.mark.parametrize(
    ("first", "second"), [(1, True), (True, 1), (1, 1.0), (0, False), ("1", 1)]
)
def test_values_that_python_takes_for_equal_are_two_conditions(first: Any, second: Any) -> None:
    workspace = make_workspace()
    things = make_type(workspace)
    make_object(things, "one", {"name": "one", "v": first})
    make_object(things, "two", {"name": "two", "v": second})
    leaves = [
        {"object_attribute": {"field": "v", "operator": "eq", "value": value}}
        for value in (first, second)
    ]
    assert found(Kind.OBJECTS, {"or": leaves}, workspace) == "one, two"
    assert found(Kind.OBJECTS, {"and": leaves}, workspace) == ""


values = st.sampled_from(["gold", "guest", "owner", 25, 400, True, "a", "Ada", 1_700_000_000])
bodies = st.one_of(
    st.builds(
        lambda field, operator, value: {"field": field, "operator": operator, "value": value},
        st.sampled_from(["plan", "seats", "role", "name", "tags[]", "since", "vip"]),
        st.sampled_from(["eq", "not_eq"]),
        values,
    ),
    st.builds(
        lambda field, operator: {"field": field, "operator": operator},
        st.sampled_from(["plan", "seats", "role", "tags", "vip", "name"]),
        st.sampled_from(["exists", "not_exists", "is_true", "is_timestamp"]),
    ),
    st.builds(
        lambda field, operator, value: {"field": field, "operator": operator, "value": value},
        st.sampled_from(["seats", "name", "plan", "since"]),
        st.sampled_from(["lt", "lte", "gt", "gte"]),
        values.filter(lambda value: not isinstance(value, bool)),
    ),
)


def joined(leaves: st.SearchStrategy) -> st.SearchStrategy:
    return st.recursive(
        leaves,
        lambda trees: (
            st.lists(trees, min_size=1, max_size=3).map(lambda parts: {"and": parts})
            | st.lists(trees, min_size=1, max_size=3).map(lambda parts: {"or": parts})
            | trees.map(lambda tree: {"not": tree})
        ),
        max_leaves=4,
    )


inner = joined(
    bodies.map(lambda body: {"relationship_attribute": body})
    | bodies.map(lambda body: {"attribute": body})
    | bodies.map(lambda body: {"object_attribute": body})
    | st.sampled_from([ADA, {"object_type": {"id": 1}}, {"segment": {"id": 3}}])
)
counts = st.dictionaries(st.sampled_from(["at_least", "at_most"]), st.integers(0, 3))
related = st.builds(lambda node, count: where(node, **count), inner, counts)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_database_agrees_with_python_on_any_filter(
    data: st.DataObject, workspace: Workspace
) -> None:
    own = {
        Kind.OBJECTS: bodies.map(lambda body: {"object_attribute": body}) | related,
        Kind.PEOPLE: bodies.map(lambda body: {"attribute": body}) | related,
        Kind.RELATIONSHIPS: inner,
    }
    kind = data.draw(st.sampled_from(Kind))
    found(kind, data.draw(joined(own[kind])), workspace)
