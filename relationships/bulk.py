"""Relate many people to many objects: which pairs these are, and the steps that add them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from objects.models import Object, ObjectType
from operations.among import KeyIsAmong
from operations.doors.jobs import Step, Subject
from operations.doors.selection import Selection, rows_of
from operations.json import dump
from operations.models import Job
from operations.types import Attributes, Call, Json, ObjectKey, Origin, PersonKey, Relate
from operations.wire.columns import Kind
from people.models import Person
from relationships.choice import Choice, dump_choice, load_choice
from relationships.models import Draft

_STEP_CALLS: Final = 5_000
# Attributes of 100 kB in every call would otherwise fill the memory.
_STEP_BYTES: Final = 8_000_000
_ROWS_AT_A_TIME: Final = 500
_GENERATED_IDS: Final = {Kind.PEOPLE: "cio_id", Kind.OBJECTS: "cio_object_id"}
_BLANK: Final = Value("")
_NAMES: Final = {
    Kind.PEOPLE: Coalesce(NullIf("name", _BLANK), "email", "person_id", "cio_id"),
    Kind.OBJECTS: Coalesce(NullIf("name", _BLANK), F("object_id")),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The people and the objects of one type that are to be related, and how."""

    workspace: int
    people: Choice
    objects: Choice
    type_number: int
    attributes: Attributes

    def choice(self, kind: Kind) -> Choice:
        """Give one of the two sides."""
        return self.people if kind is Kind.PEOPLE else self.objects


@dataclass(frozen=True, slots=True)
class Size:
    """How many people and objects are chosen."""

    people: int
    objects: int

    @property
    def pairs(self) -> int:
        """Count the pairs: each person with each object."""
        return self.people * self.objects

    @property
    def inner(self) -> Kind:
        """Name the smaller side, which is held in memory while the other is walked."""
        return Kind.PEOPLE if self.people < self.objects else Kind.OBJECTS


@dataclass(frozen=True, slots=True)
class Side:
    """A person or an object of a pair."""

    key: int
    generated_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A person and an object, and where in the walk they stand."""

    person: Side
    object: Side
    position: tuple[int, int]


def plan_of(draft: Draft) -> Plan:
    """Read the plan of a draft."""
    return Plan(
        workspace=draft.workspace_id,
        people=load_choice(draft.people),
        objects=load_choice(draft.chosen_objects),
        type_number=draft.type_number or 0,
        attributes=draft.attributes,
    )


def offered_rows(workspace: int, kind: Kind, *, type_number: int) -> QuerySet[Any]:
    """Give what can be chosen: the people of a workspace, or the objects of a type."""
    if kind is Kind.PEOPLE:
        return Person.objects.for_workspace(workspace)
    objects = Object.objects.for_workspace(workspace)
    return objects.filter(object_type=_type_key(workspace, type_number))


def chosen_rows(plan: Plan, kind: Kind) -> QuerySet[Any]:
    """Give the chosen rows that are still there; raise SelectionError for an unreadable filter."""
    choice = plan.choice(kind)
    offered = offered_rows(plan.workspace, kind, type_number=plan.type_number)
    if choice.query is None:
        return offered.filter(KeyIsAmong("id", choice.keys))
    matching = rows_chosen_by_query(plan, kind)
    if choice.without:
        matching = matching.filter(~KeyIsAmong("id", choice.without))
    if not choice.keys:
        return matching
    return offered.filter(Q(pk__in=matching.values("pk")) | Q(KeyIsAmong("id", choice.keys)))


def rows_chosen_by_query(plan: Plan, kind: Kind) -> QuerySet[Any]:
    """Give what the choice's filter finds, rows taken out included."""
    choice = plan.choice(kind)
    found = rows_of(Selection(kind, plan.workspace, query=choice.query, up_to=choice.up_to))
    if kind is Kind.PEOPLE:
        return found
    return found.filter(object_type=_type_key(plan.workspace, plan.type_number))


def measure(plan: Plan) -> Size:
    """Count both sides exactly."""
    people = chosen_rows(plan, Kind.PEOPLE).order_by().count()
    return Size(people=people, objects=chosen_rows(plan, Kind.OBJECTS).order_by().count())


def inner_keys(plan: Plan, size: Size) -> tuple[int, ...]:
    """Read the keys of the smaller side: the root, at most, of the pairs that are allowed."""
    return tuple(chosen_rows(plan, size.inner).order_by("pk").values_list("pk", flat=True))


def walk_pairs(
    plan: Plan, inner: Kind, keys: Sequence[int], *, position: Sequence[int] = ()
) -> Iterator[Pair]:
    """Give each pair, in the order of the keys of the outer side, then of the inner one.

    The inner side is read once, by its keys, because relating can change what a filter finds.
    The outer side is read slice by slice, always ahead of what was related; a walk that goes on
    from a position finds the row it stopped in by its key alone, and leaves out nothing.
    """
    outer = Kind.OBJECTS if inner is Kind.PEOPLE else Kind.PEOPLE
    known = [Side(*row) for row in _described(_by_keys(plan, inner, keys), inner)]
    key, done = position or (0, 0)
    for row in _outer_rows(plan, outer, key):
        one = Side(*row)
        for index in range(done if one.key == key else 0, len(known)):
            other = known[index]
            person, named = (other, one) if inner is Kind.PEOPLE else (one, other)
            yield Pair(person=person, object=named, position=(one.key, index + 1))


def relate_call(plan: Plan, pair: Pair, origin: Origin) -> Call:
    """Say how one pair is related; a side that was deleted meanwhile is refused, not made."""
    operation = Relate(
        person=PersonKey(cio_id=pair.person.generated_id),
        object=ObjectKey(cio_object_id=pair.object.generated_id, object_type_id=plan.type_number),
        attributes=plan.attributes,
    )
    return Call(origin=origin, operations=(operation,))


def dump_plan(plan: Plan, inner: Kind, keys: Sequence[int]) -> dict[str, Json]:
    """Write a plan as the parameters of a job, the keys of the smaller side included."""
    return {
        "people": dump_choice(plan.people),
        "objects": dump_choice(plan.objects),
        "type_number": plan.type_number,
        "attributes": dict(plan.attributes),
        "inner": inner.value,
        "inner_keys": list(keys),
    }


def relate_steps(job: Job, origin: Origin) -> Iterator[Step]:
    """Give the steps of a job from where it stands."""
    stored: Mapping[str, Any] = job.parameters
    plan = Plan(
        workspace=job.workspace_id,
        people=load_choice(stored["people"]),
        objects=load_choice(stored["objects"]),
        type_number=stored["type_number"],
        attributes=stored["attributes"],
    )
    pairs = walk_pairs(plan, Kind(stored["inner"]), stored["inner_keys"], position=job.position)
    size = max(1, min(_STEP_CALLS, _STEP_BYTES // len(dump(plan.attributes))))
    while step := list(islice(pairs, size)):
        yield Step(
            calls=[relate_call(plan, pair, origin) for pair in step],
            position=step[-1].position,
            describe=_Names(step),
        )


@dataclass(frozen=True, slots=True)
class _Names:
    """Names the pairs of a step, should one be refused."""

    pairs: Sequence[Pair]

    def __call__(self, index: int) -> Subject:
        pair = self.pairs[index]
        link = reverse("admin:people_person_change", args=[pair.person.key])
        return Subject(f"{pair.person.name} · {pair.object.name}", link)


def _type_key(workspace: int, number: int) -> QuerySet[Any, Any]:
    """Ask for the key of a type inside the statement, so that the indexes by type can serve."""
    types = ObjectType.objects.for_workspace(workspace).filter(number=number)
    return types.values("pk")[:1]


def _outer_rows(plan: Plan, outer: Kind, begin_at: int) -> Iterator[tuple[Any, ...]]:
    if begin_at:
        yield from _described(_by_keys(plan, outer, (begin_at,)), outer)
    rows = _described(chosen_rows(plan, outer), outer)
    last = begin_at
    while found := list(rows.filter(pk__gt=last)[:_ROWS_AT_A_TIME]):
        yield from found
        last = found[-1][0]


def _described(rows: QuerySet[Any], kind: Kind) -> QuerySet[Any, tuple[Any, ...]]:
    named: Any = rows.order_by("pk").annotate(label=_NAMES[kind])
    found: QuerySet[Any, tuple[Any, ...]] = named.values_list("pk", _GENERATED_IDS[kind], "label")
    return found


def _by_keys(plan: Plan, kind: Kind, keys: Sequence[int]) -> QuerySet[Any]:
    """Find rows by key alone, whatever has become of the filter that chose them."""
    offered = offered_rows(plan.workspace, kind, type_number=plan.type_number)
    return offered.filter(KeyIsAmong("id", keys))
