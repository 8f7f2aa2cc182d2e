"""The relationships tab: checked rows are deleted, attributes are edited in a panel."""

from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.models import Activity, ChangeSet
from operations.types import SaveObjectType
from people.models import Person
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, page, rows
from tests.make import (
    apply_one,
    make_object,
    make_person,
    make_type,
    make_workspace,
    relate,
)
from workspaces.models import Role, Workspace


def tab(name: str, row: Any, query: str = "") -> str:
    return f"{page(name, row)}?tab=relationships{query}"


def unrelate(name: str, row: Any) -> str:
    return page(name, row).replace("/change/", "/unrelate/")


def panel(relationship: Relationship, back: str = "object") -> str:
    return f"{page(RELATIONSHIPS, relationship)}?back={back}&panel=1"


def test_deletes_several_relationships_as_one_change_set(
    author: Client, workspace: Workspace, company: Object
) -> None:
    made = [relate(make_person(workspace, f"p{number}"), company) for number in range(3)]
    chosen = {"chosen": [row.pk for row in made[:2]]}

    response = author.post(unrelate(OBJECTS, company), chosen)
    assert b"Delete 2 relationships?" in response.content
    assert b"p0" in response.content
    assert Relationship.objects.count() == 3

    response = author.post(unrelate(OBJECTS, company), chosen | {"post": "yes"})
    assert response.url == tab(OBJECTS, company)
    assert Relationship.objects.get().pk == made[2].pk
    assert ChangeSet.objects.latest("pk").rows_deleted == 2
    assert Person.objects.count() == 3
    assert Activity.objects.filter(kind="relationship", status="deleted").count() == 2


def test_deletes_relationships_from_the_side_of_the_person(
    author: Client, relationship: Relationship
) -> None:
    address = unrelate(PEOPLE, relationship.person)
    author.post(address, {"chosen": [relationship.pk], "post": "yes"})
    assert not Relationship.objects.exists()


def test_asks_to_check_something_first(author: Client, company: Object) -> None:
    response = author.post(unrelate(OBJECTS, company), {}, follow=True)
    assert b"Check the box" in response.content


def test_only_the_relationships_of_this_page_can_be_deleted_from_it(
    author: Client, workspace: Workspace, company: Object, relationship: Relationship
) -> None:
    other = make_object(company.object_type, "other")
    author.post(unrelate(OBJECTS, other), {"chosen": [relationship.pk], "post": "yes"})
    assert Relationship.objects.exists()


def test_a_relationship_of_another_workspace_stays(author: Client, company: Object) -> None:
    elsewhere = make_workspace()
    foreign = relate(make_person(elsewhere), make_object(make_type(elsewhere)))
    author.post(unrelate(OBJECTS, company), {"chosen": [foreign.pk], "post": "yes"})
    assert Relationship.objects.filter(pk=foreign.pk).exists()
    response = author.post(unrelate(OBJECTS, foreign.object), {"chosen": [foreign.pk]})
    assert response.status_code == 302
    assert Relationship.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("keys", [["x"], ["-1"], ["9" * 30], ["²"], ["1\0"], ["1"] * 1001])
def test_forged_keys_are_a_bad_request(author: Client, company: Object, keys: list[str]) -> None:
    response = author.post(unrelate(OBJECTS, company), {"chosen": keys, "post": "yes"})
    assert response.status_code == 400


def test_viewers_neither_check_nor_delete(viewer: Client, relationship: Relationship) -> None:
    address = unrelate(OBJECTS, relationship.object)
    shown = viewer.get(tab(OBJECTS, relationship.object)).content
    assert b'name="chosen"' not in shown
    assert b"Add relationships" not in shown
    sent = {"chosen": [relationship.pk], "post": "yes"}
    assert viewer.post(address, sent).status_code == 403
    assert Relationship.objects.exists()


def test_a_person_sees_objects_grouped_by_type_and_one_type_alone(
    author: Client, workspace: Workspace, person: Person, company: Object
) -> None:
    course = make_object(make_type(workspace, "Courses"), "algebra", {"name": "Algebra"})
    relate(person, company)
    relate(person, course)

    every = author.get(tab(PEOPLE, person))
    assert [group for group, _ in every.context["groups"]] == ["Companies", "Courses"]
    number = course.object_type.number
    only = author.get(tab(PEOPLE, person, f"&type={number}"))
    shown = [row.other.title for _, rows_ in only.context["groups"] for row in rows_]
    assert shown == ["Algebra"]


@pytest.mark.parametrize("number", ["9" * 40, "x", "-1", "0", "²"])
def test_an_unknown_type_shows_all(
    author: Client, relationship: Relationship, number: str
) -> None:
    response = author.get(tab(PEOPLE, relationship.person, f"&type={number}"))
    assert b"Acme" in response.content


def test_a_disabled_type_is_marked_and_not_hidden(
    author: Client, workspace: Workspace, relationship: Relationship
) -> None:
    number = relationship.object.object_type.number
    apply_one(workspace, SaveObjectType(number=number, enabled=False))
    assert b"Disabled type" in author.get(tab(PEOPLE, relationship.person)).content


def test_search_and_pages_keep_each_other(
    author: Client, workspace: Workspace, company: Object
) -> None:
    for number in range(52):
        relate(make_person(workspace, f"p{number}", {"name": f"Same {number}"}), company)
    response = author.get(tab(OBJECTS, company, "&q=Same&page=2"))
    assert len(response.context["page"].rows) == 2
    assert b"q=Same&amp;page=1" in response.content
    assert author.get(tab(OBJECTS, company, "&q=%00")).status_code == 200


def test_the_tab_asks_the_database_as_often_for_one_row_as_for_many(
    author: Client, workspace: Workspace, company: Object, statements: Any
) -> None:
    relate(make_person(workspace), company)
    author.get(tab(OBJECTS, company))
    with statements() as one:
        author.get(tab(OBJECTS, company))
    for _ in range(8):
        relate(make_person(workspace), company)
    with statements() as many:
        author.get(tab(OBJECTS, company))
    assert len(one) == len(many)


@pytest.mark.parametrize("back", ["object", "person"])
def test_the_panel_shows_the_same_attributes_from_both_sides(
    author: Client, relationship: Relationship, back: str
) -> None:
    content = author.get(panel(relationship, back)).content.decode()
    assert "data-panel-part" in content
    assert "owner" in content
    assert "<html" not in content


def test_the_panel_answers_a_save_with_the_new_count(
    author: Client, relationship: Relationship
) -> None:
    typed = {
        "version": relationship.version,
        "attributes": "{}",
        "attributes_rows": rows(("role", "text", "admin"), ("seats", "number", "3")),
    }
    response = author.post(panel(relationship), typed)
    assert b"data-saved" in response.content
    assert response.context["row"].attribute_count == 2
    relationship.refresh_from_db()
    assert relationship.attributes == {"role": "admin", "seats": 3}


def test_the_panel_keeps_what_was_typed_beside_the_error(
    author: Client, relationship: Relationship
) -> None:
    typed = {
        "version": relationship.version,
        "attributes_rows": rows(("seats", "number", "many")),
    }
    response = author.post(panel(relationship), typed)
    content = response.content.decode()
    assert "many is not a number" in content
    assert 'aria-invalid="true"' in content
    assert "data-error-summary" in content
    assert "data-saved" not in content


def test_a_relationship_over_100_kb_is_refused_with_both_sizes(
    author: Client, relationship: Relationship
) -> None:
    typed = {
        "version": relationship.version,
        "attributes_rows": rows(("note", "text", "x" * 102_400)),
    }
    content = author.post(panel(relationship), typed).content.decode()
    assert "102,4" in content
    assert "102,400" in content
    assert "data-saved" not in content


def test_a_save_on_the_page_leads_back_to_the_side_it_came_from(
    author: Client, relationship: Relationship
) -> None:
    typed = {"version": relationship.version, "attributes": '{"role": "admin"}'}
    address = page(RELATIONSHIPS, relationship)
    assert author.post(f"{address}?back=person", typed).url == tab(PEOPLE, relationship.person)
    relationship.refresh_from_db()
    typed = {"version": relationship.version, "attributes": '{"role": "boss"}'}
    assert author.post(f"{address}?back=//evil.example", typed).url == address


def test_viewers_read_the_panel(viewer: Client, relationship: Relationship) -> None:
    content = viewer.get(panel(relationship)).content
    assert b"owner" in content
    assert b"data-attributes" not in content
    assert viewer.post(panel(relationship), {"attributes": "{}"}).status_code == 403


def test_another_workspace_has_no_panel(relationship: Relationship) -> None:
    stranger = sign_in(make_workspace(), Role.ADMIN)
    assert stranger.get(panel(relationship)).status_code == 302


def test_many_relationships_are_shown_in_the_order_of_an_index(
    author: Client, workspace: Workspace, company: Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.doors.related.GROUPED_MAX_ROWS", 1)
    for number in range(3):
        person = make_person(workspace, f"p{number}")
        relate(person, company)
        relate(person, make_object(company.object_type, f"c{number}"))
    response = author.get(tab(OBJECTS, company))
    (_, shown), *rest = response.context["groups"]
    assert [row.other.title for row in shown] == ["p2", "p1", "p0"]
    assert not rest
    assert b"c2" in author.get(tab(PEOPLE, person)).content


@pytest.mark.parametrize("name", [OBJECTS, PEOPLE])
def test_many_relationships_are_walked_by_place_and_back(
    name: str,
    author: Client,
    workspace: Workspace,
    company: Object,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("operations.doors.related.GROUPED_MAX_ROWS", 1)
    monkeypatch.setattr("operations.doors.related_pages.ROWS_ON_A_TAB", 2)
    for number in range(5):
        other = make_person(workspace, f"n{number}", {"name": f"Same {number}"})
        relate(other, company)
        relate(person, make_object(company.object_type, f"n{number}", {"name": f"Same {number}"}))
    row: Any = {OBJECTS: company, PEOPLE: person}[name]

    def walk(link: str, way: str) -> list[list[str]]:
        pages = []
        while link:
            page_ = author.get(link).context["page"]
            pages.append(
                [str(each.person if name == OBJECTS else each.object) for each in page_.rows]
            )
            link = getattr(page_, way) and f"{page(name, row)}{getattr(page_, way)}"
        return pages

    there = walk(tab(name, row, "&q=Same"), "next_link")
    assert [len(each) for each in there] == [2, 2, 1]
    assert [*there[0], *there[1], *there[2]] == [f"Same {number}" for number in range(4, -1, -1)]
    last = author.get(tab(name, row, "&q=Same")).context["page"].next_link
    last = author.get(f"{page(name, row)}{last}").context["page"].next_link
    assert walk(f"{page(name, row)}{last}", "previous_link") == there[::-1]
    assert author.get(tab(name, row, "&cursor=nonsense")).context["page"].where == "5 in all"


def test_the_panel_asks_whose_values_to_keep(author: Client, relationship: Relationship) -> None:
    form = author.get(panel(relationship)).context["adminform"].form
    start = {name: form[name].value() for name in ("version", "opened")}
    relate(relationship.person, relationship.object, {"role": "theirs"})
    sent = start | {"attributes_rows": rows(("role", "text", "mine"))}
    content = author.post(panel(relationship), sent).content.decode()
    assert "data-saved" not in content
    assert "Both changed" in content
    assert 'value="yours" checked' in content
