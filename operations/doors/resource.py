"""The resource of django-import-export that reads and writes through the product's own rows.

The admin makes one per request:

    ObjectResource(workspace=workspace, object_type=object_type, actor=user.get_username())

`object_type` is an ObjectType, its number, or None for rows that name their type; `actor` may be
left out where `import_data` is given `user`; `choices` says how rows are read (mode, blanks,
identifier). Other keywords, such as the library's `form`, are ignored. Without a workspace a
resource only describes its columns, which is what the library's forms ask of it.

Preview and import take at most 1,000 rows; refused rows are errors of the library's result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final, Protocol, cast

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.utils.html import format_html
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import Error, Result, RowResult
from tablib import Dataset

from objects.models import ObjectType
from operations.doors.dataset import FileDataset
from operations.doors.exports import export_rows
from operations.doors.origin import origin_from
from operations.engine import apply, open_change_set, preview
from operations.errors import Rejection
from operations.limits import PAGE_IMPORT_MAX_ROWS
from operations.masking import mask_everywhere
from operations.results import Change, Outcome, Status
from operations.types import Call, Door, Json, Origin
from operations.wire.cells import render_cell
from operations.wire.columns import EXPORT_COLUMNS, Choices, HeaderError, Kind, Plan, plan_columns
from operations.wire.rows import Row, parse_row
from workspaces.models import Workspace

_IMPORT_TYPES: Final[dict[Status, str]] = {
    Status.CREATED: RowResult.IMPORT_TYPE_NEW,
    Status.UPDATED: RowResult.IMPORT_TYPE_UPDATE,
    Status.DELETED: RowResult.IMPORT_TYPE_DELETE,
    Status.UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
    Status.SKIPPED: RowResult.IMPORT_TYPE_SKIP,
    Status.DUPLICATE: RowResult.IMPORT_TYPE_SKIP,
    Status.REFUSED: RowResult.IMPORT_TYPE_ERROR,
}
_CHANGE_KINDS: Final = {
    Kind.PEOPLE: "person",
    Kind.OBJECTS: "object",
    Kind.RELATIONSHIPS: "relationship",
}


class RowPlan(Protocol):
    """What each column of a file is."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, in order."""

    def column_of(self, field: str) -> str:
        """Name the column that holds what a rejection calls `field`."""


class TooManyRows(HeaderError):
    """A file with more rows than one request takes."""


class RowRefused(ValueError):
    """Why a row was refused, in the form in which the library shows it."""


class FileResult(Result):
    """A result that counts refused rows by the lines of their file, not among themselves."""

    def row_errors(self) -> list[tuple[int, list[Error]]]:
        """Give the refused rows, each with its line and reasons."""
        return [(row.errors[0].number, row.errors) for row in self.rows if row.errors]


class EngineResource(ModelResource):
    """Previews and applies the rows of a file through the engine; a subclass reads them."""

    _meta: ClassVar[Any]

    class Meta:
        fields = ()
        use_transactions = False
        skip_admin_log = True

    def __init__(
        self, *, workspace: Workspace | None = None, actor: str = "", **_ignored: Any
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self.actor = actor

    def plan_rows(self, header: Sequence[str]) -> RowPlan:
        """Find out what each column is; raise HeaderError for a header that cannot be used."""
        raise NotImplementedError

    def parse_row(self, plan: Any, cells: list[str], *, origin: Origin) -> Call | Rejection:
        """Read one row as the call that it asks for."""
        raise NotImplementedError

    def changed_cells(self, plan: Any, change: Change) -> Iterator[tuple[str, str, str]]:
        """Give the column, the value before and the value after of what a change replaces."""
        raise NotImplementedError

    def import_data_inner(
        self,
        dataset: Dataset,
        dry_run: bool,
        raise_errors: bool,
        using_transactions: bool,
        collect_failed_rows: bool,
        **options: Any,
    ) -> Result:
        """Preview the rows or apply them: the one method in which the library would write."""
        result = FileResult()
        result.total_rows = len(dataset)
        try:
            plan = self.plan_rows(_header(dataset))
        except HeaderError as error:
            result.append_base_error(_Problem(error))
            return result
        result.diff_headers = list(plan.header)
        rows = _rows(dataset)
        origin = self._origin(options)
        calls = [self._call(plan, cells, origin) for _, cells in rows]
        outcomes = preview(calls).outcomes if dry_run else _apply(calls, origin)
        for row, outcome in zip(rows, outcomes, strict=True):
            self._add_row(result, row, outcome, plan)
        return result

    def required_workspace(self) -> Workspace:
        """Give the workspace, without which a resource only describes its columns."""
        if self.workspace is None:
            raise ImproperlyConfigured("a resource reads and writes only with a workspace")
        return self.workspace

    def _call(self, plan: RowPlan, cells: list[str] | Rejection, origin: Origin) -> Call:
        parsed = (
            cells if isinstance(cells, Rejection) else self.parse_row(plan, cells, origin=origin)
        )
        return parsed if isinstance(parsed, Call) else Call(origin, (), refusal=parsed)

    def _origin(self, options: dict[str, Any]) -> Origin:
        user = options.get("user")
        return origin_from(
            workspace_id=self.required_workspace().pk,
            door=Door.CSV,
            actor=self.actor or (user.get_username() if user is not None else ""),
            reason=f"Import of {options.get('file_name') or 'a file'}",
        )

    def _add_row(self, result: Result, row: Row, outcome: Outcome, plan: RowPlan) -> None:
        line, cells = row
        shown = dict(zip(plan.header, cells, strict=False)) if isinstance(cells, list) else {}
        found = RowResult()
        found.import_type = _IMPORT_TYPES[outcome.status]
        found.row_values = shown
        found.errors = [
            _Problem(RowRefused(_message(plan, rejection)), row=shown, number=line)
            for rejection in outcome.rejections
        ]
        found.diff = [] if found.errors else self._diff(plan, shown, outcome.changes)
        result.increment_row_result_total(found)
        result.append_row_result(found)
        if found.errors:
            result.append_error_row(line, shown, found.errors)

    def _diff(self, plan: RowPlan, shown: dict[str, str], changes: Sequence[Change]) -> list[str]:
        """Show each cell of a row, and beside a new value the one that it takes the place of."""
        cells = dict(shown)
        for change in changes:
            if change.status is Status.UPDATED:
                for column, old, value in self.changed_cells(plan, change):
                    cells[column] = format_html("<del>{}</del> <ins>{}</ins>", old, value)
        return list(cells.values())


class OperationResource(EngineResource):
    """Imports rows as calls to the engine, and exports them as the same columns."""

    kind: ClassVar[Kind]

    def __init__(
        self,
        *,
        workspace: Workspace | None = None,
        object_type: ObjectType | int | None = None,
        actor: str = "",
        choices: Choices | None = None,
        **_ignored: Any,
    ) -> None:
        super().__init__(workspace=workspace, actor=actor)
        number = object_type.number if isinstance(object_type, ObjectType) else object_type
        self.choices = replace(
            choices or Choices(self.kind), kind=self.kind, object_type_id=number
        )

    def get_user_visible_fields(self) -> list[Field]:
        """Name the columns of ours that a file may have besides attributes."""
        return [Field(column_name=name) for name in EXPORT_COLUMNS[self.kind]]

    def get_queryset(self) -> QuerySet[Any]:
        """Give the rows of the workspace, of one type where there is one."""
        stored: Any = self._meta.model.objects.for_workspace(self.required_workspace())
        number = self.choices.object_type_id
        return cast("QuerySet[Any]", stored if number is None else stored.of_type(number))

    def export(self, queryset: QuerySet[Any] | None = None, **_options: Any) -> Dataset:
        """Export rows as the columns that an import takes back without a change."""
        stored = self.get_queryset() if queryset is None else queryset
        return fill_dataset(export_rows(stored, kind=self.kind))

    def plan_rows(self, header: Sequence[str]) -> Plan:
        """Find out what each column is."""
        return plan_columns(header, self.choices)

    def parse_row(self, plan: Any, cells: list[str], *, origin: Origin) -> Call | Rejection:
        """Read one row as the call that it asks for."""
        return parse_row(plan, cells, origin=origin)

    def changed_cells(self, plan: Any, change: Change) -> Iterator[tuple[str, str, str]]:
        """Give the attributes that a change replaces."""
        if change.kind != _CHANGE_KINDS[self.kind]:
            return
        before = _attributes(mask_everywhere(change.before))
        after = _attributes(mask_everywhere(change.after))
        for index, name in plan.every_attribute():
            if name in after:
                old, value = render_cell(before.get(name)), render_cell(after[name])
                yield plan.header[index], old, value


def fill_dataset(rows: Iterator[list[str]]) -> Dataset:
    """Put a header and rows into a data set of the library."""
    dataset = Dataset(headers=next(rows))
    for row in rows:
        dataset.append(row)
    return dataset


class _Problem(Error):
    """An error of the library without the traceback that its page would show."""

    traceback = ""


def _header(dataset: Dataset) -> list[str]:
    if isinstance(dataset, FileDataset) and dataset.problem:
        raise HeaderError(dataset.problem)
    if len(dataset) > PAGE_IMPORT_MAX_ROWS:
        raise TooManyRows(
            f"the file has more than {PAGE_IMPORT_MAX_ROWS:,} rows; split it, or save it as CSV "
            "and import it under Imports"
        )
    return [str(name or "") for name in dataset.headers or ()]


def _rows(dataset: Dataset) -> Sequence[Row]:
    if isinstance(dataset, FileDataset):
        return dataset.rows
    return [
        (line, [cell if isinstance(cell, str) else render_cell(cell) for cell in cells])
        for line, cells in enumerate(dataset, start=2)
    ]


def _apply(calls: Sequence[Call], origin: Origin) -> Sequence[Outcome]:
    if not any(call.operations for call in calls):
        return preview(calls).outcomes
    return apply(calls, change_set=open_change_set(origin)).outcomes


def _message(plan: RowPlan, rejection: Rejection) -> str:
    column = plan.column_of(rejection.field)
    is_named = not column or rejection.message.startswith(column)
    return rejection.message if is_named else f"{column}: {rejection.message}"


def _attributes(values: dict[str, Json] | None) -> dict[str, Json]:
    attributes = (values or {}).get("attributes")
    return attributes if isinstance(attributes, dict) else {}
