"""What an import tells about its rows: the counts, the first problems and the error file."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from data_in.check_report import render_reasons
from data_in.formats.csv import Layout
from data_in.problem_files import ProblemRows
from operations.errors import Rejection
from operations.results import Outcome, Status
from operations.wire.columns import Plan

SHOWN_PROBLEMS_MAX: Final = 20
_COUNTED: Final = (
    Status.CREATED,
    Status.UPDATED,
    Status.UNCHANGED,
    Status.SKIPPED,
    Status.REFUSED,
)


class ErrorFile:
    """Refused rows with the reason, in the layout of the file that they came from.

    It is made at the first refused row, and can be corrected and imported as it is.
    """

    def __init__(self, path: Path, plan: Plan, layout: Layout) -> None:
        self.path = path
        self._rows = ProblemRows(plan, layout)
        self._file: BinaryIO | None = None

    @property
    def is_written(self) -> bool:
        """Tell whether there was a refused row."""
        return self._file is not None

    def write(self, line: int, cells: list[str], rejection: Rejection) -> None:
        """Write one refused row."""
        if self._file is None:
            self._file = self.path.open("wb")
            self._file.write(self._rows.header())
        self._file.write(self._rows.row(line, cells, render_reasons([rejection])))

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._file is not None:
            self._file.close()


@dataclass
class ImportReport:
    """Counts the rows and keeps the first problems to show."""

    plan: Plan
    errors: ErrorFile | None
    show: Callable[[str], None]
    rows: int = 0
    warnings: int = 0
    last_line: int = 0
    shown: int = 0
    counts: Counter[Status] = field(default_factory=Counter)

    def row(self, line: int, cells: list[str], outcome: Outcome) -> None:
        """Hear what became of one row."""
        self.rows += 1
        self.last_line = line
        self.counts[outcome.status] += 1
        if outcome.warnings:
            self.warnings += len(outcome.warnings)
            for warning in outcome.warnings:
                self._show(line, "warning", warning)
        if outcome.rejections:
            self._show(line, "refused", outcome.rejections[0])
            if self.errors is not None:
                self.errors.write(line, cells, outcome.rejections[0])

    def table(self) -> list[str]:
        """Say how many rows there were of each kind, one line each."""
        counts = [*((status.value, self.counts[status]) for status in _COUNTED)]
        if self.plan.choices.removes:
            counts.insert(0, (Status.DELETED.value, self.counts[Status.DELETED]))
        counts.append(("warnings", self.warnings))
        return [f"{name:<10}{count:>12,}" for name, count in counts]

    def _show(self, line: int, what: str, problem: Rejection) -> None:
        self.shown += 1
        if self.shown <= SHOWN_PROBLEMS_MAX:
            column = self.plan.column_of(problem.field)
            place = f"line {line}, {column}" if column else f"line {line}"
            self.show(f"{place}: {what}: {problem.message}")
        elif self.shown == SHOWN_PROBLEMS_MAX + 1:
            self.show("more problems follow; the counts below include them")
