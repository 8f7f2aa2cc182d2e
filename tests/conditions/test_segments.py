"""Filters that ask for segments: manual by membership, dynamic by their condition."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict

from operations.doors.conditions import condition_on
from operations.doors.segments import EXPANDED_MAX_CONDITIONS, load_segments
from operations.engine.segments import SegmentDefinition, save_segment
from operations.masking import reading_for
from operations.types import AddToSegment, HiddenNames, PersonKey
from operations.wire.columns import Kind
from operations.wire.filters import parse_filter
from operations.wire.matching import Facts, Known
from operations.wire.segments import segments_of
from people.filters import PersonFilterSet
from people.models import Person
from people.segment_members import ASKED_AT_ONCE, dynamic_segments_of
from relationships.filters import RelationshipFilterSet
from relationships.models import Relationship
from tests.make import (
    apply_one,
    make_object,
    make_person,
    make_type,
    make_workspace,
    origin,
    relate,
)
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 1, 2, tzinfo=UTC)
GOLD = {"attribute": {"field": "plan", "operator": "eq", "value": "gold"}}
OWNER = {"relationship_attribute": {"field": "role", "operator": "eq", "value": "owner"}}


_numbers = itertools.count(1)


def segment(workspace: Workspace, node: Any = None, name: str = "") -> int:
    condition = None if node is None else parse_filter(node, kind=Kind.PEOPLE)
    definition = SegmentDefinition(name=name or f"S{next(_numbers)}", condition=condition)
    outcome = save_segment(definition, origin=origin(workspace))
    assert outcome.number is not None, outcome.rejections
    return outcome.number


def asks(number: int) -> Any:
    return {"segment": {"id": number}}


@pytest.fixture
def workspace() -> Workspace:
    """Give gold people ann and bob, free cyd, of whom ann and cyd own acme; and four segments.

    1 is manual with bob and cyd, 2 gold, 3 owners, 4 those of 2 who are not in 1.
    """
    mine = make_workspace()
    acme = make_object(make_type(mine), "acme")
    people = {
        name: make_person(mine, name, {"plan": plan})
        for name, plan in (("ann", "gold"), ("bob", "gold"), ("cyd", "free"))
    }
    relate(people["ann"], acme, {"role": "owner"})
    relate(people["bob"], acme, {"role": "guest"})
    relate(people["cyd"], acme, {"role": "owner"})
    manual = segment(mine)
    for name in ("bob", "cyd"):
        apply_one(mine, AddToSegment(person=PersonKey(id=name), segment=manual))
    segment(mine, GOLD)
    segment(mine, {"related": {"where": OWNER}})
    segment(mine, {"and": [asks(2), {"not": asks(1)}]})
    elsewhere = make_workspace()
    make_person(elsewhere, "ann", {"plan": "free"})
    segment(elsewhere, {"attribute": {"field": "plan", "operator": "eq", "value": "free"}})
    return mine


def people_in(workspace: Workspace, node: Any) -> str:
    tree = parse_filter(node, kind=Kind.PEOPLE)
    rows = Person.objects.for_workspace(workspace).order_by("pk")
    found = rows.filter(condition_on(Kind.PEOPLE, tree, workspace=workspace, at=AT))
    return " ".join(found.values_list("person_id", flat=True))


MEMBERS = {1: "bob cyd", 2: "ann bob", 3: "ann cyd", 4: "ann"}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        *((asks(number), names) for number, names in MEMBERS.items()),
        ({"not": asks(4)}, "bob cyd"),
        ({"or": [asks(4), asks(1)]}, "ann bob cyd"),
        ({"and": [asks(2), asks(3)]}, "ann"),
        (asks(99), ""),
        ({"not": asks(99)}, "ann bob cyd"),
        ({"related": {"where": {"and": [asks(3), OWNER]}}}, "ann cyd"),
        ({"related": {"where": {"not": asks(4)}}}, "bob cyd"),
    ],
)
def test_people_are_asked_for_segments_of_both_kinds(
    workspace: Workspace, node: Any, expected: str
) -> None:
    assert people_in(workspace, node) == expected


@pytest.mark.parametrize(("number", "names"), MEMBERS.items())
def test_every_door_gives_the_same_members(workspace: Workspace, number: int, names: str) -> None:
    query = QueryDict(f"segment={number}")
    rows = Person.objects.for_workspace(workspace).order_by("pk")
    by_name = PersonFilterSet(query, queryset=rows, workspace=workspace, at=AT).qs
    assert " ".join(by_name.values_list("person_id", flat=True)) == names
    trees = load_segments(workspace, [parse_filter(asks(number), kind=Kind.PEOPLE)])
    in_python = [row for row in rows if number in segments_of(facts_of(row), trees, at=AT)]
    assert " ".join(row.person_id for row in in_python) == names
    if number > 1:
        one_by_one = [
            row
            for row in rows
            if number in [each.number for each in dynamic_segments_of(row, at=AT)]
        ]
        assert " ".join(row.person_id for row in one_by_one) == names


def facts_of(row: Person) -> Facts:
    members = row.segment_memberships.values_list("segment__number", flat=True)
    person = Known(row.attributes, {"id": row.person_id, "cio_id": row.cio_id})
    segments = frozenset(members)
    related = tuple(
        Facts(person=person, relationship=Known(each.attributes), segments=segments)
        for each in row.relationships.all()
    )
    return Facts(person=person, segments=segments, related=related)


@pytest.mark.parametrize(
    ("number", "names"), [(1, "bob cyd"), (2, "ann bob"), (3, "ann cyd"), (4, "ann")]
)
def test_relationships_are_asked_for_the_segments_of_their_person(
    workspace: Workspace, number: int, names: str
) -> None:
    query = QueryDict(mutable=True)
    query["f"] = f'{{"segment":{{"id":{number}}}}}'
    rows = Relationship.objects.for_workspace(workspace).order_by("pk")
    filters = RelationshipFilterSet(query, queryset=rows, workspace=workspace, at=AT)
    assert filters.is_valid()
    found = filters.qs.values_list("person__person_id", flat=True)
    assert " ".join(found) == names


def test_a_filter_with_segments_takes_one_statement_more_for_each_level(
    workspace: Workspace, statements: Callable
) -> None:
    def count(node: Any) -> int:
        tree = parse_filter(node, kind=Kind.PEOPLE)
        with statements() as run:
            condition_on(Kind.PEOPLE, tree, workspace=workspace, at=AT)
        return len(run)

    assert count(GOLD) == 0
    assert count({"and": [asks(2), asks(3), asks(2)]}) == 1
    assert count(asks(4)) == 2, "4 asks for 2 and 1"


def test_the_segments_of_a_person_take_few_statements(
    workspace: Workspace, statements: Callable
) -> None:
    ann = Person.objects.for_workspace(workspace).get(person_id="ann")

    def count() -> int:
        with statements() as run:
            dynamic_segments_of(ann, at=AT)
        return len(run)

    few = count()
    for _ in range(ASKED_AT_ONCE - 4):
        segment(workspace, GOLD)
    assert count() == few
    segment(workspace, GOLD)
    segment(workspace, GOLD)
    assert count() == few + 1
    assert len(dynamic_segments_of(ann, at=AT)) == ASKED_AT_ONCE + 1


def test_a_filter_that_becomes_too_large_with_its_segments_is_refused(
    workspace: Workspace,
) -> None:
    hundred = segment(workspace, {"and": [GOLD] * 100})
    times = EXPANDED_MAX_CONDITIONS // 100
    for count, is_valid in ((times, True), (times + 1, False)):
        query = QueryDict(mutable=True)
        parts = ",".join([f'{{"segment":{{"id":{hundred}}}}}'] * count)
        query["f"] = f'{{"and":[{parts}]}}'
        rows = Person.objects.for_workspace(workspace)
        filters = PersonFilterSet(query, queryset=rows, workspace=workspace, at=AT)
        assert filters.is_valid() is is_valid
        assert is_valid or "limit" in str(filters.errors["f"])
        assert not is_valid or filters.qs.count() == 2


def test_a_segment_that_asks_for_what_is_hidden_tells_nothing(workspace: Workspace) -> None:
    hidden = HiddenNames(people=frozenset({"plan"}))
    ann = Person.objects.for_workspace(workspace).get(person_id="ann")
    with reading_for(lambda: hidden):
        assert people_in(workspace, asks(2)) == ""
        assert people_in(workspace, {"not": asks(4)}) == "", "neither through another one"
        assert people_in(workspace, asks(3)) == "ann cyd"
        query = QueryDict(mutable=True)
        query["f"] = '{"segment":{"id":4}}'
        filters = PersonFilterSet(query, queryset=Person.objects.all(), workspace=workspace)
        assert not filters.is_valid()
        assert "plan" in str(filters.errors["f"])
        assert [each.number for each in dynamic_segments_of(ann, at=AT)] == [3]
