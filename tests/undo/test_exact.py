"""Imports and bulk actions, undone: every row is as it was, to the last column but the version."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from objects.models import Object, ObjectTotals
from operations.doors.bulk import order_deletion, order_edit
from operations.doors.integrity import find_problems
from operations.doors.jobs import Order, confirm_job, prepare_job, work_on
from operations.doors.origin import read_clock
from operations.doors.selection import select_matching
from operations.doors.undoing import confirm_undo, order_undo
from operations.engine import apply_stream
from operations.json import sorted_dump
from operations.models import ChangeSet, Job
from operations.types import AddDevice, AddToSegment, Call, PersonKey
from operations.wire.columns import Kind
from people.models import Device, Person, PersonTotals, Segment, SegmentMember
from relationships.bulk import Plan, dump_plan, inner_keys
from relationships.bulk import measure as measure_plan
from relationships.choice import Choice
from relationships.models import Relationship
from tests.data_in.importing import import_text
from tests.make import make_type, origin
from workspaces.models import Workspace

ROWS = 2_000
LARGE = 100_000
TABLES = (Person, PersonTotals, Object, ObjectTotals, Relationship)
HANGING = (
    (Device, "token", ("token", "person_id", "platform", "attributes", "created_at")),
    (SegmentMember, "person_id", ("segment_id", "person_id", "created_at")),
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
sizes = pytest.mark.parametrize("rows", [ROWS, pytest.param(LARGE, marks=pytest.mark.scale)])


def fingerprint() -> str:
    """Hash every row with every column but the version, which only grows."""
    found = sha256()
    for model in TABLES:
        names = [field.attname for field in model._meta.concrete_fields]
        columns = [name for name in names if name != "version"]
        _add(found, model.objects.order_by("pk").values_list(*columns))  # type: ignore[attr-defined]
    for model, order, columns in HANGING:
        _add(found, model.objects.order_by(order).values_list(*columns))  # type: ignore[attr-defined]
    return found.hexdigest()


def _add(found: Any, rows: Any) -> None:
    for row in rows.iterator(chunk_size=2_000):
        found.update(sorted_dump([str(one) if hasattr(one, "year") else one for one in row]))


def lines(header: str, make: Callable[[int], str], numbers: Any) -> str:
    return "\n".join([header, *map(make, numbers)]) + "\n"


def import_objects(folder: Path, numbers: Any, *, plan: str = "gold") -> None:
    text = lines(
        "object_id,name,plan", lambda n: f"object-{n},Näme {n},{plan if n % 3 else 'x'}", numbers
    )
    assert import_text(folder, text, "--kind", "objects").count("refused") == 0


def import_people(folder: Path, numbers: Any, *, plan: str = "gold") -> None:
    text = lines(
        "id,email,plan", lambda n: f"person-{n},P{n}@x.de,{plan if n % 3 else 'x'}", numbers
    )
    assert import_text(folder, text, "--kind", "people").count("refused") == 0


def import_relationships(folder: Path, numbers: Any, *, role: str = "owner") -> None:
    header = "id,object_id,role"
    text = lines(
        header, lambda n: f"person-{n},object-{n * 7 % 997},{role if n % 3 else 'x'}", numbers
    )
    assert import_text(folder, text, "--kind", "relationships").count("refused") == 0


@pytest.fixture
def workspace(db: None) -> Workspace:
    found = Workspace.objects.get_or_create(name="Default")[0]
    make_type(found, "Companies", number=1)
    Segment.objects.create(workspace=found, number=1, name="First")
    return found


def fill(workspace: Workspace, folder: Path, rows: int) -> str:
    """Import people, objects and relationships, with devices and memberships; give the hash."""
    import_objects(folder, range(rows))
    import_people(folder, range(rows))
    import_relationships(folder, range(rows))
    said = origin(workspace)
    hanging = [
        Call(said, (operation,))
        for number in range(0, rows, 10)
        for operation in (
            AddDevice(PersonKey(id=f"person-{number}"), f"token {number}", "ios", {"a": 1}),
            AddToSegment(PersonKey(id=f"person-{number}"), 1),
        )
    ]
    apply_stream(hanging)
    return fingerprint()


def newest() -> ChangeSet:
    return ChangeSet.objects.order_by("-pk")[0]


def undo(change_set: ChangeSet) -> None:
    """Undo a change set with the job that a member would start."""
    job = order_undo(change_set, actor="ann")
    assert not confirm_undo(job, now=read_clock())
    work_on(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    assert job.change_set is not None
    assert job.change_set.rows_refused == 0, job.refusals[:3]


def run(order: Order, **parameters: Any) -> None:
    job = prepare_job(order)
    job.parameters |= parameters
    job.save()
    confirm_job(job)
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.refusals) == (Job.State.DONE, [])


@sizes
@pytest.mark.parametrize("make", [import_objects, import_people, import_relationships])
def test_an_import_of_new_changed_and_unchanged_rows(
    workspace: Workspace, tmp_path: Path, make: Callable[..., None], rows: int
) -> None:
    before = fill(workspace, tmp_path, rows // 2)
    more = {"role": "guest"} if make is import_relationships else {"plan": "silver"}
    make(tmp_path, range(rows), **more)
    assert fingerprint() != before
    undo(newest())
    assert fingerprint() == before
    assert not list(find_problems())


@sizes
@pytest.mark.parametrize("kind", [Kind.OBJECTS, Kind.PEOPLE, Kind.RELATIONSHIPS])
def test_a_bulk_deletion(workspace: Workspace, tmp_path: Path, kind: Kind, rows: int) -> None:
    before = fill(workspace, tmp_path, rows)
    every = select_matching(kind, workspace=workspace.pk, query="")
    run(order_deletion(every, actor="ann"))
    assert not Relationship.objects.exists()
    undo(newest())
    assert fingerprint() == before
    assert not list(find_problems())


@sizes
@pytest.mark.parametrize("kind", [Kind.OBJECTS, Kind.PEOPLE, Kind.RELATIONSHIPS])
def test_a_bulk_edit(workspace: Workspace, tmp_path: Path, kind: Kind, rows: int) -> None:
    before = fill(workspace, tmp_path, rows)
    every = select_matching(kind, workspace=workspace.pk, query="")
    values = {"plan": "silver", "name": "One name", "created_at": 5, "new": [1, 1.5, "ä"]}
    run(order_edit(every, actor="ann", removes=False), attributes=values)
    first = newest()
    assert fingerprint() != before
    run(order_edit(every, actor="ann", removes=True), attributes={"plan": None, "name": None})
    undo(newest())
    undo(first)
    assert fingerprint() == before
    assert not list(find_problems())


@sizes
def test_a_bulk_relate(workspace: Workspace, tmp_path: Path, rows: int) -> None:
    before = fill(workspace, tmp_path, 1_000)
    people = Choice(query="", up_to=2**40, count=1_000)
    keys = tuple(Object.objects.order_by("pk").values_list("pk", flat=True)[: rows // 1_000])
    plan = Plan(workspace.pk, people, Choice(keys=keys), 1, {"role": "guest"})
    size = measure_plan(plan)
    run(
        Order(
            kind="relate",
            workspace=workspace.pk,
            actor="ann",
            title="Relate",
            parameters=dump_plan(plan, size.inner, inner_keys(plan, size)),
            total=size.pairs,
        )
    )
    assert Relationship.objects.count() > rows
    undo(newest())
    assert fingerprint() == before
    assert not list(find_problems())
