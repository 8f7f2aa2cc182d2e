"""The palette finds people, objects and pages of the active workspace, ten of each at most."""

from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.doors.deadline import read_within
from people.models import Person
from tests.make import make_object, make_type
from workspaces.models import Workspace


def find(client: Client, words: str) -> dict[str, list[dict[str, str]]]:
    answer: Any = client.get("/admin/search/", {"q": words})
    assert answer.status_code == 200
    return {group["title"]: group["items"] for group in answer.json()["groups"]}


def test_finds_people_and_objects_with_their_pages(
    viewer: Client, company: Object, person: Person
) -> None:
    found = find(viewer, "acm")
    assert [(item["title"], item["note"]) for item in found["Objects"]] == [
        ("Acme", "Companie · acme")
    ]
    assert viewer.get(found["Objects"][0]["link"]).status_code == 200
    found = find(viewer, "ann")
    assert [(item["title"], item["note"]) for item in found["People"]] == [
        ("Ann Lee", "ann@example.com")
    ]


def test_without_words_it_offers_pages_that_can_be_opened(viewer: Client, admin: Client) -> None:
    for client in (viewer, admin):
        pages = find(client, "")["Pages"]
        assert pages
        for page in pages:
            assert client.get(page["link"]).status_code in (200, 302), page


def test_viewers_are_offered_nothing_to_add(viewer: Client, author: Client) -> None:
    assert "Pages" not in find(viewer, "add person")
    assert find(author, "add person")["Pages"][0]["link"] == "/admin/people/person/add/"


def test_shows_ten_and_a_way_to_the_others(viewer: Client, workspace: Workspace) -> None:
    kind = make_type(workspace)
    for number in range(12):
        make_object(kind, f"c{number}", {"name": f"Similar {number}"})
    found = find(viewer, "Similar")["Objects"]
    assert len(found) == 11
    assert viewer.get(found[-1]["link"]).context["cl"].result_count == 12


def test_finds_nothing_of_another_workspace(
    stranger: Client, company: Object, person: Person
) -> None:
    assert not {"People", "Objects"} & set(find(stranger, "acme"))
    assert not {"People", "Objects"} & set(find(stranger, "ann"))


@pytest.mark.parametrize("words", ["\x00", "%", "'", "x" * 5000, "\ud7ff", "🙂" * 90, "<script>"])
def test_strange_words_find_nothing_and_break_nothing(viewer: Client, words: str) -> None:
    find(viewer, words)


def test_a_search_that_takes_too_long_is_given_up(person: Person) -> None:
    rows = Person.objects.extra(where=[_SLOW[_vendor()]])
    assert read_within(rows, seconds=0.2) is None
    assert read_within(Person.objects.all(), seconds=5) == [person]


_SLOW = {
    "postgresql": "pg_sleep(3) IS NOT NULL",
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 90000000) "
    "SELECT COUNT(*) FROM n) > 0",
}


def _vendor() -> str:
    from django.db import connection

    return connection.vendor
