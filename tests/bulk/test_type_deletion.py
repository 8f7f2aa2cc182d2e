"""Deleting an object type with many objects: in the background, in steps, the type last."""

from typing import Any

import pytest
from django.test import Client

from objects.models import Object, ObjectType
from operations.doors.jobs import AT_ONCE_MAX_ROWS, cancel_job, work_on
from operations.engine import apply
from operations.models import Activity, ChangeSet, Job
from operations.types import Call, IdentifyObject, ObjectKey, SaveObjectType
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import TYPES, deletion
from tests.bulk.choosing import page_of
from tests.engine.state import assert_consistent
from tests.make import (
    apply_one,
    make_object,
    make_person,
    make_type,
    make_workspace,
    origin,
    relate,
)
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db
STEP_ROWS = 400
TYPED = {"typed": "Courses"}


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def admin(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.ADMIN)


@pytest.fixture
def courses(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> ObjectType:
    """Make a type with one object more than is deleted at once, beside another type."""
    monkeypatch.setattr("operations.doors.bulk_rows.STEP_ROWS", STEP_ROWS)
    make_object(make_type(workspace, "Companies"), "acme")
    kind = make_type(workspace, "Courses")
    said = origin(workspace)
    keys = [ObjectKey(f"course-{n}", kind.number) for n in range(AT_ONCE_MAX_ROWS + 1)]
    apply([Call(said, (IdentifyObject(key),)) for key in keys])
    first = Object.objects.filter(object_type=kind).order_by("pk")[0]
    relate(make_person(workspace, "ann"), first)
    return kind


def confirm(client: Client, kind: ObjectType) -> Job:
    response: Any = client.post(deletion(TYPES, kind), TYPED)
    assert response.status_code == 302
    job = Job.objects.latest("pk")
    assert response.url == page_of(job)
    return job


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def test_the_page_says_that_it_runs_in_the_background(admin: Client, courses: ObjectType) -> None:
    page = admin.get(deletion(TYPES, courses)).content.decode()
    assert "runs in the background" in page
    assert f"{AT_ONCE_MAX_ROWS + 1:,} objects" in page


def test_the_name_still_has_to_be_typed(admin: Client, courses: ObjectType) -> None:
    response = admin.post(deletion(TYPES, courses), {"typed": "courses"})
    assert b"This is not the name." in response.content
    assert not Job.objects.exists()


def test_the_worker_deletes_the_objects_and_then_the_type(
    admin: Client, courses: ObjectType, workspace: Workspace
) -> None:
    job = confirm(admin, courses)
    assert (job.state, job.title) == (Job.State.QUEUED, "Delete the object type Courses")
    assert Object.objects.filter(object_type=courses).count() == AT_ONCE_MAX_ROWS + 1
    assert admin.get(page_of(job)).status_code == 200

    work_on(job.pk)

    assert again(job).state == Job.State.DONE
    assert job.done == job.total == AT_ONCE_MAX_ROWS + 2
    assert [kind.name for kind in ObjectType.objects.all()] == ["Companies"]
    assert [row.object_id for row in Object.objects.all()] == ["acme"]
    assert not Relationship.objects.exists()
    change_set = ChangeSet.objects.get()
    assert change_set.rows_deleted == AT_ONCE_MAX_ROWS + 2
    types = Activity.objects.filter(change_set=change_set, kind="object_type", status="deleted")
    assert types.count() == 1
    page = admin.get(page_of(job))
    tiles = {tile.label: tile.count for tile in page.context["touched"].tiles}
    assert tiles["Relationships along"] == "1"
    again_made = apply_one(workspace, SaveObjectType(number=courses.number, name="Courses"))
    assert again_made.rejections, "its number is not used again"
    assert_consistent(workspace)


def test_no_step_holds_more_than_a_part(admin: Client, courses: ObjectType) -> None:
    job = confirm(admin, courses)
    work_on(job.pk, seconds=0)
    left = Object.objects.filter(object_type=courses).count()
    assert left == AT_ONCE_MAX_ROWS + 1 - STEP_ROWS
    assert again(job).done == STEP_ROWS
    assert ObjectType.objects.filter(pk=courses.pk).exists()


def test_what_is_added_meanwhile_goes_along_with_the_type(
    admin: Client, courses: ObjectType
) -> None:
    job = confirm(admin, courses)
    work_on(job.pk, seconds=0)
    make_object(courses, "late")
    work_on(job.pk)
    assert again(job).state == Job.State.DONE
    assert not ObjectType.objects.filter(pk=courses.pk).exists()
    assert Object.objects.count() == 1


def test_two_clicks_are_one_deletion(admin: Client, courses: ObjectType) -> None:
    first = confirm(admin, courses)
    assert confirm(admin, courses).pk == first.pk
    assert Job.objects.count() == 1


def test_stopped_it_keeps_the_type(admin: Client, courses: ObjectType) -> None:
    job = confirm(admin, courses)
    work_on(job.pk, seconds=0)
    cancel_job(job)
    assert again(job).state == Job.State.CANCELLED
    assert ObjectType.objects.filter(pk=courses.pk).exists()
    page = admin.get(page_of(job))
    assert page.status_code == 200


def test_a_worker_that_died_after_the_last_step_did_all(
    admin: Client, courses: ObjectType
) -> None:
    job = confirm(admin, courses)
    work_on(job.pk)
    Job.objects.update(state=Job.State.RUNNING, finished_at=None)
    work_on(job.pk)
    assert again(job).state == Job.State.DONE
    assert job.done == job.total


def test_authors_may_not_stop_it(admin: Client, workspace: Workspace, courses: ObjectType) -> None:
    job = confirm(admin, courses)
    author = sign_in(workspace, Role.AUTHOR)
    assert author.post(f"/admin/operations/job/{job.pk}/cancel/").status_code == 403


def test_a_type_with_few_objects_goes_at_once(admin: Client, courses: ObjectType) -> None:
    small = ObjectType.objects.get(name="Companies")
    assert b"runs in the background" not in admin.get(deletion(TYPES, small)).content
    admin.post(deletion(TYPES, small), {"typed": "Companies"})
    assert not Job.objects.exists()
    assert not ObjectType.objects.filter(pk=small.pk).exists()
