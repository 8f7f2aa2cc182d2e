"""The list page: the filters of the REST API as a toolbar, and pages that are always there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import (
    ERROR_FLAG,
    IGNORED_PARAMS,
    PAGE_VAR,
    SEARCH_VAR,
)
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters import FilterSet
from unfold.admin import ModelAdmin

from operations.doors.action_form import RowsActionForm
from operations.doors.condition_builder import (
    ASKED_IN_ADDRESS,
    FIELD,
    ConditionBuilder,
    apply_rows,
    find_builder,
    is_row_part,
)
from operations.doors.keyset import Sort
from operations.doors.keyset_list import FIRST_PAGE, LIST_VARS, SORT_VAR, KeysetChangeList
from operations.doors.list_rows import ResultTable, make_result_table

# What has more types is listed under one entry, with the types as tabs above the list.
TYPES_IN_NAVIGATION = 3
_ON = "true"
_DJANGO_VARS = frozenset({ERROR_FLAG, PAGE_VAR, *IGNORED_PARAMS})


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to a page."""

    title: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is applied, with the address of the list without it."""

    label: str
    value: str
    link: str


@dataclass(frozen=True, slots=True)
class Toggle:
    """A filter that is switched by one click."""

    label: str
    link: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Toolbar:
    """What stands above a list besides the search."""

    toggle: Toggle | None
    fields: tuple[BoundField, ...]
    chips: tuple[Chip, ...]
    kept: tuple[tuple[str, str], ...]
    clear_link: str
    has_errors: bool
    only_toggle: bool
    conditions: ConditionBuilder | None


class OperationChangeList(KeysetChangeList):
    """A change list whose filters are the model admin's `filterset_class`."""

    filterset: FilterSet | None = None
    model_admin: Any  # a ListAdmin

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Keep the names of our filters from being taken for lookups."""
        found: dict[str, Any] = super().get_filters_params(params)
        filterset_class = self.model_admin.filterset_class
        ours = filterset_class.base_filters if filterset_class else ()
        return {
            name: value
            for name, value in found.items()
            if name not in ours and name not in LIST_VARS
        }

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Apply our filters on top of the search; one that cannot be read finds nothing."""
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        filterset_class = self.model_admin.filterset_class
        if filterset_class is None:
            return rows
        self.filterset = filterset_class(request.GET, queryset=rows, request=request)
        return self.filterset.qs if self.filterset.is_valid() else rows.none()

    @cached_property
    def table(self) -> ResultTable:
        """Give the headers and the rows of the page as HTML."""
        return make_result_table(self)

    @property
    def shown_count(self) -> str:
        """Write how many rows there are."""
        return f"{self.result_count:,}"

    @property
    def first_shown(self) -> str:
        """Write the number of the first row of this page."""
        return f"{(self.page_num - 1) * self.list_per_page + 1:,}"

    @property
    def last_shown(self) -> str:
        """Write the number of the last row of this page."""
        return f"{min(self.page_num * self.list_per_page, self.result_count):,}"

    @cached_property
    def toolbar(self) -> Toolbar | None:
        """Make what stands above the list; nothing where there are no filters."""
        if self.filterset is None:
            return None
        form = self.filterset.form
        shown = self.model_admin.shown_filters
        chips = tuple(self._chips())
        names = {*shown, self.model_admin.toggle_filter}
        in_form = {*shown, FIELD}
        return Toolbar(
            toggle=self._toggle(),
            fields=tuple(form[name] for name in shown),
            chips=chips,
            kept=tuple(self._kept(in_form)),
            clear_link=self._link_without({*names, *self._removable(), SEARCH_VAR}),
            has_errors=any(name in form.errors for name in {*in_form, *ASKED_IN_ADDRESS}),
            only_toggle=len(chips) == 1 and self._is_on(),
            conditions=self.builder,
        )

    @cached_property
    def builder(self) -> ConditionBuilder | None:
        """Give the condition builder, where rows can be asked conditions."""
        return find_builder(self.filterset)

    def _toggle(self) -> Toggle | None:
        name = self.model_admin.toggle_filter
        if not name or self.filterset is None:
            return None
        is_on = self._is_on()
        change: dict[str, Any] = {name: None if is_on else _ON, **FIRST_PAGE}
        label = str(self.filterset.filters[name].label)
        return Toggle(label=label, link=self.get_query_string(change), is_on=is_on)

    def _is_on(self) -> bool:
        return bool(self.params.get(self.model_admin.toggle_filter) == _ON)

    def _removable(self) -> list[str]:
        """Name the filters in the address; the one that the list is about stays."""
        filters = self.filterset.filters if self.filterset else {}
        about = self.model_admin.list_is_about
        return [
            name for name in filters if name != about and any(self.filter_params.get(name, ()))
        ]

    def _chips(self) -> list[Chip]:
        filters = self.filterset.filters if self.filterset else {}
        toggle = self.model_admin.toggle_filter
        pieces = self.builder.pieces if self.builder else ()
        told = [Chip(piece.words, "", self._link_with(FIELD, piece.rest)) for piece in pieces]
        return told + [
            Chip(
                label=str(filters[name].label),
                value="" if name == toggle and self._is_on() else self._asked(name),
                link=self._link_without({name}),
            )
            for name in self._removable()
            if not (pieces and name == FIELD)
        ]

    def _asked(self, name: str) -> str:
        request = self.filterset.request if self.filterset else None
        return str(self.model_admin.filter_words(request, name, self.filter_params[name]))

    def _link_with(self, name: str, value: str) -> str:
        return str(self.get_query_string({name: value or None, **FIRST_PAGE}))

    def _kept(self, shown: set[str]) -> list[tuple[str, str]]:
        return [
            (name, value)
            for name, values in self.filter_params.items()
            if name not in shown
            for value in values
        ]

    def _link_without(self, names: set[str]) -> str:
        removed = dict.fromkeys((*names, *FIRST_PAGE))
        return str(self.get_query_string(removed))


class ListAdmin(ModelAdmin):
    """What every list of the product has in common; it never counts more than it shows."""

    action_form = RowsActionForm
    change_form_template = "operations/change_form.html"
    change_list_template = "operations/change_list.html"
    empty_icon: ClassVar[str] = "inbox"
    empty_message: ClassVar[Any] = ""
    empty_title: ClassVar[Any] = ""
    filterset_class: ClassVar[type[FilterSet] | None] = None
    list_fullwidth = True
    list_is_about: ClassVar[str] = ""
    list_max_show_all = 0
    list_per_page = 50
    reads_by_keys: ClassVar[bool] = False
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    shown_filters: ClassVar[tuple[str, ...]] = ()
    toggle_filter: ClassVar[str] = ""

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        """Use the list that knows our filters."""
        return OperationChangeList

    def sorts_of(self, request: HttpRequest) -> Mapping[str, Sort] | None:
        """Name the columns that the list can be sorted by, each with its index.

        A list that names none is short: its pages are numbered, and Django sorts it.
        """
        return None

    def default_order(self, request: HttpRequest) -> tuple[str, ...]:
        """Say in which order an unsorted list is."""
        return tuple(map(str, self.ordering or ("-pk",)))

    def kept_count(self, request: HttpRequest) -> int | None:
        """Give the number of all rows where it is kept, so that nobody counts them."""
        return None

    def filter_words(self, request: HttpRequest, name: str, values: Sequence[str]) -> str:
        """Write what a filter asks for as its chip shows it."""
        return ", ".join(values)

    def unread_fields(self, columns: Sequence[Any]) -> tuple[str, ...]:
        """Name what a list of these columns shows nothing of, and therefore does not read."""
        return ()

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Offer to sort by the columns that have an index."""
        sorts = self.sorts_of(request)
        if sorts is None:
            return super().get_sortable_by(request)
        columns = self.get_list_display(request)
        return [name for name in columns if self._order_field(name) in sorts]

    def _order_field(self, name: Any) -> str:
        shown = name if callable(name) else getattr(self, name, None)
        return str(getattr(shown, "admin_order_field", name))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Name the page after its rows, unless a subclass knows better."""
        applied = apply_rows(request, self.filterset_class)
        applied = applied or self._without_unknown(request) or self._without_order(request)
        if applied is not None:
            return applied
        name = self.list_name()
        context = {"title": name, "trail": (Crumb(name),)}
        return super().changelist_view(request, context | (extra_context or {}))

    def _without_unknown(self, request: HttpRequest) -> HttpResponseRedirect | None:
        """Leave out the filters that the list does not have, and say which they are.

        Django would leave out the others too, and show every row without a word.
        """
        if self.filterset_class is None or request.method != "GET":
            return None
        known = {*self.filterset_class.base_filters, *LIST_VARS, *_DJANGO_VARS}
        unknown = [name for name in request.GET if name not in known and not is_row_part(name)]
        if not unknown:
            return None
        text = _("This list has no filter called %(names)s. It is left out.")
        messages.warning(request, text % {"names": ", ".join(unknown)})
        return _without(request, unknown)

    def _without_order(self, request: HttpRequest) -> HttpResponseRedirect | None:
        """Leave out an order that the list does not have, and say so."""
        name = request.GET.get(SORT_VAR, "").removeprefix("-")
        if not name or request.method != "GET" or name in self._orders(request):
            return None
        text = _("This list cannot be sorted by %(name)s. It is in its usual order.")
        messages.warning(request, text % {"name": name})
        return _without(request, [SORT_VAR])

    def _orders(self, request: HttpRequest) -> set[str]:
        """Name what the list can be sorted by, whether it is shown or not."""
        sorts = self.sorts_of(request)
        if sorts is not None:
            return set(sorts)
        return {self._order_field(name) for name in self.get_sortable_by(request)}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Lead back to the list, unless a subclass knows better."""
        row = options.get("obj")
        names = self.opts
        address = reverse(f"admin:{names.app_label}_{names.model_name}_changelist")
        here = str(row) if row else _("Add %(name)s") % {"name": names.verbose_name}
        context.setdefault("trail", (Crumb(self.list_name(), address), Crumb(here)))
        return super().render_change_form(request, context, *arguments, **options)

    def list_name(self) -> str:
        """Name the list on screen."""
        return str(self.opts.verbose_name_plural).capitalize()


def _without(request: HttpRequest, names: Sequence[str]) -> HttpResponseRedirect:
    """Lead to the same list without these parts of its address."""
    query = request.GET.copy()
    for name in names:
        del query[name]
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
