"""What confirming would do to the chosen pairs: counted, and previewed for a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db.models import Q, QuerySet

from operations.among import KeyIsAmong
from operations.conditions import AttributeEquals, HasAttribute
from operations.doors.display import plain_text
from operations.doors.jobs import AT_ONCE_MAX_ROWS
from operations.engine import preview
from operations.errors import Rejection
from operations.results import Outcome, Status
from operations.types import Attributes, Json, Origin
from operations.wire.columns import Kind
from relationships.bulk import Pair, Plan, Size, chosen_rows, relate_call, walk_pairs
from relationships.models import Relationship

SAMPLE_PAIRS: Final = 20
_COLUMNS: Final = {Kind.PEOPLE: "person_id", Kind.OBJECTS: "object_id"}


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of the pairs; `changing` is None where only a bound is known."""

    created: int
    existing: int
    changing: int | None
    refused: int = 0
    refusals: tuple[str, ...] = ()

    @property
    def unchanged(self) -> int:
        """Count the pairs that are related already and stay as they are."""
        return self.existing - (self.changing or 0)

    @property
    def writing(self) -> int:
        """Count the pairs that would not stay as they are."""
        return self.created + (self.existing if self.changing is None else self.changing)


@dataclass(frozen=True, slots=True)
class Replaced:
    """An attribute that a pair has already, with another value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SamplePair:
    """One pair of the review, with what would become of it."""

    pair: Pair
    status: str
    message: str
    replaced: tuple[Replaced, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the review shows."""

    effect: Effect
    sample: tuple[SamplePair, ...]


def foresee(plan: Plan, size: Size, keys: Sequence[int], origin: Origin) -> Foreseen:
    """Preview every pair, or, where they are many, a sample beside exact counts."""
    is_small = size.pairs <= AT_ONCE_MAX_ROWS
    walk = walk_pairs(plan, size.inner, keys)
    pairs = list(islice(walk, size.pairs if is_small else SAMPLE_PAIRS))
    outcomes = preview([relate_call(plan, pair, origin) for pair in pairs]).outcomes
    sample = tuple(
        SamplePair(
            pair=pair,
            status=outcome.status.value,
            message=_message(outcome),
            replaced=_replaced(outcome),
        )
        for pair, outcome in zip(pairs[:SAMPLE_PAIRS], outcomes, strict=False)
    )
    effect = _sum_up(outcomes) if is_small else _count_effect(plan, size, keys)
    return Foreseen(effect, sample)


def find_refusals(plan: Plan, origin: Origin) -> tuple[Rejection, ...]:
    """Give what the engine would refuse about the attributes, tried on one pair."""
    people = chosen_rows(plan, Kind.PEOPLE).order_by("pk").values_list("pk", flat=True)
    objects = chosen_rows(plan, Kind.OBJECTS).order_by("pk").values_list("pk", flat=True)
    person, named = people.first(), objects.first()
    if person is None or named is None:
        return ()
    pair = next(walk_pairs(plan, Kind.OBJECTS, (named,)), None)
    if pair is None:
        return ()
    return preview([relate_call(plan, pair, origin)]).outcomes[0].rejections


def _sum_up(outcomes: Sequence[Outcome]) -> Effect:
    statuses = [outcome.status for outcome in outcomes]
    messages = dict.fromkeys(_message(outcome) for outcome in outcomes if outcome.rejections)
    return Effect(
        created=statuses.count(Status.CREATED),
        existing=statuses.count(Status.UPDATED) + statuses.count(Status.UNCHANGED),
        changing=statuses.count(Status.UPDATED),
        refused=statuses.count(Status.REFUSED) + statuses.count(Status.SKIPPED),
        refusals=tuple(messages)[:SAMPLE_PAIRS],
    )


def _count_effect(plan: Plan, size: Size, keys: Sequence[int]) -> Effect:
    outer = Kind.OBJECTS if size.inner is Kind.PEOPLE else Kind.PEOPLE
    chosen = {f"{_COLUMNS[outer]}__in": chosen_rows(plan, outer).order_by().values("pk")}
    related = Relationship.objects.for_workspace(plan.workspace)
    existing = related.filter(KeyIsAmong(_COLUMNS[size.inner], keys), **chosen)
    count = existing.count()
    return Effect(
        created=size.pairs - count,
        existing=count,
        changing=_count_changing(existing, plan.attributes) if count else 0,
    )


def _count_changing(existing: QuerySet[Relationship], attributes: Attributes) -> int | None:
    """Count the relationships that differ; lists and objects only the engine compares."""
    if any(isinstance(value, list | dict) for value in attributes.values()):
        return None
    same = Q()
    for name, value in attributes.items():
        same &= _is_as_wanted(name, value)
    return existing.exclude(same).count() if same else 0


def _is_as_wanted(name: str, value: Json) -> Q:
    if value is None or value == "":
        return Q(~HasAttribute(name))
    return Q(AttributeEquals(name, value))  # type: ignore[arg-type]  # neither list nor object


def _message(outcome: Outcome) -> str:
    return "; ".join(rejection.message for rejection in outcome.rejections)


def _replaced(outcome: Outcome) -> tuple[Replaced, ...]:
    before = outcome.changes[0].before if outcome.changes else None
    attributes = (before or {}).get("attributes")
    if not isinstance(attributes, dict):
        return ()
    return tuple(Replaced(name, plain_text(attributes[name])) for name in sorted(attributes))
