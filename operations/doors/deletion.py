"""Deletions in the admin: what would go along, in counts, and one engine call."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.engine import apply_stream, open_change_set
from operations.results import Status
from operations.types import Call, Operation, Origin

SAMPLE_ROWS = 8
_ROWS_AT_A_TIME = 500

Counts: TypeAlias = dict[Status, int]


@dataclass(frozen=True, slots=True)
class Along:
    """How many rows of a kind a deletion takes along."""

    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a confirmation page says."""

    count: int
    label: str
    along: tuple[Along, ...]
    sample: tuple[str, ...]

    @property
    def more(self) -> str:
        """Write how many rows the sample leaves out."""
        return write_more(self.count - len(self.sample))


def walk_rows(rows: QuerySet[Any], *fields: str) -> Iterator[tuple[Any, ...]]:
    """Give the columns of every row in key order, a slice at a time.

    The slices are read one by one, because the rows are deleted while they are walked.
    """
    last = 0
    ordered = rows.order_by("pk").values_list("pk", *fields)
    while found := list(ordered.filter(pk__gt=last)[:_ROWS_AT_A_TIME]):
        yield from (columns[1:] for columns in found)
        last = found[-1][0]


def delete_all(origin: Origin, *, operations: Iterable[Operation]) -> tuple[Counts, int]:
    """Apply deletions as one change set, each a call of its own; gives its key too."""
    calls = (Call(origin=origin, operations=(operation,)) for operation in operations)
    change_set = open_change_set(origin)
    return apply_stream(calls, change_set=change_set), change_set


def told_with_undo(told: str, *, change_set: int) -> SafeString:
    """Say what was done, with a way to the page where it can be undone."""
    link = reverse("admin:operations_changeset_change", args=[change_set])
    return format_html('{} <a href="{}">{}</a>', told, link, _("Look at it or undo it"))


def count_label(model: type[Model], count: int) -> str:
    """Name so many rows of a model: "1 object", "12 people"."""
    names = model._meta
    singular, plural = str(names.verbose_name), str(names.verbose_name_plural)
    return f"{count:,} {singular if count == 1 else plural}"


def write_more(count: int) -> str:
    """Write how many more rows there are, if any."""
    return f"{count:,}" if count > 0 else ""


def relationships_label(count: int) -> str:
    """Name so many relationships."""
    return ngettext("%(count)s relationship", "%(count)s relationships", count) % {
        "count": f"{count:,}"
    }
