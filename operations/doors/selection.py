"""Which rows somebody chose in a list: the checked ones, or all that match its filters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from objects.models import Object
from operations.among import KeyIsAmong
from operations.types import Json
from operations.wire.columns import Kind
from people.models import Person
from relationships.models import Relationship
from workspaces.models import Workspace

SEARCH: Final = "q"
MODELS: Final[Mapping[Kind, type[Model]]] = {
    Kind.PEOPLE: Person,
    Kind.OBJECTS: Object,
    Kind.RELATIONSHIPS: Relationship,
}
# Named and not imported: the filters of an app stand above what doors share.
_FILTER_SETS: Final[Mapping[Kind, str]] = {
    Kind.PEOPLE: "people.filters.PersonFilterSet",
    Kind.OBJECTS: "objects.filters.ObjectFilterSet",
    Kind.RELATIONSHIPS: "relationships.filters.RelationshipFilterSet",
}
_ROWS_AT_A_TIME: Final = 1_000


class SelectionError(ValueError):
    """The stored filter cannot be read, so nobody can tell which rows were meant."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one kind in one workspace.

    Either `keys` names them, or they are all that match `query`, the query string of the list,
    with a primary key of `up_to` at most: rows added after the choice was made are left out.
    """

    kind: Kind
    workspace: int
    keys: tuple[int, ...] = ()
    query: str | None = None
    up_to: int | None = None


def select_matching(kind: Kind, *, workspace: int, query: str) -> Selection:
    """Choose all that match a list's query string at this moment."""
    stored = MODELS[kind]._default_manager
    last = stored.order_by("-pk").values_list("pk", flat=True).first()
    return Selection(kind, workspace, query=query, up_to=last or 0)


def rows_of(selection: Selection) -> QuerySet[Any]:
    """Give the rows, of this workspace only; raise SelectionError for an unreadable filter."""
    manager: Any = MODELS[selection.kind]._default_manager
    rows: QuerySet[Any] = manager.for_workspace(selection.workspace)
    if selection.query is None:
        return rows.filter(KeyIsAmong("id", selection.keys))
    if selection.up_to is not None:
        rows = rows.filter(pk__lte=selection.up_to)
    return _matching(rows, selection)


def filters_of(selection: Selection, rows: QuerySet[Any] | None = None) -> Any:
    """Give the filters of a selection that is a query string; they may be unreadable."""
    filter_set = import_string(_FILTER_SETS[selection.kind])
    workspace = Workspace.objects.get(pk=selection.workspace)
    return filter_set(QueryDict(selection.query), queryset=rows, workspace=workspace)


def count_rows(selection: Selection) -> int:
    """Count the rows, exactly."""
    return rows_of(selection).count()


def walk_rows(selection: Selection, *fields: str, after: int = 0) -> Iterator[tuple[Any, ...]]:
    """Give the primary key and these columns of every chosen row above a key, in key order."""
    return walk(rows_of(selection), *fields, after=after)


def walk(rows: QuerySet[Any], *fields: str, after: int = 0) -> Iterator[tuple[Any, ...]]:
    """Give the primary key and these columns of every row above a key, in key order.

    The slices are read one by one, because the rows change or go while they are walked.
    """
    ordered = rows.order_by("pk").values_list("pk", *fields)
    while found := list(ordered.filter(pk__gt=after)[:_ROWS_AT_A_TIME]):
        yield from found
        if len(found) < _ROWS_AT_A_TIME:
            return
        after = found[-1][0]


def store(selection: Selection) -> dict[str, Json]:
    """Write a selection as JSON, for the parameters of a job or a draft."""
    return {
        "kind": selection.kind.value,
        "workspace": selection.workspace,
        "keys": list(selection.keys),
        "query": selection.query,
        "up_to": selection.up_to,
    }


def load(stored: Mapping[str, Any]) -> Selection:
    """Read back what `store` wrote."""
    return Selection(
        kind=Kind(stored["kind"]),
        workspace=int(stored["workspace"]),
        keys=tuple(stored["keys"]),
        query=stored["query"],
        up_to=stored["up_to"],
    )


def _matching(rows: QuerySet[Any], selection: Selection) -> QuerySet[Any]:
    query = QueryDict(selection.query)
    filter_set = import_string(_FILTER_SETS[selection.kind])
    _refuse_lookups(query, rows.model, known=filter_set.base_filters)
    words = query.get(SEARCH, "").strip()
    if "\0" in words:
        raise SelectionError(_("The search holds a character that no text has."))
    if words:
        rows = rows.search(words)  # type: ignore[attr-defined]  # our query sets all have it
    filters = filters_of(selection, rows)
    if not filters.is_valid():
        raise SelectionError(_("The filters of the list cannot be read any more."))
    found: QuerySet[Any] = filters.qs
    return found


def _refuse_lookups(query: QueryDict, model: type[Model], *, known: Mapping[str, Any]) -> None:
    """Refuse what Django's list would filter by and our filters would leave unheeded."""
    columns = {"pk", *(field.name for field in model._meta.get_fields())}
    for name in query:
        if name not in known and name.split("__")[0] in columns:
            raise SelectionError(_("The list has no filter named %(name)s.") % {"name": name})
