"""The condition builder above a list: its rows, its suggestions, its chips and its address."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.functional import Promise
from django.utils.http import MAX_URL_REDIRECT_LENGTH
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objects.models import ObjectType
from operations.doors.condition_blanks import Blanks, draw_blanks
from operations.doors.condition_rows import (
    ALL,
    ANY,
    COUNT,
    NONE,
    RELATED,
    SUBJECTS,
    Group,
    Row,
    groups_of,
    node_of,
    with_problem,
)
from operations.doors.condition_words import describe, type_numbers
from operations.doors.filters import (
    REPEATABLE,
    ConditionsError,
    ConditionsFilter,
    WorkspaceFilterSet,
)
from operations.doors.known_names import known_names
from operations.doors.segments import segment_names
from operations.json import JsonError, dump, parse
from operations.limits import FILTER_MAX_CONDITIONS
from operations.wire.columns import Kind
from operations.wire.filter_tree import And, Filter, Operator
from operations.wire.filters import ATTRIBUTES, FilterError, render_text
from operations.wire.segments import numbers_in

FIELD: Final = "f"
ASKED_IN_ADDRESS: Final = (FIELD, *sorted(REPEATABLE))
APPLY: Final = "f.apply"
_PREFIX: Final = "f."
_ROW_PARTS: Final = ("subject", "name", "operator", "value", "to")
Choices = tuple[tuple[str, str | Promise], ...]

JOINS: Final[Choices] = (
    (ALL, gettext_lazy("All of these")),
    (ANY, gettext_lazy("Any of these")),
    (NONE, gettext_lazy("None of these")),
)
_RELATED_JOIN: Final = (RELATED, gettext_lazy("One relationship with all of these"))
_COMPARISONS: Final[tuple[tuple[str | Promise, Choices], ...]] = (
    (
        gettext_lazy("Any value"),
        (
            (Operator.EQ, gettext_lazy("is")),
            (Operator.NOT_EQ, gettext_lazy("is not")),
            (Operator.IN, gettext_lazy("is one of")),
            (Operator.NOT_IN, gettext_lazy("is none of")),
            (Operator.EXISTS, gettext_lazy("is set")),
            (Operator.NOT_EXISTS, gettext_lazy("is not set")),
        ),
    ),
    (
        gettext_lazy("Text"),
        (
            (Operator.CONTAINS, gettext_lazy("contains")),
            (Operator.NOT_CONTAINS, gettext_lazy("does not contain")),
            (Operator.STARTS_WITH, gettext_lazy("starts with")),
        ),
    ),
    (
        gettext_lazy("Number or text"),
        (
            (Operator.GT, gettext_lazy("is more than")),
            (Operator.GTE, gettext_lazy("is at least")),
            (Operator.LT, gettext_lazy("is less than")),
            (Operator.LTE, gettext_lazy("is at most")),
            (Operator.BETWEEN, gettext_lazy("is between")),
        ),
    ),
    (
        gettext_lazy("Date"),
        (
            (Operator.AFTER, gettext_lazy("is after")),
            (Operator.BEFORE, gettext_lazy("is before")),
            (Operator.IN_LAST_DAYS, gettext_lazy("is in the last")),
            (Operator.IS_TIMESTAMP, gettext_lazy("is a timestamp")),
        ),
    ),
    (
        gettext_lazy("True or false"),
        (
            (Operator.IS_TRUE, gettext_lazy("is true")),
            (Operator.IS_FALSE, gettext_lazy("is false")),
        ),
    ),
)
_IS: Final = (("is", gettext_lazy("is")), ("not_is", gettext_lazy("is not")))
_OTHERS: Final[dict[str, Choices]] = {
    COUNT: (
        ("at_least", gettext_lazy("at least")),
        ("at_most", gettext_lazy("at most")),
        ("exactly", gettext_lazy("exactly")),
    ),
    "person": (
        ("id", gettext_lazy("has the id")),
        ("email", gettext_lazy("has the e-mail")),
        ("cio_id", gettext_lazy("has the cio_id")),
        ("not_id", gettext_lazy("has not the id")),
        ("not_email", gettext_lazy("has not the e-mail")),
    ),
    "object": (
        ("object_id", gettext_lazy("has the object_id")),
        ("cio_object_id", gettext_lazy("has the cio_object_id")),
        ("not_object_id", gettext_lazy("has not the object_id")),
    ),
    "object_type": _IS,
    "segment": _IS,
}
_SUBJECT_LABELS: Final[dict[Kind, dict[str, str | Promise]]] = {
    Kind.OBJECTS: {
        "object_attribute": gettext_lazy("Attribute"),
        COUNT: gettext_lazy("Number of people"),
        "person": gettext_lazy("Related person"),
        "attribute": gettext_lazy("Person attribute"),
        "relationship_attribute": gettext_lazy("Relationship attribute"),
    },
    Kind.PEOPLE: {
        "attribute": gettext_lazy("Attribute"),
        COUNT: gettext_lazy("Number of objects"),
        "object": gettext_lazy("Related object"),
        "object_type": gettext_lazy("Related type"),
        "object_attribute": gettext_lazy("Object attribute"),
        "relationship_attribute": gettext_lazy("Relationship attribute"),
        "segment": gettext_lazy("Segment"),
    },
    Kind.RELATIONSHIPS: {
        "relationship_attribute": gettext_lazy("Attribute"),
        "person": gettext_lazy("Person"),
        "attribute": gettext_lazy("Person attribute"),
        "object": gettext_lazy("Object"),
        "object_attribute": gettext_lazy("Object attribute"),
        "object_type": gettext_lazy("Object type"),
    },
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the conditions that all hold, and the filter that is left without it."""

    words: str
    rest: str


class ConditionBuilder:
    """What the toolbar shows of the conditions of one list."""

    def __init__(self, filterset: WorkspaceFilterSet, kind: Kind) -> None:
        self.filterset = filterset
        self.kind = kind
        self.text = str(filterset.data.get(FIELD) or "")

    @cached_property
    def tree(self) -> Filter | None:
        """Give the filter, if there is one that can be read."""
        found: Filter | None = self.filterset.form.cleaned_data.get(FIELD)
        return found

    @cached_property
    def problem(self) -> str:
        """Say what is wrong with the filters in the address that have no field of their own."""
        errors = self.filterset.form.errors
        return " ".join(said for name in ASKED_IN_ADDRESS for said in errors.get(name, ()))

    @property
    def problem_of_all(self) -> str:
        """Say what is wrong where no row says it."""
        rows = [row for group in self.groups or () for row in group.rows]
        return "" if any(row.problem for row in rows) else self.problem

    @property
    def help(self) -> Any:
        """Say how the JSON is written."""
        return self.filterset.filters[FIELD].extra["help_text"]

    @property
    def joins(self) -> Choices:
        """Offer how a group's rows are joined."""
        return JOINS if self.kind is Kind.RELATIONSHIPS else (*JOINS, _RELATED_JOIN)

    @property
    def outer_joins(self) -> Choices:
        """Offer how the outermost rows are joined."""
        return JOINS

    @property
    def subjects(self) -> Choices:
        """Offer what a row can be about."""
        labels = _SUBJECT_LABELS[self.kind]
        return tuple((name, labels[name]) for name in SUBJECTS[self.kind])

    @property
    def outside(self) -> frozenset[str]:
        """Name what cannot be asked of one relationship: how many there are, and a segment."""
        return frozenset(SUBJECTS[self.kind]) - frozenset(SUBJECTS[Kind.RELATIONSHIPS])

    @property
    def operators(self) -> tuple[tuple[str, tuple[tuple[str | Promise, Choices], ...]], ...]:
        """Offer the operators of each subject, in groups."""
        return tuple((subject, operators_of(subject)) for subject in SUBJECTS[self.kind])

    @cached_property
    def groups(self) -> tuple[Group, ...] | None:
        """Give the rows of the filter; None where only its JSON shows all of it."""
        if not self.text:
            return (Group(ALL, ()),)
        try:
            found = groups_of(parse(self.text), kind=self.kind)
        except JsonError:
            return None
        error = self._error()
        return with_problem(found, error) if found and error else found

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing is asked, so that there is one row to fill in."""
        return not self.text

    @property
    def blanks(self) -> Blanks:
        """Give the parts that are alike on every page."""
        return draw_blanks(self)

    @property
    def blank_row(self) -> Row:
        """Give a row to start with."""
        return Row(SUBJECTS[self.kind][0])

    @property
    def blank_group(self) -> Group:
        """Give a group to start with."""
        return Group(ANY, (self.blank_row,))

    @property
    def outer(self) -> Group:
        """Give the outermost rows, of which there is always one to fill in."""
        groups = self.groups or (Group(ALL, ()),)
        outer, others = groups[0], groups[1:]
        return outer if outer.rows or others else Group(outer.join, (self.blank_row,))

    @property
    def inner(self) -> tuple[Group, ...]:
        """Give the groups."""
        return (self.groups or ())[1:]

    @property
    def count(self) -> int:
        """Count the conditions that all hold."""
        return len(self.pieces) if self.tree is not None else 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Suggest names of attributes."""
        workspace = self.filterset.workspace
        if workspace is None:
            return ()
        number = self.filterset.form.cleaned_data.get("object_type")
        return known_names(self.kind, workspace, type_number=number)

    @cached_property
    def types(self) -> dict[int, str]:
        """Name the types, where a row or a chip can name one."""
        is_named = self.tree is not None and type_numbers(self.tree)
        if self.filterset.workspace is None or not (self.names_types or is_named):
            return {}
        rows = ObjectType.objects.for_workspace(self.filterset.workspace)
        return dict(rows.order_by("number").values_list("number", "name")[:FILTER_MAX_CONDITIONS])

    @property
    def names_types(self) -> bool:
        """Tell whether rows can name a type."""
        return "object_type" in SUBJECTS[self.kind]

    @cached_property
    def segments(self) -> dict[int, str]:
        """Name the segments, where a row or a chip can name one."""
        is_named = self.tree is not None and bool(numbers_in(self.tree))
        if self.filterset.workspace is None or not (self.names_segments or is_named):
            return {}
        return segment_names(self.filterset.workspace)

    @property
    def names_segments(self) -> bool:
        """Tell whether rows can name a segment."""
        return "segment" in SUBJECTS[self.kind]

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Tell the conditions in words, each with what is left without it."""
        if self.tree is None:
            return (Piece(_("Conditions that cannot be read"), ""),) if self.text else ()
        parts = self.tree.parts if isinstance(self.tree, And) else (self.tree,)
        return tuple(
            Piece(
                describe(part, kind=self.kind, type_names=self.types, segment_names=self.segments),
                _rest(parts[:position] + parts[position + 1 :]),
            )
            for position, part in enumerate(parts)
        )

    def _error(self) -> FilterError | None:
        for error in self.filterset.form.errors.as_data().get(FIELD, ()):
            if isinstance(error, ConditionsError):
                return error.error
        return None


def find_builder(filterset: Any) -> ConditionBuilder | None:
    """Give the builder of a list that can be asked conditions."""
    found = filterset.filters.get(FIELD) if filterset is not None else None
    return ConditionBuilder(filterset, found.kind) if isinstance(found, ConditionsFilter) else None


def operators_of(subject: str) -> tuple[tuple[str | Promise, Choices], ...]:
    """Give the operators of a subject, in groups."""
    return _COMPARISONS if subject in ATTRIBUTES else (("", _OTHERS[subject]),)


def apply_rows(request: HttpRequest, filterset_class: Any) -> HttpResponseRedirect | None:
    """Lead from the rows that a form sent to the address of the filtered list.

    A filter that is too long for an address is only shown, with what is wrong with it.
    """
    found = filterset_class.base_filters.get(FIELD) if filterset_class else None
    if APPLY not in request.GET or not isinstance(found, ConditionsFilter):
        return None
    query = _query_with_rows(request.GET, kind=found.kind)
    address = f"{request.path}?{query.urlencode()}"
    if len(address) <= MAX_URL_REDIRECT_LENGTH:
        return HttpResponseRedirect(address)
    request.GET = query  # type: ignore[assignment]  # as Django's own handlers may do
    return None


def is_row_part(name: str) -> bool:
    """Tell whether a name in an address belongs to the rows of the builder."""
    return name.startswith(_PREFIX)


def sent_conditions(sent: QueryDict, kind: Kind) -> str:
    """Write the rows that a form sent as the JSON of a filter; nothing where they ask nothing."""
    node = node_of(tuple(_sent_groups(sent)), kind=kind)
    return "" if node is None else dump(node).decode()


def _query_with_rows(sent: QueryDict, *, kind: Kind) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name, values in sent.lists():
        if name not in (FIELD, "p") and not name.startswith(_PREFIX):
            kept.setlist(name, [value for value in values if value])
    if text := sent_conditions(sent, kind):
        kept[FIELD] = text
    return kept


def _rest(parts: tuple[Filter, ...]) -> str:
    if not parts:
        return ""
    return render_text(parts[0] if len(parts) == 1 else And(parts))


def _sent_groups(sent: QueryDict) -> Iterator[Group]:
    """Read rows, of which every one sends each of its parts, in order."""
    columns = [sent.getlist(_PREFIX + part) for part in _ROW_PARTS]
    numbers = sent.getlist(f"{_PREFIX}group")
    rows = [(number, Row(*parts)) for number, *parts in zip(numbers, *columns, strict=False)]
    for position, join in enumerate(sent.getlist(f"{_PREFIX}join")[:FILTER_MAX_CONDITIONS]):
        mine = tuple(row for number, row in rows if number == str(position))
        yield Group(join, mine)
