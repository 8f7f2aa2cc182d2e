"""Runs the steps of the bench, several times where they are short, and takes the medians."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from operations.bench.data import Batch, Kind
from operations.bench.scratch import Scratch, run_manage
from operations.bench.steps import Figures, Step, Way

REPEATED_UP_TO_ROWS: Final = 100_000
REPEATS: Final = 3
# The floor follows at once on the new rows that it copies.
ENGINE_STEPS: Final = (Step.PREPARE, Step.NEW, Step.FLOOR, Step.UNCHANGED, Step.UPDATE)
PACKAGED_STEPS: Final = (Step.PREPARE, Step.PACKAGED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured of one kind of rows on one database."""

    way: Way
    kind: Kind
    sizes: Sequence[int]
    packaged_sizes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Line:
    """The median of one step at one size, and every run it was taken from."""

    kind: Kind
    size: int
    step: Step
    median: Figures
    runs: tuple[Figures, ...]


def run_plan(plan: Plan, scratch: Scratch, *, tell: Callable[[str], None]) -> Iterator[Line]:
    """Measure everything that the plan names."""
    for size in plan.sizes:
        batch = Batch(plan.kind, size)
        repeats = REPEATS if size <= REPEATED_UP_TO_ROWS else 1
        tell(f"{size:,} {plan.kind}: engine and floor, {repeats} times")
        yield from _lines(batch, ENGINE_STEPS, scratch, way=plan.way, repeats=repeats)
        if size in plan.packaged_sizes:
            tell(f"{size:,} {plan.kind}: django-import-export, once")
            yield from _lines(batch, PACKAGED_STEPS, scratch, way=plan.way, repeats=1)


def step_argument(step: Step, batch: Batch, *, way: Way) -> str:
    """Write what a process has to do as its one argument."""
    return json.dumps({"step": step, "way": way, "batch": asdict(batch)})


def parse_step_argument(text: str) -> tuple[Step, Batch, Way]:
    """Read the argument again."""
    read = json.loads(text)
    given = {**read["batch"], "kind": Kind(read["batch"]["kind"])}
    return Step(read["step"]), Batch(**given), Way(read["way"])


def _lines(
    batch: Batch, steps: Sequence[Step], scratch: Scratch, *, way: Way, repeats: int
) -> Iterator[Line]:
    runs: dict[Step, list[Figures]] = {}
    for _ in range(repeats):
        scratch.renew()
        for step in steps:
            argument = step_argument(step, batch, way=way)
            printed = run_manage("bench", "step", argument, environment=scratch.environment())
            if step is not Step.PREPARE:
                figures = Figures(**json.loads(printed.splitlines()[-1]))
                runs.setdefault(step, []).append(figures)
    for step, measured in runs.items():
        median = sorted(measured, key=lambda figures: figures.cpu_us)[len(measured) // 2]
        yield Line(batch.kind, batch.size, step, median, tuple(measured))
