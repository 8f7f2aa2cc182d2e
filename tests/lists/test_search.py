"""Searches find parts of names and ids, follow every change, and go by their index."""

import pytest
from django.db import connection

from objects.models import Object
from operations.conditions import AttributeEquals
from operations.search_index import SEARCH_INDEXES
from operations.types import DeletePerson, Identifiers, IdentifyPerson, PersonKey
from people.models import Person
from relationships.models import Relationship
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def found(workspace: Workspace, words: str) -> list[str]:
    people = Person.objects.for_workspace(workspace).search(words)
    return sorted(str(person.person_id) for person in people)


@pytest.fixture
def people(workspace: Workspace) -> None:
    make_person(workspace, "ada-1", {"name": "Ada Löfgren"}, email="Ada@Example.com")
    make_person(workspace, "bob_2", {"name": "Bob % Stone"}, email="stone@acme.test")
    make_person(workspace, 'q"3', {"name": "Zo"})


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Löf", ["ada-1"]),
        ("lÖFGREN", ["ada-1"]),
        ("example", ["ada-1"]),
        ("ACME.test", ["bob_2"]),
        ("b_2", ["bob_2"]),
        ("% St", ["bob_2"]),
        ("b%2", []),
        ('q"3', ['q"3']),
        ("Z", ['q"3']),
        ("zo", ['q"3']),
        ("bo", ["bob_2"]),
        ("ne", []),
        ("stone", ["bob_2"]),
        ("s", ["bob_2"]),
        ("nobody", []),
        ("\0", []),
        ("a\nb", []),
        ("x" * 400, []),
        ("  ada  ", ["ada-1"]),
        ("", ["ada-1", "bob_2", 'q"3']),
        ("' OR 1=1 --", []),
        ('" OR "', []),
        ("*", []),
    ],
)
def test_a_search_finds_parts_and_beginnings(
    workspace: Workspace, words: str, expected: list[str]
) -> None:
    assert found(workspace, words) == expected


def test_a_search_finds_a_generated_id_as_a_whole(workspace: Workspace) -> None:
    person = make_person(workspace, "ada")
    company = make_object(make_type(workspace), "acme")
    assert found(workspace, person.cio_id) == ["ada"]
    assert found(workspace, person.cio_id[:-1]) == []
    objects = Object.objects.for_workspace(workspace)
    assert [row.pk for row in objects.search(company.cio_object_id)] == [company.pk]


def test_a_search_follows_changes_and_deletions(workspace: Workspace) -> None:
    person = make_person(workspace, "ada", {"name": "First"})
    make_person(workspace, "ada", {"name": "Second"})
    assert (found(workspace, "First"), found(workspace, "Second")) == ([], ["ada"])
    key, identifiers = PersonKey(cio_id=person.cio_id), Identifiers(email="new@example.com")
    apply_one(workspace, IdentifyPerson(key=key, identifiers=identifiers))
    assert found(workspace, "new@exa") == ["ada"]
    apply_one(workspace, DeletePerson(key=key))
    assert found(workspace, "Second") == []


def test_a_search_of_relationships_asks_both_sides(workspace: Workspace) -> None:
    acme, other = (make_object(make_type(workspace), name) for name in ("acme", "globex"))
    ada, bob = (make_person(workspace, name) for name in ("adalyn", "robert"))
    for person, company in ((ada, acme), (ada, other), (bob, acme)):
        relate(person, company)
    rows = Relationship.objects.for_workspace(workspace)
    assert rows.search("adalyn").count() == 2
    assert rows.search("acm").count() == 2
    assert rows.search("nobody").count() == 0


def test_another_workspace_is_not_searched(workspace: Workspace) -> None:
    make_person(make_workspace(), "stranger")
    assert found(workspace, "stranger") == []


@pytest.mark.sqlite_only
def test_the_triggers_that_note_changes_are_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
    wanted = {
        f"{index.words}_{event}"
        for index in SEARCH_INDEXES
        for event in ("insert", "update", "delete")
    }
    assert wanted <= there


@pytest.mark.sqlite_only
def test_nothing_waits_to_be_searched_after_a_batch(workspace: Workspace) -> None:
    make_object(make_type(workspace), "acme")
    make_person(workspace, "ada")
    with connection.cursor() as cursor:
        for index in SEARCH_INDEXES:
            cursor.execute(f'SELECT count(*) FROM "{index.queue}"')
            assert cursor.fetchone() == (0,)


MANY = 20_000


@pytest.fixture
def many_people(workspace: Workspace) -> None:
    """Insert more rows than a plan would rather read whole; the engine would take a minute."""
    make_person(workspace, "first")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person (workspace_id, person_id, cio_id, name, attributes,"
            " attribute_times, attributes_bytes, version, created_at, updated_at)"
            " SELECT %s, 'id-' || n, 'made-' || n, md5(n::text),"
            " jsonb_build_object('seats', n %% 5000), '{}', 2, 1, now() - n * interval '1 minute',"
            " now() FROM generate_series(1, %s) AS n",
            [workspace.pk, MANY],
        )
        cursor.execute(
            "INSERT INTO people_persontotals (id, workspace_id, created_at, relationship_count)"
            " SELECT id, workspace_id, created_at, id % 7 FROM people_person"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute("VACUUM ANALYZE people_person, people_persontotals")


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("many_people")
def test_a_search_goes_by_the_trigrams(workspace: Workspace) -> None:
    rows = Person.objects.for_workspace(workspace).search("4a8a08").order_by("-created_at", "-pk")
    assert "people_person_search" in rows[:51].explain()


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("many_people")
def test_an_equal_attribute_goes_by_the_index_of_attributes(workspace: Workspace) -> None:
    rows = Person.objects.for_workspace(workspace).filter(AttributeEquals("seats", 17))
    assert "people_by_attributes" in rows.order_by("-created_at", "-pk")[:51].explain()


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("many_people")
@pytest.mark.parametrize(
    ("order", "index"),
    [
        (("-created_at", "-pk"), "people_newest_first"),
        (("created_at", "pk"), "people_newest_first"),
        (("-name", "-pk"), "people_by_name"),
        (("updated_at", "pk"), "people_last_updated_first"),
        (("person_id",), "person_id_unique_in_workspace"),
    ],
)
def test_a_sorted_page_goes_by_the_index_of_its_column(
    workspace: Workspace, order: tuple[str, ...], index: str
) -> None:
    plan = Person.objects.for_workspace(workspace).order_by(*order)[:51].explain()
    assert index in plan
    assert "Sort" not in plan
