"""The walks that keep the data index up to date, done by the worker behind the writers.

Nothing is counted while rows are written. A walk reads spans of keys, two statements for each,
turns to other work after a while and goes on where it stopped. Its result replaces the derived
columns of `AttributeName`, which are written here and nowhere else.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from operations.doors.counts import read_counts
from operations.doors.data_index import (
    Gathered,
    NameFound,
    by_number,
    gather_at_once,
    is_small,
    load_gathered,
)
from operations.doors.origin import read_clock
from operations.engine.data_index import key_span
from operations.models import Activity, AttributeKind, AttributeName, AttributeScan
from workspaces.models import Workspace

SPAN_KEYS: Final = 20_000
TURN_SECONDS: Final = 20.0
# What has changed is read again after so long.
READ_AGAIN_AFTER: Final = timedelta(minutes=15)
_DERIVED: Final = ("row_count", "types", "sample_keys", "last_set_at")
_WRITTEN_AT_ONCE: Final = 500


@task()
def read_attributes() -> None:
    """Walk on with what is due, for one turn; ask to be run again when something is left."""
    ends_at = monotonic() + TURN_SECONDS
    make_missing_scans()
    for scan in due_scans(now=read_clock()):
        if not walk_on(scan, ends_at=ends_at) or monotonic() >= ends_at:
            break
    schedule_reading()


def schedule_reading() -> None:
    """Have the walks go on, unless they are waiting to or nothing is due."""
    path, state = read_attributes.module_path, TaskResultStatus.READY
    if DBTaskResult.objects.filter(task_path=path, status=state).exists():
        return
    if due_scans(now=read_clock()).exists():
        read_attributes.enqueue()


def ask_for_reading(workspace: Workspace) -> None:
    """Have all kinds of rows of a workspace read now."""
    note_for_reading(workspace)
    schedule_reading()


def note_for_reading(workspace: Workspace) -> None:
    """Have all kinds of rows of a workspace read with the next upkeep: much has changed."""
    scans = [
        AttributeScan(workspace=workspace, kind=kind, is_asked_for=True)
        for kind in AttributeKind.values
    ]
    AttributeScan.objects.bulk_create(
        scans,
        update_conflicts=True,
        unique_fields=["workspace", "kind"],
        update_fields=["is_asked_for"],
    )


def make_missing_scans() -> None:
    """Give every workspace a scan of each kind."""
    has_scans = AttributeScan.objects.values("workspace")
    scans = [
        AttributeScan(workspace=workspace, kind=kind)
        for workspace in Workspace.objects.exclude(pk__in=has_scans)
        for kind in AttributeKind.values
    ]
    AttributeScan.objects.bulk_create(scans, ignore_conflicts=True)


def due_scans(*, now: datetime) -> QuerySet[AttributeScan]:
    """Give the scans that somebody asked for, that are under way, or whose rows have changed."""
    log = Activity.objects.filter(workspace=OuterRef("workspace")).order_by("-pk")
    is_changed = Q(read_at__lt=now - READ_AGAIN_AFTER, newest__gt=F("read_activity"))
    is_due = Q(is_asked_for=True) | Q(position__isnull=False) | Q(read_at=None) | is_changed
    found = AttributeScan.objects.annotate(newest=Subquery(log.values("pk")[:1])).filter(is_due)
    return found.select_related("workspace").order_by("-is_asked_for", "read_at", "pk")


def walk_on(scan: AttributeScan, *, ends_at: float) -> bool:
    """Read the rows of a scan from where it stands; tell whether it came to the end in time."""
    if scan.position is None and not _start(scan):
        return True
    if is_small(read_counts(scan.workspace_id), scan.kind):
        _finish(scan, gather_at_once(scan.kind, scan.workspace))
        return True
    gathered = load_gathered(scan.found)
    position, last = scan.position or 0, key_span(scan.kind)[1]
    while position < last:
        span = (position, position + SPAN_KEYS)
        gathered.read(scan.kind, scan.workspace_id, span=span)
        position = span[1]
        if position < last and monotonic() >= ends_at:
            _claim(scan, position=position, found=gathered.store())
            return False
    _finish(scan, gathered)
    return True


def _start(scan: AttributeScan) -> bool:
    newest = Activity.objects.for_workspace(scan.workspace_id).order_by("-pk")
    return _claim(
        scan,
        position=max(0, key_span(scan.kind)[0] - 1),
        found=[],
        is_asked_for=False,
        started_at=read_clock(),
        started_activity=newest.values_list("pk", flat=True).first() or 0,
    )


def _claim(scan: AttributeScan, **values: Any) -> bool:
    """Write how far a scan is, unless another worker has gone on with it."""
    same = AttributeScan.objects.filter(pk=scan.pk, position=scan.position)
    if scan.started_at is not None:
        same = same.filter(started_at=scan.started_at)
    if not same.update(**values):
        return False
    for name, value in values.items():
        setattr(scan, name, value)
    return True


def _finish(scan: AttributeScan, gathered: Gathered) -> None:
    """Put what was found in the place of what was known."""
    with transaction.atomic():
        is_mine = _claim(
            scan,
            position=None,
            found=[],
            read_at=scan.started_at,
            read_activity=scan.started_activity,
        )
        if is_mine:
            _store(scan, by_number(gathered, scan.workspace))


def _store(scan: AttributeScan, names: dict[tuple[int, str], NameFound]) -> None:
    known = AttributeName.objects.filter(workspace=scan.workspace_id, kind=scan.kind)
    gone = [each for each in known if (each.object_type_number, each.name) not in names]
    marked = set(known.filter(is_sensitive=True).values_list("name", flat=True))
    _upsert(
        AttributeName(
            workspace_id=scan.workspace_id,
            kind=scan.kind,
            object_type_number=number,
            name=name,
            is_sensitive=name in marked,
            row_count=found.row_count,
            types=found.types,
            sample_keys=found.sample_keys,
            last_set_at=found.last_set_at,
        )
        for (number, name), found in names.items()
    )
    said = [row.pk for row in gone if row.description or row.tags or row.is_sensitive]
    unsaid = [row.pk for row in gone if row.pk not in set(said)]
    AttributeName.objects.filter(pk__in=said).update(row_count=0, types={}, sample_keys=[])
    AttributeName.objects.filter(pk__in=unsaid).delete()


def _upsert(rows: Iterable[AttributeName]) -> None:
    """Write the derived columns; what somebody said about an attribute stays."""
    AttributeName.objects.bulk_create(
        rows,
        batch_size=_WRITTEN_AT_ONCE,
        update_conflicts=True,
        unique_fields=["workspace", "kind", "object_type_number", "name"],
        update_fields=list(_DERIVED),
    )
