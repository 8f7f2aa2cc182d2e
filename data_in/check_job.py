"""The job that checks a file as a whole: it reads all of it, and writes nothing of the product."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from django.utils.translation import gettext as _

from data_in.check_report import CheckReport, Entry, Group, LostReport, render_reasons
from data_in.formats.csv import examine, rows
from data_in.formats.encodings import UnusableFile
from data_in.import_calls import (
    ParsedRow,
    cut,
    note_names,
    origin_of,
    parse_rows,
    size_of_row,
    size_of_staged,
)
from data_in.models import Import
from data_in.reading import Reading, check_folder, keep_layout, open_reading
from data_in.repeated import RepeatedKeys
from data_in.settings import Settings, choices_of, parse
from data_in.staging import Names, Stage, read_rows
from data_in.uploads import ORIGINAL_FILE
from operations.doors.jobs import Advance, WorkFailed
from operations.engine import Carried, preview
from operations.engine.carry_store import CarryStore
from operations.engine.collector import paused_collector
from operations.limits import REASON_MAX_CHARS
from operations.models import Job
from operations.results import Change, Outcome, Status
from operations.wire.columns import HeaderError, Kind, Plan, plan_columns

CHUNK_ROWS: Final = 5_000
_CARRIED_FILE: Final = "carried"
_CHANGE_KINDS: Final = {
    Kind.PEOPLE: "person",
    Kind.OBJECTS: "object",
    Kind.RELATIONSHIPS: "relationship",
}


def check_steps(job: Job, *, chunk_rows: int = CHUNK_ROWS) -> Iterator[Advance]:
    """Read the file into rows, then compare them with what is stored, chunk by chunk."""
    row = Import.objects.filter(check_job=job).first()
    if row is None:
        raise WorkFailed(_("The file was set up anew, so another check takes the place of this."))
    folder = check_folder(row)
    try:
        if not job.position:
            yield from _stage(row, folder, job, chunk_rows=chunk_rows)
        check = _Check(row, folder, job)
        try:
            yield from check.steps(chunk_rows=chunk_rows)
        finally:
            check.close()
    except (UnusableFile, HeaderError) as error:
        problem = str(error)[:REASON_MAX_CHARS]
        Import.objects.filter(pk=row.pk).update(problem=problem)
        raise WorkFailed(problem) from None
    except (LostReport, FileNotFoundError):
        raise WorkFailed(_("The files of the check are gone; check the file again.")) from None
    found = {str(group): count for group, count in check.report.counts.items()}
    Import.objects.filter(pk=row.pk, check_job=job).update(found=found, rows=check.rows)


def _stage(row: Import, folder: Path, job: Job, *, chunk_rows: int) -> Iterator[Advance]:
    """Read the whole file once; what is read is of no use before the end, so it cannot pause."""
    settings = parse(row.settings)
    rmtree(folder, ignore_errors=True)
    folder.mkdir()
    # Looking through a file of 2 GB takes a good part of a lease.
    yield Advance(0, may_pause=False)
    with (folder.parent / ORIGINAL_FILE).open("rb") as file:
        layout = examine(file, encoding=settings.encoding, delimiter=settings.delimiter)
        read = rows(file, layout)
        _line, header = next(read, (0, []))
        if not isinstance(header, list) or not header:
            raise UnusableFile("the first row, which has to name the columns, cannot be read")
        plan = _plan(row, settings, header)
        keep_layout(folder, layout, header)
        origin = origin_of(job)
        count = 0
        with Stage(folder) as stage, Names(folder, rows=layout.lines + 1) as names:
            for some in cut(read, chunk_rows, size_of=size_of_row):
                stage.write(some)
                note_names(some, plan, origin=origin, names=names)
                count += len(some)
                yield Advance(0, may_pause=False)
    job.position = [0, 0, 0]
    yield Advance(0, (0, 0, 0), total=count)


def _plan(row: Import, settings: Settings, header: list[str]) -> Plan:
    number = row.object_type_number
    choices = choices_of(settings, kind=Kind(row.kind), object_type_number=number)
    return plan_columns(header, choices)


class _Check:
    """Compares staged rows with what is stored, and writes what it finds.

    Its position: the number of the next chunk, the place where it begins, the rows before it,
    and that of the report.
    """

    def __init__(self, row: Import, folder: Path, job: Job) -> None:
        self.step, self.place, self.rows, *report = job.position
        self.folder = folder
        self.reading: Reading = open_reading(row)
        self.origin = origin_of(job)
        self.report = CheckReport(folder, report)
        self.names = Names(folder)
        self.store = CarryStore(folder / _CARRIED_FILE, step=self.step)
        self.carried = Carried(self.store, may_return=self.names.may_return)
        self.repeated = RepeatedKeys(self.store, self.names)

    def steps(self, *, chunk_rows: int) -> Iterator[Advance]:
        """Go on from the position to the end."""
        staged = read_rows(self.folder, place=self.place)
        for chunk in cut(staged, chunk_rows, size_of=size_of_staged):
            self.store.step = self.step
            with paused_collector():
                parsed = parse_rows(chunk, self.reading.plan, origin=self.origin)
                outcomes = preview([each.call for each in parsed], carried=self.carried).outcomes
                self._write(parsed, outcomes)
            self.step += 1
            self.place, self.rows = chunk[-1].ends_at, self.rows + len(chunk)
            self.report.flush()
            yield Advance(self.rows, (self.step, self.place, self.rows, *self.report.position))

    def close(self) -> None:
        """Have everything on the disk, and let go of it."""
        self.report.close()
        self.names.close()
        self.store.close()

    def _write(self, parsed: Sequence[ParsedRow], outcomes: Sequence[Outcome]) -> None:
        kind = _CHANGE_KINDS[self.reading.plan.choices.kind]
        repeated = self.repeated.find(parsed)
        groups: dict[Group, list[Entry]] = {group: [] for group in Group}
        for each, outcome, again in zip(parsed, outcomes, repeated, strict=True):
            place = each.row.begins_at
            group = _GROUPS[outcome.status]
            said = outcome.rejections if group is Group.REFUSED else outcome.warnings
            reasons = render_reasons(said)
            changes = list(_changes(outcome.changes, kind)) if group is Group.UPDATED else []
            groups[group].append((place, reasons, changes))
            if group is not Group.REFUSED and (outcome.warnings or again):
                groups[Group.WARNINGS].append((place, [*reasons, *again], []))
        for group, entries in groups.items():
            self.report.write(group, entries)


_GROUPS: Final = {
    Status.CREATED: Group.CREATED,
    Status.UPDATED: Group.UPDATED,
    Status.DELETED: Group.DELETED,
    Status.UNCHANGED: Group.UNCHANGED,
    Status.DUPLICATE: Group.UNCHANGED,
    Status.SKIPPED: Group.SKIPPED,
    Status.REFUSED: Group.REFUSED,
}


def _changes(changes: Sequence[Change], kind: str) -> Iterator[list[Any]]:
    """Give the values that differ, attributes with the prefix of their columns."""
    for change in changes:
        if change.kind != kind:
            continue
        for part, field in (("identifiers", ""), ("attributes", "attributes.")):
            before: Any = (change.before or {}).get(part) or {}
            after: Any = (change.after or {}).get(part) or {}
            for name in {**before, **after}:
                yield [field, name, before.get(name), after.get(name)]
