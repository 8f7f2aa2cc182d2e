"""Export people, objects or relationships to a CSV file."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from objects.models import Object
from operations.doors.audit import BY_COMMAND
from operations.doors.audit_files import record_export
from operations.doors.exports import AttributeAppeared, Writable, export_rows, write_csv
from operations.wire.columns import Kind
from people.models import Person
from relationships.models import Relationship
from workspaces.models import Workspace


class Command(BaseCommand):
    """Export stored rows as CSV, which import_csv takes back without a change."""

    help = "Export people, objects or relationships as CSV, to a file or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        add = parser.add_argument
        add("--kind", choices=[kind.value for kind in Kind], required=True)
        add("--workspace", default="Default", help="name of the workspace (Default)")
        text = "object type id, for objects and relationships (all types)"
        add("--type", type=int, dest="number", metavar="N", help=text)
        add("--out", type=Path, metavar="FILE", help="the file to write (standard output)")
        text = "put an apostrophe before cells that a spreadsheet program would run as formulas"
        add("--safe-for-spreadsheets", action="store_true", help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        """Export what the options name."""
        kind = Kind(options["kind"])
        workspace, stored = _stored(kind, options["workspace"], options["number"])
        out: Path | None = options["out"]
        rows = export_rows(stored, kind=kind, is_made_safe=options["safe_for_spreadsheets"])
        counted = _Counted(rows)
        try:
            with closing(rows):
                _write(counted, self.stdout, out)
        except OSError as error:
            place = out or "standard output"
            raise CommandError(f"{place}: {error.strerror}") from None
        except AttributeAppeared as error:
            raise CommandError(str(error)) from None
        record_export(
            BY_COMMAND,
            kind=kind,
            workspace=workspace,
            rows=counted.lines - 1,
        )


class _Counted:
    """Counts the lines that go by, the header among them."""

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self.rows = rows
        self.lines = 0

    def __iter__(self) -> Iterator[list[str]]:
        for row in self.rows:
            self.lines += 1
            yield row


def _stored(
    kind: Kind, workspace_name: str, number: int | None
) -> tuple[Workspace, QuerySet[Any]]:
    workspace = Workspace.objects.filter(name=workspace_name).first()
    if workspace is None:
        raise CommandError(f'there is no workspace "{workspace_name}"')
    if kind is Kind.PEOPLE:
        if number is not None:
            raise CommandError("--type goes with objects and relationships; people have no type")
        return workspace, Person.objects.for_workspace(workspace)
    if number is not None and not workspace.object_types.filter(number=number).exists():
        raise CommandError(f"there is no object type {number} in {workspace_name}")
    if kind is Kind.OBJECTS:
        objects = Object.objects.for_workspace(workspace)
        return workspace, objects if number is None else objects.of_type(number)
    related = Relationship.objects.for_workspace(workspace)
    return workspace, related if number is None else related.of_type(number)


def _write(rows: Iterable[list[str]], standard: Writable, out: Path | None) -> None:
    """Write to a file only when all is there, so that half an export never takes its place."""
    if out is None:
        write_csv(rows, standard)
        return
    is_plain_file = out.is_file() or not out.exists()
    unfinished = out.with_name(f"{out.name}.part") if is_plain_file else out
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            write_csv(rows, file)
        if is_plain_file:
            unfinished.replace(out)
    finally:
        if is_plain_file:
            unfinished.unlink(missing_ok=True)
