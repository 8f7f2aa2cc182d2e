"""The files of an import that leave again: as it came, its problems, and a template."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Final

from data_in.check_report import Entry, Group, group_path, read_entries
from data_in.files import Shelf, folder_path
from data_in.import_job import ERRORS_FILE, WARNINGS_FILE
from data_in.models import Import
from data_in.problem_files import ProblemRows, write_cells
from data_in.reading import check_folder, open_reading
from data_in.repeated import REPEATED
from data_in.sight import ask_sight
from data_in.staging import read_row
from data_in.uploads import ORIGINAL_FILE
from operations.doors.known_names import attribute_names
from operations.models import AttributeName, Job
from operations.wire.columns import Kind, render_column
from workspaces.models import Workspace

_BLOCK_BYTES: Final = 65_536
_BLOCK_ROWS: Final = 500


def original_file(row: Import) -> Iterator[bytes]:
    """Give the file as it came."""
    ask_sight(row)
    return _read(row)


def error_file(row: Import) -> Iterator[bytes]:
    """Give the refused rows with their reasons, as a file that can be corrected and imported.

    They are those of the import, before it those of the check.
    """
    ask_sight(row)
    return _write(row, read_entries(refused_path(row)))


def refused_path(row: Import) -> Path:
    """Give where the refused rows are: of the import, before it of the check."""
    if _is_begun(row):
        return folder_path(Shelf.IMPORTS, row.folder) / ERRORS_FILE
    return group_path(check_folder(row), Group.REFUSED)


def warning_file(row: Import) -> Iterator[bytes]:
    """Give the rows with warnings in the same form.

    After the import they are its own, with the names that the check found repeated.
    """
    folder = folder_path(Shelf.IMPORTS, row.folder)
    ask_sight(row)
    checked = read_entries(group_path(check_folder(row), Group.WARNINGS))
    if not _is_begun(row):
        return _write(row, checked)
    imported = read_entries(folder / WARNINGS_FILE)
    return _write(row, _joined(merge(imported, _only_repeated(checked), key=_place)))


def template_file(workspace: Workspace, kind: Kind, object_type_number: int | None) -> bytes:
    """Make an example file with the key columns and the attributes that there are."""
    names = attribute_names(kind, workspace, type_number=object_type_number)
    keys = _TEMPLATE_KEYS[kind]
    types = _types_of(workspace, kind, object_type_number)
    number = str(object_type_number or 1)
    header = [*keys, *(render_column(name, kind=kind) for name in names)]
    example = [
        *(number if key == "object_type_id" else value for key, value in keys.items()),
        *(_EXAMPLES.get(types.get(name, ""), "") for name in names),
    ]
    return b"".join(write_cells([header, example], delimiter=","))


_TEMPLATE_KEYS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.PEOPLE: {"id": "example-1", "email": "person@example.com"},
    Kind.OBJECTS: {"object_id": "example-1"},
    Kind.RELATIONSHIPS: {
        "object_type_id": "1",
        "object_id": "example-1",
        "email": "person@example.com",
    },
}
_EXAMPLES: Final = {
    "string": "text",
    "number": "1",
    "date": "1767225600",
    "boolean": "true",
    "object": "{}",
    "list": "[]",
}


def _types_of(workspace: Workspace, kind: Kind, number: int | None) -> dict[str, str]:
    """Give the type that most values of each attribute have."""
    found = AttributeName.objects.filter(workspace=workspace, kind=kind.value)
    if number is not None:
        found = found.filter(object_type_number=number)
    return {
        name: max(types, key=types.get)
        for name, types in found.values_list("name", "types")
        if types
    }


def _read(row: Import) -> Iterator[bytes]:
    with (folder_path(Shelf.IMPORTS, row.folder) / ORIGINAL_FILE).open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _is_begun(row: Import) -> bool:
    return row.job is not None and row.job.state != Job.State.DRAFT


def _write(row: Import, entries: Iterable[Entry]) -> Iterator[bytes]:
    reading = open_reading(row)
    folder = check_folder(row)
    problems = ProblemRows(reading.plan, reading.layout)
    yield problems.header()
    waiting = iter(entries)
    while block := list(islice(waiting, _BLOCK_ROWS)):
        found = []
        for place, reasons, _changes in block:
            staged = read_row(folder, place=place)
            found.append(problems.row(staged.line, staged.cells, reasons))
        yield b"".join(found)


def _only_repeated(entries: Iterable[Entry]) -> Iterator[Entry]:
    for place, reasons, changes in entries:
        repeated = [reason for reason in reasons if reason[0] == REPEATED]
        if repeated:
            yield place, repeated, changes


def _joined(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Put what is said of one row in two files into one."""
    last: Entry | None = None
    for entry in entries:
        if last is not None and last[0] == entry[0]:
            last = (last[0], [*last[1], *entry[1]], [])
            continue
        if last is not None:
            yield last
        last = entry
    if last is not None:
        yield last


def _place(entry: Entry) -> int:
    return entry[0]
