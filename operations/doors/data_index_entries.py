"""The entries of the data index as a page shows them: counts, types, samples, near twins."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, F, QuerySet, When
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from objects.models import Object
from operations.doors.attribute_usage import Usage
from operations.doors.counts import Counts
from operations.doors.data_index import NameFound, by_number, gather_at_once, is_small
from operations.doors.deadline import run_within
from operations.doors.display import readable_text, render_mask, short_text
from operations.doors.origin import read_clock
from operations.json import dump
from operations.masking import Masked
from operations.models import AttributeKind, AttributeName, AttributeScan
from operations.types import Json
from people.models import Person
from relationships.models import Relationship
from workspaces.models import Workspace

TYPE_LABELS: Final[Mapping[str, str | Promise]] = {
    "text": _("Text"),
    "number": _("Number"),
    "boolean": _("True/false"),
    "date": _("Date-like"),
    "list": _("List"),
    "object": _("Object"),
}
SAMPLES_SHOWN: Final = 3
_LIVE_SECONDS: Final = 2.0
_RECENT_ROWS: Final = 50
# Larger rows are left out of the samples, so that a page stays small whatever they hold.
_SAMPLED_MAX_BYTES: Final = 8_192


@dataclass(frozen=True, slots=True)
class Entry:
    """One attribute, as far as it is known."""

    name: str
    row_count: int = 0
    types: Mapping[str, int] | None = None
    sample_keys: tuple[int, ...] = ()
    last_set_at: int | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    is_sensitive: bool = False
    similar: tuple[str, ...] = ()
    used_in: tuple[Usage, ...] = ()
    samples: tuple[SafeString | str, ...] = ()

    @property
    def type_labels(self) -> list[tuple[str | Promise, int]]:
        """Name the types seen, the most frequent first."""
        found = sorted((self.types or {}).items(), key=lambda pair: -pair[1])
        return [(TYPE_LABELS.get(name, name), count) for name, count in found]


@dataclass(frozen=True, slots=True)
class Entries:
    """The attributes of the people, or of the rows of one type, and when they were read."""

    entries: tuple[Entry, ...]
    read_at: datetime | None
    is_live: bool
    is_asked_for: bool = False


def read_entries(workspace: Workspace, *, kind: str, number: int, counts: Counts) -> Entries:
    """Give all entries: read at once where the rows are few, else as the worker left them."""
    said = AttributeName.objects.filter(
        workspace=workspace, kind=kind, object_type_number=number
    ).order_by("name")
    marked = marked_names(workspace, kind)
    known = {row.name: _entry(row) for row in said}
    live = _read_live(workspace, kind=kind, number=number) if is_small(counts, kind) else None
    if live is not None:
        entries = _with_twins(_merged(known, live, marked))
        return Entries(entries, read_clock(), is_live=True)
    scan = AttributeScan.objects.filter(workspace=workspace, kind=kind).first()
    return Entries(
        _with_twins(known.values()),
        scan.read_at if scan else None,
        is_live=False,
        is_asked_for=bool(scan and (scan.is_asked_for or scan.position is not None)),
    )


def marked_names(workspace: Workspace, kind: str) -> frozenset[str]:
    """Give the names that are sensitive; a mark in one object type holds in all of them."""
    marked = AttributeName.objects.filter(workspace=workspace, kind=kind, is_sensitive=True)
    return frozenset(marked.values_list("name", flat=True))


def with_samples(
    entries: Sequence[Entry], workspace: Workspace, *, kind: str, number: int
) -> list[Entry]:
    """Add a few values of each entry; what is hidden from the reader comes masked."""
    found: dict[str, list[Json]] = defaultdict(list)
    wanted = {entry.name for entry in entries}
    keys = {key for entry in entries for key in entry.sample_keys}
    for rows in _sampled(workspace, kind=kind, number=number, keys=keys):
        for attributes in rows:
            for name in wanted & (attributes or {}).keys():
                _add_sample(found[name], attributes[name])
    return [
        replace(entry, samples=tuple(_shown(entry.name, value) for value in found[entry.name]))
        for entry in entries
    ]


def twin_key(name: str) -> str:
    """Give what names that differ only in case, blanks and signs have in common."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def _entry(row: AttributeName) -> Entry:
    return Entry(
        name=row.name,
        row_count=row.row_count,
        types=row.types,
        sample_keys=tuple(row.sample_keys),
        last_set_at=row.last_set_at,
        description=row.description,
        tags=tuple(row.tags),
        is_sensitive=row.is_sensitive,
    )


def _read_live(workspace: Workspace, *, kind: str, number: int) -> dict[str, NameFound] | None:
    gathered = run_within(lambda: gather_at_once(kind, workspace), seconds=_LIVE_SECONDS)
    if gathered is None:
        return None
    found = by_number(gathered, workspace)
    return {name: each for (of_type, name), each in found.items() if of_type == number}


def _merged(
    known: Mapping[str, Entry], live: Mapping[str, NameFound], marked: frozenset[str]
) -> list[Entry]:
    """Take the numbers from the rows, and what was said from the index."""
    found = []
    for name in sorted({*known, *live}):
        entry = known.get(name) or Entry(name=name)
        seen = live.get(name) or NameFound()
        is_said = entry.description or entry.tags or entry.is_sensitive
        if name not in live and not is_said:
            continue
        found.append(
            replace(
                entry,
                is_sensitive=name in marked,
                row_count=seen.row_count,
                types=seen.types,
                sample_keys=tuple(seen.sample_keys),
                last_set_at=seen.last_set_at or entry.last_set_at,
            )
        )
    return found


def _with_twins(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    found = list(entries)
    groups: dict[str, list[str]] = defaultdict(list)
    for entry in found:
        groups[twin_key(entry.name)].append(entry.name)
    return tuple(
        replace(entry, similar=tuple(name for name in twins if name != entry.name))
        for entry in found
        if (twins := groups[twin_key(entry.name)])
    )


def _sampled(
    workspace: Workspace, *, kind: str, number: int, keys: set[int]
) -> Iterable[QuerySet[Any, Any]]:
    """Read the rows that the index names, and some recent ones where an index leads to them."""
    small = Case(When(attributes_bytes__lte=_SAMPLED_MAX_BYTES, then=F("attributes")))
    rows: Any
    match AttributeKind(kind):
        case AttributeKind.PEOPLE:
            rows = Person.objects.for_workspace(workspace)
            recent = rows.order_by("-cio_id")
        case AttributeKind.OBJECTS:
            rows = Object.objects.for_workspace(workspace)
            recent = rows.of_type(number).order_by("-created_at", "-pk")
        case AttributeKind.RELATIONSHIPS:
            rows = Relationship.objects.for_workspace(workspace)
            recent = rows.none()
    yield recent.values_list(small, flat=True)[:_RECENT_ROWS]
    if keys:
        yield rows.filter(pk__in=sorted(keys)).order_by("-pk").values_list(small, flat=True)


def _add_sample(samples: list[Json], value: Json) -> None:
    if len(samples) < SAMPLES_SHOWN and all(dump(value) != dump(each) for each in samples):
        samples.append(value)


def _shown(name: str, value: Json) -> SafeString | str:
    if isinstance(value, Masked):
        return render_mask()
    return short_text(readable_text(name, value))
