"""Undoes change sets in the tests of the engine, and tells whether every row is as it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import Sum

from objects.models import Object, ObjectTotals, ObjectType
from operations.engine import apply, open_change_set
from operations.models import Activity, CountDelta
from operations.results import Outcome
from operations.types import Call, Operation, Origin, UndoChange
from people.models import Device, Person, PersonTotals, SegmentMember, Suppression
from relationships.models import Relationship
from tests.make import RECEIVED_AT, origin
from workspaces.models import Workspace

_minutes = count(1)


def later() -> datetime:
    """Give an instant after all others."""
    return RECEIVED_AT + timedelta(minutes=next(_minutes), microseconds=123_400)


def said_now(workspace: Workspace) -> Origin:
    """Give an origin of a moment of its own."""
    return origin(workspace, at=later())


def apply_as_one(
    workspace: Workspace, operations: Sequence[Operation], *, chunk: int = 5_000
) -> int:
    """Apply operations as one change set, in chunks; returns its key."""
    said = said_now(workspace)
    change_set = open_change_set(said)
    for start in range(0, len(operations), chunk):
        part = operations[start : start + chunk]
        apply([Call(said, (operation,)) for operation in part], change_set=change_set)
    return change_set


def undo(workspace: Workspace, change_set: int, *, chunk: int = 1_000) -> list[Outcome]:
    """Undo a change set, the last change first; the outcomes are in that order."""
    log = Activity.objects.for_workspace(workspace).filter(change_set=change_set)
    keys = list(log.order_by("-pk").values_list("pk", flat=True))
    said = said_now(workspace)
    own = open_change_set(said)
    outcomes: list[Outcome] = []
    for start in range(0, len(keys), chunk):
        calls = [Call(said, (UndoChange(key),)) for key in keys[start : start + chunk]]
        outcomes += apply(calls, change_set=own).outcomes
    return outcomes


def refused(outcomes: list[Outcome]) -> list[str]:
    """Give the reasons of what was refused."""
    return [one.message for outcome in outcomes for one in outcome.rejections]


def stored(workspace: Workspace) -> dict[str, Any]:
    """Read every row of a workspace with all columns but the version, which only grows.

    Devices and memberships come without keys of their own: nothing refers to them.
    """
    owned = {
        "types": ObjectType.objects.filter(workspace=workspace),
        "people": Person.objects.filter(workspace=workspace),
        "objects": Object.objects.filter(workspace=workspace),
        "relationships": Relationship.objects.filter(workspace=workspace),
        "totals of people": PersonTotals.objects.filter(workspace=workspace),
        "totals of objects": ObjectTotals.objects.filter(object_type__workspace=workspace),
        "suppressions": Suppression.objects.filter(workspace=workspace),
    }
    hanging = {
        "devices": (Device.objects.filter(workspace=workspace), "token"),
        "members": (SegmentMember.objects.filter(segment__workspace=workspace), "person_id"),
    }
    found: dict[str, Any] = {name: _rows(rows, "pk") for name, rows in owned.items()}
    for name, (rows, order) in hanging.items():
        found[name] = [_without(row, "id") for row in _rows(rows, order)]
    sums = CountDelta.objects.for_workspace(workspace).values("kind", "object_type_number")
    counted = sums.annotate(total=Sum("delta")).exclude(total=0)
    found["counts"] = sorted(
        str(row) for row in counted.values_list("kind", "object_type_number", "total")
    )
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name what differs, so that a failure can be read."""
    found = []
    for name in before:
        old, new = before[name], after[name]
        if old != new:
            gone = [row for row in old if row not in new]
            come = [row for row in new if row not in old]
            found += [f"{name}: {len(gone)} rows differ", *map(str, gone[:2]), *map(str, come[:2])]
    return found


def _rows(rows: Any, order: str) -> list[dict[str, Any]]:
    return [_without(row, "version") for row in rows.order_by(order).values()]


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in row.items()
        if key != name
    }
