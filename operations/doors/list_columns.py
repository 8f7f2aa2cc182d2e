"""The columns of a list: which there are, and which of them somebody wants to see."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest
from django.utils.safestring import SafeString

from operations.doors.column_cells import render_cell
from operations.doors.current import current_workspace
from operations.doors.keyset_list import COLUMNS_VAR
from operations.doors.selection import MODELS
from operations.json import JsonError, dump, parse
from operations.types import Json
from operations.wire.columns import Kind
from operations.wire.filter_paths import parse_path, render_path
from workspaces.models import ColumnChoice

COLUMNS_MAX: Final = 40
ATTRIBUTE: Final = "attribute:"
_COLUMNS_MAX_BYTES: Final = 8_192
_KINDS: Final = {model: kind for kind, model in MODELS.items()}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how addresses and stored choices name it, and what makes its cells.

    `is_kept` says that it cannot be hidden, because it leads to the page of the row.
    """

    code: str
    label: str
    cell: str | Callable[[Any], SafeString]
    is_kept: bool = False

    @property
    def is_attribute(self) -> bool:
        """Tell whether it shows an attribute."""
        return self.code.startswith(ATTRIBUTE)


@dataclass(frozen=True, slots=True)
class ListName:
    """Which list is meant: of a kind, and of one object type where objects are listed by it."""

    kind: Kind
    type_number: int = 0


class Columns:
    """The columns that one list can show, and those that it shows."""

    def __init__(self, model_admin: Any, request: HttpRequest) -> None:
        self.model_admin = model_admin
        self.request = request
        self.list = list_name(model_admin, request)

    @cached_property
    def usual(self) -> tuple[Column, ...]:
        """Give the columns of a list that nobody has changed."""
        kept = self.model_admin.kept_columns
        names = self.model_admin.usual_columns(self.request)
        return tuple(self._fixed(name, is_kept=name in kept) for name in names)

    @cached_property
    def fixed(self) -> dict[str, Column]:
        """Give the columns that are no attributes, by their codes."""
        more = tuple(self._fixed(name) for name in self.model_admin.more_columns)
        return {column.code: column for column in (*self.usual, *more)}

    @cached_property
    def shown(self) -> tuple[Column, ...]:
        """Give the columns that the address, the view or the user asks for, else the usual."""
        codes = read_codes(self.request.GET.get(COLUMNS_VAR, ""))
        if codes is None:
            codes = self.without_address
        return self.clean(codes)

    @cached_property
    def without_address(self) -> tuple[str, ...]:
        """Give the codes that count where the address names none."""
        view = self.model_admin.opened_view(self.request)
        codes = tuple(view.columns) if view is not None else self._chosen()
        return tuple(column.code for column in self.clean(codes))

    def clean(self, codes: Iterable[str]) -> tuple[Column, ...]:
        """Keep what is known and written well, once; the usual columns where nothing is left."""
        found: dict[str, Column] = {}
        for code in codes:
            column = self.find(code)
            if column is not None and len(found) < COLUMNS_MAX:
                found.setdefault(column.code, column)
        if not found:
            return self.usual
        missing = [column for column in self.usual if column.is_kept and column.code not in found]
        return (*missing, *found.values())

    def find(self, code: str) -> Column | None:
        """Find the column of a code; the name of an attribute may be written in several ways."""
        if code.startswith(ATTRIBUTE):
            try:
                return attribute_column(code.removeprefix(ATTRIBUTE))
            except ValueError:
                return None
        return self.fixed.get(code)

    def hidden(self, shown: Iterable[Column]) -> tuple[Column, ...]:
        """Give the columns that are no attributes and not among these."""
        codes = {column.code for column in shown}
        return tuple(column for code, column in self.fixed.items() if code not in codes)

    @property
    def hidden_ones(self) -> tuple[Column, ...]:
        """Give the columns that are no attributes and not shown."""
        return self.hidden(self.shown)

    def _chosen(self) -> tuple[str, ...]:
        workspace = current_workspace(self.request)
        if workspace is None:
            return ()
        found = ColumnChoice.objects.filter(
            workspace=workspace,
            user=self.request.user.pk,
            kind=self.list.kind,
            type_number=self.list.type_number,
        )
        return tuple(found.values_list("columns", flat=True).first() or ())

    def _fixed(self, name: str, *, is_kept: bool = False) -> Column:
        label = str(label_for_field(name, self.model_admin.model, self.model_admin))
        return Column(name.removesuffix("_cell"), label[:1].upper() + label[1:], name, is_kept)


def attribute_column(field: str) -> Column:
    """Make the column of an attribute; raise ValueError where its name cannot be read."""
    path = parse_path(field)
    name = render_path(path)

    def attribute_cell(row: Any) -> SafeString:
        return render_cell(path, row.attributes)

    cell = admin.display(description=name)(attribute_cell)
    return Column(f"{ATTRIBUTE}{name}", name, cell)


def read_codes(text: str) -> tuple[str, ...] | None:
    """Read the columns that an address names; None where it names none."""
    if not text:
        return None
    try:
        found: Json = parse(text, max_bytes=_COLUMNS_MAX_BYTES)
    except JsonError:
        return None
    if not isinstance(found, list):
        return None
    return tuple(code for code in found if isinstance(code, str))


def write_codes(codes: Iterable[str]) -> str:
    """Write columns for an address."""
    return dump(list(codes)).decode()


def keep_choice(columns: Columns, codes: Iterable[str]) -> None:
    """Remember somebody's columns for this list; none at all means the usual ones."""
    workspace, wanted = current_workspace(columns.request), list(codes)
    known: Mapping[str, Any] = {
        "workspace": workspace,
        "user_id": columns.request.user.pk,
        "kind": columns.list.kind.value,
        "type_number": columns.list.type_number,
    }
    if wanted:
        ColumnChoice.objects.update_or_create(**known, defaults={"columns": wanted})
    else:
        ColumnChoice.objects.filter(**known).delete()


def list_name(model_admin: Any, request: HttpRequest) -> ListName:
    """Tell which list of the admin the request is about."""
    kind = _KINDS[model_admin.model]
    number = request.GET.get(model_admin.list_is_about, "") if model_admin.list_is_about else ""
    is_number = number.isascii() and number.isdigit()
    return ListName(kind, int(number[:9]) if is_number else 0)
