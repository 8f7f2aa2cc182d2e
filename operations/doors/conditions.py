"""A filter as a condition on the rows of one workspace."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from objects.models import Object, ObjectType
from operations.conditions import AttributeMatches, TextMatches
from operations.doors.segments import find_problems, load_segments
from operations.doors.sensitive import hidden_in
from operations.types import ObjectKey, PersonKey
from operations.wire.columns import Kind
from operations.wire.filter_tree import (
    And,
    Condition,
    Filter,
    InSegment,
    IsObject,
    IsOfType,
    IsPerson,
    Leaf,
    Not,
    Or,
    Related,
    Side,
)
from operations.wire.segments import Segments
from operations.wire.value_tests import OneOf, Present, ValueTest, is_opposite, lowered, test_of
from people.models import Person, SegmentMember
from relationships.models import Relationship
from workspaces.models import Workspace

# How the rows of each list lead to the sides of a relationship.
_PREFIXES: Final[dict[Kind, dict[Side, str]]] = {
    Kind.OBJECTS: {Side.OBJECT: ""},
    Kind.PEOPLE: {Side.PERSON: ""},
    Kind.RELATIONSHIPS: {
        Side.OBJECT: "object__",
        Side.PERSON: "person__",
        Side.RELATIONSHIP: "",
    },
}
_COLUMNS: Final = {
    "object_id": "object_id",
    "cio_object_id": "cio_object_id",
    "id": "person_id",
    "email": "email_key",
    "cio_id": "cio_id",
}
_ALL: Final = ~Q(pk__in=())
_NONE: Final = Q(pk__in=())


def condition_on(
    kind: Kind,
    tree: Filter,
    *,
    workspace: Workspace | int,
    at: datetime,
    segments: Segments | None = None,
) -> Q:
    """Say a filter as a condition on rows of this kind; "the last days" end with `at`.

    One that asks for what is hidden from the reader finds nothing; the forms say so before. The
    dynamic segments that it asks for are read, unless the caller has them.
    """
    if segments is None:
        segments = load_segments(workspace, [tree])
    if any(hidden_in(tree)) or any(find_problems(tree, segments)):
        return _NONE
    return _Scope(kind, workspace, at, segments).condition(tree)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which rows are asked, where and when."""

    kind: Kind
    workspace: Workspace | int
    at: datetime
    segments: Segments

    def condition(self, tree: Filter) -> Q:
        """Say one part of the filter."""
        match tree:
            case And():
                return Q(*[self.condition(part) for part in tree.parts])
            case Or():
                parts = [self.condition(part) for part in tree.parts]
                return Q(*parts, _connector=Q.OR)
            case Not():
                return ~self.condition(tree.part)
            case Related():
                return self.related(tree)
            case _:
                return self.leaf(tree)

    def leaf(self, leaf: Leaf) -> Q:
        """Say a single question."""
        match leaf:
            case Condition():
                return self.attribute(leaf)
            case IsOfType():
                return self.of_type(leaf.number)
            case InSegment():
                return self.in_segment(leaf.number)
            case IsPerson():
                return Q(person__in=self.person(leaf.key))
            case IsObject():
                return Q(object__in=self.object(leaf.key, in_every_type=leaf.in_every_type))

    def attribute(self, condition: Condition) -> Q:
        """Ask an attribute or an identifier, and the type of the object where it is named."""
        prefix = _PREFIXES[self.kind][condition.side]
        test = test_of(condition, at=self.at)
        if condition.identifier is not None:
            column = f"{prefix}{_COLUMNS[condition.identifier]}"
            asked = _identifier(column, lowered(test) if column.endswith("email_key") else test)
        else:
            asked = Q(AttributeMatches(condition.path, test, column=f"{prefix}attributes"))
        asked = ~asked if is_opposite(condition) else asked
        if condition.type_number is None:
            return asked
        return asked & self.of_type(condition.type_number)

    def of_type(self, number: int) -> Q:
        """Ask for the type; there may be none with this number, so it is no comparison."""
        prefix = _PREFIXES[self.kind][Side.OBJECT]
        types = ObjectType.objects.for_workspace(self.workspace).filter(number=number)
        return Q(**{f"{prefix}object_type__in": types.values("pk")})

    def in_segment(self, number: int) -> Q:
        """Ask for membership in a manual segment, or what a dynamic one asks."""
        tree = self.segments.get(number)
        if tree is not None:
            return self.meeting(tree)
        column = "pk" if self.kind is Kind.PEOPLE else "person_id"
        members = SegmentMember.objects.filter(
            person=OuterRef(column), segment__workspace=self.workspace, segment__number=number
        )
        return Q(Exists(members))

    def meeting(self, tree: Filter) -> Q:
        """Ask the person for what a dynamic segment asks."""
        if self.kind is Kind.PEOPLE:
            return self.condition(tree)
        scope = _Scope(Kind.PEOPLE, self.workspace, self.at, self.segments)
        people = Person.objects.filter(scope.condition(tree), pk=OuterRef("person_id"))
        return Q(Exists(people))

    def person(self, key: PersonKey) -> QuerySet[Person, Any]:
        """Find one person of the workspace."""
        rows = Person.objects.for_workspace(self.workspace)
        if key.email is not None:
            return rows.filter(email_key=key.email.lower()).values("pk")
        return rows.filter(**_given(person_id=key.id, cio_id=key.cio_id)).values("pk")

    def object(self, key: ObjectKey, *, in_every_type: bool) -> QuerySet[Object, Any]:
        """Find one object of the workspace, or those that have this id in their types."""
        rows = Object.objects.for_workspace(self.workspace)
        if key.cio_object_id is not None:
            return rows.filter(cio_object_id=key.cio_object_id).values("pk")
        # The types are named too, because the index of the ids begins with the type.
        types = ObjectType.objects.for_workspace(self.workspace)
        if not in_every_type:
            types = types.filter(number=key.object_type_id)
        return rows.filter(object_type__in=types.values("pk"), object_id=key.object_id).values(
            "pk"
        )

    def related(self, tree: Related) -> Q:
        """Count the relationships; without further conditions the rows know their number."""
        if tree.where is None:
            return _counted(tree)
        scope = _Scope(Kind.RELATIONSHIPS, self.workspace, self.at, self.segments)
        inner = scope.condition(tree.where)
        found = Relationship.objects.for_workspace(self.workspace).filter(inner)
        side = "object" if self.kind is Kind.OBJECTS else "person"
        is_any = tree.at_most is None and tree.at_least in (None, 1)
        if is_any and _names_a_row(tree.where):
            return Q(pk__in=found.values(side))
        matching = found.filter(**{side: OuterRef("pk")}).order_by("pk")
        condition = Q(Exists(matching)) if is_any else _ALL
        if tree.at_least and not is_any:
            condition &= Q(Exists(matching[tree.at_least - 1 :]))
        if tree.at_most is not None:
            condition &= ~Q(Exists(matching[tree.at_most :]))
        return condition


def _names_a_row(where: Filter) -> bool:
    """Tell whether few relationships can match, so that an index can start from them.

    SQLite answers a question for existence row by row, however few relationships there are.
    """
    match where:
        case IsPerson() | IsObject():
            return True
        case And():
            return any(_names_a_row(part) for part in where.parts)
        case _:
            return False


def _counted(tree: Related) -> Q:
    """Ask the totals of the rows."""
    condition = _ALL
    if tree.at_least:
        condition &= Q(totals__relationship_count__gte=tree.at_least)
    if tree.at_most is not None:
        condition &= Q(totals__relationship_count__lte=tree.at_most)
    return condition


def _identifier(column: str, test: ValueTest) -> Q:
    """Ask a column of texts, by its index where the whole text is asked for."""
    match test:
        case Present():
            return Q(**{f"{column}__isnull": False})
        case OneOf():
            texts = [value for value in test.values if isinstance(value, str)]
            return Q(**{f"{column}__in": texts}) if texts else _NONE
        case _:
            return Q(TextMatches(column, test))


def _given(**keys: str | None) -> dict[str, str]:
    return {name: value for name, value in keys.items() if value is not None}
