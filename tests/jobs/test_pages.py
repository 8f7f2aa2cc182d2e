"""The pages of tasks: progress, cancelling, results, and who may see and do what."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from operations.doors import jobs
from operations.doors.bulk import order_deletion
from operations.doors.jobs import confirm_job, prepare_job, work_on
from operations.doors.origin import read_clock
from operations.doors.selection import select_matching
from operations.models import Job
from operations.wire.columns import Kind
from tests.admin.conftest import admin, author, quick_passwords, stranger, viewer, workspace
from tests.bulk.choosing import page_of
from tests.make import make_object, make_type, make_workspace
from workspaces.models import Workspace

__all__ = ["admin", "author", "quick_passwords", "stranger", "viewer", "workspace"]

pytestmark = pytest.mark.django_db

TASKS = "/admin/operations/job/"


@pytest.fixture
def job(workspace: Workspace, monkeypatch: Any) -> Job:
    """Give a queued job over three objects."""
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    kind = make_type(workspace, "Firms")
    for number in range(3):
        make_object(kind, f"firm-{number}")
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    prepared = prepare_job(order_deletion(rows, actor="<i>ann</i>"))
    confirm_job(prepared)
    return prepared


def state_of(client: Client, job: Job) -> Any:
    return client.get(f"{TASKS}{job.pk}/state/")


def test_a_running_task_shows_a_progress_bar(viewer: Client, job: Job) -> None:
    Job.objects.update(state="running", done=1, started_at=read_clock(), lease_until=None)
    page = viewer.get(page_of(job)).content.decode()
    assert 'role="progressbar"' in page
    assert 'aria-valuenow="33"' in page
    assert "1 of 3" in page
    assert ">Reload<" in page
    assert "jobs.js" in page


def test_the_script_is_told_how_far_it_is(viewer: Client, job: Job) -> None:
    answer = state_of(viewer, job)
    assert "no-store" in answer["Cache-Control"]
    told = answer.json()
    assert (told["done"], told["total"], told["is_finished"]) == (0, 3, False)
    work_on(job.pk)
    told = state_of(viewer, job).json()
    assert (told["percent"], told["is_finished"], told["label"]) == (100, True, "Done")


def test_says_how_to_start_a_worker_when_none_comes(viewer: Client, job: Job) -> None:
    assert not state_of(viewer, job).json()["is_waiting"]
    Job.objects.update(queued_at=read_clock() - timedelta(seconds=9))
    assert state_of(viewer, job).json()["is_waiting"]
    assert "python manage.py db_worker" in viewer.get(page_of(job)).content.decode()
    Job.objects.update(lease_until=read_clock() + timedelta(seconds=9))
    assert not state_of(viewer, job).json()["is_waiting"]


def test_an_author_may_stop_it_and_a_viewer_may_not(
    author: Client, viewer: Client, job: Job
) -> None:
    assert "cancel/" not in viewer.get(page_of(job)).content.decode()
    assert viewer.post(f"{TASKS}{job.pk}/cancel/").status_code == 403
    assert viewer.post(f"{TASKS}{job.pk}/resume/").status_code == 403
    assert author.post(f"{TASKS}{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert "Stopped after 0 of 3 rows" in author.get(page_of(job)).content.decode()


def test_a_finished_task_tells_when_it_was_created_queued_and_finished(
    viewer: Client, job: Job
) -> None:
    work_on(job.pk)
    page = viewer.get(page_of(job)).content.decode()
    assert [word for word in ("Created", "Queued", "Finished") if f"<dt>{word}</dt>" in page] == [
        "Created",
        "Queued",
        "Finished",
    ]


def test_a_failed_task_says_why_and_can_go_on(author: Client, job: Job) -> None:
    Job.objects.update(state="failed", message="The filter <b>cannot</b> be read.")
    page = author.get(page_of(job)).content.decode()
    assert "The filter &lt;b&gt;cannot&lt;/b&gt; be read." in page
    author.post(f"{TASKS}{job.pk}/resume/")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_the_list_shows_what_is_queued_and_over_but_no_drafts(
    viewer: Client, job: Job, workspace: Workspace
) -> None:
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="object_id=firm-0")
    prepare_job(order_deletion(rows, actor="bob"))
    page = viewer.get(TASKS).content.decode()
    assert "Delete 3 Firms" in page
    assert "&lt;i&gt;ann&lt;/i&gt;" in page
    assert "Delete 1 Firm" not in page
    assert "No tasks yet" not in page
    assert "Delete 3 Firms" not in viewer.get(f"{TASKS}?state=done").content.decode()


def test_another_workspace_sees_nothing(stranger: Client, job: Job) -> None:
    assert "Delete 3 Firms" not in stranger.get(TASKS).content.decode()
    assert stranger.get(page_of(job)).status_code == 302
    assert state_of(stranger, job).status_code == 404
    assert stranger.post(f"{TASKS}{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


@pytest.mark.parametrize("key", ["0", "abc", "9" * 30, "-1", "_00"])
def test_a_key_that_is_none_leads_to_the_list(viewer: Client, key: str) -> None:
    assert viewer.get(f"{TASKS}{key}/change/").status_code == 302
    assert viewer.get(f"{TASKS}{key}/state/").status_code == 404
    assert viewer.post(f"{TASKS}{key}/cancel/").status_code == 302


def test_a_change_set_of_another_workspace_is_not_shown(viewer: Client, job: Job) -> None:
    work_on(job.pk)
    job.refresh_from_db()
    address = f"/admin/operations/changeset/{job.change_set_id}/change/"
    assert "firm-0" in viewer.get(address).content.decode()
    other = make_workspace()
    Job.objects.update(workspace=other)
    job.change_set.workspace = other
    job.change_set.save()
    assert viewer.get(address).status_code == 302


def test_statements_do_not_grow_with_the_tasks(
    viewer: Client, workspace: Workspace, job: Job, statements: Any
) -> None:
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    counts = []
    for number in (1, 1, 20):
        for _ in range(number):
            confirm_job(prepare_job(order_deletion(rows, actor="ann")))
        with statements() as run:
            viewer.get(TASKS)
        counts.append(len(run))
    assert counts[1] == counts[2]
