"""Renders what was measured as a table, beside the aims and whether each is met."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from operations.bench.data import Kind
from operations.bench.series import Line
from operations.bench.steps import Step, Way

GROWTH_FROM_ROWS: Final = 10_000
MEMORY_MAX_MB: Final = 200


@dataclass(frozen=True, slots=True)
class Aims:
    """G1 to G5 for one kind of rows on one database."""

    new_to_floor: float
    unchanged_to_floor: float
    packaged_to_engine: float | None
    growth: float


AIMS: Final = {
    ("postgresql", Kind.OBJECTS): Aims(1.8, 0.8, 60, 1.05),
    ("postgresql", Kind.PEOPLE): Aims(1.8, 0.8, 60, 1.05),
    ("postgresql", Kind.RELATIONSHIPS): Aims(2.0, 0.8, 120, 1.10),
    ("sqlite", Kind.OBJECTS): Aims(2.5, 1.0, 80, 1.10),
    ("sqlite", Kind.PEOPLE): Aims(2.5, 1.0, 80, 1.10),
    ("sqlite", Kind.RELATIONSHIPS): Aims(2.5, 1.0, None, 1.10),
}
LABELS: Final = {
    Step.FLOOR: "raw floor",
    Step.NEW: "engine, new rows",
    Step.UNCHANGED: "engine, unchanged again",
    Step.UPDATE: "engine, merge update",
    Step.PACKAGED: "django-import-export",
}
HEADER: Final = (
    f"{'rows':>9}  {'path':<24}{'us/row':>9}{'client':>9}{'server':>9}{'rows/s':>10}"
    f"{'peak MB':>9}  ratio"
)


def render_report(lines: Sequence[Line], *, kind: Kind, vendor: str, way: Way) -> Iterator[str]:
    """Write the table of one kind of rows on one database."""
    aims = AIMS[vendor, kind]
    yield ""
    yield f"{kind} on {vendor}, {way}: CPU microseconds per row, median of the runs"
    yield HEADER
    for size in dict.fromkeys(line.size for line in lines):
        steps = {line.step: line for line in lines if line.size == size}
        yield from _rows(steps, aims=aims, way=way)
    yield from _growth(lines, aims=aims)
    if any(line.median.server_us is None for line in lines):
        yield "The server's CPU time cannot be seen from here: the figures are the client's."


def _rows(steps: dict[Step, Line], *, aims: Aims, way: Way) -> Iterator[str]:
    for step, label in LABELS.items():
        if step not in steps:
            continue
        median = steps[step].median
        server = "-" if median.server_us is None else f"{median.server_us:.1f}"
        yield (
            f"{steps[step].size:>9,}  {label:<24}{median.cpu_us:>9.1f}{median.client_us:>9.1f}"
            f"{server:>9}{median.rows_per_second:>10,.0f}{median.peak_mb:>9.0f}"
            f"  {_ratio(step, steps, aims=aims)}{_memory(step, steps, way=way)}"
        )


def _ratio(step: Step, steps: dict[Step, Line], *, aims: Aims) -> str:
    cost = steps[step].median.cpu_us
    match step:
        case Step.PACKAGED:
            times = cost / steps[Step.NEW].median.cpu_us
            if aims.packaged_to_engine is None:
                return f"{times:.0f}x of the engine"
            aim = aims.packaged_to_engine
            met = _met(times >= aim)
            return f"{times:.0f}x of the engine (aim at least {aim:g}x: {met})"
        case Step.NEW:
            return _to_floor(cost, steps, aim=aims.new_to_floor)
        case Step.UNCHANGED:
            return _to_floor(cost, steps, aim=aims.unchanged_to_floor) + ", no trace left"
        case Step.UPDATE:
            return f"{cost / steps[Step.FLOOR].median.cpu_us:.2f}x of the floor"
        case Step.FLOOR | Step.PREPARE:
            return ""


def _to_floor(cost: float, steps: dict[Step, Line], *, aim: float) -> str:
    times = cost / steps[Step.FLOOR].median.cpu_us
    return f"{times:.2f}x of the floor (aim {aim:g}x: {_met(times <= aim)})"


def _memory(step: Step, steps: dict[Step, Line], *, way: Way) -> str:
    if step is not Step.NEW or way is not Way.IMPORT:
        return ""
    peak = max(figures.peak_mb for figures in steps[step].runs)
    return f", {peak:.0f} MB (aim {MEMORY_MAX_MB} MB: {_met(peak <= MEMORY_MAX_MB)})"


def _growth(lines: Sequence[Line], *, aims: Aims) -> Iterator[str]:
    for step in (Step.NEW, Step.FLOOR):
        costs = {
            line.size: line.median.cpu_us
            for line in lines
            if line.step is step and line.size >= GROWTH_FROM_ROWS
        }
        if len(costs) <= 1:
            continue
        small, large = min(costs), max(costs)
        exponent = 1 + math.log(costs[large] / costs[small]) / math.log(large / small)
        verdict = f" (aim {aims.growth:g}: {_met(exponent <= aims.growth)})"
        yield (
            f"{LABELS[step]}: cost grows with the number of rows to the power {exponent:.2f}"
            f" from {small:,} to {large:,}{verdict if step is Step.NEW else ''}"
        )


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"
