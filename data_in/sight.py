"""Which columns of a file are hidden from whoever reads: those of attributes they may not see."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from data_in.models import Import
from data_in.settings import parse
from operations.doors.sensitive import hidden_of
from operations.masking import MASK
from operations.wire.column_settings import ColumnSetting
from operations.wire.columns import Kind, Plan, usual_columns


def hidden_columns(kind: Kind, columns: Sequence[ColumnSetting]) -> frozenset[int]:
    """Give the columns that are or would be a hidden attribute, one that is left out as well."""
    hidden = hidden_of(kind)
    return frozenset(
        at
        for at, column in enumerate(columns)
        if hidden and not hidden.isdisjoint({column.name, column.header})
    )


def hidden_in_plan(plan: Plan) -> frozenset[int]:
    """Give the hidden columns of a file that is read by a plan."""
    columns = plan.choices.columns or usual_columns(plan.header, plan.choices)
    return hidden_columns(plan.choices.kind, columns)


def mask_cells(cells: Sequence[str], hidden: frozenset[int]) -> tuple[str, ...]:
    """Put the mask in the place of what is in hidden columns."""
    if not hidden:
        return tuple(cells)
    return tuple(MASK if at in hidden and cell else cell for at, cell in enumerate(cells))


def ask_sight(row: Import) -> None:
    """Refuse the files of an import to whoever may not see all of their columns."""
    if hidden_columns(Kind(row.kind), parse(row.settings).columns):
        message = _("This file holds sensitive attributes that you may not see.")
        raise PermissionDenied(message)
