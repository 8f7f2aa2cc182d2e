"""Exports: what is asked for, and the job that writes its file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from data_in.export_files import (
    PartState,
    Segment,
    Shape,
    load_state,
    pack,
    read_lines,
    store_state,
)
from data_in.export_lines import PIECE_ROWS, Part, make_writer, write_piece
from data_in.export_settings import (
    ExportSettings,
    file_name,
    kinds_of,
    member_names,
    parse,
    parts_of,
    render,
)
from data_in.files import Shelf, folder_path, make_folder, remove_folder
from data_in.models import Export
from operations.doors.jobs import (
    AT_ONCE_MAX_ROWS,
    Advance,
    Order,
    WorkFailed,
    cancel_job,
    confirm_job,
    prepare_job,
)
from operations.doors.origin import read_clock
from operations.doors.selection import select_matching
from operations.engine import LostLease
from operations.limits import REASON_MAX_CHARS
from operations.masking import each_read_for
from operations.models import Job
from operations.types import HiddenNames, Json
from operations.wire.columns import Kind
from workspaces.models import Workspace

KIND: Final = "export"
_FILE: Final = "file"
_NAMES: Final = {
    Kind.PEOPLE: gettext_lazy("people"),
    Kind.OBJECTS: gettext_lazy("objects"),
    Kind.RELATIONSHIPS: gettext_lazy("relationships"),
}
_TELL_AFTER_BYTES: Final = 8_000_000


def order_export(
    workspace: Workspace,
    settings: ExportSettings,
    *,
    actor: str,
    description: str,
    rows: int | None,
) -> Export:
    """Have a file made, at once where `rows` are few; without a number they are many."""
    now = read_clock()
    weight = AT_ONCE_MAX_ROWS + 1 if rows is None else rows
    order = Order(
        kind=KIND,
        workspace=workspace.pk,
        actor=actor,
        title=_title(settings),
        parameters={},
        total=rows or 0,
        weight=weight,
    )
    with transaction.atomic():
        job = prepare_job(order)
        export = Export.objects.create(
            workspace=workspace,
            kind=settings.kind.value,
            description=description[:REASON_MAX_CHARS],
            actor=actor,
            settings=render(settings),
            folder=make_folder(Shelf.EXPORTS),
            job=job,
            created_at=now,
            updated_at=now,
        )
    confirm_job(job)
    export.refresh_from_db()
    return export


def run_again(export: Export, *, actor: str, hidden: HiddenNames) -> Export:
    """Order the same export once more; a filter chooses the rows of this moment."""
    settings = parse(export.settings)
    chosen = settings.selection
    if chosen.query is not None:
        chosen = select_matching(chosen.kind, workspace=chosen.workspace, query=chosen.query)
    return order_export(
        export.workspace,
        replace(settings, selection=chosen, hidden=hidden),
        actor=actor,
        description=export.description,
        rows=export.rows or (export.job.total if export.job else 0) or None,
    )


def remove_export(export: Export) -> None:
    """Forget an export with its file; one that is being made stops."""
    Export.objects.filter(pk=export.pk).delete()
    if export.job is not None:
        cancel_job(export.job)
    remove_folder(Shelf.EXPORTS, export.folder)


def forget_export_files(*, now: datetime, days: int) -> None:
    """Let go of the files of exports that are older than this; the exports stay listed."""
    old = Export.objects.filter(created_at__lt=now - timedelta(days=days), files_gone_at=None)
    for key, folder in list(old.values_list("pk", "folder")):
        remove_folder(Shelf.EXPORTS, folder)
        Export.objects.filter(pk=key).update(files_gone_at=now, folder="")


def file_of(export: Export) -> Path | None:
    """Give the finished file, while it is kept."""
    if export.state is not Export.State.DONE or not export.folder:
        return None
    path = folder_path(Shelf.EXPORTS, export.folder) / _FILE
    return path if path.is_file() else None


def export_steps(job: Job) -> Iterator[Advance]:
    """Write the file of a job, from where it stands."""
    export = Export.objects.select_related("workspace").filter(job=job).first()
    if export is None:
        raise WorkFailed(_("This export was deleted."))
    settings = parse(export.settings)
    return each_read_for(_make(job, export, settings), lambda: settings.hidden)


def _make(job: Job, export: Export, settings: ExportSettings) -> Iterator[Advance]:
    folder = folder_path(Shelf.EXPORTS, export.folder)
    if export.file_name:
        # A worker died between the file and the end of its job.
        yield Advance(export.rows, total=export.rows, may_pause=False)
        return
    try:
        parts = parts_of(settings)
        states = [load_state(stored) for stored in job.parameters.get("made", ())]
        states += [PartState() for _part in parts[len(states) :]]
        keep = _keeper(job)
        for _rows in write_parts(parts, states, folder, settings, keep=keep):
            yield Advance(sum(state.rows for state in states))
        rows = sum(state.rows for state in states)
        yield from _finish(job, export, settings, states, folder, rows=rows)
        yield Advance(rows, total=rows, may_pause=False)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = _("The file could not be written: %(reason)s. Run the export again.")
        raise WorkFailed(message % {"reason": reason}) from error


def write_parts(
    parts: tuple[Part, ...],
    states: list[PartState],
    folder: Path,
    settings: ExportSettings,
    *,
    keep: Callable[[list[PartState]], None],
) -> Iterator[int]:
    """Write what is missing of each part; gives the number of rows after each piece that is kept.

    `keep` is called when a piece is on the disk, and may raise when it is not wanted any more.
    """
    for part, state in zip(parts, states, strict=True):
        if state.is_whole:
            continue
        writer = make_writer(part, settings.format, is_made_safe=settings.is_made_safe)
        if state.rows:
            writer.go_on(state.columns, is_even=state.is_even)
        segment = Segment(folder, state)
        try:
            while not state.is_whole:
                rows, after = write_piece(part, writer, segment.file, after=state.after)
                segment.commit()
                state.after, state.rows = after, state.rows + rows
                state.columns, state.is_even = writer.columns, writer.is_even
                state.is_whole = rows < PIECE_ROWS
                keep(states)
                yield state.rows
        finally:
            segment.close()


def finish_file(
    settings: ExportSettings,
    states: list[PartState],
    folder: Path,
    into: Path,
    *,
    names: tuple[str, ...],
) -> Iterator[int]:
    """Put the file together under another name; gives the bytes so far, now and then."""
    shapes = [
        Shape(part_kind, settings.format, settings.is_made_safe)
        for part_kind in kinds_of(settings)
    ]
    members = [
        (name, read_lines(folder, state, shape))
        for name, state, shape in zip(names, states, shapes, strict=True)
    ]
    written = told = 0
    with into.open("xb") as file:
        for count in pack(members, file, settings.packing):
            written += count
            if written - told >= _TELL_AFTER_BYTES:
                told = written
                yield written


def _keeper(job: Job) -> Callable[[list[PartState]], None]:
    def keep(states: list[PartState]) -> None:
        made: list[Json] = [store_state(state) for state in states]
        job.parameters = {**job.parameters, "made": made}
        held = Job.objects.filter(pk=job.pk, lease=job.lease)
        if not held.update(parameters=job.parameters):
            raise LostLease

    return keep


def _finish(
    job: Job,
    export: Export,
    settings: ExportSettings,
    states: list[PartState],
    folder: Path,
    *,
    rows: int,
) -> Iterator[Advance]:
    unfinished = folder / f"unfinished-{job.lease}"
    unfinished.unlink(missing_ok=True)
    names = member_names(settings)
    for _bytes in finish_file(settings, states, folder, unfinished, names=names):
        yield Advance(rows, may_pause=False)
    with transaction.atomic():
        # The row is locked, so that nobody else takes the job over before the file is in place.
        held = Job.objects.filter(pk=job.pk, lease=job.lease)
        if not held.update(done=rows, total=rows):
            raise LostLease
        size = unfinished.stat().st_size
        unfinished.replace(folder / _FILE)
        Export.objects.filter(pk=export.pk).update(
            file_name=file_name(
                settings, workspace=export.workspace, at=export.created_at, key=export.pk
            ),
            file_bytes=size,
            rows=rows,
            updated_at=read_clock(),
        )
    for state in states:
        for name, _length in state.segments:
            (folder / name).unlink(missing_ok=True)


def _title(settings: ExportSettings) -> str:
    """Name the task, which more people see than the export, without what its filters ask."""
    kinds = [str(_NAMES[kind]) for kind in kinds_of(settings)]
    return _("Export of %(names)s") % {"names": " + ".join(kinds)}
