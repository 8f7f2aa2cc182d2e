"""Imports told in words: what the settings ask for, what was found, how fast it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from data_in.check_report import Group
from data_in.models import Import
from data_in.settings import Blanks, Mode, Settings
from operations.doors.job_story import tell_progress
from operations.models import Job
from operations.wire.column_settings import CellType, ColumnSetting, Role
from operations.wire.columns import Identifier, Kind

_MODES: Final = {
    Mode.ALL: gettext_lazy("Add and update"),
    Mode.ONLY_NEW: gettext_lazy("Only add"),
    Mode.ONLY_EXISTING: gettext_lazy("Only update"),
}
# What a group is called before the import and after it.
PLANNED: Final[Mapping[Group, Any]] = {
    Group.CREATED: gettext_lazy("To create"),
    Group.UPDATED: gettext_lazy("To update"),
    Group.DELETED: gettext_lazy("To remove"),
    Group.UNCHANGED: gettext_lazy("Unchanged"),
    Group.SKIPPED: gettext_lazy("To skip"),
    Group.REFUSED: gettext_lazy("Refused"),
    Group.WARNINGS: gettext_lazy("With warnings"),
}
_DONE: Final[Mapping[Group, Any]] = {
    **PLANNED,
    Group.CREATED: gettext_lazy("Created"),
    Group.UPDATED: gettext_lazy("Updated"),
    Group.DELETED: gettext_lazy("Removed"),
    Group.SKIPPED: gettext_lazy("Skipped"),
}
_DELIMITERS: Final = {
    ",": gettext_lazy("Comma"),
    ";": gettext_lazy("Semicolon"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Vertical bar"),
}
_ICONS: Final[Mapping[Group, str]] = {
    Group.CREATED: "add_circle",
    Group.UPDATED: "edit",
    Group.DELETED: "delete",
    Group.UNCHANGED: "equal",
    Group.SKIPPED: "skip_next",
    Group.REFUSED: "block",
    Group.WARNINGS: "warning",
}
_ALWAYS: Final = (Group.CREATED, Group.UPDATED, Group.UNCHANGED, Group.REFUSED)


@dataclass(frozen=True, slots=True)
class Tile:
    """How many rows a group has; the link opens it."""

    group: Group
    label: str
    icon: str
    count: int
    link: str = ""
    is_open: bool = False

    @property
    def shown(self) -> str:
        """Write the number."""
        return f"{self.count:,}"

    @property
    def is_bad(self) -> bool:
        """Tell whether somebody should look at it."""
        return self.group is Group.REFUSED and self.count > 0


def planned_tiles(row: Import, settings: Settings) -> tuple[Tile, ...]:
    """Tell what the check counted."""
    return _tiles(row.found, PLANNED, settings)


def result_tiles(row: Import, settings: Settings) -> tuple[Tile, ...]:
    """Tell what the import counted."""
    return _tiles(row.result, _DONE, settings)


def counts_of(row: Import) -> str:
    """Write on one line what became, or would become, of the rows."""
    is_over = bool(row.result)
    counts, labels = (row.result, _DONE) if is_over else (row.found, PLANNED)
    parts = [
        f"{labels[group]} {int(counts[group]):,}"
        for group in Group
        if group is not Group.WARNINGS and counts.get(group)
    ]
    return " · ".join(parts)


def describe_columns(settings: Settings) -> list[tuple[str, str]]:
    """Say what became of each column: its header, and what it was read as."""
    return [(column.header, _describe_column(column)) for column in settings.columns]


def changing(row: Import) -> int:
    """Count the rows that the import would change."""
    groups = (Group.CREATED, Group.UPDATED, Group.DELETED)
    return sum(int(row.found.get(group, 0)) for group in groups)


def describe_mode(settings: Settings) -> str:
    """Say which rows an import may touch."""
    return _("Remove") if settings.removes else str(_MODES[settings.mode])


def describe_settings(
    settings: Settings, *, kind: Kind, encoding: str = "", delimiter: str = ""
) -> list[tuple[str, str]]:
    """Say what was chosen, besides the columns; only what is not as usual."""
    found = [(_("Mode"), describe_mode(settings))]
    if kind is not Kind.OBJECTS:
        found.append((_("People are named by"), describe_identifier(settings.identifier)))
    if settings.blanks is Blanks.CLEAR:
        found.append((_("Blank cells"), _("Remove the attribute")))
    if settings.treats_null_as_empty:
        found.append((_("NULL"), _("Counts as a blank cell")))
    if settings.is_made_safe:
        found.append((_("Apostrophes"), _("One is stripped from cells made safe")))
    if settings.all_or_nothing:
        found.append((_("Refused rows"), _("Stop the import")))
    if encoding or settings.encoding:
        found.append((_("Encoding"), encoding or settings.encoding or ""))
    if delimiter or settings.delimiter:
        found.append((_("Delimiter"), describe_delimiter(delimiter or settings.delimiter or "")))
    return found


def describe_identifier(identifier: Identifier | None) -> str:
    """Say which column names the person of a row."""
    return identifier.value if identifier else _("The first of id, email and cio_id")


def describe_delimiter(delimiter: str) -> str:
    """Name what stands between cells."""
    return str(_DELIMITERS.get(delimiter, delimiter))


def required_columns(kind: Kind, *, has_type: bool) -> str:
    """Say which columns a file of this kind has to have."""
    match kind:
        case Kind.PEOPLE:
            return _("Needs a column id, email or cio_id.")
        case Kind.OBJECTS if has_type:
            return _("Needs a column object_id, or cio_object_id for objects that exist.")
        case Kind.OBJECTS:
            return _("Needs the columns object_type_id and object_id.")
        case Kind.RELATIONSHIPS:
            return _(
                "Needs object_id or cio_object_id, and id, email or cio_id of the person. "
                "object_type_id says the type of each row."
            )


def tell_import(job: Job, *, now: datetime) -> dict[str, Any]:
    """Tell how far the job of an import is, with its rate."""
    progress = tell_progress(job, now=now)
    seconds = (now - job.started_at).total_seconds() if job.started_at else 0
    if seconds >= 1 and job.done:
        rate = round(job.done / seconds)
        text = ngettext("%(rate)s row a second", "%(rate)s rows a second", rate)
        told = text % {"rate": f"{rate:,}"}
        progress["rest"] = " · ".join(filter(None, (told, progress["rest"])))
    return progress


def _describe_column(column: ColumnSetting) -> str:
    match column.role:
        case Role.SKIP:
            return _("left out")
        case Role.IDENTIFIER:
            return _("identifier %(name)s") % {"name": column.name}
        case Role.ATTRIBUTE if column.type is CellType.AUTOMATIC:
            return column.name
        case Role.ATTRIBUTE:
            is_date = column.type is CellType.DATE
            read_as = column.date_format.value if is_date else column.type.value
            return f"{column.name} ({read_as})"


def _tiles(
    counts: Mapping[str, Any], labels: Mapping[Group, Any], settings: Settings
) -> tuple[Tile, ...]:
    """Leave out what is empty and not expected."""
    shown = {*_ALWAYS} - ({Group.CREATED, Group.UPDATED} if settings.removes else set())
    expected = shown | ({Group.DELETED} if settings.removes else set())
    return tuple(
        Tile(group, str(labels[group]), _ICONS[group], int(counts.get(group, 0)))
        for group in Group
        if group in expected or counts.get(group)
    )
