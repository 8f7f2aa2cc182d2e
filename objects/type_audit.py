"""Object types in the audit log: what a request, a call or a command has made of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.utils.translation import gettext as _

from objects.models import ObjectType
from operations.doors.audit import By, difference, record
from workspaces.models import AuditEntry, Workspace

_FACTS: Final = ("name", "singular_name", "icon", "enabled")


@contextmanager
def watching_types(by: By, workspace: Workspace | None) -> Iterator[None]:
    """Compare the types of a workspace before and after, and write down what differs.

    A workspace has a handful of them. The engine's own transaction is over by then.
    """
    if workspace is None:
        yield
        return
    before = _read(workspace)
    yield
    after = _read(workspace)
    for number in sorted(before.keys() | after.keys()):
        _compare(by, workspace, number=number, before=before.get(number), after=after.get(number))


def _compare(
    by: By,
    workspace: Workspace,
    *,
    number: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    if before == after:
        return
    if before is None:
        kind, said = AuditEntry.Kind.TYPE_CREATED, _("Made the object type %(name)s")
    elif after is None:
        kind, said = AuditEntry.Kind.TYPE_DELETED, _("Deleted the object type %(name)s")
    else:
        kind, said = AuditEntry.Kind.TYPE_CHANGED, _said_of_change(before, after)
    names: Mapping[str, Any] = after or before or {}
    record(
        by,
        kind,
        said % {"name": names.get("name"), "old": (before or names).get("name")},
        workspace=workspace,
        details={"object_type_id": number, **difference(before or {}, after or {})},
    )


def _said_of_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if before["name"] != after["name"]:
        return _("Renamed the object type %(old)s to %(name)s")
    if before["enabled"] != after["enabled"]:
        return (
            _("Enabled the object type %(name)s")
            if after["enabled"]
            else _("Disabled the object type %(name)s")
        )
    return _("Changed the object type %(name)s")


def _read(workspace: Workspace) -> dict[int, dict[str, Any]]:
    types = ObjectType.objects.for_workspace(workspace)
    return {row.pop("number"): row for row in types.values("number", *_FACTS)}
