"""Export people, objects or relationships to a file."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from data_in.export_files import Packing, PartState
from data_in.export_lines import Format
from data_in.export_settings import Content, ExportSettings, member_names, parts_of
from data_in.exporting import finish_file, write_parts
from data_in.progress import Progress
from operations.doors.audit import BY_COMMAND
from operations.doors.audit_files import record_export
from operations.doors.filters import WITHOUT_RELATIONSHIPS, YES
from operations.doors.selection import Selection, SelectionError, filters_of
from operations.wire.columns import Kind
from workspaces.models import Workspace

_BLOCK_BYTES: Final = 1_000_000


class Command(BaseCommand):
    """Export stored rows, as CSV in the form that import_csv takes back without a change."""

    help = "Export people, objects or relationships, to a file or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        add = parser.add_argument
        add("--kind", choices=[kind.value for kind in Kind], required=True)
        add("--workspace", default="Default", help="name of the workspace (Default)")
        text = "object type id, for objects and relationships (all types)"
        add("--type", type=int, dest="number", metavar="N", help=text)
        text = "only what a list with this query string shows, such as 'q=ann&segment=2'"
        add("--filter", default="", metavar="QUERY", help=text)
        text = "only objects or people without relationships"
        add("--without-relationships", action="store_true", help=text)
        text = "also the relationships of the rows: an archive of two files, which needs --out"
        add("--with-relationships", action="store_true", help=text)
        text = "only these attributes, in this order (all)"
        add("--attributes", nargs="+", metavar="NAME", help=text)
        add("--format", choices=[each.value for each in Format], default=Format.CSV.value)
        add("--gzip", action="store_true", help="pack the file, which needs --out")
        add("--out", type=Path, metavar="FILE", help="the file to write (standard output)")
        text = "put an apostrophe before cells that a spreadsheet program would run as formulas"
        add("--safe-for-spreadsheets", action="store_true", help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        """Export what the options name."""
        workspace = Workspace.objects.filter(name=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f'there is no workspace "{options["workspace"]}"')
        export = _settings(workspace, options)
        out: Path | None = options["out"]
        if out is None and export.packing is not Packing.NONE:
            raise CommandError("name the file to write with --out; a packed file is no text")
        try:
            rows = self._export(export, out)
        except OSError as error:
            place = out or "standard output"
            raise CommandError(f"{place}: {error.strerror}") from None
        except SelectionError as error:
            raise CommandError(_say_problem(export.selection, error)) from None
        filters = export.selection.query or ""
        record_export(
            BY_COMMAND, kind=export.kind, workspace=workspace, rows=rows, filters=filters
        )

    def _export(self, export: ExportSettings, out: Path | None) -> int:
        """Write to the file only when all is there: half an export never takes its place."""
        parts = parts_of(export)
        states = [PartState() for _part in parts]
        is_plain_file = out is not None and (out.is_file() or not out.exists())
        beside = out.absolute().parent if out is not None and is_plain_file else None
        progress = Progress(self.stderr, total=self._count(export))
        with TemporaryDirectory(prefix=".export-", dir=beside) as name:
            folder = Path(name)
            for _rows in write_parts(parts, states, folder, export, keep=lambda _states: None):
                progress.show(sum(state.rows for state in states))
            finished = folder / "finished"
            for _bytes in finish_file(
                export, states, folder, finished, names=member_names(export)
            ):
                pass
            progress.finish()
            self._deliver(finished, out, is_plain_file=is_plain_file)
        return sum(state.rows for state in states)

    def _count(self, export: ExportSettings) -> int:
        """Count the rows where somebody watches."""
        if not self.stderr.isatty():
            return 0
        return sum(part.rows.count() for part in parts_of(export))

    def _deliver(self, finished: Path, out: Path | None, *, is_plain_file: bool) -> None:
        if out is None:
            with finished.open(encoding="utf-8", newline="") as file:
                while block := file.read(_BLOCK_BYTES):
                    self.stdout.write(block, ending="")
        elif is_plain_file:
            finished.replace(out)
        else:
            with finished.open("rb") as source, out.open("wb") as target:
                shutil.copyfileobj(source, target)


def _settings(workspace: Workspace, options: dict[str, Any]) -> ExportSettings:
    kind, number = Kind(options["kind"]), options["number"]
    if kind is Kind.PEOPLE and number is not None:
        raise CommandError("--type goes with objects and relationships; people have no type")
    if number is not None and not workspace.object_types.filter(number=number).exists():
        raise CommandError(f"there is no object type {number} in {workspace.name}")
    asked = [] if number is None else [f"object_type={number}"]
    if options["filter"]:
        asked.append(options["filter"].removeprefix("?"))
    if options["without_relationships"]:
        asked.append(f"{WITHOUT_RELATIONSHIPS}={YES}")
    if kind is Kind.RELATIONSHIPS and (
        options["without_relationships"] or options["with_relationships"]
    ):
        raise CommandError("relationships have no relationships; choose people or objects")
    names = options["attributes"]
    return ExportSettings(
        selection=Selection(kind, workspace.pk, query="&".join(asked)),
        content=Content.BOTH if options["with_relationships"] else Content.ROWS,
        attributes=None if names is None else tuple(dict.fromkeys(names)),
        format=Format(options["format"]),
        is_gzipped=options["gzip"],
        is_made_safe=options["safe_for_spreadsheets"],
    )


def _say_problem(selection: Selection, error: SelectionError) -> str:
    """Name the fields of a filter that cannot be read."""
    errors = filters_of(selection).form.errors
    told = "; ".join(f"{name}: {' '.join(found)}" for name, found in errors.items())
    return f"--filter: {told or error}"
