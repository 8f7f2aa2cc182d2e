"""The job that imports a checked file, step by step; a crash loses nothing and repeats nothing."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from data_in.check_report import Entry, render_reasons
from data_in.files import Shelf, folder_path
from data_in.import_calls import ParsedRow, cut, parse_rows, size_of_staged, with_hidden
from data_in.models import Import
from data_in.reading import check_folder, open_reading
from data_in.staging import read_rows
from operations.doors.audit import Actor
from operations.doors.audit_files import record_import
from operations.doors.data_index_scans import note_for_reading
from operations.doors.jobs import Step, Subject, WorkFailed
from operations.engine import LostLease
from operations.json import dump
from operations.models import ChangeSet, Job
from operations.results import Result, Status
from operations.types import Door, Origin
from operations.wire.columns import Kind

CHUNK_ROWS: Final = 5_000
ERRORS_FILE: Final = "errors.jsonl"
WARNINGS_FILE: Final = "warnings.jsonl"
_START: Final = (0, 0, 0, 0)


def import_steps(job: Job, origin: Origin, *, chunk_rows: int = CHUNK_ROWS) -> Iterator[Step]:
    """Give the rows of a checked file, from where the job has come.

    The position is the place of the next row, the lengths of the two files of problems, and how
    many rows had warnings.
    """
    row = Import.objects.get(job=job)
    folder = folder_path(Shelf.IMPORTS, row.folder)
    staged = check_folder(row)
    if not staged.exists():
        raise WorkFailed(_("The files of this import are gone; upload the file again."))
    reading = open_reading(row)
    origin = with_hidden(origin, job)
    rows = _Rows(job, folder, is_all_or_nothing=reading.settings.all_or_nothing)
    waiting = read_rows(staged, place=rows.position[0])
    for chunk in cut(waiting, chunk_rows, size_of=size_of_staged):
        parsed = parse_rows(chunk, reading.plan, origin=origin)
        yield Step(
            [each.call for each in parsed],
            rows.position,
            partial(_describe, parsed),
            partial(rows.conclude, parsed),
        )
        # Only here the step is committed: the engine may have concluded it more than once.
        rows.position = rows.concluded


def finish_import(job: Job) -> None:
    """Keep what became of the rows, also when the import stopped half-way; have it indexed."""
    row = Import.objects.select_related("workspace").filter(job=job).first()
    result = count_rows(job)
    if row is None or result == row.result:
        return
    Import.objects.filter(pk=row.pk).update(result=result)
    counts = {name: count for name, count in result.items() if count and name != _WARNINGS}
    if counts:
        record_import(
            Actor(name=job.actor, door=Door.CSV),
            kind=Kind(row.kind),
            workspace=row.workspace,
            counts=counts,
            file=row.file_name,
        )
        note_for_reading(row.workspace)


def count_rows(job: Job) -> dict[str, int]:
    """Count the rows of an import by what became of them, as far as it has come."""
    found = ChangeSet.objects.filter(jobs=job).first()
    position = Job.objects.filter(pk=job.pk).values_list("position", flat=True).first()
    return {
        **{str(status): getattr(found, f"rows_{status}", 0) for status in _COUNTED},
        _WARNINGS: (position or _START)[3],
    }


_WARNINGS: Final = "warnings"
_COUNTED: Final = (
    Status.CREATED,
    Status.UPDATED,
    Status.DELETED,
    Status.UNCHANGED,
    Status.SKIPPED,
    Status.REFUSED,
)


class _Rows:
    """How far an import has come, and what it has written about refused and odd rows."""

    def __init__(self, job: Job, folder: Path, *, is_all_or_nothing: bool) -> None:
        self.position: tuple[int, ...] = tuple(job.position or _START)
        self.concluded = self.position
        self._job = job
        self._folder = folder
        self._is_all_or_nothing = is_all_or_nothing

    def conclude(self, parsed: Sequence[ParsedRow], result: Result) -> tuple[int, ...]:
        """Write down the problems of a step, in the place of an earlier try of it."""
        errors: list[Entry] = []
        warnings: list[Entry] = []
        for each, outcome in zip(parsed, result.outcomes, strict=True):
            if outcome.status is Status.REFUSED:
                if self._is_all_or_nothing:
                    raise WorkFailed(_stopped(each, outcome.rejections[0].message))
                errors.append((each.row.begins_at, render_reasons(outcome.rejections), []))
            elif outcome.warnings:
                warnings.append((each.row.begins_at, render_reasons(outcome.warnings), []))
        _, errors_length, warnings_length, warned = self.position
        self._hold_lease()
        self.concluded = (
            parsed[-1].row.ends_at,
            _write(self._folder / ERRORS_FILE, errors, at=errors_length),
            _write(self._folder / WARNINGS_FILE, warnings, at=warnings_length),
            warned + len(warnings),
        )
        return self.concluded

    def _hold_lease(self) -> None:
        """Make sure, until the commit, that no other worker writes to the same files."""
        held = Job.objects.select_for_update().filter(pk=self._job.pk, lease=self._job.lease)
        if not held.values_list("pk").first():
            raise LostLease


def _write(path: Path, entries: Iterable[Entry], *, at: int) -> int:
    """Write what follows the first bytes of a file; gives its length."""
    text = b"".join(dump(entry) + b"\n" for entry in entries)
    if not text and not path.exists():
        return at
    with _open(path) as file:
        if file.seek(0, os.SEEK_END) == at and not text:
            return at
        file.truncate(at)
        file.seek(at)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return at + len(text)


def _open(path: Path) -> BinaryIO:
    return path.open("r+b" if path.exists() else "w+b")


def _describe(parsed: Sequence[ParsedRow], index: int) -> Subject:
    return Subject(_("Line %(line)s") % {"line": f"{parsed[index].row.line:,}"})


def _stopped(each: ParsedRow, reason: str) -> str:
    message = _(
        "Line %(line)s was refused: %(reason)s. All or nothing was asked for, so the import "
        "stopped here; the rows of earlier steps are in its change set."
    )
    return message % {"line": f"{each.row.line:,}", "reason": reason}
