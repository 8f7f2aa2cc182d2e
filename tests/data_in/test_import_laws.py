"""A check says what its import does, whatever the file, and wherever either is interrupted."""

import csv
import io
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_in.check_job import check_steps
from data_in.check_report import Group, read_group
from data_in.glimpses import problems_of
from data_in.import_files import error_file
from data_in.importing import start_import
from data_in.models import Import
from data_in.settings import Blanks, Mode, parse, render
from operations.doors.jobs import Order, prepare_job
from operations.json import dump
from operations.models import Activity, Job
from operations.wire.columns import Identifier, Kind
from tests.data_in.uploading import ACTOR, fresh, upload
from tests.make import make_object, make_person, make_type, make_workspace, relate

LAWS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
IDS = st.sampled_from(["ada", "bob", "cyd", "", "x" * 151])
EMAILS = st.sampled_from(["ada@example.com", "BOB@example.com", "cyd@example.com", "", "no"])
OBJECTS = st.sampled_from(["a", "b", "c", ""])
CIO_OBJECTS = st.sampled_from(["", "", "ob00ff", "ob00fe", "odd"])
VALUES = st.sampled_from(["1", "x", "", "true", '{"a":1}', "null"])
HEADERS = {
    Kind.PEOPLE: (["id", "email", "plan", "name"], [IDS, EMAILS, VALUES, VALUES]),
    Kind.OBJECTS: (
        ["object_id", "cio_object_id", "plan", "created_at"],
        [OBJECTS, CIO_OBJECTS, VALUES, st.sampled_from(["", "1700000000", "soon"])],
    ),
    Kind.RELATIONSHIPS: (["object_id", "id", "email", "role"], [OBJECTS, IDS, EMAILS, VALUES]),
}
KIND_OF_LOG = {
    Kind.PEOPLE: "person",
    Kind.OBJECTS: "object",
    Kind.RELATIONSHIPS: "relationship",
}
CHOSEN = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(Mode),
        "blanks": st.sampled_from(Blanks),
        "removes": st.sampled_from([False, False, True]),
        "treats_null_as_empty": st.booleans(),
        "identifier": st.sampled_from([None, Identifier.ID, Identifier.EMAIL]),
    }
)


@st.composite
def files(draw):
    kind = draw(st.sampled_from(Kind))
    header, cells = HEADERS[kind]
    kept = draw(st.lists(st.booleans(), min_size=len(header), max_size=len(header)))
    # The first column is the key that every kind has; the others come and go.
    columns = [at for at, is_kept in enumerate(kept) if is_kept or at in (0, 1)]
    row = st.tuples(*(cells[at] for at in columns))
    rows = draw(st.lists(st.one_of(row, row, row, row.map(lambda one: one[:1])), max_size=14))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[header[at] for at in columns], *rows])
    return kind, text.getvalue()


@pytest.mark.django_db(transaction=True)
@LAWS
@given(files(), CHOSEN, st.integers(1, 5), st.lists(st.integers(0, 3), max_size=3))
def test_the_import_does_what_the_check_said(file, chosen, chunk_rows, stops):
    kind, text = file
    workspace = make_workspace()
    companies = make_type(workspace, number=1)
    relate(
        make_person(workspace, "ada", {"plan": 1}, email="ada@example.com"),
        make_object(companies, "a", {"plan": "x"}),
    )
    make_person(workspace, None, {"plan": 1}, email="bob@example.com")
    row = upload(workspace, text, kind=kind, **chosen)
    if problems_of(row, parse(row.settings)):
        return
    check_in_turns(row, chunk_rows=chunk_rows, stops=stops)
    row = fresh(row)
    before = Activity.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if not any(row.found[group] for group in ("created", "updated", "deleted")):
        return
    start_import(row, actor=ACTOR)
    row = fresh(row)
    assert row.state == Import.State.IMPORTED, row.job.message
    statuses = [status for status in row.result if status != "warnings"]
    assert {name: row.result[name] for name in statuses} == {
        name: row.found[name] for name in statuses
    }
    logged = Activity.objects.filter(pk__gt=before, kind=KIND_OF_LOG[kind], status="updated")
    assert shown_changes(row) == [
        changes_of(entry.before, entry.after) for entry in logged.order_by("pk")
    ]
    lines = [cells[-3:] for cells in csv.reader(io.StringIO(b"".join(error_file(row)).decode()))]
    assert len(lines) == row.found["refused"] + 1


def check_in_turns(row, *, chunk_rows, stops):
    """Check a file as workers would who die after so many chunks, one after the other."""
    order = Order(
        kind="check_import",
        workspace=row.workspace_id,
        actor=ACTOR,
        title="Check",
        parameters={"settings": dump(render(parse(row.settings))).decode(), "hidden": {}},
        total=0,
    )
    job = prepare_job(order)
    Import.objects.filter(pk=row.pk).update(check_job=job)
    for stop in [*stops, None]:
        job = Job.objects.get(pk=job.pk)
        steps = check_steps(job, chunk_rows=chunk_rows)
        for advance in islice(steps, stop):
            Job.objects.filter(pk=job.pk).update(position=list(advance.position))
        # What is written behind the stored position must not count.
        next(steps, None)
        steps.close()
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)


def shown_changes(row):
    page = read_group(row, Group.UPDATED, page=1)
    return [
        {change.name: (change.before, change.after) for change in each.changes}
        for each in page.rows
    ]


def changes_of(before, after):
    found = {}
    for part in ("identifiers", "attributes"):
        old, new = (before or {}).get(part) or {}, (after or {}).get(part) or {}
        found |= {name: (old.get(name), new.get(name)) for name in {**old, **new}}
    return found
