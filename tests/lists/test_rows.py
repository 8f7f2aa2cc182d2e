"""The rows of a list: escaped, linked back to the list as it is filtered, read with little."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.types import IdentifyPerson, PersonKey
from people.models import Person
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = "<b>\"&'"
ESCAPED = "&lt;b&gt;&quot;&amp;&#x27;"


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def author(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.AUTHOR)


def shown(client: Client, name: str, query: str = "") -> str:
    return str(client.get(f"{list_of(name)}{query}").content.decode())


def test_what_a_person_typed_is_escaped_once(author: Client, workspace: Workspace) -> None:
    person = make_person(workspace, EVIL, {"name": EVIL})
    relate(person, make_object(make_type(workspace, EVIL), EVIL, {"name": EVIL}))
    for name in (PEOPLE, OBJECTS, RELATIONSHIPS):
        content = shown(author, name)
        assert ESCAPED in content
        assert EVIL not in content
        assert "&amp;lt;" not in content


def test_a_row_leads_to_its_page_and_from_there_back_to_the_filtered_list(
    author: Client, workspace: Workspace
) -> None:
    person = make_person(workspace, "ann", {"name": "Ann"})
    plain = shown(author, PEOPLE)
    assert f'<a href="/admin/people/person/{person.pk}/change/" class="' in plain
    kept = "?_changelist_filters=q%3Dann%26without_relationships%3Dtrue"
    address = f'<a href="/admin/people/person/{person.pk}/change/{kept}"'
    assert address in shown(author, PEOPLE, "?q=ann&without_relationships=true")


def test_a_box_has_the_key_of_its_row(author: Client, workspace: Workspace) -> None:
    keys = [make_person(workspace).pk for _ in range(2)]
    content = shown(author, PEOPLE)
    assert all(content.count(f'name="_selected_action" value="{key}"') == 1 for key in keys)
    assert "key-of-the-row" not in content


def test_a_viewer_sees_the_same_rows_without_boxes(author: Client, workspace: Workspace) -> None:
    make_person(workspace, "ann", {"name": "Ann"})
    content = shown(sign_in(workspace, Role.VIEWER), PEOPLE)
    assert 'class="field-title" data-label="Name"' in content
    assert "Ann" in content


@pytest.mark.parametrize("name", [PEOPLE, OBJECTS, RELATIONSHIPS])
def test_no_row_is_read_again_and_none_with_what_the_list_does_not_show(
    author: Client, workspace: Workspace, statements: Callable[[], Any], name: str
) -> None:
    kind = make_type(workspace)

    def make(key: str) -> None:
        attributes = {"name": key, "note": f"note of {key}"}
        relate(make_person(workspace, key, attributes), make_object(kind, key, attributes))

    make("first")
    shown(author, name)
    with statements() as one:
        shown(author, name)
    for number in range(4):
        make(f"more {number}")
    with statements() as many:
        shown(author, name)
    assert len(many) == len(one)
    table = f'"{name}"."attribute_times"'
    assert not any(table in query["sql"] for query in many)


def test_a_search_with_few_hits_reads_their_keys_once_and_counts_them(
    author: Client, workspace: Workspace
) -> None:
    for number in range(30):
        make_person(workspace, f"p{number}", {"name": f"Falcon {number:02}"})
    make_person(workspace, "other", {"name": "Other"})
    list_ = author.get(f"{list_of(PEOPLE)}?q=Falcon&rows=25&o=1").context["cl"]
    assert list_.result_count == 30
    assert [str(row) for row in list_.result_list] == [f"Falcon {n:02}" for n in range(25)]
    rest = author.get(list_of(PEOPLE) + list_.next_link).context["cl"]
    assert [str(row) for row in rest.result_list] == [f"Falcon {n:02}" for n in range(25, 30)]
    assert rest.result_count == 30


def test_more_than_are_counted_are_still_walked_in_order(
    author: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.doors.capped_counts.COUNTED_MAX", 3)
    for number in range(5):
        make_person(workspace, f"p{number}", {"name": f"Falcon {number}"})
    list_ = author.get(f"{list_of(PEOPLE)}?q=Falcon&o=1").context["cl"]
    assert [str(row) for row in list_.result_list] == [f"Falcon {n}" for n in range(5)]


def test_keys_of_another_workspace_are_never_shown(author: Client, workspace: Workspace) -> None:
    make_person(make_workspace(), "ann", {"name": "Ann"})
    assert not author.get(f"{list_of(PEOPLE)}?q=ann").context["cl"].result_list
    apply_one(workspace, IdentifyPerson(PersonKey(id="ann"), {"name": "Ours"}))
    found = author.get(f"{list_of(PEOPLE)}?q=ann").context["cl"].result_list
    assert [str(row) for row in found] == ["Ours"]
    assert Person.objects.count() == 2
    assert not Object.objects.exists()
