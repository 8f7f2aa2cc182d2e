"""The import and export of objects and their types on the pages of the admin."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django.db.models import QuerySet
from import_export.fields import Field
from tablib import Dataset

from objects.models import Object, ObjectType
from operations.doors.resource import EngineResource, OperationResource, fill_dataset
from operations.errors import Rejection
from operations.results import Change
from operations.types import Call, Origin
from operations.wire.cells import render_cell
from operations.wire.columns import Kind
from operations.wire.type_rows import (
    TYPE_COLUMNS,
    TypePlan,
    parse_type_row,
    plan_type_columns,
)


class ObjectResource(OperationResource):
    """Rows of objects."""

    kind = Kind.OBJECTS

    class Meta(OperationResource.Meta):
        model = Object


class ObjectTypeResource(EngineResource):
    """Rows of object types, known by their number."""

    class Meta(EngineResource.Meta):
        model = ObjectType

    def get_user_visible_fields(self) -> list[Field]:
        """Name the columns that a file may have."""
        return [Field(column_name=name) for name in TYPE_COLUMNS]

    def get_queryset(self) -> QuerySet[Any]:
        """Give the types of the workspace."""
        stored = ObjectType.objects.for_workspace(self.required_workspace())
        return cast("QuerySet[Any]", stored)

    def export(self, queryset: QuerySet[Any] | None = None, **_options: Any) -> Dataset:
        """Export types as the columns that an import takes back without a change."""
        stored = self.get_queryset() if queryset is None else queryset
        return fill_dataset(_rows(stored))

    def plan_rows(self, header: Sequence[str]) -> TypePlan:
        """Find out what each column is."""
        return plan_type_columns(header)

    def parse_row(self, plan: Any, cells: list[str], *, origin: Origin) -> Call | Rejection:
        """Read one row as the call that makes or changes its type."""
        return parse_type_row(plan, cells, origin=origin)

    def changed_cells(self, plan: Any, change: Change) -> Iterator[tuple[str, str, str]]:
        """Give the facts of a type that a change replaces."""
        before, after = change.before or {}, change.after or {}
        for name in plan.places:
            if name in after:
                yield name, render_cell(before.get(name)), render_cell(after[name])


def _rows(stored: QuerySet[Any]) -> Iterator[list[str]]:
    yield list(TYPE_COLUMNS)
    found = stored.order_by("number").values_list(
        "number", "name", "singular_name", "icon", "enabled"
    )
    for number, name, singular_name, icon, enabled in found:
        yield [str(number), name, singular_name, icon, render_cell(enabled)]
