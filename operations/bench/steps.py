"""The steps of a series, each run by a process of its own so that its memory is its own."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from objects.models import ObjectType
from operations.bench.data import Batch, Kind
from operations.bench.floor import TABLES, measure_floor
from operations.bench.measure import Meter, can_see_the_server, peak_memory_mb
from operations.bench.packaged import measure_packaged
from operations.doors.origin import origin_from
from operations.engine import apply_stream, open_change_set
from operations.models import Activity, ChangeSet
from operations.results import Status
from operations.types import Call, Door, Origin, SaveObjectType
from workspaces.models import Workspace

MEASURED: Final = "Bench"
WARM_UP: Final = "Bench warm-up"
WARM_UP_ROWS: Final = 500
WARM_UP_FIRST: Final = 9_000_000
CALLS_IN_MEMORY: Final = 200_000
MICROSECONDS: Final = 1_000_000


class Way(StrEnum):
    """Which way in is measured: the engine by itself, or the import of a CSV file."""

    APPLY = "apply"
    IMPORT = "import"


class Step(StrEnum):
    """What one process does."""

    PREPARE = "prepare"
    NEW = "new"
    FLOOR = "floor"
    UNCHANGED = "unchanged"
    UPDATE = "update"
    PACKAGED = "packaged"


EXPECTED: Final = {
    Step.NEW: Status.CREATED,
    Step.UNCHANGED: Status.UNCHANGED,
    Step.UPDATE: Status.UPDATED,
}


class WrongOutcomeError(RuntimeError):
    """The engine did something else than what the step measures."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one step cost, per row; server time is absent where it cannot be seen."""

    client_us: float
    server_us: float | None
    rows_per_second: float
    peak_mb: float

    @property
    def cpu_us(self) -> float:
        """Add up both sides."""
        return self.client_us + (self.server_us or 0.0)


def run_step(step: Step, batch: Batch, *, way: Way) -> Figures | None:
    """Do one step in the scratch database that this process is connected to."""
    match step:
        case Step.PREPARE:
            _prepare(batch)
            return None
        case Step.NEW | Step.UNCHANGED | Step.UPDATE:
            edition = 1 if step is Step.UPDATE else 0
            meter = _measure_engine(step, replace(batch, edition=edition), way=way)
        case Step.FLOOR:
            meter = measure_floor(batch.kind, workspace_id=_workspace_id(MEASURED))
        case Step.PACKAGED:
            workspace_id = _workspace_id(MEASURED)
            object_type = ObjectType.objects.for_workspace(workspace_id).get(number=1)
            meter = measure_packaged(
                batch, workspace_id=workspace_id, object_type_key=object_type.pk
            )
    return figures_of(meter, rows=batch.size)


def _prepare(batch: Batch) -> None:
    warm_up = _warm_up(batch.kind)
    for name, made in ((WARM_UP, warm_up), (MEASURED, batch)):
        workspace = Workspace.objects.create(name=name)
        origin = _origin(workspace.pk)
        type_call = SaveObjectType(number=1, name="Companies", singular_name="Company")
        _apply([Call(origin, (type_call,))], origin=origin)
        for needed in made.needed():
            _apply(needed.calls(needed.numbers(), origin=origin), origin=origin)
    for edition in (0, 1):
        replace(warm_up, edition=edition).write_csv(_file(WARM_UP, edition=edition))
        replace(batch, edition=edition).write_csv(_file(MEASURED, edition=edition))
    # Autovacuum does the same in any database that lives longer than a bench.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure_engine(step: Step, batch: Batch, *, way: Way) -> Meter:
    run = _run_import if way is Way.IMPORT else _run_apply
    run(Meter(), _warm_up(batch.kind, edition=batch.edition), name=WARM_UP)
    before = _trace(batch)
    meter = Meter()
    counts = run(meter, batch, name=MEASURED)
    taken = counts.get(EXPECTED[step], 0)
    if taken != batch.size:
        raise WrongOutcomeError(f"{taken} of {batch.size} rows were {EXPECTED[step]}: {counts}")
    if step is Step.UNCHANGED and _trace(batch) != before:
        raise WrongOutcomeError("unchanged rows left new row versions or activity")
    return meter


def _run_apply(meter: Meter, batch: Batch, *, name: str) -> dict[Status, int]:
    origin = _origin(_workspace_id(name))
    change_set = open_change_set(origin)
    totals = dict.fromkeys(Status, 0)
    for numbers in _parts(batch.numbers()):
        calls = batch.calls(numbers, origin=origin)
        with meter:
            counts = apply_stream(calls, change_set=change_set)
        for status, count in counts.items():
            totals[status] += count
    return totals


def _run_import(meter: Meter, batch: Batch, *, name: str) -> dict[Status, int]:
    path = _file(name, edition=batch.edition)
    output = io.StringIO()
    before = _totals(_workspace_id(name))
    with meter:
        call_command("import_csv", str(path), *_choices(batch.kind, workspace=name), stdout=output)
    after = _totals(_workspace_id(name))
    return {status: after[status] - before[status] for status in after}


def _choices(kind: Kind, *, workspace: str) -> list[str]:
    choices = [f"--kind={kind}", f"--workspace={workspace}"]
    if kind is not Kind.PEOPLE:
        choices.append("--type=1")
    if kind is not Kind.OBJECTS:
        choices.append("--identifier=id")
    return choices


def _warm_up(kind: Kind, *, edition: int = 0) -> Batch:
    """Make rows apart: django-import-export finds people by id in any workspace."""
    return Batch(kind, WARM_UP_ROWS, edition, first=WARM_UP_FIRST)


def _parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while part := list(islice(rest, CALLS_IN_MEMORY)):
        yield part


def _totals(workspace_id: int) -> dict[Status, int]:
    columns = {
        Status.CREATED: "rows_created",
        Status.UPDATED: "rows_updated",
        Status.UNCHANGED: "rows_unchanged",
        Status.REFUSED: "rows_refused",
    }
    rows = ChangeSet.objects.filter(workspace=workspace_id)
    sums = rows.aggregate(**{column: Sum(column, default=0) for column in columns.values()})
    return {status: sums[column] for status, column in columns.items()}


def _trace(batch: Batch) -> tuple[Any, ...]:
    """Read what shows that a row was written again, or that something was logged."""
    versions = (
        "md5(string_agg(ctid::text || xmin::text, ',' ORDER BY id))"
        if connection.vendor == "postgresql"
        else "sum(version), max(updated_at)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), {versions} FROM {TABLES[batch.kind]} WHERE workspace_id = %s",  # noqa: S608, our names
            [_workspace_id(MEASURED)],
        )
        return (Activity.objects.count(), *cursor.fetchone())


def _apply(calls: Iterable[Call], *, origin: Origin) -> None:
    counts = apply_stream(calls, change_set=open_change_set(origin))
    if counts[Status.REFUSED]:
        raise WrongOutcomeError(f"the rows that were to be there before were refused: {counts}")


def _origin(workspace_id: int) -> Origin:
    return origin_from(workspace_id=workspace_id, door=Door.CSV, actor="bench")


def _workspace_id(name: str) -> int:
    return Workspace.objects.get(name=name).pk


def _file(name: str, *, edition: int) -> Path:
    return Path(settings.DATA_DIR) / f"{name} {edition}.csv"


def figures_of(meter: Meter, *, rows: int) -> Figures:
    """Say what each row cost."""
    server = meter.server_seconds / rows * MICROSECONDS if can_see_the_server() else None
    return Figures(
        client_us=meter.client_seconds / rows * MICROSECONDS,
        server_us=server,
        rows_per_second=rows / meter.wall_seconds,
        peak_mb=peak_memory_mb(),
    )
