"""Who and what is near an object or a person, in one or two steps: 200 neighbours at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objects.models import Object
from operations.doors.current import may_here
from operations.doors.page_parts import relate_link
from operations.doors.picture import Picture, draw
from operations.doors.related import GROUPED_MAX_ROWS
from people.models import Person
from relationships.models import Relationship
from workspaces.permissions import Permission

NEIGHBOURS_MAX: Final = 200
STEPS_MAX: Final = 2
_NOT_SHOWN: Final = tuple(
    f"{side}{name}"
    for side in ("", "person__", "object__")
    for name in ("attributes", "attribute_times")
)

Row: TypeAlias = Person | Object


@dataclass(slots=True)
class Neighbour:
    """A person or an object near another one, and through whom it was found."""

    row: Row
    link: str
    parent: "Neighbour | None" = None
    others: list["Neighbour"] = field(default_factory=list)
    hidden: int = 0

    @property
    def title(self) -> str:
        """Name it."""
        return str(self.row)

    @property
    def kind(self) -> str:
        """Say what it is."""
        return self.row.object_type.singular_name if isinstance(self.row, Object) else _("Person")

    @property
    def icon(self) -> str:
        """Give the icon of its kind."""
        return self.row.object_type.icon if isinstance(self.row, Object) else "person"

    @property
    def is_person(self) -> bool:
        """Tell people from objects."""
        return isinstance(self.row, Person)

    @property
    def is_near(self) -> bool:
        """Tell whether it is one step away."""
        return self.parent is not None and self.parent.parent is None


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The neighbours of a row, those found first in front, and how many were left out."""

    start: Neighbour
    neighbours: tuple[Neighbour, ...]
    edges: tuple[tuple[Neighbour, Neighbour], ...]
    hidden: int


def neighbourhood_context(page: Any, request: HttpRequest, row: Any) -> dict[str, Any]:
    """Give the tab the table and the picture of it."""
    steps = 2 if request.GET.get("hops") == "2" else 1
    found = find_neighbours(row, steps=steps)
    address = page.tab_address(row, "neighbourhood")
    picture: Picture = draw(found.start, neighbours=found.neighbours, edges=found.edges)
    return {
        "neighbourhood": found,
        "picture": picture,
        "steps": steps,
        "step_links": ((1, _("One step"), address), (2, _("Two steps"), f"{address}&hops=2")),
        "and_more": _say_more(found.hidden),
        "add_link": relate_link(page.relate_field, row.pk)
        if may_here(request, Permission.EDIT)
        else "",
    }


def find_neighbours(row: Row, *, steps: int) -> Neighbourhood:
    """Look around a row with one statement for each step."""
    start = _neighbour(row)
    near = [_neighbour(other, start) for _this, other in _pairs([row], limit=NEIGHBOURS_MAX)]
    start.others = near
    hidden = max(0, row.relationship_count - len(near))
    edges = [(start, one) for one in near]
    far: list[Neighbour] = []
    if steps == STEPS_MAX and near:
        far, more, unseen = _look_further(start, near, room=NEIGHBOURS_MAX - len(near))
        edges += more
        hidden += unseen
    return Neighbourhood(start, (*near, *far), tuple(edges), hidden)


def _look_further(
    start: Neighbour, near: Sequence[Neighbour], *, room: int
) -> tuple[list[Neighbour], list[tuple[Neighbour, Neighbour]], int]:
    """Take the second step from those who have few others, as long as there is room.

    One that everybody is related to would fill the picture by itself: it says how many it hides.
    """
    origins: dict[int, Neighbour] = {}
    for one in sorted(near, key=lambda each: each.row.relationship_count):
        others = one.row.relationship_count - 1
        if others <= room:
            origins[one.row.pk] = one
            room -= others
        else:
            one.hidden = others
    found: dict[int, Neighbour] = {}
    edges = []
    pairs = _pairs([one.row for one in origins.values()], limit=2 * NEIGHBOURS_MAX)
    for this, other in pairs:
        if other.pk == start.row.pk:
            continue
        origin = origins[this.pk]
        if other.pk not in found:
            found[other.pk] = _neighbour(other, origin)
            origin.others.append(found[other.pk])
        edges.append((origin, found[other.pk]))
    return list(found.values()), edges, sum(one.hidden for one in near)


def _pairs(rows: Sequence[Row], *, limit: int) -> Iterable[tuple[Row, Row]]:
    """Read the relationships of rows of one kind, with this and the other side of each."""
    if not rows:
        return []
    keys = [row.pk for row in rows]
    if isinstance(rows[0], Person):
        found = _latest(Relationship.objects.filter(person__in=keys), "-pk", limit=limit)
        return [(each.person, each.object) for each in found]
    # Many relationships are read in the order of an index, as on their tab.
    is_many = any(row.relationship_count > GROUPED_MAX_ROWS for row in rows)
    order = "-person_id" if is_many else "-pk"
    found = _latest(Relationship.objects.filter(object__in=keys), order, limit=limit)
    return [(each.object, each.person) for each in found]


def _latest(
    relationships: QuerySet[Relationship], order: str, *, limit: int
) -> QuerySet[Relationship]:
    """Choose by key first, so that only what is shown is joined."""
    chosen = relationships.order_by(order).values("pk")[:limit]
    joined = Relationship.objects.select_related(
        "person__totals", "object__object_type", "object__totals"
    )
    return joined.defer(*_NOT_SHOWN).filter(pk__in=chosen).order_by(order)


def _neighbour(row: Row, parent: Neighbour | None = None) -> Neighbour:
    name = "people_person" if isinstance(row, Person) else "objects_object"
    link = reverse(f"admin:{name}_change", args=[row.pk])
    return Neighbour(row=row, link=f"{link}?tab=neighbourhood", parent=parent)


def _say_more(hidden: int) -> str:
    if not hidden:
        return ""
    said = ngettext("and %(count)s more", "and %(count)s more", hidden)
    return said % {"count": f"{hidden:,}"}
