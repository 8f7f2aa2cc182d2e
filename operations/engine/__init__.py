"""The engine: the only code that writes people, objects, relationships and what hangs on them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from django.db import transaction

from operations.engine.batch import Checked, check, preview_batch, run_batch
from operations.engine.carry import Carried
from operations.engine.collector import collect_young, paused_collector
from operations.engine.record import Checkpoint, Checkpointer, LostLease, create_change_set
from operations.engine.statistics import Statistics
from operations.engine.validate import validate
from operations.results import Result, Status
from operations.types import Call, Origin

__all__ = [
    "Carried",
    "Checkpoint",
    "Checkpointer",
    "LostLease",
    "apply",
    "apply_steps",
    "apply_stream",
    "open_change_set",
    "preview",
]

Progress = Callable[[Sequence[Call], Result], None]
Chunk = tuple[Sequence[Checked], Checkpointer | None]

# A quarter of a second on SQLite, whose other writers wait that long; smaller chunks write the
# pages of people and objects more often.
_CHUNK_CALLS: Final = 5_000
_CHUNKS_PER_COLLECTION: Final = 8
# Attributes of 100 kB in every call would otherwise fill the memory.
_CHUNK_BYTES: Final = 8_000_000


def apply(
    calls: Sequence[Call],
    *,
    change_set: int | None = None,
    checkpoint: Checkpointer | None = None,
) -> Result:
    """Apply calls in one transaction; each of them wholly or not at all, the others regardless."""
    return run_batch(check(calls), change_set=change_set, checkpoint=checkpoint)


def apply_stream(
    calls: Iterable[Call],
    *,
    change_set: int | None = None,
    progress: Progress | None = None,
) -> dict[Status, int]:
    """Apply any number of calls in chunks, each its own short transaction.

    `progress` is told the calls of each chunk and what became of them, in order, after the chunk
    is committed. Returns how many calls ended in which way.
    """
    totals = dict.fromkeys(Status, 0)
    chunks = ((chunk, None) for chunk in _chunks(calls))
    for chunk, result in _apply_chunks(chunks, change_set=change_set):
        for status, count in result.counts().items():
            totals[status] += count
        if progress is not None:
            progress([call for call, _ in chunk], result)
    return totals


def apply_steps(
    steps: Iterable[tuple[Sequence[Call], Checkpointer]], *, change_set: int | None = None
) -> Iterator[Result]:
    """Apply the steps of a job one by one, each in one transaction with its checkpoint.

    Gives the result of each step once it is committed; whoever takes no more stops the job.
    """
    chunks = ((check(calls), checkpoint) for calls, checkpoint in steps)
    for _, result in _apply_chunks(chunks, change_set=change_set):
        yield result


def preview(calls: Sequence[Call], *, carried: Carried | None = None) -> Result:
    """Work out what `apply` would do; the outcomes carry the changes, and nothing is written.

    `carried` is what the batches before have changed in a preview of many, such as a file.
    """
    return preview_batch(check(calls), carried=carried)


def open_change_set(origin: Origin) -> int:
    """Begin a change set, under which a bulk action can be shown and undone; returns its key."""
    with transaction.atomic():
        return create_change_set(origin)


def _apply_chunks(
    chunks: Iterable[Chunk], *, change_set: int | None
) -> Iterator[tuple[Sequence[Checked], Result]]:
    statistics = Statistics()
    with paused_collector():
        for number, (chunk, checkpoint) in enumerate(chunks, start=1):
            result = run_batch(chunk, change_set=change_set, checkpoint=checkpoint)
            yield chunk, result
            statistics.add(result.counts()[Status.CREATED])
            if number % _CHUNKS_PER_COLLECTION == 0:
                collect_young()
        statistics.finish()


def _chunks(calls: Iterable[Call]) -> Iterator[list[Checked]]:
    chunk: list[Checked] = []
    size = 0
    for call in calls:
        checked = validate(call)
        chunk.append(checked)
        size += checked[1].size
        if len(chunk) >= _CHUNK_CALLS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
