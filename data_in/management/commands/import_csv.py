"""Import people, objects or relationships from a CSV file."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from data_in.column_options import parse_column_option, with_columns
from data_in.formats.csv import Layout, examine, rows
from data_in.formats.encodings import UnusableFile
from data_in.imports import RowImport
from data_in.progress import Progress
from data_in.reports import ErrorFile, ImportReport
from data_in.settings import is_time_zone
from objects.type_audit import watching_types
from operations.doors.audit import BY_COMMAND
from operations.doors.audit_files import record_import
from operations.doors.data_index_scans import note_for_reading
from operations.doors.origin import origin_from
from operations.engine import apply, open_change_set
from operations.results import Status
from operations.types import Call, Door, Origin, SaveObjectType, When
from operations.wire.columns import Choices, HeaderError, Identifier, Kind, Plan, plan_columns
from operations.wire.rows import Row
from workspaces.models import Workspace

ROWS_REFUSED: Final = 1
FILE_UNUSABLE: Final = 2
STOPPED: Final = 130
_MODES: Final = {"all": When.ANY, "only_new": When.NEW, "only_existing": When.EXISTING}


class Command(BaseCommand):
    """Import a CSV file and say what became of its rows."""

    help = (
        "Import people, objects or relationships from a CSV file. Exit status 0: all rows were "
        "taken; 1: some were refused; 2: the file cannot be used and nothing was imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        add = parser.add_argument
        add("file", type=Path, metavar="FILE")
        add("--kind", choices=[kind.value for kind in Kind], required=True)
        add("--workspace", default="Default", help="name of the workspace (Default)")
        text = "object type id of all rows; with --kind objects a missing type is made"
        add("--type", type=_type_number, dest="number", metavar="N", help=text)
        add("--type-name", metavar="NAME", help="name of the type, if it has to be made")
        text = "the column that names people; without it the first one that a row has"
        add("--identifier", choices=[name.value for name in Identifier], help=text)
        add("--mode", choices=_MODES, default="all", help="which rows to touch (all)")
        text = "what an empty cell does to its attribute (ignore)"
        add("--blank", choices=["ignore", "clear"], default="ignore", help=text)
        text = "turn the ISO-8601 dates of this column into Unix seconds; repeatable"
        add("--dates", action="append", default=[], metavar="COLUMN", help=text)
        add("--encoding", help="encoding of the file (by its byte order mark, else UTF-8)")
        add("--delimiter", type=_delimiter, help='one character, or "tab" (found by looking)')
        text = "where refused rows go (beside FILE, with .errors.csv in its name)"
        add("--errors", type=Path, metavar="FILE", help=text)
        text = "take away the apostrophes of an export that was made safe for spreadsheets"
        add("--made-safe-for-spreadsheets", action="store_true", help=text)
        add("--dry-run", action="store_true", help="say what would change, and write nothing")
        _add_column_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file that the options name."""
        path: Path = options["file"]
        try:
            choices = _choices(options)
            workspace = Workspace.objects.get(name=options["workspace"])
            with path.open("rb") as file:
                self._import(file, choices, workspace, options)
        except Workspace.DoesNotExist:
            message = f'there is no workspace "{options["workspace"]}"'
            raise CommandError(message, returncode=FILE_UNUSABLE) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=FILE_UNUSABLE) from None
        except (UnusableFile, HeaderError) as error:
            raise CommandError(f"{path}: {error}", returncode=FILE_UNUSABLE) from None

    def _import(
        self, file: BinaryIO, choices: Choices, workspace: Workspace, options: dict[str, Any]
    ) -> None:
        layout = examine(file, encoding=options["encoding"], delimiter=options["delimiter"])
        _line, header = next(rows(file, layout), (0, []))
        if not isinstance(header, list) or not header:
            raise UnusableFile("the first row, which has to name the columns, cannot be read")
        choices = with_columns(choices, header, options=options["column"], skipped=options["skip"])
        run = _Run(
            plan_columns(header, choices),
            layout,
            lambda: islice(rows(file, layout), 1, None),
            origin_from(
                workspace_id=workspace.pk,
                door=Door.CSV,
                actor="command line",
                reason=f"Import of {options['file'].name}",
            ),
        )
        if options["all_or_nothing"] or options["dry_run"]:
            self._do(run, workspace, options, is_dry=True)
        if not options["dry_run"]:
            self._do(run, workspace, options, is_dry=False)

    def _do(
        self, run: "_Run", workspace: Workspace, options: dict[str, Any], *, is_dry: bool
    ) -> None:
        """Go through the rows once and tell what became of them; raise when some were refused."""
        errors = _error_file(run.plan, run.layout, options)
        report = ImportReport(run.plan, errors, self.stderr.write)
        try:
            self._pass(run, report, workspace, options, is_dry=is_dry)
        except KeyboardInterrupt:
            raise CommandError(_stopped(report), returncode=STOPPED) from None
        except OSError as error:
            place = error.filename or (errors.path if errors else options["file"])
            message = f"{place}: {error.strerror}; {_stopped(report)}"
            raise CommandError(message, returncode=STOPPED) from None
        finally:
            if not is_dry:
                _follow_up(report, options, workspace)
            if errors is not None:
                with suppress(OSError):
                    errors.close()
        is_first_pass = is_dry and not options["dry_run"]
        if not is_first_pass or report.counts[Status.REFUSED]:
            self._conclude(report, is_dry=is_dry)

    def _pass(
        self,
        run: "_Run",
        report: ImportReport,
        workspace: Workspace,
        options: dict[str, Any],
        *,
        is_dry: bool,
    ) -> None:
        row_import = RowImport(run.read, run.plan, origin=run.origin, report=report)
        progress = Progress(self.stderr, total=run.layout.lines)

        def show() -> None:
            progress.show(report.last_line)

        try:
            if is_dry:
                _preview(row_import, run, options, progress=show)
            else:
                _apply(row_import, run, workspace, options, progress=show)
            if report.errors is not None:
                report.errors.close()
        finally:
            progress.finish()

    def _conclude(self, report: ImportReport, *, is_dry: bool) -> None:
        ignored = ", ".join(report.plan.header[index] for index in report.plan.ignored)
        if ignored:
            self.stdout.write(f"Columns that are not imported: {ignored}")
        self.stdout.write("\n".join(report.table()))
        if is_dry:
            self.stdout.write("This was a dry run: nothing was written.")
        refused = report.counts[Status.REFUSED]
        if refused:
            errors = report.errors
            place = f"; they are in {errors.path} with their reasons" if errors else ""
            message = f"{refused:,} of {report.rows:,} rows were refused{place}"
            raise CommandError(message, returncode=ROWS_REFUSED)


@dataclass(frozen=True, slots=True)
class _Run:
    """What every pass over the file needs; `read` gives its rows from the first one on."""

    plan: Plan
    layout: Layout
    read: Callable[[], Iterator[Row]]
    origin: Origin

    @property
    def makes_type(self) -> bool:
        """Tell whether the object type is made when it is missing."""
        choices = self.plan.choices
        is_typed = choices.kind is Kind.OBJECTS and choices.object_type_id is not None
        return is_typed and not choices.removes


def _preview(
    row_import: RowImport, run: _Run, options: dict[str, Any], *, progress: Callable[[], None]
) -> None:
    first = (_object_type(run.plan.choices, options),) if run.makes_type else ()
    row_import.preview(first, lines=run.layout.lines, progress=progress)


def _apply(
    row_import: RowImport,
    run: _Run,
    workspace: Workspace,
    options: dict[str, Any],
    *,
    progress: Callable[[], None],
) -> None:
    change_set = open_change_set(run.origin)
    if run.makes_type:
        with watching_types(BY_COMMAND, workspace):
            _make_type(run, change_set, options)
    row_import.apply(change_set, progress=progress)


def _follow_up(report: ImportReport, options: dict[str, Any], workspace: Workspace) -> None:
    """Write down what was imported, also when it was stopped half-way; have it indexed."""
    counts = {str(status): count for status, count in report.counts.items() if count}
    if counts:
        record_import(
            BY_COMMAND,
            kind=Kind(options["kind"]),
            workspace=workspace,
            counts=counts,
            file=options["file"].name,
        )
        note_for_reading(workspace)


def _stopped(report: ImportReport) -> str:
    return f"stopped after line {report.last_line:,}; the rows up to there are imported"


def _add_column_options(parser: CommandParser) -> None:
    add = parser.add_argument
    text = "what a column is: HEADER=NAME:TYPE(FORMAT), such as Since=since:date(DD/MM/YYYY)"
    add("--column", action="append", default=[], type=parse_column_option, help=text)
    text = "leave a column out; repeatable"
    add("--skip", action="append", default=[], metavar="HEADER", help=text)
    add("--null", action="store_true", help="take the text NULL for an empty cell")
    text = "time zone of dates that name none (UTC)"
    add("--time-zone", type=_time_zone, default=ZoneInfo("UTC"), metavar="ZONE", help=text)
    text = "delete the people or objects that the rows name; end the relationships"
    add("--remove", action="store_true", help=text)
    text = "import nothing when a row would be refused"
    add("--all-or-nothing", action="store_true", help=text)


def _choices(options: dict[str, Any]) -> Choices:
    kind = Kind(options["kind"])
    identifier = options["identifier"]
    if kind is Kind.PEOPLE and options["number"] is not None:
        raise UnusableFile("--type goes with objects and relationships; people have no type")
    if kind is Kind.OBJECTS and identifier is not None:
        raise UnusableFile("--identifier goes with people and relationships")
    if options["type_name"] is not None and (kind is not Kind.OBJECTS or not options["number"]):
        raise UnusableFile("--type-name goes with --kind objects and --type")
    return Choices(
        kind=kind,
        object_type_id=options["number"],
        identifier=None if identifier is None else Identifier(identifier),
        when=_MODES[options["mode"]],
        clears_blanks=options["blank"] == "clear",
        date_columns=frozenset(options["dates"]),
        is_made_safe=options["made_safe_for_spreadsheets"],
        removes=options["remove"],
        treats_null_as_empty=options["null"],
        zone=options["time_zone"],
    )


def _object_type(choices: Choices, options: dict[str, Any]) -> SaveObjectType:
    number = choices.object_type_id
    name = options["type_name"] or (
        "Custom Objects" if number == 1 else f"Custom Objects {number}"
    )
    return SaveObjectType(number, name, when=When.NEW)


def _make_type(run: _Run, change_set: int, options: dict[str, Any]) -> None:
    call = Call(run.origin, (_object_type(run.plan.choices, options),))
    outcome = apply([call], change_set=change_set).outcomes[0]
    if outcome.rejections:
        raise UnusableFile(outcome.rejections[0].message)


def _error_file(plan: Plan, layout: Layout, options: dict[str, Any]) -> ErrorFile | None:
    source: Path = options["file"]
    path: Path | None = options["errors"]
    if path is None:
        if options["dry_run"]:
            return None
        folder = source.parent if os.access(source.parent, os.W_OK) else Path.cwd()
        return ErrorFile(folder / f"{source.stem}.errors.csv", plan, layout)
    if path.exists() and path.samefile(source):
        raise UnusableFile("--errors would write over the file that is imported")
    if path.is_dir():
        raise UnusableFile(f"--errors: {path} is a folder; name a file in it")
    if not os.access(path.parent, os.W_OK):
        raise UnusableFile(f"--errors: {path.parent} is not a folder that can be written to")
    return ErrorFile(path, plan, layout)


def _delimiter(text: str) -> str:
    return "\t" if text in {"tab", "\\t"} else text


def _time_zone(text: str) -> ZoneInfo:
    if not is_time_zone(text):
        raise argparse.ArgumentTypeError("name a time zone such as Europe/Berlin")
    return ZoneInfo(text)


def _type_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError("object types count from 1")
    return number
