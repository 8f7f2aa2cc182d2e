"""Run the rows of a file through the engine, each outcome reported in the order of the file."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final, Protocol

from operations.engine import apply_stream, preview
from operations.errors import Rejection
from operations.results import Outcome, Result, Status
from operations.types import Call, Operation, Origin
from operations.wire.columns import Choices, Plan
from operations.wire.rows import Row, parse_row

PREVIEW_CHUNK_ROWS: Final = 5_000
_WAITING_MAX_ROWS: Final = 10_000

_Waiting = tuple[int, list[str], Rejection | None]


class Report(Protocol):
    """What hears of the rows, in the order of the file."""

    def row(self, line: int, cells: list[str], outcome: Outcome) -> None:
        """Hear what became of one row."""


class RowImport:
    """Reads rows as calls, and pairs what the engine answers with the rows again.

    A row that cannot be read never reaches the engine; it waits until the rows before it are
    answered. When many wait, the stream of calls ends early, so that memory stays flat.
    """

    def __init__(self, rows: Iterator[Row], plan: Plan, *, origin: Origin, report: Report) -> None:
        self._rows = rows
        self._plan = plan
        self._origin = origin
        self._report = report
        self._waiting: deque[_Waiting] = deque()
        self._is_finished = False

    @property
    def choices(self) -> Choices:
        """Give the choices that the rows are read by."""
        return self._plan.choices

    def apply(self, change_set: int, *, progress: Callable[[], None]) -> None:
        """Apply every row, chunk by chunk, within one change set."""

        def settle(calls: Sequence[Call], result: Result) -> None:
            self._settle(result.outcomes)
            progress()

        while not self._is_finished:
            apply_stream(self._calls(), change_set=change_set, progress=settle)
            self._flush()

    def preview(self, first: tuple[Operation, ...], *, progress: Callable[[], None]) -> None:
        """Say what every row would change, each chunk compared with what is stored.

        `first` is applied before each chunk, in memory only: the object type that is to be made.
        """
        before = [Call(self._origin, (operation,)) for operation in first]
        while not self._is_finished:
            calls = list(islice(self._calls(), PREVIEW_CHUNK_ROWS))
            result = preview([*before, *calls])
            self._settle(result.outcomes[len(before) :])
            self._flush()
            progress()

    def _calls(self) -> Iterator[Call]:
        refused = 0
        for line, cells in self._rows:
            if isinstance(cells, Rejection):
                parsed: Call | Rejection = cells
                cells = []
            else:
                parsed = parse_row(self._plan, cells, origin=self._origin)
            if isinstance(parsed, Call):
                self._waiting.append((line, cells, None))
                yield parsed
                continue
            self._waiting.append((line, cells, parsed))
            refused += 1
            if refused >= _WAITING_MAX_ROWS:
                return
        self._is_finished = True

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        waiting, report = self._waiting, self._report.row
        for outcome in outcomes:
            if waiting[0][2] is not None:
                self._flush()
            line, cells, _ = waiting.popleft()
            report(line, cells, outcome)

    def _flush(self) -> None:
        """Report the unreadable rows for which nothing before them is unanswered."""
        while self._waiting and (rejection := self._waiting[0][2]) is not None:
            line, cells, _ = self._waiting.popleft()
            self._report.row(line, cells, Outcome(Status.REFUSED, (rejection,)))
