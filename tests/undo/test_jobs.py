"""An undo is a job: it goes on where it stopped, is done once, and waits for nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from objects.models import Object
from operations.doors import jobs
from operations.doors.bulk import order_deletion, order_edit
from operations.doors.jobs import cancel_job, confirm_job, prepare_job, resume_job, work_on
from operations.doors.origin import read_clock
from operations.doors.selection import select_matching
from operations.doors.undoing import confirm_undo, may_undo, order_undo, preview_undo
from operations.masking import reading_for
from operations.models import ChangeSet, Job
from operations.types import HiddenNames, IdentifyPerson, MergePeople, PersonKey
from operations.wire.columns import Kind
from tests.engine.state import assert_consistent
from tests.engine.undoing import apply_as_one, differences, stored
from tests.jobs.test_jobs import run_worker
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

ROWS = 12


@pytest.fixture
def workspace(db: None, monkeypatch: Any) -> Workspace:
    monkeypatch.setattr("operations.doors.bulk_rows.STEP_ROWS", 5)
    monkeypatch.setattr("operations.doors.undoing.STEP_CHANGES", 5)
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    found = make_workspace()
    kind, person = make_type(found), make_person(found)
    for number in range(ROWS):
        relate(person, make_object(kind, f"object-{number}", {"plan": "gold"}))
    return found


def change(workspace: Workspace, kind: str = "edit") -> ChangeSet:
    """Edit or delete every object."""
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    if kind == "delete":
        job = prepare_job(order_deletion(rows, actor="ann"))
    else:
        job = prepare_job(order_edit(rows, actor="ann", removes=False))
        job.parameters["attributes"] = {"plan": "silver", "new": 1}
        job.save()
    confirm_job(job)
    work_on(job.pk)
    return ChangeSet.objects.get(jobs=job)


def begin(change_set: ChangeSet) -> Job:
    """Give an undo that waits for a worker."""
    job = order_undo(ChangeSet.objects.get(pk=change_set.pk), actor="bob")
    assert not confirm_undo(job, now=read_clock())
    assert job.state == Job.State.QUEUED
    return job


def again(row: Any) -> Any:
    row.refresh_from_db()
    return row


def test_runs_in_steps(workspace: Workspace) -> None:
    before = stored(workspace)
    change_set = change(workspace)
    job = begin(change_set)
    assert (job.total, job.weight) == (ROWS, ROWS)
    work_on(job.pk, seconds=-1)
    assert (again(job).state, job.done) == (Job.State.RUNNING, 5)
    assert again(change_set).undone_at is None
    work_on(job.pk)
    assert (again(job).state, job.done) == (Job.State.DONE, ROWS)
    assert again(change_set).undone_at is not None
    assert job.change_set.rows_updated == ROWS
    assert not differences(before, stored(workspace))


def test_the_change_set_is_taken_once(workspace: Workspace) -> None:
    change_set = change(workspace)
    first, second = (order_undo(change_set, actor=name) for name in ("ann", "bob"))
    now = read_clock()
    assert not confirm_undo(first, now=now)
    assert "being undone" in confirm_undo(second, now=now)
    assert again(second).state == Job.State.DRAFT
    assert "being undone" in may_undo(again(change_set), now)


def test_who_comes_between_looking_and_taking_wins(workspace: Workspace, monkeypatch: Any) -> None:
    change_set = change(workspace)
    first, second = (order_undo(change_set, actor=name) for name in ("ann", "bob"))

    def looked(*arguments: Any) -> str:
        ChangeSet.objects.update(undo_job=first)
        return ""

    monkeypatch.setattr("operations.doors.undoing.may_undo", looked)
    assert "Somebody else" in confirm_undo(second, now=read_clock())
    assert again(second).state == Job.State.DRAFT


def test_an_undo_that_was_stopped_goes_on_with_the_rest(workspace: Workspace) -> None:
    before = stored(workspace)
    change_set = change(workspace, "delete")
    job = begin(change_set)
    work_on(job.pk, seconds=-1)
    cancel_job(again(job))
    assert again(job).state == Job.State.CANCELLED
    assert not may_undo(again(change_set), read_clock())
    assert preview_undo(change_set, actor="ann").total == 2 * ROWS - 5
    rest = begin(change_set)
    assert rest.total == 2 * ROWS - 5
    work_on(rest.pk)
    assert again(rest).state == Job.State.DONE
    assert rest.change_set.rows_refused == 0
    assert not differences(before, stored(workspace))


def test_what_a_stopped_job_did_can_be_undone(workspace: Workspace) -> None:
    before = stored(workspace)
    rows = select_matching(Kind.OBJECTS, workspace=workspace.pk, query="")
    deletion = prepare_job(order_deletion(rows, actor="ann"))
    confirm_job(deletion)
    work_on(deletion.pk, seconds=-1)
    change_set = ChangeSet.objects.get()
    assert "still running" in may_undo(change_set, read_clock())
    cancel_job(deletion)
    assert Object.objects.count() == ROWS - 5
    job = begin(change_set)
    work_on(job.pk)
    assert not differences(before, stored(workspace))
    assert_consistent(workspace)


def test_a_failed_job_does_not_go_on_once_it_is_undone(
    workspace: Workspace, monkeypatch: Any
) -> None:
    change_set = change(workspace)
    failed = Job.objects.get()
    Job.objects.update(state=Job.State.FAILED)
    job = begin(change_set)
    assert not resume_job(failed)
    work_on(job.pk)
    assert not resume_job(failed)


def test_a_stop_after_the_last_step_leaves_nothing_to_undo(workspace: Workspace) -> None:
    change_set = change(workspace)
    job = begin(change_set)
    work_on(job.pk, seconds=-1)
    work_on(job.pk, seconds=-1)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    work_on(job.pk)
    assert (again(job).state, job.done) == (Job.State.CANCELLED, ROWS)
    assert "undone already" in may_undo(again(change_set), read_clock())


def test_a_merge_is_not_torn_apart(workspace: Workspace) -> None:
    """Undoing the relationships that it moved would lose them."""
    first, second = make_person(workspace), make_person(workspace)
    relate(second, Object.objects.all()[0])
    merge = MergePeople(PersonKey(cio_id=first.cio_id), PersonKey(cio_id=second.cio_id))
    more = IdentifyPerson(PersonKey(cio_id=first.cio_id), {"plan": "x"})
    change_set = ChangeSet.objects.get(pk=apply_as_one(workspace, [merge, more]))
    assert "merged people" in may_undo(change_set, change_set.created_at)


def test_memory_is_bounded_by_what_the_log_holds(workspace: Workspace, monkeypatch: Any) -> None:
    monkeypatch.setattr("operations.doors.undoing._STEP_BYTES", 1)
    change_set = change(workspace)
    job = begin(change_set)
    work_on(job.pk, seconds=-1)
    assert again(job).done == 1


def test_what_is_hidden_is_put_back_by_nobody_who_cannot_see_it(workspace: Workspace) -> None:
    change_set = change(workspace)
    with reading_for(lambda: HiddenNames(objects=frozenset({"plan"}))):
        preview = preview_undo(change_set, actor="bob")
        job = begin(change_set)
    assert "sensitive and hidden" in preview.conflicts[0].reason
    work_on(job.pk)
    assert again(job).change_set.rows_refused == ROWS
    assert not Object.objects.exclude(attributes__plan="silver").exists()


def test_deleted_rows_come_back_with_values_that_nobody_may_see(workspace: Workspace) -> None:
    """A small undo is done while somebody waits, for whom values are masked."""
    before = stored(workspace)
    change_set = change(workspace, "delete")
    job = begin(change_set)
    with reading_for(lambda: HiddenNames(objects=frozenset({"plan"}))):
        work_on(job.pk)
    assert not differences(before, stored(workspace))


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_nothing_is_done_twice(workspace: Workspace) -> None:
    kind = make_type(workspace, "Many")
    for _ in range(20):
        make_object(kind, None, {"plan": "gold"})
    before = stored(workspace)
    change_set = change(workspace, "delete")
    job = begin(change_set)
    work_on(job.pk, seconds=-1)
    for _ in range(2):
        assert run_worker("1") == -9
        assert (again(job).state, job.done) == (Job.State.RUNNING, 5)
        Job.objects.filter(pk=job.pk).update(lease_until=read_clock() - timedelta(seconds=1))
        jobs.sweep_jobs.call()
    assert run_worker() == 0
    assert again(job).state == Job.State.DONE
    assert job.change_set.rows_created == job.done == 20 + 2 * ROWS
    assert not differences(before, stored(workspace))
    assert_consistent(workspace)
