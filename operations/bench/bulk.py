"""Measures bulk actions: relating all pairs beside a raw load, deleting beside Django's way."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import product
from typing import Final

from django.db import connection

from objects.models import Object
from operations.bench.data import Kind
from operations.bench.floor import measure_floor
from operations.bench.measure import Meter, can_see_the_server, peak_memory_mb
from operations.bench.scratch import Scratch, run_manage
from operations.bench.steps import Figures, WrongOutcomeError
from operations.doors.bulk import order_deletion
from operations.doors.jobs import confirm_job, prepare_job, work_on
from operations.doors.origin import origin_from
from operations.doors.selection import select_matching
from operations.engine import apply_stream, open_change_set
from operations.models import Activity, Job
from operations.results import Status
from operations.types import (
    Attributes,
    Call,
    Door,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
    SaveObjectType,
)
from operations.wire.columns import Kind as Rows
from people.models import Person
from relationships.models import Relationship
from workspaces.models import Workspace

OURS: Final = "Bench"
DJANGOS: Final = "Bench of Django"
WARM_UP: Final = "Bench warm-up"
WARM_UP_ROWS: Final = 300
OBJECTS_OF_A_PERSON: Final = 10
MICROSECONDS: Final = 1_000_000
RELATE_AIM: Final = 2.0
DELETE_AIM: Final = 3.0


class Action(StrEnum):
    """Which bulk action is measured."""

    RELATE = "relate"
    DELETE = "delete"


class Part(StrEnum):
    """What one process does."""

    PREPARE = "prepare"
    OURS = "ours"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a measurement, at one size."""

    action: Action
    part: Part
    size: int

    @property
    def rows(self) -> int:
        """Count what a cost is divided by: pairs of people and objects, or deleted objects."""
        return self.size**2 if self.action is Action.RELATE else self.size


def measure_bulk(action: Action, size: int, scratch: Scratch) -> dict[Part, Figures]:
    """Measure one action at one size in a fresh database."""
    scratch.renew()
    found: dict[Part, Figures] = {}
    for part in Part:
        argument = json.dumps({"action": action, "part": part, "size": size})
        printed = run_manage("bench", "bulk-part", argument, environment=scratch.environment())
        if part is not Part.PREPARE:
            found[part] = Figures(**json.loads(printed.splitlines()[-1]))
    return found


def run_bulk_part(argument: str) -> str:
    """Do one part in the scratch database that this process is connected to."""
    read = json.loads(argument)
    task = Task(Action(read["action"]), Part(read["part"]), read["size"])
    if task.part is Part.PREPARE:
        _prepare(task)
        return ""
    meter = _PARTS[task.action, task.part](task)
    server = meter.server_seconds / task.rows * MICROSECONDS if can_see_the_server() else None
    figures = Figures(
        client_us=meter.client_seconds / task.rows * MICROSECONDS,
        server_us=server,
        rows_per_second=task.rows / meter.wall_seconds,
        peak_mb=peak_memory_mb(),
    )
    return json.dumps(asdict(figures))


def render_bulk(
    action: Action, size: int, figures: dict[Part, Figures], *, vendor: str
) -> Iterator[str]:
    """Write what was measured beside the aim."""
    ours, beside = figures[Part.OURS], figures[Part.BESIDE]
    yield ""
    if action is Action.RELATE:
        yield f"{size:,} people x {size:,} objects on {vendor}: CPU microseconds per pair"
        names = {Part.OURS: "engine, new pairs", Part.BESIDE: "raw floor"}
        times, aim = ours.cpu_us / beside.cpu_us, RELATE_AIM
        verdict = f"{times:.2f}x of the floor (aim {aim:g}x: {_met(times <= aim)})"
    else:
        yield f"{size:,} objects with a relationship each on {vendor}: CPU microseconds per object"
        yield "  Django's way writes no activity and leaves the counts of the people as they were."
        names = {Part.OURS: "bulk deletion", Part.BESIDE: "queryset.delete()"}
        times, aim = beside.cpu_us / ours.cpu_us, DELETE_AIM
        verdict = f"{times:.2f}x cheaper (aim at least {aim:g}x: {_met(times >= aim)})"
    for part, name in names.items():
        each = figures[part]
        server = "-" if each.server_us is None else f"{each.server_us:.1f}"
        yield (
            f"  {name:<20}{each.cpu_us:>9.1f}  client {each.client_us:>7.1f}  server {server:>7}"
            f"  {each.rows_per_second:>9,.0f} a second  {each.peak_mb:>6.0f} MB"
        )
    yield f"  {verdict}"


def _prepare(task: Task) -> None:
    sizes = {OURS: task.size, DJANGOS: task.size, WARM_UP: min(task.size, WARM_UP_ROWS)}
    if task.action is Action.RELATE:
        del sizes[DJANGOS]
        sizes[WARM_UP] = int(sizes[WARM_UP] ** 0.5)
    for name, size in sizes.items():
        workspace = Workspace.objects.create(name=name)
        origin = _origin(workspace.pk)
        _apply((SaveObjectType(number=1, name="Companies", singular_name="Company"),), origin)
        _apply((IdentifyPerson(PersonKey(id=f"person-{n}")) for n in range(size)), origin)
        attributes: Attributes = {"name": "A company", "plan": "team", "employees": 25}
        _apply((IdentifyObject(ObjectKey(f"object-{n}"), attributes) for n in range(size)), origin)
        if task.action is Action.DELETE:
            _apply(_one_relationship_each(size), origin)
    # Autovacuum does the same in any database that lives longer than a bench.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _one_relationship_each(size: int) -> Iterator[Operation]:
    for number in range(size):
        person = PersonKey(id=f"person-{number // OBJECTS_OF_A_PERSON}")
        yield Relate(person, ObjectKey(f"object-{number}"), {"role": "member"})


def _relate(task: Task) -> Meter:
    _relate_all(Meter(), WARM_UP)
    meter = Meter()
    created = _relate_all(meter, OURS)
    if created != task.rows:
        raise WrongOutcomeError(f"{created} of {task.rows} pairs were related")
    return meter


def _relate_all(meter: Meter, name: str) -> int:
    workspace = _workspace_id(name)
    people = list(_ids(Person, workspace, "cio_id"))
    objects = list(_ids(Object, workspace, "cio_object_id"))
    pairs = (
        Relate(PersonKey(cio_id=person), ObjectKey(cio_object_id=related), {"role": "member"})
        for related, person in product(objects, people)
    )
    with meter:
        counts = _apply(pairs, _origin(workspace))
    return counts[Status.CREATED]


def _floor(task: Task) -> Meter:
    return measure_floor(Kind.RELATIONSHIPS, workspace_id=_workspace_id(OURS))


def _delete(task: Task) -> Meter:
    _delete_all(Meter(), WARM_UP)
    meter = Meter()
    job = _delete_all(meter, OURS)
    if job.change_set is None or job.change_set.rows_deleted != task.size:
        raise WrongOutcomeError(f"the job ended {job.state}: {job.message}")
    log = Activity.objects.filter(change_set=job.change_set).count()
    if log != 2 * task.size or Relationship.objects.filter(workspace=job.workspace).exists():
        raise WrongOutcomeError(f"{log} activities were written for {task.size} objects")
    return meter


def _delete_all(meter: Meter, name: str) -> Job:
    with meter:
        chosen = select_matching(
            Rows.OBJECTS, workspace=_workspace_id(name), query="object_type=1"
        )
        job = prepare_job(order_deletion(chosen, actor="bench"))
        confirm_job(job)
        work_on(job.pk)
    job.refresh_from_db()
    return job


def _delete_by_django(task: Task) -> Meter:
    """Delete the same rows with their relationships; it logs nothing and keeps no counts."""
    Object.objects.filter(workspace=_workspace_id(WARM_UP)).delete()
    meter = Meter()
    with meter:
        Object.objects.filter(workspace=_workspace_id(DJANGOS)).delete()
    return meter


_PARTS: Final[dict[tuple[Action, Part], Callable[[Task], Meter]]] = {
    (Action.RELATE, Part.OURS): _relate,
    (Action.RELATE, Part.BESIDE): _floor,
    (Action.DELETE, Part.OURS): _delete,
    (Action.DELETE, Part.BESIDE): _delete_by_django,
}


def _ids(model: type[Object] | type[Person], workspace: int, column: str) -> Iterator[str]:
    rows = model._default_manager.filter(workspace=workspace).order_by("pk")
    yield from rows.values_list(column, flat=True)


def _apply(
    operations: Iterator[Operation] | tuple[Operation, ...], origin: Origin
) -> dict[Status, int]:
    calls = (Call(origin, (operation,)) for operation in operations)
    counts = apply_stream(calls, change_set=open_change_set(origin))
    if counts[Status.REFUSED]:
        raise WrongOutcomeError(f"rows were refused: {counts}")
    return counts


def _origin(workspace_id: int) -> Origin:
    return origin_from(workspace_id=workspace_id, door=Door.BULK, actor="bench")


def _workspace_id(name: str) -> int:
    return Workspace.objects.get(name=name).pk


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"
