"""An import loses nothing and repeats nothing, however its workers die, and stops when told."""

import csv
import io
import os
import random
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Count

from data_in.check_job import check_steps
from data_in.check_report import Group, read_group
from data_in.files import Shelf, folder_path
from data_in.import_files import error_file
from data_in.import_job import ERRORS_FILE, import_steps
from data_in.importing import start_check, start_import
from data_in.models import Import
from objects.models import Object
from operations.doors import jobs
from operations.doors.jobs import cancel_job, sweep_jobs, work_on
from operations.doors.origin import read_clock
from operations.engine import LostLease, preview
from operations.models import Activity, ChangeSet, Job
from operations.wire.columns import Kind
from relationships.models import Relationship
from tests.data_in.uploading import ACTOR, counts, fresh, upload
from tests.engine.state import assert_consistent
from tests.engine.statements import count_statements
from tests.engine.test_races import test_database_url as database_url
from tests.make import make_type, make_workspace, origin

pytestmark = pytest.mark.django_db(transaction=True)
TIMEOUT_SECONDS = 600
REFUSED_EVERY = 500


@pytest.fixture
def workspace(monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", -1)
    made = make_workspace()
    make_type(made, "Companies", number=1)
    return made


@pytest.fixture
def small_steps(monkeypatch):
    for steps in (check_steps, import_steps):
        monkeypatch.setitem(steps.__kwdefaults__, "chunk_rows", 5)


def text_of(rows, *, name="plan"):
    """Write a file in which every 500th row is refused."""
    lines = [
        f"{'' if number % REFUSED_EVERY == 0 else f'object-{number}'},{number}"
        for number in range(1, rows + 1)
    ]
    return f"object_id,{name}\n" + "\n".join(lines) + "\n"


def start_worker(chunk_rows):
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CIO_DATA_DIR": str(settings.DATA_DIR),
        "CIO_POOL_MAX_CONNECTIONS": "0",
    }
    command = [sys.executable, "-m", "tests.data_in.import_worker", str(chunk_rows)]
    return subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL
    )


def finish_with_kills(job, *, rows, kills, chunk_rows, dice):
    """Have workers do a job, each killed soon after it has come to a random row."""
    for reached in sorted(dice.sample(range(rows), kills)):
        worker = start_worker(chunk_rows)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while Job.objects.get(pk=job.pk).done <= reached and worker.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.1))
        worker.kill()
        worker.wait()
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
            lease_until=read_clock() - timedelta(seconds=1)
        )
        sweep_jobs.call()
    assert start_worker(chunk_rows).wait(TIMEOUT_SECONDS) == 0


def survive(workspace, *, rows, kills, chunk_rows):
    dice = random.Random(rows)
    how = {"rows": rows, "kills": kills, "chunk_rows": chunk_rows, "dice": dice}
    refused = rows // REFUSED_EVERY
    row = upload(workspace, text_of(rows))
    finish_with_kills(start_check(row, actor=ACTOR), **how)
    row = fresh(row)
    assert row.state == Import.State.VALIDATED
    assert counts(row.found) == {"created": rows - refused, "refused": refused}
    finish_with_kills(start_import(row, actor=ACTOR), **how)
    row = fresh(row)
    assert row.state == Import.State.IMPORTED
    assert counts(row.result) == {"created": rows - refused, "refused": refused}
    assert row.job.done == rows
    assert Object.objects.for_workspace(workspace).count() == rows - refused
    log = Activity.objects.filter(change_set=row.job.change_set)
    assert log.count() == rows - refused
    assert not log.values("object_id").annotate(times=Count("id")).filter(times__gt=1).exists()
    lines = [cells[2] for cells in csv.reader(io.StringIO(b"".join(error_file(row)).decode()))]
    assert lines[1:] == [str(number + 1) for number in range(REFUSED_EVERY, rows + 1, 500)]
    assert read_group(row, Group.REFUSED, page=1).total == refused


@pytest.mark.slow
def test_workers_that_are_killed_lose_nothing_and_nothing_is_done_twice(workspace):
    survive(workspace, rows=6_000, kills=3, chunk_rows=250)
    assert_consistent(workspace)


@pytest.mark.scale
def test_twenty_kills_in_200_000_rows(workspace):
    survive(workspace, rows=200_000, kills=20, chunk_rows=5_000)


@pytest.mark.slow
def test_two_imports_of_the_same_rows_at_once_both_finish(workspace):
    rows = 3_000
    imports = [upload(workspace, text_of(rows, name=name)) for name in ("first", "second")]
    for row in imports:
        work_on(start_check(row, actor=ACTOR).pk)
        start_import(fresh(row), actor=ACTOR)
    workers = [start_worker(200) for _ in imports]
    assert [worker.wait(TIMEOUT_SECONDS) for worker in workers] == [0, 0]
    refused = rows // REFUSED_EVERY
    for row in map(fresh, imports):
        assert row.state == Import.State.IMPORTED
        done = row.result
        assert done["created"] + done["updated"] == rows - refused
        assert done["refused"] == refused
    stored = Object.objects.for_workspace(workspace)
    assert stored.filter(attributes__has_keys=["first", "second"]).count() == rows - refused
    assert_consistent(workspace)


def test_an_import_that_nobody_works_on_stops_at_once(workspace):
    row = upload(workspace, text_of(12))
    work_on(start_check(row, actor=ACTOR).pk)
    job = start_import(fresh(row), actor=ACTOR)
    cancel_job(job)
    row = fresh(row)
    assert row.state == Import.State.CANCELLED
    assert counts(row.result) == {}
    assert not Object.objects.for_workspace(workspace).exists()


def test_an_import_stops_between_two_steps(workspace, small_steps):
    row = upload(workspace, text_of(12))
    work_on(start_check(row, actor=ACTOR).pk)
    job = start_import(fresh(row), actor=ACTOR)
    work_on(job.pk, seconds=-1)
    cancel_job(job)
    row = fresh(row)
    assert row.state == Import.State.CANCELLED
    assert counts(row.result) == {"created": 5}
    assert Object.objects.for_workspace(workspace).count() == 5
    assert ChangeSet.objects.get().rows_created == 5


def test_a_check_that_is_stopped_can_be_begun_again(workspace, small_steps):
    row = upload(workspace, text_of(12))
    job = start_check(row, actor=ACTOR)
    work_on(job.pk, seconds=-1)
    assert (fresh(row).state, Job.objects.get(pk=job.pk).done) == (Import.State.VALIDATING, 0)
    cancel_job(job)
    assert fresh(row).state == Import.State.PREPROCESSED
    work_on(start_check(row, actor=ACTOR).pk)
    assert counts(fresh(row).found) == {"created": 12}


def test_a_check_goes_on_where_its_turn_ended(workspace, small_steps):
    row = upload(workspace, text_of(12))
    job = start_check(row, actor=ACTOR)
    done = []
    while fresh(row).state == Import.State.VALIDATING:
        work_on(job.pk, seconds=-1)
        done.append(Job.objects.get(pk=job.pk).done)
    assert done == [0, 5, 10, 12, 12]
    assert counts(fresh(row).found) == {"created": 12}
    assert read_group(fresh(row), Group.CREATED, page=1).total == 12


def test_a_worker_that_lost_its_lease_writes_no_problems(workspace, small_steps):
    row = upload(workspace, text_of(12).replace("object-3,", ","))
    work_on(start_check(row, actor=ACTOR).pk)
    job = start_import(fresh(row), actor=ACTOR)
    Job.objects.filter(pk=job.pk).update(lease="mine")
    job.refresh_from_db()
    step = next(import_steps(job, origin(workspace)))
    Job.objects.filter(pk=job.pk).update(lease="another worker")
    with transaction.atomic(), pytest.raises(LostLease):
        step.conclude(preview(step.calls))
    assert not (folder_path(Shelf.IMPORTS, row.folder) / ERRORS_FILE).exists()


def test_a_relationship_that_comes_twice_is_made_once(workspace):
    text = "object_id,id\na,ada\na,ada\nb,ada\n"
    row = upload(workspace, text, kind=Kind.RELATIONSHIPS)
    work_on(start_check(row, actor=ACTOR).pk)
    work_on(start_import(fresh(row), actor=ACTOR).pk)
    assert counts(fresh(row).result) == {"created": 2, "unchanged": 1}
    assert Relationship.objects.for_workspace(workspace).count() == 2


def test_the_statements_of_a_step_do_not_grow_with_its_rows(workspace):
    spent = []
    for rows in (10, 20, 200):
        made = make_workspace()
        make_type(made, "Companies", number=1)
        row = upload(made, text_of(rows))
        with count_statements() as checked:
            work_on(start_check(row, actor=ACTOR).pk)
        with count_statements() as imported:
            work_on(start_import(fresh(row), actor=ACTOR).pk)
        spent.append((len(checked), len(imported)))
    # The first one asks for the sweeper, which then waits already.
    assert spent[1] == spent[2]
