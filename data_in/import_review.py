"""The last step of an import: the check while it runs, what it found, and the confirmation."""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from data_in.check_report import CellChange, Group, GroupPage, GroupRow, RowReason, read_group
from data_in.import_frame import Step, address_of, find_import, go_to, has_file, render_step
from data_in.import_words import PLANNED, Tile, changing, planned_tiles, tell_import
from data_in.importing import NotReady, start_import
from data_in.models import Import
from data_in.settings import parse
from operations.doors.admin import is_primary_key
from operations.doors.display import render_value
from operations.doors.job_story import needs_worker
from operations.doors.origin import read_clock
from operations.models import Job
from operations.types import Json

_FIRST_SHOWN: Final = (
    Group.REFUSED,
    Group.UPDATED,
    Group.DELETED,
    Group.CREATED,
    Group.SKIPPED,
    Group.UNCHANGED,
)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One attribute before and after; None where it is absent."""

    name: str
    before: SafeString | None
    after: SafeString | None


@dataclass(frozen=True, slots=True)
class ShownReason:
    """What is wrong or odd in a row, with the cell that it is about."""

    column: str
    cell: str
    message: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a group as the page shows it."""

    line: int
    key: str
    cells: tuple[str, ...]
    changes: tuple[ShownChange, ...]
    reasons: tuple[ShownReason, ...]


def show_checking(request: HttpRequest, row: Import, job: Job) -> HttpResponse:
    """Show how far the check is."""
    return render_step(
        request, "import_progress", progress_of(row, job), step=Step.REVIEW, row=row
    )


def show_review(request: HttpRequest, row: Import) -> HttpResponse:
    """Show what the check found: the counts, and the rows behind each of them."""
    settings = parse(row.settings)
    tiles = planned_tiles(row, settings)
    group = _chosen_group(request, tiles)
    refused = int(row.found.get(Group.REFUSED, 0))
    is_stopped = settings.all_or_nothing and refused > 0
    context: dict[str, Any] = {
        "tiles": [_linked(tile, group) for tile in tiles],
        "changing": changing(row),
        "refused": refused,
        "warned": int(row.found.get(Group.WARNINGS, 0)),
        "is_stopped": is_stopped,
        "may_start": changing(row) > 0 and not is_stopped,
        "effects": _effects(tiles),
    }
    if group is not None:
        found = read_group(row, group, page=_page_number(request))
        context |= describe_group(found) | {"group_title": PLANNED[group]}
    return render_step(request, "import_review", context, step=Step.REVIEW, row=row)


@require_POST
def start(request: HttpRequest, key: int) -> HttpResponse:
    """Import what was reviewed."""
    row = find_import(request, key)
    if not has_file(row):
        return go_to(address_of(row))
    try:
        start_import(row, actor=request.user.get_username())
    except NotReady as error:
        messages.error(request, str(error))
    return go_to(address_of(row))


def progress_of(row: Import, job: Job) -> dict[str, Any]:
    """Say how far a job is, for the page and without its script."""
    now = read_clock()
    return {
        "job": job,
        "progress": tell_import(job, now=now),
        "needs_worker": needs_worker(job, now=now),
        "state_link": address_of(row, "import_state"),
        "stop_link": address_of(row, "import_stop"),
    }


def describe_group(found: GroupPage) -> dict[str, Any]:
    """Say what a page of a group shows, with the addresses of its neighbours."""
    number = found.page
    return {
        "group": found.group,
        "group_page": found,
        "group_total": f"{found.total:,}",
        "group_rows": [_shown_row(each, found.header) for each in found.rows],
        "has_changes": found.group is Group.UPDATED,
        "has_reasons": found.group in (Group.REFUSED, Group.WARNINGS),
        "previous_link": _page_link(found.group, number - 1) if number > 1 else "",
        "next_link": _page_link(found.group, number + 1) if number < found.pages else "",
    }


def _shown_row(row: GroupRow, header: tuple[str, ...]) -> ShownRow:
    return ShownRow(
        line=row.line,
        key=row.key,
        cells=row.cells,
        changes=tuple(_shown_change(each) for each in row.changes),
        reasons=tuple(_shown_reason(each, row.cells, header) for each in row.reasons),
    )


def _shown_change(change: CellChange) -> ShownChange:
    return ShownChange(
        change.name, _shown(change.name, change.before), _shown(change.name, change.after)
    )


def _shown(name: str, value: Json) -> SafeString | None:
    return None if value is None else render_value(name, value)


def _shown_reason(
    reason: RowReason, cells: tuple[str, ...], header: tuple[str, ...]
) -> ShownReason:
    at = header.index(reason.column) if reason.column in header else len(cells)
    return ShownReason(reason.column, cells[at] if at < len(cells) else "", reason.message)


def _chosen_group(request: HttpRequest, tiles: tuple[Tile, ...]) -> Group | None:
    """Take the group that the address names, or the first that somebody should look at."""
    counts = {tile.group: tile.count for tile in tiles}
    asked = request.GET.get("group", "")
    named = next((group for group in counts if group == asked), None)
    return named or next((group for group in _FIRST_SHOWN if counts.get(group)), None)


def _linked(tile: Tile, group: Group | None) -> Tile:
    link = _page_link(tile.group, 1) if tile.count else ""
    return replace(tile, link=link, is_open=tile.group is group)


def _page_link(group: Group, page: int) -> str:
    query = {"group": group.value} | ({"page": str(page)} if page > 1 else {})
    return f"?{urlencode(query)}#rows"


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if is_primary_key(text) else 1


def _effects(tiles: tuple[Tile, ...]) -> str:
    """Say in one sentence what pressing the button does."""
    counts = {tile.group: tile for tile in tiles}
    words = {
        Group.CREATED: _("%(count)s to create"),
        Group.UPDATED: _("%(count)s to update"),
        Group.DELETED: _("%(count)s to remove"),
    }
    parts = [
        text % {"count": counts[group].shown}
        for group, text in words.items()
        if group in counts and counts[group].count
    ]
    return ", ".join(parts)
