"""Segments in the admin: their list, the page of one, and what lists and people show of them."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from operations.doors.origin import read_clock
from operations.types import AddToSegment, PersonKey
from people.models import Segment, SegmentSize
from people.segment_choice import conditions_of_list
from people.segment_members import count_segments
from tests.admin.pages import PEOPLE, add, deletion, list_of, page
from tests.make import apply_one, make_person
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

SEGMENTS = "people_segment"
GOLD = {"attribute": {"field": "plan", "operator": "eq", "value": "gold"}}


def make(client: Client, name: str = "Gold", node: Any = GOLD, **sent: Any) -> Any:
    text = "" if node is None else json.dumps(node)
    kind = "manual" if node is None else "dynamic"
    return client.post(add(SEGMENTS), {"name": name, "f": text, "kind": kind, **sent})


def people(client: Client, **query: Any) -> list[str]:
    answer = client.get(list_of(PEOPLE), query)
    return [row.person_id for row in answer.context["cl"].result_list]


def test_a_filter_of_people_becomes_a_segment_with_its_people(
    author: Client, viewer: Client, workspace: Workspace
) -> None:
    make_person(workspace, "ann", {"plan": "gold"})
    make_person(workspace, "bob", {"plan": "free"})
    query = {"f": json.dumps(GOLD), "without_relationships": "true", "q": "a"}
    listed = author.get(list_of(PEOPLE), query).context
    form = author.get(listed["segment_link"])
    assert "the search" in form.content.decode(), "what was left out is said"
    sent = {"name": "Gold", "description": "Pays", "f": form.context["builder"].text}
    answer = author.post(add(SEGMENTS), sent)
    segment = Segment.objects.get()
    assert json.loads(segment.condition) == {"and": [GOLD, {"related": {"at_most": 0}}]}
    assert answer.url == f"{list_of(PEOPLE)}?segment={segment.number}"
    shown = viewer.get(answer.url)
    assert [row.person_id for row in shown.context["cl"].result_list] == ["ann"]
    body = shown.content.decode()
    for words in ("Gold", "Pays", "plan is gold", "Dynamic"):
        assert words in body
    assert [chip.value for chip in shown.context["cl"].toolbar.chips] == ["Gold"]
    assert "segment_link" not in shown.context, "viewers make none"
    assert page(SEGMENTS, segment) not in body


def test_rows_of_the_builder_are_taken_as_in_a_list(author: Client) -> None:
    row = {"group": "0", "subject": "attribute", "name": "plan", "operator": "eq", "value": "gold"}
    rows = {f"f.{part}": value for part, value in (row | {"to": "", "join": "all"}).items()}
    author.post(add(SEGMENTS), {"name": "Gold", "f.apply": "1", **rows})
    assert json.loads(Segment.objects.get().condition) == GOLD


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("", json.dumps(GOLD), "required"),
        ("x" * 101, json.dumps(GOLD), "at most 100"),
        ("Gold", "", "at least one condition"),
        ("Gold", "{", "JSON"),
        ("Gold", '{"attribute":{"field":"a","operator":"like"}}', "like"),
        ("Gold", '{"and":[]}', "at least one"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    author: Client, name: str, text: str, words: str
) -> None:
    answer = author.post(add(SEGMENTS), {"name": name, "description": "Typed", "f": text})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert answer.context["form"]["description"].value() == "Typed"
    assert answer.context["builder"].text == text
    assert not Segment.objects.exists()


def test_a_segment_is_changed_and_a_circle_refused(author: Client) -> None:
    make(author)
    make(author, "Both", {"and": [{"segment": {"id": 1}}, GOLD]})
    first = Segment.objects.get(number=1)
    circle = {"name": "Gold", "f": json.dumps({"segment": {"id": 2}})}
    answer = author.post(page(SEGMENTS, first), circle)
    assert "leads back to the segment itself (1 -&gt; 2 -&gt; 1)" in answer.content.decode()
    assert "in segment" not in Segment.objects.get(number=1).condition
    answer = author.post(page(SEGMENTS, first), {"name": "Silver", "f": json.dumps(GOLD)})
    assert answer.status_code == 302
    assert Segment.objects.get(number=1).name == "Silver"


def test_a_manual_segment_has_no_conditions_to_change(
    author: Client, workspace: Workspace
) -> None:
    make(author, "By hand", None)
    segment = Segment.objects.get()
    assert not segment.is_dynamic
    assert author.get(page(SEGMENTS, segment)).context["builder"] is None
    make_person(workspace, "ann")
    make_person(workspace, "bob")
    apply_one(workspace, AddToSegment(person=PersonKey(id="ann"), segment=segment.number))
    assert people(author, segment=1) == ["ann"]
    assert people(author, f=json.dumps({"not": {"segment": {"id": 1}}})) == ["bob"]


def test_the_list_names_kind_number_and_kept_count(
    author: Client, viewer: Client, workspace: Workspace, statements: Callable
) -> None:
    make_person(workspace, "ann", {"plan": "gold"})
    make(author, description="Who pays")
    make(author, "By hand", None)
    body = viewer.get(list_of(SEGMENTS)).content.decode()
    for words in ("Gold", "Who pays", "Dynamic", "Manual", "?segment=1"):
        assert words in body
    assert list(SegmentSize.objects.order_by("pk").values_list("people", flat=True)) == [1, 0]
    make_person(workspace, "bob", {"plan": "gold"})
    SegmentSize.objects.all().delete()
    count_segments(now=read_clock())
    assert list(SegmentSize.objects.order_by("pk").values_list("people", flat=True)) == [2, 0]
    with statements() as few:
        viewer.get(list_of(SEGMENTS))
    for number in range(8):
        make(author, f"More {number}")
    with statements() as many:
        viewer.get(list_of(SEGMENTS))
    assert len(many) == len(few)


def test_deletion_is_confirmed_and_refused_while_another_one_asks(
    author: Client, viewer: Client
) -> None:
    make(author)
    make(author, "User", {"segment": {"id": 1}})
    used, user = Segment.objects.order_by("number")
    assert viewer.post(deletion(SEGMENTS, used)).status_code == 403
    assert author.get(deletion(SEGMENTS, used)).status_code == 200
    answer = author.post(deletion(SEGMENTS, used), follow=True)
    assert "is asked for by segment 2 (User)" in answer.content.decode()
    author.post(deletion(SEGMENTS, user))
    author.post(deletion(SEGMENTS, used))
    assert not Segment.objects.exists()


def test_strangers_see_no_segment_and_no_name_of_one(
    author: Client, stranger: Client, workspace: Workspace
) -> None:
    make(author, "Secret segment")
    segment = Segment.objects.get()
    for address in (list_of(SEGMENTS), page(SEGMENTS, segment), deletion(SEGMENTS, segment)):
        assert b"Secret segment" not in stranger.get(address, follow=True).content
        stranger.post(address, {"name": "Taken", "f": json.dumps(GOLD)})
    query = {"segment": 1, "f": json.dumps({"segment": {"id": 1}})}
    assert b"Secret segment" not in stranger.get(list_of(PEOPLE), query).content
    assert Segment.objects.get().name == "Secret segment"


def test_chips_and_the_builder_name_segments(author: Client) -> None:
    make(author, "Who pays")
    answer = author.get(list_of(PEOPLE), {"f": json.dumps({"segment": {"id": 1}})})
    body = answer.content.decode()
    assert "in segment Who pays" in body
    assert '<option value="1">Who pays</option>' in body


def test_a_person_shows_the_segments_of_both_kinds(
    author: Client, viewer: Client, workspace: Workspace
) -> None:
    ann = make_person(workspace, "ann", {"plan": "gold"})
    make(author, "Who pays")
    make(author, "By hand", None)
    make(author, "Nobody", {"attribute": {"field": "plan", "operator": "eq", "value": "none"}})
    apply_one(workspace, AddToSegment(person=PersonKey(id="ann"), segment=2))
    body = viewer.get(page(PEOPLE, ann)).content.decode()
    assert "Who pays" in body
    assert "By hand" in body
    assert "Nobody" not in body


def test_a_selection_of_all_carries_the_segment(author: Client, workspace: Workspace) -> None:
    make_person(workspace, "ann", {"plan": "gold"})
    make_person(workspace, "bob", {"plan": "free"})
    make(author)
    sent = {"action": "delete_selected", "select_across": "1", "_selected_action": "1", "index": 0}
    answer = author.post(f"{list_of(PEOPLE)}?segment=1", sent)
    assert "1 person" in author.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("query", "expected", "left_out"),
    [
        ({}, None, ()),
        ({"f": "{"}, None, ()),
        ({"q": "a", "created_after": "2026"}, None, ("q", "created_after")),
        ({"attribute": 'a.b:"x"'}, {"attribute": {"field": r"a\.b", "value": "x"}}, ()),
        ({"has_attribute": "a"}, {"attribute": {"field": "a"}}, ()),
        ({"email": "a@b.c"}, {"attribute": {"field": "email", "value": "a@b.c"}}, ()),
        ({"segment": "3"}, {"segment": {"id": "3"}}, ()),
        ({"related_type": "2"}, {"related": {"where": {"object_type": {"id": "2"}}}}, ()),
        ({"f": json.dumps({"not": GOLD})}, {"not": GOLD}, ()),
    ],
)
def test_the_filters_of_a_list_become_one_condition(
    query: dict[str, str], expected: Any, left_out: tuple[str, ...]
) -> None:
    found = conditions_of_list(QueryDict(urlencode(query)))
    assert found.left_out == left_out
    node = json.loads(found.text) if found.text else None
    if node and "attribute" in node:
        node["attribute"].pop("operator")
    assert node == expected
