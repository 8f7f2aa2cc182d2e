"""Run the rows of a file through the engine, each outcome reported in the order of the file."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from data_in.import_calls import note_names
from data_in.staging import Names
from operations.engine import Carried, apply_stream, preview
from operations.engine.carry_store import CarryStore
from operations.errors import Rejection
from operations.results import Outcome, Result
from operations.types import Call, Operation, Origin
from operations.wire.columns import Plan
from operations.wire.rows import Row, parse_row

PREVIEW_CHUNK_ROWS: Final = 5_000


class Report(Protocol):
    """What hears of the rows, in the order of the file."""

    def row(self, line: int, cells: list[str], outcome: Outcome) -> None:
        """Hear what became of one row."""


class RowImport:
    """Reads rows as calls, and pairs what the engine answers with the rows again.

    `read` gives the rows from the first one on, each time it is called.
    """

    def __init__(
        self, read: Callable[[], Iterable[Row]], plan: Plan, *, origin: Origin, report: Report
    ) -> None:
        self._read = read
        self._plan = plan
        self._origin = origin
        self._report = report
        self._waiting: deque[tuple[int, list[str]]] = deque()

    def apply(self, change_set: int, *, progress: Callable[[], None]) -> None:
        """Apply every row, chunk by chunk, within one change set."""

        def settle(calls: Sequence[Call], result: Result) -> None:
            self._settle(result.outcomes)
            progress()

        apply_stream(self._calls(), change_set=change_set, progress=settle)

    def preview(
        self, first: tuple[Operation, ...], *, lines: int, progress: Callable[[], None]
    ) -> None:
        """Say what every row would change, each chunk compared with what those before it left.

        `first` is applied before the rows, in memory only: the object type that is to be made.
        """
        with TemporaryDirectory() as name, Names(Path(name), rows=lines + 1) as names:
            note_names(self._read(), self._plan, origin=self._origin, names=names)
            before = [Call(self._origin, (operation,)) for operation in first]
            calls = self._calls()
            with CarryStore(Path(name) / "carried") as store:
                carried = Carried(store, may_return=names.may_return)
                while chunk := [*before, *islice(calls, PREVIEW_CHUNK_ROWS)]:
                    result = preview(chunk, carried=carried)
                    self._settle(result.outcomes[len(before) :])
                    store.step += 1
                    before = []
                    progress()

    def _calls(self) -> Iterator[Call]:
        waiting = self._waiting
        for line, cells in self._read():
            if isinstance(cells, Rejection):
                waiting.append((line, []))
                yield Call(self._origin, (), refusal=cells)
                continue
            waiting.append((line, cells))
            parsed = parse_row(self._plan, cells, origin=self._origin)
            if isinstance(parsed, Rejection):
                parsed = Call(self._origin, (), refusal=parsed)
            yield parsed

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        waiting, report = self._waiting, self._report.row
        for outcome in outcomes:
            report(*waiting.popleft(), outcome)
