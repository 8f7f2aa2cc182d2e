"""How many people, objects and relationships a workspace has, without counting them."""

from dataclasses import dataclass, field
from typing import Final

from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.http import HttpRequest

from objects.models import ObjectTotals, ObjectType
from operations.models import CountDelta
from workspaces.models import Workspace

# Above this many the unrelated objects of a type are not counted to the end.
UNRELATED_MAX: Final = 20_000
_KEPT: Final = "counts_of_page"


@dataclass(frozen=True, slots=True)
class Counts:
    """The kept counts of a workspace; objects and relationships by the number of their type."""

    people: int = 0
    objects: dict[int, int] = field(default_factory=dict)
    relationships: dict[int, int] = field(default_factory=dict)

    @property
    def all_objects(self) -> int:
        """Count the objects of every type."""
        return sum(self.objects.values())

    @property
    def all_relationships(self) -> int:
        """Count the relationships to objects of every type."""
        return sum(self.relationships.values())


def counts_of_page(request: HttpRequest, workspace: Workspace) -> Counts:
    """Give the kept numbers, which the navigation and the page read together."""
    kept = vars(request)
    if _KEPT not in kept:
        kept[_KEPT] = read_counts(workspace.pk)
    counts: Counts = kept[_KEPT]
    return counts


def read_counts(workspace_id: int) -> Counts:
    """Sum the kept differences in one statement."""
    people = 0
    objects: dict[int, int] = {}
    relationships: dict[int, int] = {}
    rows = CountDelta.objects.for_workspace(workspace_id)
    totals = rows.values_list("kind", "object_type_number").order_by().annotate(Sum("delta"))
    for kind, number, total in totals:
        match CountDelta.Kind(kind):
            case CountDelta.Kind.PEOPLE:
                people += total
            case CountDelta.Kind.OBJECTS:
                objects[number or 0] = total
            case CountDelta.Kind.RELATIONSHIPS:
                relationships[number or 0] = total
    return Counts(people=people, objects=objects, relationships=relationships)


def count_unrelated(workspace_id: int) -> dict[int, int]:
    """Count the objects without relationships by the number of their type, in one statement.

    The index of unrelated objects is read up to the limit and one more, which means "more".
    """
    unrelated = ObjectTotals.objects.filter(object_type=OuterRef("pk"), relationship_count=0)
    found = _CountOf(unrelated.order_by().values("pk")[: UNRELATED_MAX + 1])
    types = ObjectType.objects.for_workspace(workspace_id).annotate(unrelated=found)
    return dict(types.values_list("number", "unrelated"))


class _CountOf(Subquery):
    """How many rows a limited subquery has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
