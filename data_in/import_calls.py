"""The staged rows of an import as calls to the engine, in chunks that fit into memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from msgspec import structs

from data_in.staging import Names, StagedRow
from operations.doors.origin import origin_from
from operations.engine.carry_names import names_of_operation, way_of_operation
from operations.errors import Rejection
from operations.masking import hidden_names
from operations.models import Job
from operations.types import Call, Door, HiddenNames, Json, Origin
from operations.wire.columns import Plan
from operations.wire.rows import Row, parse_row

RowT = TypeVar("RowT")
# As the engine cuts what it applies by itself.
_CHUNK_BYTES: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A staged row with its call; one that cannot be read is refused in its place."""

    row: StagedRow
    call: Call


def parse_rows(rows: Sequence[StagedRow], plan: Plan, *, origin: Origin) -> list[ParsedRow]:
    """Read rows as calls, one for each."""
    found = []
    for row in rows:
        parsed: Call | Rejection | None = row.rejection
        if parsed is None:
            parsed = parse_row(plan, row.cells, origin=origin)
        if isinstance(parsed, Rejection):
            parsed = Call(origin, (), refusal=parsed)
        found.append(ParsedRow(row, parsed))
    return found


def note_names(rows: Iterable[Row], plan: Plan, *, origin: Origin, names: Names) -> None:
    """Note what rows name, before any of them is compared with what is stored.

    Their attributes are not read: a row that is refused for one of them only names too much.
    """
    keys = replace(plan, attributes=(), typed=())
    for _line, cells in rows:
        parsed = cells if isinstance(cells, Rejection) else parse_row(keys, cells, origin=origin)
        if isinstance(parsed, Rejection):
            continue
        operation = parsed.operations[0]
        names.note_way(way_of_operation(operation))
        for name in names_of_operation(operation):
            names.add(name)


def cut(
    rows: Iterable[RowT], chunk_rows: int, *, size_of: Callable[[RowT], int]
) -> Iterator[list[RowT]]:
    """Give rows in chunks of so many, or of 8 MB."""
    chunk: list[RowT] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += size_of(row)
        if len(chunk) >= chunk_rows or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def size_of_row(row: Row) -> int:
    """Measure a row as it was read."""
    return 0 if isinstance(row[1], Rejection) else sum(map(len, row[1]))


def size_of_staged(row: StagedRow) -> int:
    """Measure a row as it lies in the file of staged ones."""
    return row.ends_at - row.begins_at


def render_hidden() -> Json:
    """Write what is hidden from whoever asks for an import, for the job that reads for nobody."""
    hidden = hidden_names()
    return {name: sorted(getattr(hidden, name)) for name in hidden.__struct_fields__}


def with_hidden(origin: Origin, job: Job) -> Origin:
    """Say in an origin what is hidden from whoever asked."""
    stored: Any = job.parameters.get("hidden") or {}
    hidden = HiddenNames(**{name: frozenset(names) for name, names in stored.items()})
    return structs.replace(origin, hidden=hidden)


def origin_of(job: Job) -> Origin:
    """Say who asked for a check, and when it began."""
    origin = origin_from(workspace_id=job.workspace_id, door=Door.CSV, actor=job.actor)
    origin = structs.replace(origin, received_at=job.started_at or origin.received_at)
    return with_hidden(origin, job)
