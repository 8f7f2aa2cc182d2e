"""Deleting many rows: exact counts, asked once more, one change set, and nothing of others."""

from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.doors.jobs import work_on
from operations.models import Activity, ChangeSet, Job
from people.models import Person, Suppression
from relationships.models import Relationship
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.bulk.choosing import choose, confirm, page_of, prepare
from tests.engine.state import assert_consistent
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db

DELETE = "delete_selected"


@pytest.fixture
def courses(workspace: Workspace) -> list[Object]:
    kind = make_type(workspace, "Courses")
    made = [make_object(kind, f"course-{number}") for number in range(4)]
    ann, bob = make_person(workspace, "ann"), make_person(workspace, "bob")
    relate(ann, made[0])
    relate(bob, made[0])
    relate(bob, made[1])
    return made


def test_the_confirmation_counts_exactly(author: Client, courses: list[Object]) -> None:
    job = prepare(author, OBJECTS, DELETE, *courses[:3])
    page = author.get(page_of(job)).content.decode()
    assert "Delete 3 Courses" in page
    assert "3 relationships" in page
    assert "course-2" in page
    assert Object.objects.count() == 4


def test_one_row_is_named_in_the_singular(author: Client, courses: list[Object]) -> None:
    assert prepare(author, OBJECTS, DELETE, courses[0]).title == "Delete 1 Course"


def test_cancel_comes_before_the_button(author: Client, courses: list[Object]) -> None:
    query = f"object_type={courses[0].object_type.number}&without_relationships=true"
    job = prepare(author, OBJECTS, DELETE, courses[2], query=query, every=True)
    page = author.get(page_of(job)).content.decode()
    assert page.index(">Cancel<") < page.index("cio-button-danger")
    assert query.replace("&", "&amp;") in page


def test_deletes_as_one_change_set(
    author: Client, workspace: Workspace, courses: list[Object]
) -> None:
    job = confirm(author, prepare(author, OBJECTS, DELETE, *courses[:3]), reason="Old courses")
    assert job.state == Job.State.DONE
    assert [row.object_id for row in Object.objects.all()] == ["course-3"]
    assert Relationship.objects.count() == 0
    change_set = ChangeSet.objects.get()
    assert (change_set.rows_deleted, change_set.reason) == (3, "Old courses")
    assert Activity.objects.filter(change_set=change_set, status="deleted").count() == 6
    assert_consistent(workspace)


def test_the_result_shows_what_was_touched(author: Client, courses: list[Object]) -> None:
    job = confirm(author, prepare(author, OBJECTS, DELETE, *courses[:2]))
    tiles = {tile.label: tile.count for tile in author.get(page_of(job)).context["touched"].tiles}
    assert (tiles["Deleted"], tiles["Relationships along"]) == ("2", "3")
    for address in (page_of(job), f"/admin/operations/changeset/{job.change_set_id}/change/"):
        page = author.get(address).content.decode()
        assert "course-0" in page
        assert f"?change_set={job.change_set_id}" in page


def test_all_that_match_are_those_of_the_filter(author: Client, courses: list[Object]) -> None:
    query = f"object_type={courses[0].object_type.number}&without_relationships=true"
    job = prepare(author, OBJECTS, DELETE, courses[2], query=query, every=True)
    assert job.parameters["selection"]["keys"] == []
    make_object(courses[0].object_type, "later")
    confirm(author, job)
    left = sorted(Object.objects.values_list("object_id", flat=True))
    assert left == ["course-0", "course-1", "later"]


def test_a_filter_that_only_django_knows_is_refused(author: Client, courses: list[Object]) -> None:
    response = choose(
        author, OBJECTS, DELETE, courses[0], query="object_id__startswith=c", every=True
    )
    assert not Job.objects.exists()
    page = author.get(response["Location"], follow=True).content.decode()
    assert "object_id__startswith" in page


def test_people_may_also_be_suppressed(
    author: Client, workspace: Workspace, person: Person, company: Object
) -> None:
    relate(person, company)
    confirm(author, prepare(author, PEOPLE, DELETE, person), suppresses="on")
    assert not Person.objects.exists()
    assert sorted(Suppression.objects.values_list("kind", flat=True)) == ["email", "id"]
    assert_consistent(workspace)


def test_people_are_not_suppressed_unasked(author: Client, person: Person) -> None:
    confirm(author, prepare(author, PEOPLE, DELETE, person))
    assert not Person.objects.exists()
    assert not Suppression.objects.exists()


def test_relationships_are_ended(
    author: Client, workspace: Workspace, relationship: Relationship
) -> None:
    confirm(author, prepare(author, RELATIONSHIPS, DELETE, relationship))
    assert not Relationship.objects.exists()
    assert Person.objects.get().relationship_count == 0
    assert_consistent(workspace)


def test_rows_of_another_workspace_are_not_chosen(author: Client) -> None:
    foreign = make_object(make_type(make_workspace()), "foreign")
    choose(author, OBJECTS, DELETE, foreign)
    assert not Job.objects.exists()
    assert Object.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("key", ["abc", "-1", "1e3", "9" * 40, "\x00", "\uff11"])
def test_a_forged_key_changes_nothing(author: Client, company: Object, key: str) -> None:
    response = author.post(list_of(OBJECTS), {"action": DELETE, "_selected_action": key})
    assert response.status_code in (302, 400)
    assert not Job.objects.exists()


def test_a_viewer_is_refused_on_the_server(viewer: Client, company: Object) -> None:
    choose(viewer, OBJECTS, DELETE, company)
    assert not Job.objects.exists()
    assert Object.objects.exists()


def test_a_permission_lost_before_the_confirmation(author: Client, company: Object) -> None:
    job = prepare(author, OBJECTS, DELETE, company)
    Membership.objects.update(role=Role.VIEWER)
    response = author.post(page_of(job), {})
    assert response.status_code == 403
    assert "An admin of the workspace can change your role" in response.content.decode()
    assert Object.objects.exists()


def test_nobody_else_sees_or_confirms_a_preview(
    author: Client, admin: Client, stranger: Client, company: Object
) -> None:
    job = prepare(author, OBJECTS, DELETE, company)
    for client in (admin, stranger):
        assert client.get(page_of(job)).status_code == 302
        assert client.post(page_of(job), {}).status_code == 302
    assert Object.objects.exists()


def test_a_second_confirmation_does_nothing(author: Client, company: Object) -> None:
    job = confirm(author, prepare(author, OBJECTS, DELETE, company))
    response = author.post(page_of(job), {})
    assert response["Location"] == page_of(job)
    assert ChangeSet.objects.count() == 1


def test_a_get_changes_nothing(author: Client, company: Object) -> None:
    job = prepare(author, OBJECTS, DELETE, company)
    author.get(page_of(job))
    author.get(f"/admin/operations/job/{job.pk}/cancel/")
    author.get(f"/admin/operations/job/{job.pk}/resume/")
    job.refresh_from_db()
    assert job.state == Job.State.DRAFT
    assert Object.objects.exists()


def test_a_reason_with_a_nul_is_told(author: Client, company: Object) -> None:
    job = prepare(author, OBJECTS, DELETE, company)
    response = author.post(page_of(job), {"reason": "a\x00b"})
    assert "Null characters are not allowed" in response.content.decode()


def test_what_is_gone_meanwhile_is_no_error(author: Client, courses: list[Object]) -> None:
    job = prepare(author, OBJECTS, DELETE, *courses[:2])
    confirm(author, prepare(author, OBJECTS, DELETE, courses[0]))
    job = confirm(author, job)
    assert job.state == Job.State.DONE
    assert job.change_set is not None
    assert job.change_set.rows_deleted == 1


def test_names_are_escaped(author: Client, workspace: Workspace) -> None:
    kind = make_type(workspace, "<b>Bolts</b>")
    row = make_object(kind, "x", {"name": "<script>alert(1)</script>"})
    job = prepare(author, OBJECTS, DELETE, row)
    for page in (author.get(page_of(job)), author.get(page_of(confirm(author, job)))):
        text = page.content.decode()
        assert "<b>Bolt" not in text
        assert "<script>alert" not in text


def test_statements_do_not_grow_with_the_rows(
    author: Client, workspace: Workspace, statements: Any
) -> None:
    kind = make_type(workspace, "Things")
    counts = []
    for number in (1, 2, 40):
        made = [make_object(kind) for _ in range(number)]
        with statements() as choosing:
            job = prepare(author, OBJECTS, DELETE, *made)
        with statements() as looking:
            author.get(page_of(job))
        with statements() as confirming:
            author.post(page_of(job), {})
        counts.append((len(choosing), len(looking), len(confirming)))
    assert counts[1] == counts[2]


def test_many_rows_wait_for_a_worker(
    author: Client, courses: list[Object], monkeypatch: Any
) -> None:
    monkeypatch.setattr("operations.doors.jobs.AT_ONCE_MAX_ROWS", 5)
    job = confirm(author, prepare(author, OBJECTS, DELETE, *courses))
    assert job.state == Job.State.QUEUED
    assert Object.objects.count() == 4
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, Object.objects.count()) == (Job.State.DONE, 4, 0)
