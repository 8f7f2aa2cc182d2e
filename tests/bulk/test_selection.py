"""A selection means the same rows whoever asks for them, and in one workspace only."""

from typing import Any

import pytest

from objects.models import Object
from operations.doors.pasted import find_pasted, split_pasted
from operations.doors.selection import (
    Selection,
    SelectionError,
    count_rows,
    load,
    rows_of,
    select_matching,
    store,
    walk_rows,
)
from operations.wire.columns import Kind
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def ids(selection: Selection) -> list[str]:
    return sorted(rows_of(selection).values_list("object_id", flat=True))


def test_checked_rows_are_those_of_the_workspace(workspace: Workspace) -> None:
    mine = make_object(make_type(workspace), "mine")
    other = make_object(make_type(make_workspace()), "other")
    chosen = Selection(Kind.OBJECTS, workspace.pk, keys=(mine.pk, other.pk, 2**62))
    assert ids(chosen) == ["mine"]


def test_all_that_match_are_carried_as_the_filter(workspace: Workspace) -> None:
    companies, courses = make_type(workspace), make_type(workspace, "Courses")
    acme = make_object(companies, "acme")
    make_object(companies, "bolt")
    make_object(courses, "chess")
    relate(make_person(workspace, "ann"), acme)
    query = f"object_type={companies.number}&without_relationships=true&p=3&o=2"
    chosen = select_matching(Kind.OBJECTS, workspace=workspace.pk, query=query)
    assert chosen.keys == ()
    assert ids(chosen) == ["bolt"]


def test_the_search_of_the_list_counts(workspace: Workspace) -> None:
    companies = make_type(workspace)
    make_object(companies, "acme", {"name": "Acme"})
    make_object(companies, "bolt", {"name": "Bolt"})
    assert ids(select_matching(Kind.OBJECTS, workspace=workspace.pk, query="q=+acm")) == ["acme"]


def test_rows_added_later_are_left_out(workspace: Workspace) -> None:
    companies = make_type(workspace)
    make_object(companies, "early")
    chosen = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    make_object(companies, "late")
    assert ids(chosen) == ["early"]


def test_a_selection_comes_back_from_json(workspace: Workspace) -> None:
    for chosen in (
        Selection(Kind.PEOPLE, workspace.pk, keys=(3, 1)),
        Selection(Kind.OBJECTS, workspace.pk, query="q=%C3%A9", up_to=9),
    ):
        assert load(store(chosen)) == chosen


def test_walks_in_key_order_in_slices(workspace: Workspace, monkeypatch: Any) -> None:
    monkeypatch.setattr("operations.doors.selection._ROWS_AT_A_TIME", 2)
    companies = make_type(workspace)
    made = [make_object(companies).pk for _ in range(5)]
    chosen = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    assert [row[0] for row in walk_rows(chosen, "name")] == made
    assert [row[0] for row in walk_rows(chosen, after=made[2])] == made[3:]
    assert count_rows(chosen) == 5


@pytest.mark.parametrize(
    "query",
    ["name__startswith=a", "pk=1", "object_type=nonsense", "attribute=%00", "q=%00", "id__gt=2"],
)
def test_refuses_a_filter_it_would_not_heed(workspace: Workspace, query: str) -> None:
    make_object(make_type(workspace), "acme")
    with pytest.raises(SelectionError):
        rows_of(select_matching(Kind.OBJECTS, workspace=workspace.pk, query=query))


def test_ten_thousand_keys_are_one_statement(workspace: Workspace, statements: Any) -> None:
    chosen = Selection(Kind.PEOPLE, workspace.pk, keys=tuple(range(10_000)))
    with statements() as run:
        assert count_rows(chosen) == 0
    assert len(run) == 1


def test_pasted_people_are_found_by_id_email_and_cio_id(workspace: Workspace) -> None:
    ann = make_person(workspace, "ann", email="Ann@Example.com")
    bob = make_person(workspace, "bob")
    make_person(make_workspace(), "cid")
    text = f"ann\r\nANN@example.com\n {bob.cio_id} \n\ncid\nbo\x00b\nBOB\ncid"
    pasted = find_pasted(Kind.PEOPLE, workspace=workspace.pk, identifiers=split_pasted(text))
    assert pasted.selection.keys == (ann.pk, bob.pk)
    assert pasted.missing == ("cid", "bo\0b", "BOB")
    assert pasted.repeated == 2


def test_an_id_wins_over_an_email_of_the_same_letters(workspace: Workspace) -> None:
    make_person(workspace, "ann", email="x@example.com")
    other = make_person(workspace, "x@example.com")
    pasted = find_pasted(Kind.PEOPLE, workspace=workspace.pk, identifiers=["x@example.com"])
    assert pasted.selection.keys == (other.pk,)


def test_pasted_objects_are_those_of_the_type(workspace: Workspace) -> None:
    companies, courses = make_type(workspace), make_type(workspace, "Courses")
    acme = make_object(companies, "acme")
    make_object(courses, "acme")
    chess: Object = make_object(courses, "chess")
    pasted = find_pasted(
        Kind.OBJECTS,
        workspace=workspace.pk,
        identifiers=["acme", chess.cio_object_id],
        type_number=companies.number,
    )
    assert pasted.selection.keys == (acme.pk,)
    assert pasted.missing == (chess.cio_object_id,)
