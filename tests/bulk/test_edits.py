"""Setting and removing attributes of many rows: previewed by the engine, then done."""

import json
from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.models import ChangeSet, Job
from people.models import Person
from relationships.models import Relationship
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS
from tests.admin.pages import rows as typed_rows
from tests.bulk.choosing import choose, confirm, page_of, prepare
from tests.engine.state import assert_consistent
from tests.make import make_object, make_person, make_type
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db

SET, REMOVE = "set_attributes", "remove_attributes"


@pytest.fixture
def firms(workspace: Workspace) -> list[Object]:
    kind = make_type(workspace, "Firms")
    plans = ("gold", "silver", None)
    return [
        make_object(kind, f"firm-{number}", {"name": f"Firm {number}", "plan": plan, "seats": 1})
        for number, plan in enumerate(plans)
    ]


def type_values(client: Client, job: Job, *cells: tuple[str, str, str]) -> Any:
    return client.post(page_of(job), {"attributes_rows": typed_rows(*cells), "attributes": ""})


def attributes_of(rows: list[Object], name: str) -> list[Any]:
    return [Object.objects.get(pk=row.pk).attributes.get(name) for row in rows]


def test_a_typed_value_is_previewed_and_set(
    author: Client, workspace: Workspace, firms: list[Object]
) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    assert "Set attributes on 3 Firms" in author.get(page_of(job)).content.decode()
    assert (
        type_values(author, job, ("plan", "text", "silver"), ("seats", "number", "2")).status_code
        == 302
    )
    job.refresh_from_db()
    assert job.title == "Set plan, seats on 3 Firms"
    page = author.get(page_of(job))
    assert [tile.count for tile in page.context["tiles"]] == ["3", "0", "0"]
    text = page.content.decode()
    assert "<del><bdi>gold</bdi></del>" in text
    assert "<ins><bdi>silver</bdi></ins>" in text
    assert attributes_of(firms, "seats") == [1, 1, 1]
    job = confirm(author, job, reason="Spring")
    assert attributes_of(firms, "plan") == ["silver"] * 3
    assert attributes_of(firms, "seats") == [2, 2, 2]
    assert attributes_of(firms, "name") == ["Firm 0", "Firm 1", "Firm 2"]
    assert ChangeSet.objects.get().rows_updated == 3
    assert_consistent(workspace)


def test_unchanged_rows_are_counted_apart(author: Client, firms: list[Object]) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    type_values(author, job, ("plan", "text", "gold"))
    tiles = author.get(page_of(job)).context["tiles"]
    assert [tile.count for tile in tiles] == ["2", "1", "0"]
    change_set = confirm(author, job).change_set
    assert change_set is not None
    assert (change_set.rows_updated, change_set.rows_unchanged) == (2, 1)


def test_nothing_to_change_cannot_be_confirmed(author: Client, firms: list[Object]) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    type_values(author, job, ("seats", "number", "1"))
    page = author.get(page_of(job)).content.decode()
    assert "No row would change" in page
    assert 'class="cio-button cio-button-main"' not in page


def test_without_scripts_the_values_are_json(author: Client, firms: list[Object]) -> None:
    job = prepare(author, OBJECTS, SET, firms[0])
    author.post(page_of(job), {"attributes": '{"tags": ["a", 1], "open": true}'})
    confirm(author, job)
    assert attributes_of(firms[:1], "tags") == [["a", 1]]
    assert attributes_of(firms[:1], "open") == [True]


def test_removes_known_and_other_names(author: Client, firms: list[Object]) -> None:
    job = prepare(author, OBJECTS, REMOVE, *firms)
    page = author.get(page_of(job)).content.decode()
    assert 'value="plan"' in page
    author.post(page_of(job), {"known": ["plan"], "names": "seats\r\nnever there"})
    assert attributes_of(firms, "plan") == ["gold", "silver", None]
    confirm(author, job)
    assert attributes_of(firms, "plan") == [None] * 3
    assert attributes_of(firms, "seats") == [None] * 3
    assert ChangeSet.objects.get().rows_updated == 3


def test_refused_rows_are_told_and_the_others_done(author: Client, workspace: Workspace) -> None:
    kind = make_type(workspace, "Firms")
    small = make_object(kind, "small")
    large = make_object(kind, "large", {"text": "x" * 102_000})
    job = prepare(author, OBJECTS, SET, small, large)
    type_values(author, job, ("more", "text", "y" * 1_000))
    page = author.get(page_of(job))
    assert [tile.count for tile in page.context["tiles"]] == ["1", "0", "1"]
    assert "102,400" in page.content.decode()
    job = confirm(author, job)
    assert [each["title"] for each in job.refusals] == ["large"]
    result = author.get(page_of(job)).content.decode()
    assert f"/admin/objects/object/{large.pk}/change/" in result
    assert "102,400" in result
    assert attributes_of([small, large], "more") == ["y" * 1_000, None]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ((("relationship", "text", "x"),), "reserved"),
        ((("plan", "text", ""),), "Remove attributes"),
        ((("seats", "number", "many"),), "not a number"),
        ((("plan", "text", "a"), ("plan", "text", "b")), "there twice"),
        ((("", "text", ""),), "at least one attribute"),
        ((("a\x00b", "text", "x"),), "NUL"),
        ((("plan", "json", "[1,"),), "plan"),
    ],
)
def test_a_bad_value_is_told_on_the_form(
    author: Client, firms: list[Object], cells: Any, told: str
) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    response = type_values(author, job, *cells)
    assert response.status_code == 200
    assert told in response.content.decode()
    job.refresh_from_db()
    assert "attributes" not in job.parameters


@pytest.mark.parametrize("posted", ["{", "[[1]]", "[]", '[["a","text"]]', "null", "\x00"])
def test_forged_rows_are_refused(author: Client, firms: list[Object], posted: str) -> None:
    job = prepare(author, OBJECTS, SET, firms[0])
    response = author.post(page_of(job), {"attributes_rows": posted, "attributes": ""})
    assert response.status_code == 200
    assert attributes_of(firms[:1], "plan") == ["gold"]


def test_a_preview_of_other_values_is_not_confirmed(author: Client, firms: list[Object]) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    type_values(author, job, ("plan", "text", "bronze"))
    shown = author.get(page_of(job)).context["form"]["shown"].value()
    author.post(f"{page_of(job)}?edit=1", {"attributes": json.dumps({"plan": "iron"})})
    author.post(page_of(job), {"shown": shown})
    job.refresh_from_db()
    assert job.state == Job.State.DRAFT
    assert attributes_of(firms, "plan") == ["gold", "silver", None]


def test_people_and_relationships_are_edited_too(
    author: Client, workspace: Workspace, relationship: Relationship, person: Person
) -> None:
    job = prepare(author, RELATIONSHIPS, SET, relationship)
    type_values(author, job, ("role", "text", "guest"))
    confirm(author, job)
    assert Relationship.objects.get().attributes == {"role": "guest"}
    job = prepare(author, PEOPLE, REMOVE, person)
    author.post(page_of(job), {"names": "name"})
    confirm(author, job)
    assert Person.objects.get().attributes == {}
    assert_consistent(workspace)


def test_a_row_that_is_gone_is_not_made_again(
    author: Client, relationship: Relationship, person: Person
) -> None:
    job = prepare(author, RELATIONSHIPS, SET, relationship)
    type_values(author, job, ("role", "text", "guest"))
    confirm(author, prepare(author, PEOPLE, "delete_selected", person))
    confirm_anyway = {"shown": author.get(page_of(job)).context["form"]["shown"].value()}
    author.post(page_of(job), confirm_anyway)
    assert not Relationship.objects.exists()
    assert not Person.objects.exists()


def test_a_viewer_may_not_edit(viewer: Client, firms: list[Object]) -> None:
    choose(viewer, OBJECTS, SET, *firms)
    assert not Job.objects.exists()


def test_statements_do_not_grow_with_the_rows(
    author: Client, workspace: Workspace, statements: Any
) -> None:
    counts = []
    for number in (1, 2, 40):
        made = [make_person(workspace) for _ in range(number)]
        job = prepare(author, PEOPLE, SET, *made)
        with statements() as typing:
            type_values(author, job, ("plan", "text", "gold"))
        with statements() as looking:
            page = author.get(page_of(job))
        with statements() as confirming:
            author.post(page_of(job), {"shown": page.context["form"]["shown"].value()})
        counts.append((len(typing), len(looking), len(confirming)))
    assert counts[1] == counts[2]


def test_the_preview_says_how_many_rows_it_does_not_cover(
    author: Client, firms: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.doors.bulk.PREVIEW_MAX_ROWS", 2)
    job = prepare(author, OBJECTS, SET, *firms)
    type_values(author, job, ("plan", "text", "gold"))
    page = author.get(page_of(job))
    text = page.content.decode()
    assert "This preview covers the first 2 of 3 rows." in text
    assert "Not tried out: 1, which may change" in text
    assert [(tile.label, tile.count) for tile in page.context["tiles"]] == [
        ("Would change", "1"),
        ("Stay as they are", "1"),
        ("Would be refused", "0"),
        ("Not tried out", "1"),
    ]


def test_what_the_preview_does_not_cover_can_be_confirmed(
    author: Client, firms: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of the first rows would change, but a later one would."""
    monkeypatch.setattr("operations.doors.bulk.PREVIEW_MAX_ROWS", 1)
    job = prepare(author, OBJECTS, SET, *firms)
    type_values(author, job, ("plan", "text", "gold"))
    text = author.get(page_of(job)).content.decode()
    assert "No row would change" not in text
    assert 'class="cio-button cio-button-main"' in text
    confirm(author, job)
    assert attributes_of(firms, "plan") == ["gold", "gold", "gold"]


def test_a_whole_preview_says_nothing_of_other_rows(author: Client, firms: list[Object]) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    type_values(author, job, ("plan", "text", "gold"))
    text = author.get(page_of(job)).content.decode()
    assert "This preview covers" not in text
    assert "Not tried out" not in text


def test_what_was_typed_stays_on_the_page_when_the_permission_is_lost(
    author: Client, firms: list[Object]
) -> None:
    job = prepare(author, OBJECTS, SET, *firms)
    Membership.objects.update(role=Role.VIEWER)
    response = type_values(author, job, ("plan", "text", "typed by hand"))
    assert response.status_code == 403
    assert "typed by hand" in response.content.decode()
    assert attributes_of(firms, "plan") == ["gold", "silver", None]
