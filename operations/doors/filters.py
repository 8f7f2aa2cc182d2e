"""The filters that lists share, in the API as in the admin: attributes, instants, choices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from operations.conditions import AttributeEquals, HasAttribute
from operations.doors.conditions import condition_on
from operations.doors.filter_values import parse_condition, parse_instant
from operations.doors.origin import read_clock
from operations.doors.segments import find_problems, load_segments
from operations.doors.sensitive import forbid_hidden
from operations.limits import OBJECT_TYPE_NUMBER_MAX
from operations.wire.columns import Kind
from operations.wire.filter_tree import Filter
from operations.wire.filters import FilterError, parse_text
from operations.wire.segments import Segments
from workspaces.models import Workspace
from workspaces.permissions import active_workspace

REPEATED_MAX: Final = 20
REPEATABLE: Final = frozenset({"attribute", "has_attribute"})
_JOINED: Final = _(
    "A filter as JSON: and, or and not around conditions with field, operator and value;"
    " a dot goes into an object, [] means any element of an array."
)
CONDITIONS_HELP: Final = {
    Kind.OBJECTS: format_lazy(
        "{} {}", _JOINED, '{"object_attribute":{"field":"plan","operator":"eq","value":"gold"}}'
    ),
    Kind.PEOPLE: format_lazy(
        "{} {}", _JOINED, '{"attribute":{"field":"plan","operator":"eq","value":"gold"}}'
    ),
    Kind.RELATIONSHIPS: format_lazy(
        "{} {}",
        _JOINED,
        '{"relationship_attribute":{"field":"role","operator":"eq","value":"owner"}}',
    ),
}
YES: Final = "true"
YES_OR_NO: Final = (("", _("Any")), (YES, _("Yes")), ("false", _("No")))
WITHOUT_RELATIONSHIPS: Final = "without_relationships"


class RepeatedTextInput(forms.TextInput):
    """A text that a query string may give several times."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Take all of the values, also from a plain dict."""
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [values] if isinstance(values, str) else [value for value in values if value]

    def format_value(self, value: Any) -> str | None:
        """Show the first one; the address keeps the others."""
        return value[0] if value else None


class RepeatedTextField(forms.CharField):
    """A field whose value is the list of the texts given."""

    widget = RepeatedTextInput

    def to_python(self, value: Any) -> Any:
        """Keep every text as it is: names are never trimmed."""
        return list(value or ())

    def run_validators(self, value: Any) -> None:
        """Check each text, and how many there are."""
        if len(value) > REPEATED_MAX:
            raise ValidationError(_("at most %(max)d at once") % {"max": REPEATED_MAX})
        for text in value:
            super().run_validators(text)


class AttributeEqualsField(RepeatedTextField):
    """Texts like `plan:"gold"`, each giving a name and a value."""

    def clean(self, value: Any) -> Any:
        """Give pairs of name and value."""
        return [parse_condition(text) for text in super().clean(value)]


class ConditionsField(forms.CharField):
    """A filter as JSON, for the rows of one kind of list."""

    widget = forms.Textarea

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def to_python(self, value: Any) -> Any:
        """Give the tree of conditions, or None."""
        text = super().to_python(value)
        try:
            return parse_text(text, kind=self.kind) if text else None
        except FilterError as error:
            raise ConditionsError(error) from None

    def run_validators(self, value: Any) -> None:
        """Leave it at what the grammar checks; the validators are for texts."""


class ConditionsError(ValidationError):
    """What is wrong with a filter, and where in its tree."""

    def __init__(self, error: FilterError) -> None:
        super().__init__(str(error), code="invalid")
        self.error = error


class InstantField(forms.CharField):
    """Unix seconds or an ISO-8601 date or time; without a zone it is UTC."""

    def to_python(self, value: Any) -> Any:
        """Give an aware datetime, or None."""
        text = super().to_python(value)
        return parse_instant(text) if text else None


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class AttributeEqualsFilter(django_filters.Filter):
    """Keep rows whose attributes have exactly these values."""

    field_class = AttributeEqualsField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Add one condition for each pair."""
        return qs.filter(*[AttributeEquals(name, wanted) for name, wanted in value or ()])


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class HasAttributeFilter(django_filters.Filter):
    """Keep rows that have attributes of these names."""

    field_class = RepeatedTextField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Add one condition for each name."""
        return qs.filter(*[HasAttribute(name) for name in value or ()])


class ConditionsFilter(django_filters.CharFilter):
    """Keep rows that meet the conditions of a filter in JSON."""

    field_class = ConditionsField
    parent: "WorkspaceFilterSet"

    def __init__(self, kind: Kind, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Conditions"))
        kwargs.setdefault("help_text", CONDITIONS_HELP[kind])
        super().__init__(kind=kind, **kwargs)
        self.kind = kind

    def filter(self, qs: QuerySet[Any], value: Filter | None) -> QuerySet[Any]:
        """Ask the rows, in the workspace of the filter set."""
        workspace = self.parent.workspace
        if value is None:
            return qs
        if workspace is None:
            return qs.none()
        condition = condition_on(
            self.kind,
            value,
            workspace=workspace,
            at=self.parent.at,
            segments=self.parent.segments,
        )
        return qs.filter(condition)


class InstantFilter(django_filters.CharFilter):
    """Compare a column with an instant."""

    field_class = InstantField


class ExactTextFilter(django_filters.CharFilter):
    """Compare an identifier byte for byte, never trimmed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"strip": False, **kwargs})


@extend_schema_field(OpenApiTypes.INT)
class TypeNumberFilter(django_filters.Filter):
    """Compare the number of an object type."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        limits = {"min_value": 1, "max_value": OBJECT_TYPE_NUMBER_MAX}
        super().__init__(*args, **{**limits, **kwargs})


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(django_filters.TypedChoiceFilter):
    """A condition that is `true` or `false` and nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            choices=YES_OR_NO,
            coerce=YES.__eq__,
            empty_value=None,
            error_messages={"invalid_choice": _("must be true or false, not %(value)s")},
            **kwargs,
        )


class VisibleNamesForm(forms.Form):
    """Filters that ask for nothing that is hidden."""

    kind: Kind

    def clean(self) -> dict[str, Any]:
        """Refuse each filter that names a hidden attribute."""
        cleaned = super().clean() or self.cleaned_data
        for field, message in list(forbid_hidden(cleaned, kind=self.kind)):
            self.add_error(field, message)
        return cleaned


class WorkspaceFilterSet(django_filters.FilterSet):
    """Filters that know the workspace, in which they look up the rows that a filter names.

    In the API it is that of the caller, in the admin the one that is active in the session; a job
    names it, and maybe the instant `at` with which "the last days" of its filter end.
    """

    def __init__(
        self,
        *args: Any,
        workspace: Workspace | None = None,
        request: Any = None,
        at: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, request=request, **kwargs)
        if workspace is None and request is not None:
            workspace = active_workspace(request)
        self.workspace = workspace
        self.at = at or read_clock()
        self.segments: Segments | None = None

    def is_valid(self) -> bool:
        """Read the segments that the conditions ask for, and refuse those that nobody may ask."""
        if super().is_valid() and self.segments is None:
            self._read_segments()
        return bool(super().is_valid())

    def _read_segments(self) -> None:
        self.segments = {}
        for name, each in self.filters.items():
            tree = self.form.cleaned_data.get(name)
            if isinstance(each, ConditionsFilter) and tree is not None and self.workspace:
                self.segments = load_segments(self.workspace, [tree])
                for problem in list(find_problems(tree, self.segments)):
                    self.form.add_error(name, problem)

    def find(self, rows: type[Model], **lookups: Any) -> Any:
        """Give the key of one row of the workspace, as a subquery that an index can start from."""
        return self.rows_of(rows).filter(**lookups).values("pk")[:1]

    def rows_of(self, rows: type[Model]) -> Any:
        """Give the rows of the workspace; none where there is no workspace."""
        manager: Any = rows._default_manager
        return manager.for_workspace(self.workspace) if self.workspace else manager.none()


class AttributesFilterSet(WorkspaceFilterSet):
    """What every list of rows with attributes can be filtered by.

    Whoever may not see an attribute cannot ask for it: the rows found would tell its value.
    """

    search = django_filters.CharFilter(
        method="filter_search",
        label=_("Search"),
        help_text=_("A part of a name, id or e-mail; one or two letters begin it."),
    )
    created_after = InstantFilter(
        field_name="created_at",
        lookup_expr="gte",
        label=_("Created from"),
        help_text=_("From this instant on: Unix seconds or ISO-8601."),
    )
    created_before = InstantFilter(
        field_name="created_at",
        lookup_expr="lt",
        label=_("Created before"),
        help_text=_("Before this instant: Unix seconds or ISO-8601."),
    )
    updated_after = InstantFilter(
        field_name="updated_at",
        lookup_expr="gte",
        label=_("Updated from"),
        help_text=_("From this instant on: Unix seconds or ISO-8601."),
    )
    updated_before = InstantFilter(
        field_name="updated_at",
        lookup_expr="lt",
        label=_("Updated before"),
        help_text=_("Before this instant: Unix seconds or ISO-8601."),
    )
    attribute = AttributeEqualsFilter(
        label=_("Attribute"),
        help_text=_('An attribute and its value as JSON, such as plan:"gold"; can be repeated.'),
    )
    has_attribute = HasAttributeFilter(
        label=_("Has the attribute"),
        help_text=_("The name of an attribute that is there; can be repeated."),
    )

    def filter_search(self, rows: Any, name: str, value: str) -> Any:
        """Ask the query set."""
        return rows.search(value)

    def get_form_class(self) -> Any:
        """Let the form refuse what is hidden from whoever asks."""
        form = super().get_form_class()
        kind = self.base_filters["f"].kind
        return type(form.__name__, (VisibleNamesForm, form), {"kind": kind})


def filter_without_relationships(
    rows: QuerySet[Any, Model], name: str, value: bool | None
) -> QuerySet[Any, Model]:
    """Keep rows without relationships for true, rows with some for false."""
    if value is None:
        return rows
    if value:
        return rows.without_relationships()  # type: ignore[attr-defined,no-any-return]  # ours have it
    return rows.filter(totals__relationship_count__gt=0)


def newest_first(query: Mapping[str, Any]) -> tuple[str, ...]:
    """Order what a query string finds by time, along the index that leads to it.

    Rows without relationships have one of their own, on their totals.
    """
    is_of_unrelated = query.get(WITHOUT_RELATIONSHIPS) == YES
    return ("-totals__created_at", "-totals__pk") if is_of_unrelated else ("-created_at", "-pk")
