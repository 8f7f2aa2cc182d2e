"""The settings of an export: which rows leave, with which columns, written how."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.utils.text import slugify

from data_in.export_files import Packing
from data_in.export_lines import Format, Part
from operations.doors.selection import Selection, load, rows_of, store
from operations.masking import NOTHING_HIDDEN
from operations.types import HiddenNames, Json
from operations.wire.columns import Kind
from relationships.models import Relationship
from workspaces.models import Workspace

_SLUG_CHARS: Final = 60
_TYPE_IN_QUERY: Final = re.compile(r"(?:^|&)object_type=([1-9][0-9]{0,9})(?:&|$)")


class Content(StrEnum):
    """Which files an export of objects or people has."""

    ROWS = "rows"
    RELATIONSHIPS = "relationships"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What leaves, and how it is written.

    `attributes` names those of the selected rows; None is all of them. `hidden` are the names
    that whoever asks may not see: the file goes without them.
    """

    selection: Selection
    content: Content = Content.ROWS
    attributes: tuple[str, ...] | None = None
    format: Format = Format.CSV
    is_gzipped: bool = False
    is_made_safe: bool = False
    hidden: HiddenNames = NOTHING_HIDDEN

    @property
    def packing(self) -> Packing:
        """Say what the file is wrapped in; two files need an archive."""
        if self.content is Content.BOTH:
            return Packing.ZIP
        return Packing.GZIP if self.is_gzipped else Packing.NONE

    @property
    def kind(self) -> Kind:
        """Name what the rows of the file are, of two files those of the first."""
        is_related = self.content is Content.RELATIONSHIPS
        return Kind.RELATIONSHIPS if is_related else self.selection.kind


def parse(stored: Mapping[str, Any]) -> ExportSettings:
    """Read settings as they are stored."""
    attributes = stored["attributes"]
    hidden = {kind: frozenset(names) for kind, names in stored["hidden"].items()}
    return ExportSettings(
        selection=load(stored["selection"]),
        content=Content(stored["content"]),
        attributes=None if attributes is None else tuple(attributes),
        format=Format(stored["format"]),
        is_gzipped=bool(stored["is_gzipped"]),
        is_made_safe=bool(stored["is_made_safe"]),
        hidden=HiddenNames(**hidden),
    )


def render(settings: ExportSettings) -> dict[str, Json]:
    """Write settings as JSON, so that `parse` gives the same ones back."""
    hidden = settings.hidden
    return {
        "selection": store(settings.selection),
        "content": settings.content.value,
        "attributes": None if settings.attributes is None else list(settings.attributes),
        "format": settings.format.value,
        "is_gzipped": settings.is_gzipped,
        "is_made_safe": settings.is_made_safe,
        "hidden": {
            "people": [*sorted(hidden.people)],
            "objects": [*sorted(hidden.objects)],
            "relationships": [*sorted(hidden.relationships)],
        },
    }


def parts_of(settings: ExportSettings) -> tuple[Part, ...]:
    """Say what each file of an export holds; raise SelectionError for an unreadable filter."""
    rows = rows_of(settings.selection)
    kind, hidden = settings.selection.kind, settings.hidden
    own = Part(kind, rows, settings.attributes, getattr(hidden, kind.value))
    if settings.content is Content.ROWS or kind is Kind.RELATIONSHIPS:
        return (own,)
    side = "person" if kind is Kind.PEOPLE else "object"
    found = Relationship.objects.for_workspace(settings.selection.workspace)
    found = found.filter(**{f"{side}__in": rows.order_by().values("pk")})
    related = Part(Kind.RELATIONSHIPS, found, None, hidden.relationships)
    return (related,) if settings.content is Content.RELATIONSHIPS else (own, related)


def kinds_of(settings: ExportSettings) -> tuple[Kind, ...]:
    """Name the kind of each file of an export."""
    if settings.content is Content.BOTH:
        return settings.selection.kind, Kind.RELATIONSHIPS
    return (settings.kind,)


def member_names(settings: ExportSettings) -> tuple[str, ...]:
    """Name the files before they are packed."""
    return tuple(f"{kind}.{settings.format}" for kind in kinds_of(settings))


def file_name(settings: ExportSettings, *, workspace: Workspace, at: datetime, key: int) -> str:
    """Name the file after the workspace, what it holds, when it was asked for, and its export."""
    slugs = [slugify(workspace.name)[:_SLUG_CHARS], _type_slug(settings.selection, workspace)]
    what = "_and_".join(kinds_of(settings))
    stem = "_".join([*filter(None, slugs), what, f"{at:%Y%m%dT%H%M%SZ}", str(key)])
    match settings.packing:
        case Packing.ZIP:
            return f"{stem}.zip"
        case Packing.GZIP:
            return f"{stem}.{settings.format}.gz"
        case Packing.NONE:
            return f"{stem}.{settings.format}"


def type_number_of(selection: Selection) -> int | None:
    """Give the number of the one type that a list of objects or relationships shows."""
    asked = _TYPE_IN_QUERY.search(selection.query or "")
    return int(asked[1]) if asked else None


def _type_slug(selection: Selection, workspace: Workspace) -> str:
    number = type_number_of(selection)
    if number is None:
        return ""
    found = workspace.object_types.filter(number=number)
    return found.values_list("slug", flat=True).first() or ""
