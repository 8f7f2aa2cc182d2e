"""Refused rows corrected in the page: their failing cells as fields, and an import of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from data_in.check_report import Group, GroupPage, GroupRow, read_group
from data_in.import_frame import address_of, find_import, go_to, has_file, render_page
from data_in.importing import NotReady, correct, start_check
from data_in.models import Import

_FIELD: Final = "cell"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that can be corrected, with what is wrong with it."""

    field: str
    header: str
    text: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A refused row: its cells that can be corrected here, and what can only be in the file."""

    line: int
    key: str
    cells: tuple[Cell, ...]
    others: tuple[str, ...]


def fix_rows(request: HttpRequest, key: int) -> HttpResponse:
    """Show the first refused rows with their failing cells, or import them corrected."""
    row = find_import(request, key)
    if not has_file(row) or not _refused(row):
        return go_to(address_of(row))
    found = read_group(row, Group.REFUSED, page=1)
    if request.method != "POST":
        return _show(request, row, found)
    try:
        corrected = correct(row, _typed(request.POST, found), actor=request.user.get_username())
        start_check(corrected, actor=request.user.get_username())
    except NotReady as error:
        messages.error(request, str(error))
        return _show(request, row, found)
    return go_to(address_of(corrected))


def _show(request: HttpRequest, row: Import, found: GroupPage) -> HttpResponse:
    rows = [_wrong_row(each, found.header, request.POST) for each in found.rows]
    context = {
        "rows": rows,
        "hidden": max(0, found.total - len(rows)),
        "has_fields": any(each.cells for each in rows),
    }
    return render_page(request, "import_fixing", context, title=_("Correct rows"), row=row)


def _wrong_row(row: GroupRow, header: tuple[str, ...], posted: QueryDict) -> WrongRow:
    told: dict[str, list[str]] = {}
    for reason in row.reasons:
        told.setdefault(reason.column, []).append(reason.message)
    cells = tuple(
        Cell(_field(row.line, at), name, posted.get(_field(row.line, at), text), tuple(told[name]))
        for at, name, text in _failing(row, header)
    )
    known = {cell.header for cell in cells}
    others = [message for name, found in told.items() if name not in known for message in found]
    return WrongRow(row.line, row.key, cells, tuple(others))


def _failing(row: GroupRow, header: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    columns = {reason.column for reason in row.reasons}
    for at, (name, text) in enumerate(zip(header, row.cells, strict=False)):
        if name in columns:
            yield at, name, text


def _typed(posted: QueryDict, found: GroupPage) -> Mapping[int, Mapping[str, str]]:
    """Give what was changed: line, header and text."""
    typed: dict[int, dict[str, str]] = {}
    for row in found.rows:
        for at, name, text in _failing(row, found.header):
            new = _with_plain_ends(posted.get(_field(row.line, at), text))
            if new != _with_plain_ends(text):
                typed.setdefault(row.line, {})[name] = new
    return typed


def _with_plain_ends(text: str) -> str:
    """Write line ends as most files have them; browsers send their own."""
    return text.replace("\r\n", "\n")


def _field(line: int, column: int) -> str:
    return f"{_FIELD}-{line}-{column}"


def _refused(row: Import) -> int:
    return int((row.result or row.found).get(Group.REFUSED, 0))
