"""Bulk deletions and attribute edits: what is chosen, what would become of it, and its steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objects.models import ObjectType
from operations.doors.bulk_rows import (
    READINGS,
    RULES,
    Row,
    cut_into_steps,
    delete_row,
    edit_row,
    subject_of,
)
from operations.doors.deletion import relationships_label
from operations.doors.jobs import Order, Step, Subject
from operations.doors.origin import origin_from
from operations.doors.selection import Selection, load, rows_of, store, walk_rows
from operations.doors.story import Difference, compare
from operations.engine import preview
from operations.errors import Reason, Rejection
from operations.models import Job
from operations.results import Outcome, Status
from operations.types import Attributes, Call, Door, Json, Operation, Origin
from operations.wire.columns import Kind

SAMPLE_ROWS: Final = 20
# The preview holds its rows in memory, within the request.
PREVIEW_MAX_ROWS: Final = 2_000
_TOTALS: Final = {"rows": Count("pk"), "along": Sum("totals__relationship_count", default=0)}


@dataclass(frozen=True, slots=True)
class Extent:
    """How many rows are chosen, and what hangs on them.

    `label` names them on screen with their number, `names` without it.
    """

    rows: int
    relationships: int
    label: str
    names: str


@dataclass(frozen=True, slots=True)
class Example:
    """A row of a preview: what would become of it, and what differs."""

    subject: Subject
    status: Status
    differences: tuple[Difference, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What an edit would do to the rows that were tried, the first ones of the selection."""

    tried: int
    total: int
    counts: dict[Status, int]
    examples: tuple[Example, ...]
    refusals: tuple[Example, ...]

    @property
    def changed(self) -> int:
        """Count the rows that would change."""
        return self.counts[Status.UPDATED]

    @property
    def unchanged(self) -> int:
        """Count the rows that would stay as they are."""
        return self.counts[Status.UNCHANGED] + self.counts[Status.SKIPPED]

    @property
    def refused(self) -> int:
        """Count the rows that would be refused."""
        return self.counts[Status.REFUSED]

    @property
    def untried(self) -> int:
        """Count the rows that were not tried."""
        return max(0, self.total - self.tried)

    @property
    def may_change(self) -> bool:
        """Tell whether there is something to confirm: what was not tried may change."""
        return self.changed > 0 or not self.is_whole

    @property
    def is_whole(self) -> bool:
        """Tell whether every row of the selection was tried."""
        return self.tried >= self.total


def measure(selection: Selection) -> Extent:
    """Count the rows and their relationships in one statement."""
    rows = rows_of(selection).order_by()
    names = str(rows.model._meta.verbose_name_plural).capitalize()
    match selection.kind:
        case Kind.RELATIONSHIPS:
            count = rows.count()
            return Extent(count, 0, relationships_label(count), names)
        case Kind.PEOPLE:
            found = rows.aggregate(**_TOTALS)
            label = ngettext("%(count)s person", "%(count)s people", found["rows"])
            label %= {"count": f"{found['rows']:,}"}
        case Kind.OBJECTS:
            found = rows.aggregate(**_TOTALS, low=Min("object_type"), high=Max("object_type"))
            label, names = _names_of_objects(found, names=names)
    return Extent(found["rows"], found["along"], label, names)


def sample_of(selection: Selection) -> tuple[Subject, ...]:
    """Name the first rows."""
    rows = islice(_walk(selection), SAMPLE_ROWS)
    return tuple(subject_of(selection.kind, row) for row in rows)


def order_deletion(selection: Selection, *, actor: str) -> Order:
    """Prepare the deletion of a selection."""
    extent = measure(selection)
    return Order(
        kind="delete",
        workspace=selection.workspace,
        actor=actor,
        title=_("Delete %(rows)s") % {"rows": extent.label},
        parameters={
            "selection": store(selection),
            "label": extent.label,
            "names": extent.names,
            "relationships": extent.relationships,
        },
        total=extent.rows,
        weight=extent.rows + extent.relationships,
    )


def order_edit(selection: Selection, *, actor: str, removes: bool) -> Order:
    """Prepare an edit of a selection; which attributes is asked on its page."""
    extent = measure(selection)
    title = _("Remove attributes from %(rows)s") if removes else _("Set attributes on %(rows)s")
    return Order(
        kind="edit",
        workspace=selection.workspace,
        actor=actor,
        title=title % {"rows": extent.label},
        parameters={
            "selection": store(selection),
            "label": extent.label,
            "names": extent.names,
            "removes": removes,
        },
        total=extent.rows,
    )


def selection_of(job: Job) -> Selection:
    """Read the selection of a job."""
    return load(job.parameters["selection"])


def known_names(selection: Selection) -> list[str]:
    """List the attributes of the first rows, to be offered by name."""
    rows = rows_of(selection).order_by("pk").values_list("attributes", flat=True)
    return sorted({name for attributes in rows[:SAMPLE_ROWS] for name in attributes})


def foresee_edit(job: Job) -> Foresight:
    """Let the engine work out what the edit would do to the first rows."""
    selection = selection_of(job)
    rows = list(islice(_walk(selection), PREVIEW_MAX_ROWS))
    origin = origin_from(workspace_id=job.workspace_id, door=Door.BULK, actor=job.actor)
    edit = _editing(selection.kind, job.parameters["attributes"])
    result = preview([_call(origin, edit(row)) for row in rows])
    examples = [
        _example(selection.kind, row, outcome)
        for row, outcome in zip(rows, result.outcomes, strict=True)
        if outcome.status in (Status.UPDATED, Status.REFUSED)
    ]
    return Foresight(
        tried=len(rows),
        total=job.total,
        counts=result.counts(),
        examples=_first(examples, Status.UPDATED),
        refusals=_first(examples, Status.REFUSED),
    )


def try_edit(selection: Selection, attributes: Attributes, *, actor: str) -> tuple[Rejection, ...]:
    """Give what the engine would refuse about the first row, which has to be there."""
    origin = origin_from(workspace_id=selection.workspace, door=Door.BULK, actor=actor)
    edit = _editing(selection.kind, attributes)
    row = next(_walk(selection), None)
    if row is None:
        message = _("None of the chosen rows is there any more.")
        return (Rejection(position=0, reason=Reason.NOT_FOUND, field="", message=message),)
    return preview([_call(origin, edit(row))]).outcomes[0].rejections


def delete_steps(job: Job, origin: Origin) -> Iterator[Step]:
    """Give the steps of a deletion from where the job stands."""
    selection = selection_of(job)
    suppresses = bool(job.parameters.get("suppresses"))
    kind = selection.kind
    return _steps(job, origin, lambda row: delete_row(kind, row, suppresses=suppresses))


def edit_steps(job: Job, origin: Origin) -> Iterator[Step]:
    """Give the steps of an edit from where the job stands."""
    kind = selection_of(job).kind
    return _steps(job, origin, _editing(kind, job.parameters["attributes"]))


def _steps(job: Job, origin: Origin, operation: Callable[[Row], Operation]) -> Iterator[Step]:
    selection = selection_of(job)
    after = job.position[0] if job.position else 0
    for rows in cut_into_steps(selection.kind, _walk(selection, after=after)):
        yield Step(
            calls=[_call(origin, operation(row)) for row in rows],
            position=(rows[-1][0],),
            describe=_describing(selection.kind, rows),
        )


def _walk(selection: Selection, *, after: int = 0) -> Iterator[Row]:
    return walk_rows(selection, *READINGS[selection.kind].columns, after=after)


def _call(origin: Origin, operation: Operation) -> Call:
    return Call(origin=origin, operations=(operation,), rules=RULES)


def _editing(kind: Kind, attributes: Attributes) -> Callable[[Row], Operation]:
    return lambda row: edit_row(kind, row, attributes)


def _describing(kind: Kind, rows: Sequence[Row]) -> Callable[[int], Subject]:
    return lambda index: subject_of(kind, rows[index])


def _example(kind: Kind, row: Row, outcome: Outcome) -> Example:
    changes: Sequence[Any] = outcome.changes
    before: Mapping[str, Json] | None = changes[0].before if changes else None
    after: Mapping[str, Json] | None = changes[0].after if changes else None
    return Example(
        subject=subject_of(kind, row),
        status=outcome.status,
        differences=compare(before, after),
        reason="; ".join(rejection.message for rejection in outcome.rejections),
    )


def _first(examples: Sequence[Example], status: Status) -> tuple[Example, ...]:
    return tuple(islice((each for each in examples if each.status is status), SAMPLE_ROWS))


def _names_of_objects(found: Mapping[str, Any], *, names: str) -> tuple[str, str]:
    """Name objects by their type where they have only one."""
    count = found["rows"]
    object_type = ObjectType.objects.filter(pk=found["low"]).first()
    if object_type is None or found["low"] != found["high"]:
        label = ngettext("%(count)s object", "%(count)s objects", count)
        return label % {"count": f"{count:,}"}, names
    name = object_type.singular_name if count == 1 else object_type.name
    return f"{count:,} {name}", object_type.name
