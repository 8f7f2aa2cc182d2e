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
from typing import Any, ClassVar, Final, cast

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


class RowRefused(ValueError):
    """Why a row was refused, in the form in which the library shows it."""


class FileResult(Result):
    """A result that counts refused rows by the lines of their file, not among themselves."""

    def row_errors(self) -> list[tuple[int, list[Error]]]:
        """Give the refused rows, each with its line and reasons."""
        return [(row.errors[0].number, row.errors) for row in self.rows if row.errors]


class OperationResource(ModelResource):
    """Imports rows as calls to the engine, and exports them as the same columns."""

    kind: ClassVar[Kind]
    _meta: ClassVar[Any]

    class Meta:
        fields = ()
        use_transactions = False
        skip_admin_log = True

    def __init__(
        self,
        *,
        workspace: Workspace | None = None,
        object_type: ObjectType | int | None = None,
        actor: str = "",
        choices: Choices | None = None,
        **_ignored: Any,
    ) -> None:
        super().__init__()
        number = object_type.number if isinstance(object_type, ObjectType) else object_type
        self.workspace = workspace
        self.actor = actor
        self.choices = replace(
            choices or Choices(self.kind), kind=self.kind, object_type_id=number
        )

    def get_user_visible_fields(self) -> list[Field]:
        """Name the columns of ours that a file may have besides attributes."""
        return [Field(column_name=name) for name in EXPORT_COLUMNS[self.kind]]

    def get_queryset(self) -> QuerySet[Any]:
        """Give the rows of the workspace, of one type where there is one."""
        stored: Any = self._meta.model.objects.for_workspace(self._required_workspace())
        number = self.choices.object_type_id
        return cast("QuerySet[Any]", stored if number is None else stored.of_type(number))

    def export(self, queryset: QuerySet[Any] | None = None, **_options: Any) -> Dataset:
        """Export rows as the columns that an import takes back without a change."""
        stored = self.get_queryset() if queryset is None else queryset
        rows = export_rows(stored, kind=self.kind)
        dataset = Dataset(headers=next(rows))
        for row in rows:
            dataset.append(row)
        return dataset

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
            plan = _plan(dataset, self.choices)
        except HeaderError as error:
            result.append_base_error(_Problem(error))
            return result
        result.diff_headers = list(plan.header)
        rows = _rows(dataset)
        origin = self._origin(options)
        parsed = [_parse(plan, cells, origin) for _, cells in rows]
        outcomes = _preview(parsed) if dry_run else _apply(parsed, origin)
        for row, outcome in zip(rows, outcomes, strict=True):
            _add_row(result, row, outcome, plan)
        return result

    def _origin(self, options: dict[str, Any]) -> Origin:
        user = options.get("user")
        return origin_from(
            workspace_id=self._required_workspace().pk,
            door=Door.CSV,
            actor=self.actor or (user.get_username() if user is not None else ""),
            reason=f"Import of {options.get('file_name') or 'a file'}",
        )

    def _required_workspace(self) -> Workspace:
        if self.workspace is None:
            raise ImproperlyConfigured("a resource reads and writes only with a workspace")
        return self.workspace


class _Problem(Error):
    """An error of the library without the traceback that its page would show."""

    traceback = ""


def _plan(dataset: Dataset, choices: Choices) -> Plan:
    if isinstance(dataset, FileDataset) and dataset.problem:
        raise HeaderError(dataset.problem)
    if len(dataset) > PAGE_IMPORT_MAX_ROWS:
        raise HeaderError(
            f"the file has more than {PAGE_IMPORT_MAX_ROWS:,} rows; import larger files with "
            "manage.py import_csv"
        )
    return plan_columns([str(name or "") for name in dataset.headers or ()], choices)


def _rows(dataset: Dataset) -> Sequence[Row]:
    if isinstance(dataset, FileDataset):
        return dataset.rows
    return [
        (line, [cell if isinstance(cell, str) else render_cell(cell) for cell in cells])
        for line, cells in enumerate(dataset, start=2)
    ]


def _parse(plan: Plan, cells: list[str] | Rejection, origin: Origin) -> Call | Rejection:
    return cells if isinstance(cells, Rejection) else parse_row(plan, cells, origin=origin)


def _preview(parsed: Sequence[Call | Rejection]) -> Iterator[Outcome]:
    return _in_order(parsed, preview(_calls(parsed)).outcomes)


def _apply(parsed: Sequence[Call | Rejection], origin: Origin) -> Iterator[Outcome]:
    calls = _calls(parsed)
    if not calls:
        return _in_order(parsed, [])
    result = apply(calls, change_set=open_change_set(origin))
    return _in_order(parsed, result.outcomes)


def _calls(parsed: Sequence[Call | Rejection]) -> list[Call]:
    return [call for call in parsed if isinstance(call, Call)]


def _in_order(
    parsed: Sequence[Call | Rejection], outcomes: Sequence[Outcome]
) -> Iterator[Outcome]:
    """Put the rows that never reached the engine between those that did."""
    answered = iter(outcomes)
    for call in parsed:
        if isinstance(call, Rejection):
            yield Outcome(Status.REFUSED, (call,))
        else:
            yield next(answered)


def _add_row(result: Result, row: Row, outcome: Outcome, plan: Plan) -> None:
    line, cells = row
    shown = dict(zip(plan.header, cells, strict=False)) if isinstance(cells, list) else {}
    found = RowResult()
    found.import_type = _IMPORT_TYPES[outcome.status]
    found.row_values = shown
    found.errors = [
        _Problem(RowRefused(_message(plan, rejection)), row=shown, number=line)
        for rejection in outcome.rejections
    ]
    found.diff = [] if found.errors else _diff(plan, shown, outcome.changes)
    result.increment_row_result_total(found)
    result.append_row_result(found)
    if found.errors:
        result.append_error_row(line, shown, found.errors)


def _message(plan: Plan, rejection: Rejection) -> str:
    column = plan.column_of(rejection.field)
    is_named = not column or rejection.message.startswith(column)
    return rejection.message if is_named else f"{column}: {rejection.message}"


def _diff(plan: Plan, shown: dict[str, str], changes: Sequence[Change]) -> list[str]:
    """Show each cell of a row, and beside a new value the one that it takes the place of."""
    cells = dict(shown)
    kind = _CHANGE_KINDS[plan.choices.kind]
    for change in changes:
        if change.kind != kind or change.status is not Status.UPDATED:
            continue
        before = _attributes(mask_everywhere(change.before))
        after = _attributes(mask_everywhere(change.after))
        for index, name in (*plan.attributes, *plan.dates):
            if name in after:
                old, value = render_cell(before.get(name)), render_cell(after[name])
                cells[plan.header[index]] = format_html("<del>{}</del> <ins>{}</ins>", old, value)
    return list(cells.values())


def _attributes(values: dict[str, Json] | None) -> dict[str, Json]:
    attributes = (values or {}).get("attributes")
    return attributes if isinstance(attributes, dict) else {}
