"""The neighbourhood of objects and people: two statements, two hundred neighbours."""

from collections.abc import Callable
from itertools import combinations
from math import dist

import pytest
from django.test import Client

from objects.models import Object
from operations.doors import neighbourhood
from operations.doors.neighbourhood import find_neighbours
from operations.doors.picture import draw
from people.models import Person
from relationships.models import Relationship
from tests.admin.pages import OBJECTS, PEOPLE, page
from tests.make import make_object, make_person, relate

DOT_RADIUS = 7  # of a dense picture, in neighbourhood.css


@pytest.fixture
def hub(company: Object, person: Person) -> Object:
    """Relate the company to five people, and the first of them to another company."""
    relate(person, company)
    for number in range(4):
        relate(make_person(company.workspace, f"p{number}"), company)
    relate(person, make_object(company.object_type, "other", {"name": "Other"}))
    return Object.objects.select_related("object_type", "totals").get(pk=company.pk)


def test_one_step_finds_who_is_related(hub: Object, statements: Callable) -> None:
    with statements() as run:
        found = find_neighbours(hub, steps=1)
    assert len(run) == 1
    assert len(found.neighbours) == 5
    assert found.hidden == 0


def test_two_steps_find_what_they_are_related_to(hub: Object, statements: Callable) -> None:
    with statements() as run:
        found = find_neighbours(hub, steps=2)
    assert len(run) == 2
    far = [one for one in found.neighbours if not one.is_near]
    assert [(one.title, one.parent and one.parent.title) for one in far] == [("Other", "Ann Lee")]
    assert len(found.edges) == 6


def test_what_does_not_fit_is_counted(hub: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhood, "NEIGHBOURS_MAX", 3)
    found = find_neighbours(hub, steps=1)
    assert (len(found.neighbours), found.hidden) == (3, 2)


def test_one_that_everybody_is_related_to_is_not_followed(
    hub: Object, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbourhood, "NEIGHBOURS_MAX", 4)
    person.refresh_from_db()
    found = find_neighbours(person, steps=2)
    followed = {one.title: one.hidden for one in found.neighbours if one.is_near}
    assert followed == {"Acme": 4, "Other": 0}
    assert found.hidden == 4


def test_the_page_shows_table_and_picture(
    viewer: Client, hub: Object, relationship: Relationship
) -> None:
    body = viewer.get(f"{page(OBJECTS, hub)}?tab=neighbourhood&hops=2").content.decode()
    assert body.count("<circle r=") == 7
    assert body.count("data-dot=") == 12
    address = f"{page(PEOPLE, relationship.person)}?tab=neighbourhood"
    assert b"Acme" in viewer.get(address).content


def test_a_row_without_relationships_says_so(viewer: Client, company: Object) -> None:
    answer = viewer.get(f"{page(OBJECTS, company)}?tab=neighbourhood")
    assert b"No neighbours" in answer.content


def test_every_dot_has_its_own_place(hub: Object) -> None:
    found = find_neighbours(hub, steps=2)
    picture = draw(found.start, neighbours=found.neighbours, edges=found.edges)
    assert len({(dot.x, dot.y) for dot in (picture.middle, *picture.dots)}) == 7


def test_the_dots_of_the_inner_ring_do_not_overlap(company: Object) -> None:
    middle = make_person(company.workspace, "middle")
    for number in range(12):
        relate(middle, make_object(company.object_type, f"alone-{number}"))
    relate(middle, company)
    for number in range(60):
        relate(make_person(company.workspace, f"p{number}"), company)
    middle.refresh_from_db()
    found = find_neighbours(middle, steps=2)
    picture = draw(found.start, neighbours=found.neighbours, edges=found.edges)

    inner = [(dot.x, dot.y) for dot in picture.dots if dot.neighbour.is_near]
    assert min(dist(one, other) for one, other in combinations(inner, 2)) > 2 * DOT_RADIUS
