"""Reads what the engine wrote, in the form in which the tests state what they expect."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db.models import Sum

from objects.models import Object, ObjectTotals, ObjectType
from operations.json import dump, sorted_dump
from operations.limits import NAME_MAX_CHARS
from operations.models import Activity, CountDelta
from operations.results import Change
from people.models import Device, Person, PersonTotals, SegmentMember, Suppression
from relationships.models import Relationship
from workspaces.models import Workspace

APPS = ("workspaces", "operations", "people", "objects", "relationships")


def whole_database() -> dict[str, list[tuple[Any, ...]]]:
    """Read every row of the product with every column."""
    return {
        model._meta.db_table: list(model._default_manager.order_by("pk").values_list())
        for label in APPS
        for model in apps.get_app_config(label).get_models()
    }


def rows_of(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of a workspace, by the names that people know."""
    return {
        "object types": [
            {"number": row.number, "name": row.name, "singular_name": row.singular_name}
            | ({} if row.enabled else {"enabled": False})
            for row in ObjectType.objects.for_workspace(workspace).order_by("number")
        ],
        "people": in_order(_person(row) for row in Person.objects.for_workspace(workspace)),
        "objects": in_order(
            _object(row)
            for row in Object.objects.for_workspace(workspace).select_related("object_type")
        ),
        "relationships": in_order(
            {
                "person": _person_name(row.person),
                "object": f"{row.object.object_type.number}/{row.object.object_id}",
                "attributes": row.attributes,
            }
            for row in Relationship.objects.for_workspace(workspace).select_related(
                "person", "object__object_type"
            )
        ),
        "devices": in_order(
            {
                "person": _person_name(row.person),
                "token": row.token,
                "platform": row.platform,
                "attributes": row.attributes,
            }
            for row in Device.objects.filter(workspace=workspace).select_related("person")
        ),
        "segment members": in_order(
            {"segment": row.segment.number, "person": _person_name(row.person)}
            for row in SegmentMember.objects.filter(segment__workspace=workspace).select_related(
                "segment", "person"
            )
        ),
        "suppressions": in_order(
            {"kind": row.kind, "value": row.value}
            for row in Suppression.objects.filter(workspace=workspace)
        ),
    }


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort rows by all that they hold; jsonb has an order of names of its own."""
    return sorted(rows, key=sorted_dump)


def activity_of(workspace: Workspace, *, after: int = 0) -> list[dict[str, Any]]:
    """Read the log of a workspace behind a row of it, in order, without the ids made at random."""
    rows = Activity.objects.for_workspace(workspace).filter(pk__gt=after).order_by("pk")
    return [
        _logged(
            row.kind,
            row.status,
            {"id": row.person_id, "email": row.email, "anonymous_id": row.anonymous_id},
            {"object_type_id": row.object_type_number, "object_id": row.object_id},
            row.before,
            row.after,
        )
        for row in rows
    ]


def logged_changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Write the changes of an outcome as the activity log would have them."""
    return [
        _logged(
            change.kind,
            change.status,
            change.person,
            change.object,
            change.before,
            change.after,
        )
        for change in changes
    ]


def latest_activity() -> int:
    """Return the key of the newest row of the log."""
    return Activity.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def assert_consistent(workspace: Workspace) -> None:
    """Check what must hold between the columns of any row, whatever was applied."""
    people = Person.objects.for_workspace(workspace).select_related("totals")
    objects = Object.objects.for_workspace(workspace).select_related("object_type", "totals")
    relationships = Relationship.objects.for_workspace(workspace)
    for row in [*people, *objects, *relationships]:
        assert row.attributes_bytes == len(dump(row.attributes)), row
        assert row.attributes.keys() <= row.attribute_times.keys(), row
        assert row.version >= 1, row
    for row in [*people, *objects]:
        assert row.relationship_count == row.relationships.count(), row
        assert row.totals.created_at == row.created_at, row
        name = row.attributes.get("name")
        cut = name if len(str(name)) <= NAME_MAX_CHARS else f"{name[: NAME_MAX_CHARS - 1]}…"
        assert not isinstance(name, str) or row.name == cut, row
    for row in people:
        assert row.totals.workspace_id == row.workspace_id, row
    assert PersonTotals.objects.filter(workspace=workspace).count() == len(people)
    assert ObjectTotals.objects.filter(object_type__workspace=workspace).count() == len(objects)
    for row in objects:
        assert row.totals.object_type_id == row.object_type_id, row
        created_at = row.attributes.get("created_at")
        if type(created_at) is int:
            assert row.created_at.timestamp() == created_at, row
    _assert_counts(workspace)


def _assert_counts(workspace: Workspace) -> None:
    deltas = CountDelta.objects.for_workspace(workspace)
    sums = {
        (row["kind"], row["object_type_number"]): row["total"]
        for row in deltas.values("kind", "object_type_number").annotate(total=Sum("delta"))
    }
    actual: dict[tuple[str, int | None], int] = {}
    people = Person.objects.for_workspace(workspace).count()
    actual["people", None] = people
    for row in ObjectType.objects.for_workspace(workspace):
        of_type = Object.objects.for_workspace(workspace).of_type(row.number)
        actual["objects", row.number] = of_type.count()
        related = Relationship.objects.for_workspace(workspace).of_type(row.number)
        actual["relationships", row.number] = related.count()
    for key in sums.keys() | actual.keys():
        assert sums.get(key, 0) == actual.get(key, 0), f"count of {key}"


def _person(row: Person) -> dict[str, Any]:
    return _present(
        {
            "id": row.person_id,
            "email": row.email,
            "anonymous_id": row.anonymous_id,
            "attributes": row.attributes,
            "relationships": row.relationship_count or None,
        }
    )


def _object(row: Object) -> dict[str, Any]:
    return _present(
        {
            "object": f"{row.object_type.number}/{row.object_id}",
            "attributes": row.attributes,
            "relationships": row.relationship_count or None,
        }
    )


def _person_name(row: Person) -> str | None:
    return row.person_id or row.email or row.anonymous_id


def _logged(
    kind: str,
    status: str,
    person: dict[str, Any] | None,
    related_object: dict[str, Any] | None,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> dict[str, Any]:
    return _present(
        {
            "kind": str(kind),
            "status": str(status),
            "person": _keys(person),
            "object": _keys(related_object),
            "before": _without_made_ids(before),
            "after": _without_made_ids(after),
        }
    )


def _keys(named: dict[str, Any] | None) -> dict[str, Any] | None:
    return _present(_without_made_ids(named) or {}) or None


def _without_made_ids(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    return {
        name: _without_made_ids(value)
        for name, value in values.items()
        if name not in ("cio_id", "cio_object_id")
    }


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
