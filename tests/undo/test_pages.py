"""Undoing from the pages: the button, the preview, the confirmation, the result, and refusals."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from objects.models import Object
from operations.models import ChangeSet, Job
from people.models import Person
from relationships.models import Relationship
from tests.admin.pages import OBJECTS, PEOPLE
from tests.bulk.choosing import confirm, page_of, prepare
from tests.engine.state import assert_consistent
from tests.engine.undoing import differences, stored
from tests.make import make_object, make_person, make_type, relate
from workspaces.models import AuditEntry, Membership, Role, Workspace

pytestmark = pytest.mark.django_db

DELETE = "delete_selected"


def page_of_set(change_set: ChangeSet) -> str:
    return f"/admin/operations/changeset/{change_set.pk}/change/"


def ask(client: Client, change_set: ChangeSet) -> Any:
    return client.post(f"/admin/operations/changeset/{change_set.pk}/undo/")


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def undo(client: Client, change_set: ChangeSet) -> Job:
    """Press the button, look at the preview and confirm."""
    response = ask(client, change_set)
    job = Job.objects.order_by("-pk")[0]
    assert response["Location"] == page_of(job), said(response)
    confirm(client, job, reason="A mistake")
    job.refresh_from_db()
    return job


@pytest.fixture
def deleted(author: Client, workspace: Workspace) -> tuple[ChangeSet, dict[str, Any]]:
    """Delete three courses with two relationships."""
    kind = make_type(workspace, "Courses")
    made = [make_object(kind, f"course-{number}", {"name": "A"}) for number in range(3)]
    for name in ("ann", "bob"):
        relate(make_person(workspace, name), made[0], {"role": name})
    before = stored(workspace)
    confirm(author, prepare(author, OBJECTS, DELETE, *made), reason="Old courses")
    return ChangeSet.objects.get(), before


def test_a_bulk_deletion_is_undone(
    author: Client, workspace: Workspace, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    change_set, before = deleted
    job = undo(author, change_set)
    assert (job.state, job.done, job.title) == (Job.State.DONE, 5, "Undo “Old courses”")
    assert not differences(before, stored(workspace))
    assert_consistent(workspace)
    change_set.refresh_from_db()
    assert change_set.undone_at is not None
    page = author.get(page_of(job)).content.decode()
    assert "Restored" in page
    assert "course-0" in page


def test_the_button_stands_on_the_result_and_on_the_change_set(
    author: Client, viewer: Client, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    change_set, _ = deleted
    job = Job.objects.get()
    address = f'action="/admin/operations/changeset/{change_set.pk}/undo/"'
    for place in (page_of(job), page_of_set(change_set)):
        assert address in author.get(place).content.decode()
        assert address not in viewer.get(place).content.decode()


def test_the_preview_counts_and_writes_nothing(
    author: Client, workspace: Workspace, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    change_set, _ = deleted
    gone = stored(workspace)
    job = Job.objects.get(pk=int(ask(author, change_set)["Location"].split("/")[-3]))
    response = author.get(page_of(job))
    tiles = {tile.label: tile.count for tile in response.context["tiles"]}
    assert tiles == {"Objects to restore": "3", "Relationships to restore": "2"}
    assert not differences(gone, stored(workspace))
    change_set.refresh_from_db()
    assert change_set.undo_job is None


def test_a_conflict_is_shown_before_and_after(
    author: Client, workspace: Workspace, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    change_set, _ = deleted
    taken = make_object(make_type(workspace, "Courses", number=1), "course-0")
    ask(author, change_set)
    job = Job.objects.order_by("-pk")[0]
    response = author.get(page_of(job))
    tiles = {tile.label: tile.count for tile in response.context["tiles"]}
    assert tiles == {"Objects to restore": "2", "Stay as they are": "3"}
    assert "there is an object with the object_id" in response.content.decode()
    confirm(author, job)
    page = author.get(page_of(job)).content.decode()
    assert "Left as they are" in page
    assert "there is an object with the object_id" in page
    assert sorted(Object.objects.values_list("object_id", flat=True)) == [
        "course-0",
        "course-1",
        "course-2",
    ]
    assert Object.objects.get(object_id="course-0").pk == taken.pk
    listed = author.get(page_of_set(change_set)).content.decode()
    assert "Undone in part" in listed
    assert "3 rows stay" in listed


def test_a_large_change_set_is_compared_with_the_log(
    author: Client,
    workspace: Workspace,
    deleted: tuple[ChangeSet, dict[str, Any]],
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("operations.doors.undoing.PREVIEW_MAX_CHANGES", 2)
    change_set, _ = deleted
    make_object(make_type(workspace, "Courses", number=1), "course-0")
    ask(author, change_set)
    response = author.get(page_of(Job.objects.order_by("-pk")[0]))
    tiles = {tile.label: tile.count for tile in response.context["tiles"]}
    assert tiles == {
        "Objects to restore": "3",
        "Relationships to restore": "2",
        "Stay as they are": "1",
    }
    assert "Its id or e-mail is in use again." in response.content.decode()


def test_people_come_back_with_their_relationships(
    author: Client, workspace: Workspace, relationship: Relationship
) -> None:
    before = stored(workspace)
    confirm(author, prepare(author, PEOPLE, DELETE, Person.objects.get()))
    assert not Relationship.objects.exists()
    undo(author, ChangeSet.objects.get())
    assert not differences(before, stored(workspace))


def test_the_list_says_that_it_was_undone(
    author: Client, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    address = "/admin/operations/changeset/"
    assert "undone" not in author.get(address).content.decode()
    undo(author, deleted[0])
    assert "undone" in author.get(address).content.decode()


def test_a_second_undo_does_nothing(
    author: Client, workspace: Workspace, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    change_set, before = deleted
    ask(author, change_set)
    ask(author, change_set)
    first, second = Job.objects.order_by("-pk")[:2]
    confirm(author, first)
    response = author.post(page_of(second), {})
    assert "undone already" in said(response)
    assert not differences(before, stored(workspace))
    assert "undone already" in said(ask(author, change_set))


def test_an_undo_is_not_undone(author: Client, deleted: tuple[ChangeSet, dict[str, Any]]) -> None:
    job = undo(author, deleted[0])
    assert job.change_set is not None
    assert "An undo is not undone itself" in said(ask(author, job.change_set))
    assert "An undo is not undone itself" in author.get(page_of(job)).content.decode()


def test_suppressions_are_not_undone(author: Client, workspace: Workspace, person: Person) -> None:
    confirm(author, prepare(author, PEOPLE, DELETE, person), suppresses="on")
    change_set = ChangeSet.objects.get()
    assert "suppressed people" in said(ask(author, change_set))
    assert "suppressed people" in author.get(page_of_set(change_set)).content.decode()


def test_a_get_begins_nothing(author: Client, deleted: tuple[ChangeSet, dict[str, Any]]) -> None:
    response = author.get(f"/admin/operations/changeset/{deleted[0].pk}/undo/")
    assert response["Location"] == page_of_set(deleted[0])
    assert Job.objects.filter(kind="undo").count() == 0


def test_a_viewer_and_a_stranger_are_refused_on_the_server(
    viewer: Client, stranger: Client, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    assert ask(viewer, deleted[0]).status_code == 403
    assert ask(stranger, deleted[0]).status_code == 302
    assert Job.objects.filter(kind="undo").count() == 0


def test_a_role_lost_before_the_confirmation(
    author: Client, workspace: Workspace, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    ask(author, deleted[0])
    Membership.objects.filter(role=Role.AUTHOR).update(role=Role.VIEWER)
    response = author.post(page_of(Job.objects.order_by("-pk")[0]), {"reason": "typed"})
    assert response.status_code == 403
    assert "typed" in response.content.decode()
    assert not Object.objects.exists()


def test_an_import_takes_the_right_to_import(
    author: Client, admin: Client, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    change_set, _ = deleted
    ChangeSet.objects.update(door="csv")
    assert ask(author, change_set).status_code == 403
    assert undo(admin, change_set).state == Job.State.DONE


@pytest.mark.parametrize("days", [(1, 90), (30, 1), (0, 1)])
def test_old_changes_are_not_undone(
    author: Client, deleted: tuple[ChangeSet, dict[str, Any]], settings: Any, days: tuple[int, int]
) -> None:
    settings.UNDO_DAYS, settings.ACTIVITY_DAYS = days
    change_set, _ = deleted
    ChangeSet.objects.update(created_at="2020-01-01T00:00:00Z")
    assert "older than 1 day" in said(ask(author, change_set))
    settings.UNDO_DAYS = settings.ACTIVITY_DAYS = 0
    assert undo(author, change_set).state == Job.State.DONE


def test_what_an_earlier_version_logged_is_not_undone(
    author: Client, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    ChangeSet.objects.update(keeps_rows=False)
    assert "before changes could be undone" in said(ask(author, deleted[0]))


def test_it_is_audited(author: Client, deleted: tuple[ChangeSet, dict[str, Any]]) -> None:
    job = undo(author, deleted[0])
    entry = AuditEntry.objects.filter(kind="undone").get()
    assert entry.description == "Confirmed: Undo “Old courses”"
    assert entry.details == {
        "task": job.pk,
        "change_set": deleted[0].pk,
        "changes": 5,
        "reason": "Undo “Old courses”: A mistake",
    }


def test_the_navigation_marks_the_change_sets(
    author: Client, deleted: tuple[ChangeSet, dict[str, Any]]
) -> None:
    body = author.get(ask(author, deleted[0])["Location"]).content.decode()
    marked = [link for link in re.findall(r"<a\b[^>]*>", body) if 'aria-current="page"' in link]
    assert len(marked) == 1
    assert reverse("admin:operations_changeset_changelist") in marked[0]


def test_names_are_escaped(author: Client, workspace: Workspace) -> None:
    kind = make_type(workspace, "Things")
    row = make_object(kind, "<script>alert(1)</script>", {"name": "x"})
    confirm(author, prepare(author, OBJECTS, DELETE, row), reason="<b>Bolt</b>")
    make_object(kind, "<script>alert(1)</script>")
    ask(author, ChangeSet.objects.get())
    page = author.get(page_of(Job.objects.order_by("-pk")[0])).content.decode()
    assert "<script>alert" not in page
    assert "<b>Bolt" not in page


def test_statements_do_not_grow_with_the_rows(
    author: Client, workspace: Workspace, statements: Any
) -> None:
    kind = make_type(workspace, "Things")
    counts = []
    for number in (1, 2, 40):
        made = [make_object(kind) for _ in range(number)]
        confirm(author, prepare(author, OBJECTS, DELETE, *made))
        change_set = ChangeSet.objects.order_by("-pk")[0]
        with statements() as asking:
            ask(author, change_set)
        job = Job.objects.order_by("-pk")[0]
        with statements() as looking:
            author.get(page_of(job))
        with statements() as confirming:
            author.post(page_of(job), {})
        counts.append((len(asking), len(looking), len(confirming)))
    assert counts[1] == counts[2]
