"""A job is done once, whoever works on it, however often, and however they die."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from objects.models import Object
from operations.doors import jobs
from operations.doors.bulk import order_deletion, order_edit
from operations.doors.jobs import (
    cancel_job,
    confirm_job,
    forget_drafts,
    prepare_job,
    resume_job,
    running_jobs,
    sweep_jobs,
    work_on,
)
from operations.doors.origin import read_clock
from operations.doors.selection import select_matching
from operations.models import Activity, ChangeSet, Job
from operations.wire.columns import Kind
from tests.engine.state import assert_consistent
from tests.engine.test_races import test_database_url as database_url
from tests.jobs.worker import STEP_ROWS
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

ROWS = 12
TIMEOUT_SECONDS = 120


@pytest.fixture
def workspace(db: None, monkeypatch: Any) -> Workspace:
    monkeypatch.setattr("operations.doors.bulk_rows.STEP_ROWS", 5)
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    found = make_workspace()
    kind, person = make_type(found), make_person(found)
    for number in range(ROWS):
        relate(person, make_object(kind, f"object-{number}", {"plan": "gold"}))
    return found


def queued(workspace: Workspace, kind: str = "edit") -> Job:
    """Give a confirmed job over all objects that waits for a worker."""
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    if kind == "delete":
        job = prepare_job(order_deletion(rows, actor="ann"))
    else:
        job = prepare_job(order_edit(rows, actor="ann", removes=False))
        job.parameters["attributes"] = {"plan": "silver"}
        job.save()
    assert confirm_job(job)
    assert job.state == Job.State.QUEUED
    return job


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def assert_edited_once(job: Job, rows: int) -> None:
    """Check that every row was changed by exactly one activity, and counted once."""
    job = again(job)
    assert (job.state, job.done, job.total) == (Job.State.DONE, rows, rows)
    change_set = ChangeSet.objects.get()
    assert (change_set.rows_updated, change_set.rows_unchanged) == (rows, 0)
    log = Activity.objects.filter(change_set=change_set)
    assert log.count() == rows
    assert log.values("cio_object_id").distinct().count() == rows
    assert not Object.objects.exclude(attributes__plan="silver").exists()


def test_runs_in_steps_with_one_change_set(workspace: Workspace) -> None:
    job = queued(workspace)
    assert running_jobs(workspace) == 1
    work_on(job.pk)
    assert_edited_once(job, ROWS)
    assert running_jobs(workspace) == 0
    assert_consistent(workspace)


def test_running_it_twice_does_nothing_more(workspace: Workspace) -> None:
    job = queued(workspace)
    work_on(job.pk)
    work_on(job.pk)
    assert_edited_once(job, ROWS)


def test_every_step_has_the_instant_of_the_start(workspace: Workspace) -> None:
    job = queued(workspace)
    work_on(job.pk, seconds=-1)
    work_on(job.pk)
    assert set(Activity.objects.filter(change_set__isnull=False).values_list("received_at")) == {
        (again(job).started_at,)
    }


def test_a_worker_leaves_after_its_turn_and_another_goes_on(workspace: Workspace) -> None:
    job = queued(workspace)
    work_on(job.pk, seconds=-1)
    job = again(job)
    assert (job.state, job.done, job.lease) == (Job.State.RUNNING, 5, "")
    work_on(job.pk)
    assert_edited_once(job, ROWS)


def test_nobody_works_on_what_somebody_works_on(workspace: Workspace) -> None:
    job = queued(workspace)
    now = read_clock()
    Job.objects.update(state="running", lease="other", lease_until=now + timedelta(seconds=9))
    work_on(job.pk)
    assert again(job).done == 0
    Job.objects.update(lease_until=now - timedelta(seconds=1))
    work_on(job.pk)
    assert_edited_once(job, ROWS)


def test_a_step_without_the_lease_is_not_kept(workspace: Workspace, monkeypatch: Any) -> None:
    job = queued(workspace)
    steps_of = jobs.import_string(jobs.WORKS["edit"].steps)

    def taken_over(*arguments: Any) -> Any:
        for number, step in enumerate(steps_of(*arguments)):
            if number == 1:
                Job.objects.update(lease="another worker")
            yield step

    monkeypatch.setattr(jobs, "import_string", lambda name: taken_over)
    work_on(job.pk)
    monkeypatch.undo()
    job = again(job)
    assert (job.done, job.lease, job.state) == (5, "another worker", Job.State.RUNNING)
    assert ChangeSet.objects.get().rows_updated == 5
    assert Activity.objects.filter(change_set__isnull=False).count() == 5
    Job.objects.update(lease="", lease_until=None)
    work_on(job.pk)
    assert_edited_once(job, ROWS)


def test_stops_after_the_current_step(workspace: Workspace) -> None:
    job = queued(workspace, "delete")
    work_on(job.pk, seconds=-1)
    Job.objects.update(lease="alive", lease_until=read_clock() + timedelta(seconds=60))
    cancel_job(job)
    assert again(job).cancel_requested
    assert again(job).state == Job.State.RUNNING
    Job.objects.update(lease="", lease_until=None)
    work_on(job.pk)
    job = again(job)
    assert (job.state, job.done) == (Job.State.CANCELLED, 10)
    assert Object.objects.count() == ROWS - 10
    assert ChangeSet.objects.get().rows_deleted == 10
    assert_consistent(workspace)


def test_what_nobody_works_on_stops_at_once(workspace: Workspace) -> None:
    job = queued(workspace, "delete")
    cancel_job(job)
    assert again(job).state == Job.State.CANCELLED
    work_on(job.pk)
    assert Object.objects.count() == ROWS


def test_an_error_is_told_and_the_job_can_go_on(workspace: Workspace, monkeypatch: Any) -> None:
    job = queued(workspace)

    def breaks(*arguments: Any) -> Any:
        raise RuntimeError
        yield

    monkeypatch.setattr(jobs, "import_string", lambda name: breaks)
    work_on(job.pk)
    monkeypatch.undo()
    assert again(job).state == Job.State.FAILED
    assert "error in the product" in job.message
    monkeypatch.setattr("operations.doors.bulk_rows.STEP_ROWS", 5)
    assert resume_job(job)
    work_on(job.pk)
    assert_edited_once(job, ROWS)


def test_a_filter_that_can_no_longer_be_read_fails_the_job(workspace: Workspace) -> None:
    job = queued(workspace, "delete")
    job.parameters["selection"]["query"] = "object_type=nonsense"
    job.save()
    work_on(job.pk)
    assert again(job).state == Job.State.FAILED
    assert "cannot be read" in job.message
    assert Object.objects.count() == ROWS


def test_memory_is_bounded_by_what_hangs_on_the_rows(workspace: Workspace) -> None:
    from operations.doors.bulk_rows import cut_into_steps

    rows = [(number, 2, 100_000, "x") for number in range(3)]
    assert [len(step) for step in cut_into_steps(Kind.OBJECTS, rows)] == [1, 1, 1]


def test_the_sweeper_takes_up_what_a_dead_worker_left(workspace: Workspace) -> None:
    job = queued(workspace)
    DBTaskResult.objects.all().delete()
    past = read_clock() - timedelta(seconds=1)
    Job.objects.update(state="running", lease="dead", lease_until=past)
    sweep_jobs.call()
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    assert sorted(waiting.values_list("task_path", flat=True)) == [
        "operations.doors.jobs.run_job",
        "operations.doors.jobs.sweep_jobs",
    ]
    work_on(job.pk)
    assert_edited_once(job, ROWS)
    DBTaskResult.objects.all().delete()
    sweep_jobs.call()
    assert not DBTaskResult.objects.exists()


def test_old_drafts_are_forgotten(workspace: Workspace) -> None:
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    prepare_job(order_deletion(rows, actor="ann"))
    queued(workspace)
    forget_drafts(now=read_clock() + timedelta(days=8))
    assert Job.objects.get().state == Job.State.QUEUED


def run_worker(*arguments: str) -> int:
    """Run a worker until it has nothing to do, or has died."""
    command = [sys.executable, "-m", "tests.jobs.worker", *arguments]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CIO_DATA_DIR": str(settings.DATA_DIR),
        "CIO_POOL_MAX_CONNECTIONS": "0",
    }
    worker = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        timeout=TIMEOUT_SECONDS,
        check=False,
        capture_output=True,
    )
    return worker.returncode


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_nothing_is_done_twice(workspace: Workspace) -> None:
    kind = make_type(workspace, "Many")
    for _ in range(STEP_ROWS * 3):
        make_object(kind, None, {"plan": "gold"})
    total = ROWS + STEP_ROWS * 3
    job = queued(workspace)
    for step, kept in ((3, 2), (1, 2)):
        assert run_worker(str(step)) == -9
        job = again(job)
        assert (job.state, job.done) == (Job.State.RUNNING, STEP_ROWS * kept)
        assert ChangeSet.objects.get().rows_updated == job.done
        assert Activity.objects.filter(change_set__isnull=False).count() == job.done
        run_worker()
        assert again(job).done == STEP_ROWS * kept, "its lease has not run out"
        Job.objects.update(lease_until=read_clock() - timedelta(seconds=1))
        sweep_jobs.call()
    assert run_worker() == 0
    assert_edited_once(job, total)
    assert_consistent(workspace)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_it_once(workspace: Workspace) -> None:
    kind = make_type(workspace, "Many")
    for _ in range(STEP_ROWS * 3):
        make_object(kind, None, {"plan": "gold"})
    job = queued(workspace)
    for _ in range(3):
        jobs.run_job.enqueue(job=job.pk)
    command = [sys.executable, "-m", "tests.jobs.worker"]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CIO_DATA_DIR": str(settings.DATA_DIR),
        "CIO_POOL_MAX_CONNECTIONS": "0",
    }
    workers = [subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) for _ in range(2)]
    assert [worker.wait(TIMEOUT_SECONDS) for worker in workers] == [0, 0]
    assert_edited_once(job, ROWS + STEP_ROWS * 3)
