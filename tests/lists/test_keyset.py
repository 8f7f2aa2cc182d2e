"""Pages by place show every row once, in order, whatever is written meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db.models import QuerySet

from objects.models import Object
from operations.doors.keyset import (
    Leg,
    Page,
    Place,
    find_place,
    leg,
    read_page,
    render_place,
    sort_by,
    sort_by_present,
    sort_by_relationships,
)
from operations.types import DeleteObject, DeletePerson, ObjectKey, PersonKey
from people.models import Person
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
NEWEST = ("-created_at", "-pk")


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def walk(rows: QuerySet, legs: Sequence[Leg], *, limit: int = 3) -> Iterator[Page]:
    place: Place | None = None
    while True:
        page = read_page(rows, legs, place=place, limit=limit)
        yield page
        if page.next is None:
            return
        place = find_place(render_place(page.next), legs, rows.model)
        assert place == page.next


def fill_objects(workspace: Workspace, count: int) -> None:
    companies = make_type(workspace)
    for number in range(count):
        created_at = 1_700_000_000 + number // 3
        make_object(
            companies, f"o{number:02}", {"name": f"N{number % 4}", "created_at": created_at}
        )


@pytest.mark.parametrize("order", [NEWEST, ("created_at", "pk"), ("name", "pk"), ("-pk",)])
def test_a_walk_shows_every_row_once_and_in_order(workspace: Workspace, order: tuple) -> None:
    fill_objects(workspace, 20)
    rows = Object.objects.for_workspace(workspace)
    seen = [row.pk for page in walk(rows, (leg(*order),)) for row in page.rows]
    assert seen == list(rows.order_by(*order).values_list("pk", flat=True))


def test_a_walk_misses_nothing_while_rows_come_and_go(workspace: Workspace) -> None:
    fill_objects(workspace, 20)
    rows = Object.objects.for_workspace(workspace)
    stays = set(rows.exclude(object_id__in=["o02", "o11"]).values_list("object_id", flat=True))
    seen: list[str] = []
    for number, page in enumerate(walk(rows, (leg(*NEWEST),))):
        seen += [row.object_id for row in page.rows]
        kind = page.rows[0].object_type
        make_object(kind, f"new{number}", {"created_at": 1_800_000_000 + number})
        if number == 1:
            for gone in ("o02", "o11"):
                apply_one(workspace, DeleteObject(key=ObjectKey(gone, kind.number)))
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)


def test_the_way_back_shows_the_same_pages(workspace: Workspace) -> None:
    fill_objects(workspace, 10)
    rows, legs = Object.objects.for_workspace(workspace), (leg(*NEWEST),)
    pages = list(walk(rows, legs))
    assert [page.previous is None for page in pages] == [True, False, False, False]
    back = read_page(rows, legs, place=pages[2].previous, limit=3)
    assert [row.pk for row in back.rows] == [row.pk for row in pages[1].rows]


@pytest.mark.parametrize("is_descending", [True, False])
def test_sorting_by_relationships_follows_the_count(
    workspace: Workspace, is_descending: bool
) -> None:
    companies = make_type(workspace)
    people = [make_person(workspace, f"p{number}") for number in range(7)]
    for number, count in enumerate([0, 3, 1, 7, 0, 2, 4, 5, 1, 6]):
        company = make_object(companies, f"o{number}")
        for person in people[:count]:
            relate(person, company)
    sort = sort_by_relationships(within="object_type")
    legs = sort.descending if is_descending else sort.ascending
    rows = Object.objects.for_workspace(workspace)
    seen = [row.relationship_count for page in walk(rows, legs) for row in page.rows]
    assert seen == sorted([0, 3, 1, 7, 0, 2, 4, 5, 1, 6], reverse=is_descending)


@pytest.mark.parametrize("is_descending", [True, False])
def test_rows_without_the_column_come_last(workspace: Workspace, is_descending: bool) -> None:
    for number in range(5):
        make_person(workspace, f"p{number}")
        make_person(workspace, email=f"e{number}@example.com")
    sort = sort_by_present("person_id", rest=NEWEST)
    legs = sort.descending if is_descending else sort.ascending
    rows = Person.objects.for_workspace(workspace)
    seen = [row.person_id for page in walk(rows, legs) for row in page.rows]
    ids = sorted((f"p{number}" for number in range(5)), reverse=is_descending)
    assert seen == [*ids, *[None] * 5]


def test_a_page_past_the_end_is_empty(workspace: Workspace) -> None:
    person = make_person(workspace, "only")
    legs = sort_by("created_at", "pk").descending
    rows = Person.objects.for_workspace(workspace)
    place = Place(0, (person.created_at - timedelta(days=1), person.pk))
    apply_one(workspace, DeletePerson(key=PersonKey(id="only")))
    assert read_page(rows, legs, place=place, limit=3) == Page(())


@pytest.mark.parametrize(
    "text",
    ["", "x", "!!!", "W10", "bnVsbA", "A" * 3000, "W2ZhbHNlLDAsWzFdXQ", "W2ZhbHNlLC0xLFtdXQ"],
)
def test_a_forged_place_is_no_place(text: str) -> None:
    assert find_place(text, (leg(*NEWEST),), Object) is None


@pytest.mark.parametrize(
    "values",
    [
        ("2024-01-01T00:00:00", 1),
        ("2024-01-01T00:00:00+00:00", -1),
        ("2024-01-01T00:00:00+00:00", 2**64 - 1),
        ("2024-01-01T00:00:00+00:00", True),
        ("soon", 1),
        (5, 1),
        ("2024-01-01T00:00:00+00:00",),
    ],
)
def test_a_place_with_values_that_no_row_has_is_no_place(values: tuple) -> None:
    assert find_place(render_place(Place(0, values)), (leg(*NEWEST),), Object) is None
    assert find_place(render_place(Place(7, values)), (leg(*NEWEST),), Object) is None
