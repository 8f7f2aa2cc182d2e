"""The list pages: places in the address, sizes, sorting, counts that stop, and time limits."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.doors import capped_counts, keyset_list
from operations.doors.capped_counts import CappedCount, count_capped
from people.models import Person
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def admin(workspace: Workspace) -> Client:
    return sign_in(workspace)


@pytest.fixture
def sixty(workspace: Workspace) -> None:
    companies = make_type(workspace)
    for number in range(60):
        make_object(companies, f"o{number:02}", {"name": f"Company {number:02}"})


def open_list(client: Client, name: str, **query: Any) -> str:
    answer = client.get(list_of(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def names(page: str) -> list[str]:
    return re.findall(r">(Company \d\d)<", page)


def link(page: str, relation: str) -> str:
    found = re.search(rf'href="([^"]*)" rel="{relation}"', page)
    return unescape(found[1]) if found else ""


@pytest.mark.usefixtures("sixty")
def test_the_pages_of_a_list_lead_to_every_row_and_back(admin: Client) -> None:
    first = open_list(admin, OBJECTS, object_type=1)
    second = admin.get(list_of(OBJECTS) + link(first, "next")).content.decode()
    assert (len(names(first)), len(names(second))) == (50, 10)
    assert len(set(names(first) + names(second))) == 60
    assert "object_type=1" in link(first, "next")
    assert not link(second, "next")
    back = admin.get(list_of(OBJECTS) + link(second, "prev")).content.decode()
    assert names(back) == names(first)


@pytest.mark.usefixtures("sixty")
@pytest.mark.parametrize(("rows", "shown"), [("25", 25), ("100", 60), ("7", 50), ("x", 50)])
def test_a_page_has_one_of_the_sizes(admin: Client, rows: str, shown: int) -> None:
    page = open_list(admin, OBJECTS, object_type=1, rows=rows)
    assert len(names(page)) == shown


@pytest.mark.usefixtures("sixty")
@pytest.mark.parametrize("cursor", ["x", "\0", "W10", "A" * 5000, "%00"])
def test_a_forged_place_shows_the_first_page(admin: Client, cursor: str) -> None:
    assert len(names(open_list(admin, OBJECTS, object_type=1, cursor=cursor))) == 50


@pytest.mark.usefixtures("sixty")
def test_a_header_says_how_the_list_is_sorted(admin: Client) -> None:
    up = open_list(admin, OBJECTS, object_type=1, o="1")
    down = open_list(admin, OBJECTS, object_type=1, o="-1")
    assert up.count('aria-sort="ascending"') == 1
    assert down.count('aria-sort="descending"') == 1
    assert names(up)[0] == "Company 00"
    assert names(down)[0] == "Company 59"


@pytest.mark.usefixtures("sixty")
@pytest.mark.parametrize("order", ["99", "-99", "0", "x", "1.2", ""])
def test_an_order_that_is_not_there_is_left_out(admin: Client, order: str) -> None:
    assert len(names(open_list(admin, OBJECTS, object_type=1, o=order))) == 50


@pytest.mark.usefixtures("sixty")
def test_every_link_of_a_later_page_begins_at_the_first(admin: Client) -> None:
    first = open_list(admin, OBJECTS, object_type=1)
    second = admin.get(list_of(OBJECTS) + link(first, "next")).content.decode()
    others = re.findall(r'href="(\?[^"]*)"', second)
    prev = link(second, "prev")
    assert all("cursor=" not in address for address in others if unescape(address) != prev)


def test_the_one_whose_id_is_searched_comes_first(admin: Client, workspace: Workspace) -> None:
    companies = make_type(workspace)
    make_object(companies, "acme", {"name": "Company 01", "created_at": 1_600_000_000})
    for number in range(2, 5):
        make_object(companies, f"acme-{number}", {"name": f"Company {number:02}"})
    assert names(open_list(admin, OBJECTS, object_type=1, q="acme"))[0] == "Company 01"


@pytest.mark.usefixtures("sixty")
def test_a_filtered_count_stops_at_its_limit(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capped_counts, "COUNTED_MAX", 55)
    assert isinstance(count_capped(Object.objects.all()), CappedCount)
    page = open_list(admin, OBJECTS, object_type=1, q="Company")
    assert "55+ rows" in page
    assert "Select all 55+" in page
    assert "60 rows" in open_list(admin, OBJECTS, object_type=1)


@pytest.mark.usefixtures("sixty")
def test_a_list_that_takes_too_long_asks_for_a_narrower_filter(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset_list, "run_within", lambda read, *, seconds: None)
    page = open_list(admin, OBJECTS, object_type=1, q="Company")
    assert "Narrow the filter" in page
    assert not names(page)


@pytest.mark.parametrize("name", [OBJECTS, PEOPLE, RELATIONSHIPS, "operations_activity"])
def test_the_statements_of_a_list_do_not_grow_with_its_rows(
    admin: Client, workspace: Workspace, statements: Callable, name: str
) -> None:
    companies = make_type(workspace)

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            person = make_person(workspace, f"p{number}")
            relate(person, make_object(companies, f"o{number}"))

    fill(0, 55)
    open_list(admin, name)
    with statements() as few:
        open_list(admin, name)
    fill(55, 160)
    with statements() as many:
        open_list(admin, name)
    assert len(many) == len(few)
    assert not any("OFFSET" in query["sql"] for query in many)


def test_people_without_an_id_are_sorted_after_the_others(
    admin: Client, workspace: Workspace
) -> None:
    make_person(workspace, email="only@example.com")
    make_person(workspace, "z-last")
    page = open_list(admin, PEOPLE, o="-3")
    assert 0 < page.index("z-last") < page.index("only@example.com")
    assert Person.objects.for_workspace(workspace).count() == 2
