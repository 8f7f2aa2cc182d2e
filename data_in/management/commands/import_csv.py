"""Import people, objects or relationships from a CSV file."""

import argparse
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from data_in.formats.csv import Layout, examine, rows
from data_in.formats.encodings import UnusableFile
from data_in.imports import RowImport
from data_in.reports import ErrorFile, ImportReport
from objects.type_audit import watching_types
from operations.doors.audit import BY_COMMAND
from operations.doors.audit_files import record_import
from operations.doors.data_index_scans import note_for_reading
from operations.doors.origin import origin_from
from operations.engine import apply, open_change_set
from operations.results import Status
from operations.types import Call, Door, Origin, SaveObjectType, When
from operations.wire.columns import Choices, HeaderError, Identifier, Kind, Plan, plan_columns
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
        read = rows(file, layout)
        _, header = next(read, (0, []))
        if not isinstance(header, list) or not header:
            raise UnusableFile("the first row, which has to name the columns, cannot be read")
        plan = plan_columns(header, choices)
        origin = origin_from(
            workspace_id=workspace.pk,
            door=Door.CSV,
            actor="command line",
            reason=f"Import of {options['file'].name}",
        )
        errors = _error_file(plan, layout, options)
        report = ImportReport(plan, errors, self.stderr.write)
        row_import = RowImport(read, plan, origin=origin, report=report)
        progress = _Progress(self, report, layout)
        try:
            _run(row_import, workspace, origin, options, progress=progress.show)
            if errors is not None:
                errors.close()
        except KeyboardInterrupt:
            raise CommandError(_stopped(report), returncode=STOPPED) from None
        except OSError as error:
            place = error.filename or (errors.path if errors else options["file"])
            message = f"{place}: {error.strerror}; {_stopped(report)}"
            raise CommandError(message, returncode=STOPPED) from None
        finally:
            progress.finish()
            _follow_up(report, options, workspace)
            if errors is not None:
                with suppress(OSError):
                    errors.close()
        self._conclude(report, options)

    def _conclude(self, report: ImportReport, options: dict[str, Any]) -> None:
        ignored = ", ".join(report.plan.header[index] for index in report.plan.ignored)
        if ignored:
            self.stdout.write(f"Columns that are not imported: {ignored}")
        self.stdout.write("\n".join(report.table()))
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was written.")
        refused = report.counts[Status.REFUSED]
        if refused:
            errors = report.errors
            place = f"; they are in {errors.path} with their reasons" if errors else ""
            message = f"{refused:,} of {report.rows:,} rows were refused{place}"
            raise CommandError(message, returncode=ROWS_REFUSED)


def _run(
    row_import: RowImport,
    workspace: Workspace,
    origin: Origin,
    options: dict[str, Any],
    *,
    progress: Callable[[], None],
) -> None:
    choices = row_import.choices
    if options["dry_run"]:
        first = () if not _makes_type(choices) else (_object_type(choices, options),)
        row_import.preview(first, progress=progress)
        return
    change_set = open_change_set(origin)
    with watching_types(BY_COMMAND, workspace if _makes_type(choices) else None):
        _make_type(origin, change_set, choices, options)
    row_import.apply(change_set, progress=progress)


def _follow_up(report: ImportReport, options: dict[str, Any], workspace: Workspace) -> None:
    """Write down what was imported, also when it was stopped half-way; have it indexed."""
    counts = {str(status): count for status, count in report.counts.items() if count}
    if counts and not options["dry_run"]:
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


class _Progress:
    """Shows on a terminal how far an import is."""

    def __init__(self, command: BaseCommand, report: ImportReport, layout: Layout) -> None:
        self.out = command.stderr
        self.report = report
        self.lines = layout.lines
        self.is_shown = command.stderr.isatty()

    def show(self) -> None:
        """Say which line is reached."""
        if self.is_shown:
            line = f"\rline {self.report.last_line:,} of {self.lines:,} "
            self.out.write(line, ending="")
            self.out.flush()

    def finish(self) -> None:
        """Leave the line of the progress."""
        if self.is_shown:
            self.out.write("")


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
    )


def _makes_type(choices: Choices) -> bool:
    return choices.kind is Kind.OBJECTS and choices.object_type_id is not None


def _object_type(choices: Choices, options: dict[str, Any]) -> SaveObjectType:
    number = choices.object_type_id
    name = options["type_name"] or (
        "Custom Objects" if number == 1 else f"Custom Objects {number}"
    )
    return SaveObjectType(number, name, when=When.NEW)


def _make_type(origin: Origin, change_set: int, choices: Choices, options: dict[str, Any]) -> None:
    if not _makes_type(choices):
        return
    call = Call(origin, (_object_type(choices, options),))
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


def _type_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError("object types count from 1")
    return number
