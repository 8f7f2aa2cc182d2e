"""Imports from the upload to the result, for the pages, the API and the command.

What a file looks like before it is set up stands in `glimpses.py`, what a check found in
`check_report.py`, the files that leave again in `import_files.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from shutil import rmtree
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from data_in.check_report import Group, read_entries
from data_in.files import Shelf, folder_path, make_folder, remove_folder
from data_in.formats.encodings import UnusableFile
from data_in.glimpses import glimpse, problems_of
from data_in.import_calls import render_hidden
from data_in.import_files import refused_path
from data_in.models import FILE_NAME_MAX_CHARS, NAME_MAX_CHARS, Import
from data_in.problem_files import write_cells
from data_in.reading import check_folder, open_reading
from data_in.settings import Settings, parse, render
from data_in.staging import read_row
from data_in.uploads import keep_file
from operations.doors.jobs import Order, cancel_job, confirm_job, prepare_job
from operations.doors.origin import read_clock
from operations.json import dump
from operations.limits import REASON_MAX_CHARS
from operations.models import Job
from operations.wire.columns import ERROR_COLUMNS, Kind
from workspaces.models import Workspace

SETTINGS_PARAMETER: Final = "settings"
# Few rows of very long cells are no small file either.
_BYTES_PER_WEIGHT: Final = 5_000
_CHANGING: Final = (Group.CREATED, Group.UPDATED, Group.DELETED)


class NotReady(Exception):
    """An import cannot go to its next step; the message tells a person why and how to go on."""


def receive(  # noqa: PLR0913 - the fields of an import
    workspace: Workspace,
    *,
    kind: Kind,
    object_type_number: int | None,
    actor: str,
    file_name: str,
    chunks: Iterable[bytes],
    name: str = "",
    description: str = "",
) -> Import:
    """Keep a file that comes in chunks, with proposed settings.

    Raises UnusableFile for what cannot be CSV or is too large, before the rest of it is read,
    and leaves nothing behind then.
    """
    now = read_clock()
    folder = make_folder(Shelf.IMPORTS)
    try:
        upload = keep_file(folder_path(Shelf.IMPORTS, folder), chunks)
        row = Import.objects.create(
            workspace=workspace,
            kind=kind.value,
            object_type_number=object_type_number,
            name=(name.strip() or f"{file_name} {now:%Y-%m-%d %H:%M}")[:NAME_MAX_CHARS],
            description=description[:REASON_MAX_CHARS],
            actor=actor,
            file_name=file_name[:FILE_NAME_MAX_CHARS],
            file_bytes=upload.size,
            file_digest=upload.digest,
            folder=folder,
            rows=upload.lines,
            created_at=now,
        )
    except BaseException:
        remove_folder(Shelf.IMPORTS, folder)
        raise
    row.settings = render(_propose(row))
    row.save(update_fields=["settings"])
    return row


def keep_settings(row: Import, settings: Settings) -> None:
    """Store settings; a check that was made with other ones is dropped.

    Raises NotReady once the import has begun.
    """
    with transaction.atomic():
        _take_before_start(row)
        stored = render(settings)
        if stored != row.settings:
            _drop_check(row)
        row.settings = stored
        row.save(update_fields=["settings"])


def start_check(row: Import, *, actor: str) -> Job:
    """Have the whole file checked by a job, in `row.check_job`; nothing is written by it.

    Raises NotReady while there are problems that `problems_of` names, or once the import has
    begun. A small file is checked before this returns.
    """
    with transaction.atomic():
        _take_before_start(row)
        for problem in problems_of(row, parse(row.settings)):
            raise NotReady(problem.message)
        _drop_check(row)
        title = _("Check of %(name)s") % {"name": row.name}
        row.check_job = prepare_job(_order(row, "check_import", actor=actor, title=title))
        row.save(update_fields=["check_job"])
    job = row.check_job
    confirm_job(job)
    row.refresh_from_db()
    return job


def start_import(row: Import, *, actor: str) -> Job:
    """Have the checked file imported by a job, in `row.job`.

    Raises NotReady when the file is not checked with the present settings, when it would change
    nothing, or when rows were refused and all or nothing is to be done.
    """
    with transaction.atomic():
        _take_before_start(row)
        _ask_check(row)
        # One that was prepared and not confirmed is taken again, so that two who press at once
        # start one import.
        if row.job is None:
            title = _("Import of %(name)s") % {"name": row.name}
            row.job = prepare_job(_order(row, "import", actor=actor, title=title))
            row.save(update_fields=["job"])
    job = row.job
    confirm_job(job)
    row.refresh_from_db()
    return job


def same_file(row: Import) -> Import | None:
    """Find the latest earlier import of the very same file in the workspace."""
    earlier = Import.objects.for_workspace(row.workspace_id).filter(pk__lt=row.pk)
    return earlier.filter(file_digest=row.file_digest).with_jobs().order_by("-pk").first()


def like(row: Import) -> Settings:
    """Give the settings of an import for another file; `glimpse` fits them to its header."""
    return parse(row.settings)


def correct(row: Import, cells: Mapping[int, Mapping[str, str]], *, actor: str) -> Import:
    """Make a new import of the refused rows, some with other cells: line, header and text.

    It has the same settings and is not checked yet.
    """
    reading = open_reading(row)
    header, delimiter = reading.plan.header, reading.layout.delimiter
    kept = [at for at, name in enumerate(header) if name not in ERROR_COLUMNS]
    stem, _dot, _ending = row.file_name.rpartition(".")
    corrected = receive(
        row.workspace,
        kind=Kind(row.kind),
        object_type_number=row.object_type_number,
        actor=actor,
        file_name=f"{stem or row.file_name} corrected.csv",
        chunks=write_cells(_corrected(row, header, kept, cells), delimiter=delimiter),
        description=row.description,
    )
    columns = reading.settings.columns
    settings = replace(
        reading.settings,
        encoding=None,
        delimiter=delimiter,
        columns=tuple(columns[at] for at in kept) if columns else (),
    )
    keep_settings(corrected, settings)
    return corrected


def remove(row: Import) -> None:
    """Delete an import with its files; what it imported stays. Raises NotReady while it runs."""
    with transaction.atomic():
        locked = _lock(row)
        if locked.job is not None and locked.job.is_unfinished:
            raise NotReady(_("The import is running; stop it first."))
        if locked.check_job is not None:
            cancel_job(locked.check_job)
        locked.delete()
    remove_folder(Shelf.IMPORTS, row.folder)


def forget_import_files(*, now: datetime, days: int) -> None:
    """Remove files that were kept long enough; 0 days keep them for ever."""
    kept = Import.objects.filter(files_gone_at=None).exclude(folder="")
    old = kept.filter(created_at__lt=now - timedelta(days=days)).with_jobs() if days else ()
    for row in old:
        if not any(job is not None and job.is_unfinished for job in (row.job, row.check_job)):
            remove_folder(Shelf.IMPORTS, row.folder)
            Import.objects.filter(pk=row.pk).update(files_gone_at=now)


def _corrected(
    row: Import,
    header: Sequence[str],
    kept: Sequence[int],
    cells: Mapping[int, Mapping[str, str]],
) -> Iterator[list[str]]:
    yield [header[at] for at in kept]
    for place, _reasons, _changes in read_entries(refused_path(row)):
        staged = read_row(check_folder(row), place=place)
        found = [*staged.cells, *[""] * (len(header) - len(staged.cells))]
        for name, text in cells.get(staged.line, {}).items():
            if name in header:
                found[header.index(name)] = text
        yield [*(found[at] for at in kept), *found[len(header) :]]


def _propose(row: Import) -> Settings:
    try:
        return glimpse(row).proposed
    except UnusableFile:
        return Settings()


def _lock(row: Import) -> Import:
    locked = Import.objects.select_for_update().filter(pk=row.pk).first()
    if locked is None:
        raise NotReady(_("This import was deleted; upload the file again."))
    return locked


def _take_before_start(row: Import) -> None:
    """Hold the row until the end of the transaction; refuse one that cannot be begun."""
    locked = _lock(row)
    row.job, row.check_job, row.problem = locked.job, locked.check_job, locked.problem
    row.found, row.files_gone_at = locked.found, locked.files_gone_at
    if row.job is not None and row.job.state != Job.State.DRAFT:
        raise NotReady(_("This import has begun already; upload the file again for another one."))
    if row.files_gone_at is not None:
        raise NotReady(_("The file is not kept any more; upload it again."))


def _drop_check(row: Import) -> None:
    if row.check_job is not None:
        cancel_job(row.check_job)
    rmtree(check_folder(row), ignore_errors=True)
    row.job, row.check_job, row.problem, row.found = None, None, "", {}
    row.save(update_fields=["job", "check_job", "problem", "found"])


def _ask_check(row: Import) -> None:
    check = row.check_job
    if row.problem:
        raise NotReady(row.problem)
    if check is None or check.state != Job.State.DONE:
        raise NotReady(_("The file has to be checked first."))
    if check.parameters.get(SETTINGS_PARAMETER) != _written(row):
        raise NotReady(_("The settings are newer than the check; check the file again."))
    if not any(row.found.get(group) for group in _CHANGING):
        raise NotReady(_("There is nothing to import: no row of the file would change anything."))
    if parse(row.settings).all_or_nothing and row.found.get(Group.REFUSED):
        message = _(
            "All or nothing was asked for, but rows are refused; correct them or import the rest."
        )
        raise NotReady(message)


def _order(row: Import, kind: str, *, actor: str, title: str) -> Order:
    parameters: dict[str, Any] = {
        "import": row.pk,
        SETTINGS_PARAMETER: _written(row),
        "hidden": render_hidden(),
    }
    return Order(
        kind=kind,
        workspace=row.workspace_id,
        actor=actor,
        title=title[:REASON_MAX_CHARS],
        parameters=parameters,
        total=row.rows,
        weight=row.file_bytes // _BYTES_PER_WEIGHT,
    )


def _written(row: Import) -> str:
    """Write the settings as text, as a job keeps them to compare."""
    return dump(render(parse(row.settings))).decode()
