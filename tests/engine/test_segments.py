"""Segments are written one at a time: names, numbers, conditions, circles, deletion."""

from itertools import count
from typing import Any

import pytest

from operations.engine.segments import (
    SegmentDefinition,
    SegmentOutcome,
    delete_segment,
    save_segment,
)
from operations.errors import Reason
from operations.limits import (
    FILTER_MAX_CONDITIONS,
    SEGMENT_DESCRIPTION_MAX_CHARS,
    SEGMENT_NAME_MAX_CHARS,
    SEGMENTS_MAX_DEPTH,
)
from operations.models import Activity
from operations.results import Status
from operations.types import AddToSegment, PersonKey
from operations.wire.columns import Kind
from operations.wire.filters import parse_filter
from people.models import Segment, SegmentMember
from tests.make import apply_one, make_person, make_workspace, origin
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

_numbers = count(1)
GOLD = {"attribute": {"field": "plan", "operator": "eq", "value": "gold"}}


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def save(
    workspace: Workspace, name: str | None = None, node: Any = GOLD, number: int | None = None
) -> SegmentOutcome:
    """Make or change a segment; without a name, by its own or one that no other has."""
    if name is None:
        stored = Segment.objects.filter(workspace=workspace, number=number).first()
        name = f"Segment {next(_numbers)}" if stored is None else stored.name
    condition = None if node is None else parse_filter(node, kind=Kind.PEOPLE)
    definition = SegmentDefinition(name=name, condition=condition)
    return save_segment(definition, origin=origin(workspace), number=number)


def asks(*numbers: int) -> Any:
    return {"and": [{"segment": {"id": number}} for number in numbers]}


def reasons(outcome: SegmentOutcome) -> list[tuple[str, Reason]]:
    assert outcome.status is Status.REFUSED
    return [(each.field, each.reason) for each in outcome.rejections]


def test_manual_and_dynamic_ones_are_numbered_together_and_never_again(
    workspace: Workspace,
) -> None:
    Segment.objects.create(workspace=workspace, number=4, name="Older than the sequence")
    assert save(workspace).number == 5
    assert save(workspace, "By hand", node=None).number == 6
    assert delete_segment(6, origin=origin(workspace)).status is Status.DELETED
    assert save(workspace, "Silver").number == 7
    assert save(make_workspace()).number == 1


def test_a_change_keeps_the_number_and_is_logged_once(workspace: Workspace) -> None:
    number = save(workspace, "Gold").number
    assert save(workspace, number=number).status is Status.UNCHANGED
    assert save(workspace, "Silver", number=number).status is Status.UPDATED
    assert delete_segment(number, origin=origin(workspace)).status is Status.DELETED
    assert delete_segment(number, origin=origin(workspace)).status is Status.UNCHANGED
    logged = Activity.objects.order_by("pk").values_list("status", "name", "before", "after")
    whole = {"segment": 1, "description": "", "condition": GOLD}
    assert list(logged) == [
        ("created", "Gold", None, whole | {"name": "Gold"}),
        ("updated", "Silver", {"segment": 1, "name": "Gold"}, {"segment": 1, "name": "Silver"}),
        ("deleted", "Silver", whole | {"name": "Silver"}, None),
    ]


def test_a_name_is_given_once_in_a_workspace(workspace: Workspace) -> None:
    first = save(workspace, "Gold").number
    again = save(workspace, "Gold", node=None)
    assert reasons(again) == [("name", Reason.CONFLICT)]
    assert again.rejections[0].message == (
        f"segment {first} is named Gold already; choose another name"
    )
    second = save(workspace, "gold").number
    assert reasons(save(workspace, "Gold", number=second)) == [("name", Reason.CONFLICT)]
    assert save(workspace, node=asks(second), number=first).status is Status.UPDATED
    assert save(make_workspace(), "Gold").status is Status.CREATED


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("x" * SEGMENT_NAME_MAX_CHARS, True),
        ("x" * (SEGMENT_NAME_MAX_CHARS + 1), False),
        ("", False),
        (" ", False),
        ("a\0", False),
    ],
)
def test_a_name_is_held_to_its_limit(workspace: Workspace, text: str, is_taken: bool) -> None:
    outcome = save(workspace, text)
    assert (outcome.status is Status.CREATED) is is_taken
    assert is_taken or reasons(outcome)[0][0] == "name"
    assert Segment.objects.count() == is_taken


def test_a_description_is_held_to_its_limit(workspace: Workspace) -> None:
    for length, status in ((0, Status.CREATED), (1, Status.REFUSED)):
        text = "x" * (SEGMENT_DESCRIPTION_MAX_CHARS + length)
        definition = SegmentDefinition(name="A", description=text)
        assert save_segment(definition, origin=origin(workspace)).status is status


@pytest.mark.parametrize("number", [1, 2])
def test_the_kind_of_a_segment_never_changes(workspace: Workspace, number: int) -> None:
    save(workspace)
    save(workspace, node=None)
    other = GOLD if number == 2 else None
    assert reasons(save(workspace, node=other, number=number)) == [("condition", Reason.CONFLICT)]


def test_an_unknown_segment_is_refused(workspace: Workspace) -> None:
    elsewhere = make_workspace()
    save(elsewhere)
    assert reasons(save(workspace, number=1)) == [("segment", Reason.NOT_FOUND)]
    assert delete_segment(1, origin=origin(workspace)).status is Status.UNCHANGED
    assert Segment.objects.count() == 1


def test_a_condition_that_leads_back_to_itself_is_refused(workspace: Workspace) -> None:
    first, second, third = (save(workspace).number for _ in range(3))
    assert reasons(save(workspace, node=asks(first), number=first)) == [
        ("condition", Reason.CONFLICT)
    ]
    assert save(workspace, node=asks(second), number=first).status is Status.UPDATED
    assert save(workspace, node={"not": asks(third)}, number=second).status is Status.UPDATED
    related = {"related": {"where": {"segment": {"id": first}}}}
    outcome = save(workspace, node={"or": [GOLD, related]}, number=third)
    assert reasons(outcome) == [("condition", Reason.CONFLICT)]
    assert "3 -> 1 -> 2 -> 3" in outcome.rejections[0].message
    assert "segment" not in Segment.objects.get(number=third).condition


def test_segments_of_segments_have_a_limit_of_levels(workspace: Workspace) -> None:
    last = save(workspace).number
    for _ in range(SEGMENTS_MAX_DEPTH - 1):
        last = save(workspace, node=asks(last)).number
    assert reasons(save(workspace, node=asks(last))) == [("condition", Reason.TOO_MANY)]


def test_segments_of_segments_cannot_grow_without_bounds(workspace: Workspace) -> None:
    ten = save(workspace, node={"and": [GOLD] * 10}).number
    hundred = save(workspace, node=asks(*[ten] * 10)).number
    assert hundred is not None
    assert FILTER_MAX_CONDITIONS == 100
    assert reasons(save(workspace, node=asks(hundred, ten))) == [("condition", Reason.TOO_MANY)]
    more = save(workspace, node={"and": [GOLD] * 11}, number=ten)
    assert reasons(more) == [("condition", Reason.TOO_MANY)], "the hundred would be 110"


def test_one_that_another_asks_for_is_not_deleted(workspace: Workspace) -> None:
    used = save(workspace, node=None).number
    user = save(workspace, "User", node=asks(used)).number
    outcome = delete_segment(used, origin=origin(workspace))
    assert reasons(outcome) == [("segment", Reason.CONFLICT)]
    assert "segment 2 (User)" in outcome.rejections[0].message
    assert delete_segment(user, origin=origin(workspace)).status is Status.DELETED
    assert delete_segment(used, origin=origin(workspace)).status is Status.DELETED


def test_deleting_takes_the_memberships_and_nobody(workspace: Workspace) -> None:
    ann = make_person(workspace, "ann")
    number = save(workspace, node=None).number
    apply_one(workspace, AddToSegment(person=PersonKey(id="ann"), segment=number))
    assert SegmentMember.objects.count() == 1
    delete_segment(number, origin=origin(workspace))
    assert not SegmentMember.objects.exists()
    ann.refresh_from_db()


def test_nobody_is_put_into_a_dynamic_segment(workspace: Workspace) -> None:
    make_person(workspace, "ann")
    number = save(workspace).number
    outcome = apply_one(workspace, AddToSegment(person=PersonKey(id="ann"), segment=number))
    assert outcome.status is Status.REFUSED
    assert "not a manual segment" in outcome.rejections[0].message


def test_a_condition_is_stored_to_the_letter(workspace: Workspace) -> None:
    node = {"attribute": {"field": "seats", "operator": "in", "value": [1.0, 1, True, "1", 1e16]}}
    number = save(workspace, node=node).number
    stored = Segment.objects.get(number=number)
    assert '[1.0,1,true,"1",' in stored.condition
    assert stored.is_dynamic
