"""Measures an export to a file beside the floor: the same columns as the database gives them."""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from operations.bench.data import Batch, Kind
from operations.bench.measure import Meter
from operations.bench.scratch import Scratch, run_manage
from operations.bench.steps import (
    MEASURED,
    WARM_UP,
    WARM_UP_FIRST,
    WARM_UP_ROWS,
    Figures,
    WrongOutcomeError,
    figures_of,
)
from operations.doors.exports import LOOKUPS
from operations.doors.origin import origin_from
from operations.doors.selection import MODELS
from operations.engine import apply_stream, open_change_set
from operations.types import Call, Door, SaveObjectType
from operations.wire.columns import Kind as Rows
from workspaces.models import Workspace

# G10: CPU beside COPY TO, and beside a plain cursor with csv.writer.
AIMS: Final = {"postgresql": 2.0, "sqlite": 1.5}
FLOORS: Final = {"postgresql": "COPY TO", "sqlite": "cursor and csv.writer"}
MEMORY_MAX_MB: Final = 200
_ROWS_AT_ONCE: Final = 2_000
_CALLS_AT_ONCE: Final = 100_000


class Part(StrEnum):
    """What one process does."""

    PREPARE = "prepare"
    OURS = "ours"
    FLOOR = "floor"


def measure_exports(kind: Kind, size: int, scratch: Scratch) -> dict[Part, Figures]:
    """Measure the export of so many rows in a fresh database."""
    scratch.renew()
    found: dict[Part, Figures] = {}
    for part in Part:
        argument = json.dumps({"kind": kind, "part": part, "size": size})
        printed = run_manage("bench", "export-part", argument, environment=scratch.environment())
        if part is not Part.PREPARE:
            found[part] = Figures(**json.loads(printed.splitlines()[-1]))
    return found


def run_export_part(argument: str) -> str:
    """Do one part in the scratch database that this process is connected to."""
    read = json.loads(argument)
    batch, part = Batch(Kind(read["kind"]), read["size"]), Part(read["part"])
    if part is Part.PREPARE:
        _prepare(batch)
        return ""
    measure = _export if part is Part.OURS else _floor
    measure(Meter(), batch.kind, name=WARM_UP)
    meter = Meter()
    lines = measure(meter, batch.kind, name=MEASURED)
    if lines != batch.size:
        raise WrongOutcomeError(f"{lines} of {batch.size} rows were written")
    return json.dumps(asdict(figures_of(meter, rows=batch.size)))


def render_exports(
    kind: Kind, size: int, figures: dict[Part, Figures], *, vendor: str
) -> Iterator[str]:
    """Write what was measured beside the aim."""
    names = {Part.OURS: "export_csv", Part.FLOOR: FLOORS[vendor]}
    yield ""
    yield f"export of {size:,} {kind} on {vendor}: CPU microseconds per row"
    for part, name in names.items():
        each = figures[part]
        server = "-" if each.server_us is None else f"{each.server_us:.1f}"
        yield (
            f"  {name:<22}{each.cpu_us:>7.1f}  client {each.client_us:>6.1f}  server {server:>6}"
            f"  {each.rows_per_second:>9,.0f} a second  {each.peak_mb:>5.0f} MB"
        )
    ours, aim = figures[Part.OURS], AIMS[vendor]
    times = ours.cpu_us / figures[Part.FLOOR].cpu_us
    yield f"  {times:.2f}x of the floor (aim {aim:g}x: {_met(times <= aim)})"
    memory = _met(ours.peak_mb <= MEMORY_MAX_MB)
    yield f"  {ours.peak_mb:.0f} MB (aim {MEMORY_MAX_MB} MB: {memory})"


def _prepare(batch: Batch) -> None:
    warm_up = Batch(batch.kind, WARM_UP_ROWS, first=WARM_UP_FIRST)
    for name, made in ((WARM_UP, warm_up), (MEASURED, batch)):
        workspace = Workspace.objects.create(name=name)
        origin = origin_from(workspace_id=workspace.pk, door=Door.CSV, actor="bench")
        made_type = SaveObjectType(number=1, name="Companies", singular_name="Company")
        apply_stream([Call(origin, (made_type,))], change_set=open_change_set(origin))
        for each in (*made.needed(), made):
            numbers = each.numbers()
            for start in range(0, len(numbers), _CALLS_AT_ONCE):
                calls = each.calls(numbers[start : start + _CALLS_AT_ONCE], origin=origin)
                apply_stream(calls, change_set=open_change_set(origin))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _export(meter: Meter, kind: Kind, *, name: str) -> int:
    path = _file("export.csv")
    with meter:
        call_command("export_csv", f"--kind={kind}", f"--workspace={name}", f"--out={path}")
    return _count_lines(path)


def _floor(meter: Meter, kind: Kind, *, name: str) -> int:
    path = _file("floor.csv")
    statement, parameters = _statement(Rows(kind), name)
    write: Callable[..., None] = _WAYS[connection.vendor]
    with meter:
        write(path, statement, parameters)
    return _count_lines(path)


def _statement(kind: Rows, name: str) -> tuple[str, tuple[Any, ...]]:
    """Read the same columns in the same order, the attributes as the database keeps them."""
    manager: Any = MODELS[kind]._default_manager
    rows = manager.for_workspace(Workspace.objects.get(name=name)).order_by("pk")
    query = rows.values_list("pk", *LOOKUPS[kind], "attributes").query
    found: tuple[str, tuple[Any, ...]] = query.sql_with_params()
    return found


def _copy(path: Path, statement: str, parameters: tuple[Any, ...]) -> None:
    written = f"COPY ({statement}) TO STDOUT (FORMAT csv, HEADER)"
    connection.ensure_connection()
    with (
        path.open("wb") as file,
        connection.connection.cursor() as cursor,
        cursor.copy(written, parameters) as copy,
    ):
        for block in copy:
            file.write(block)


def _walk(path: Path, statement: str, parameters: tuple[Any, ...]) -> None:
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as plain,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        cursor = plain.execute(statement.replace("%s", "?"), parameters)
        writer = csv.writer(file)
        writer.writerow(column[0] for column in cursor.description)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            writer.writerows(rows)


_WAYS: Final = {"postgresql": _copy, "sqlite": _walk}


def _count_lines(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _row in csv.reader(file)) - 1


def _file(name: str) -> Path:
    return Path(settings.DATA_DIR) / name


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"
