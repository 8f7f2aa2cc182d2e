"""Generated filters: every tree that the grammar can say."""

from hypothesis import strategies as st

from operations.json import normalise
from operations.types import ObjectKey, PersonKey
from operations.wire.columns import Kind
from operations.wire.filter_comparisons import WITHOUT_VALUE
from operations.wire.filter_tree import (
    And,
    Condition,
    InSegment,
    IsObject,
    IsOfType,
    IsPerson,
    Not,
    Operator,
    Or,
    Path,
    Related,
    Side,
)

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20
)
names = texts | st.sampled_from(["a.b", "[]", "a[]", "\\", "\\.", "plan", "0", "", ".", "a\\[]"])
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
numbers = numbers.filter(lambda number: abs(number) < 2**63).map(normalise)
scalars = st.booleans() | numbers | texts
positive = st.integers(1, 2**31 - 1)


@st.composite
def paths(draw: st.DrawFn) -> Path:
    steps: list[str | None] = [draw(names.filter(bool))]
    steps += draw(st.lists(st.none() | names, max_size=4))
    return tuple(steps)


def values(operator: Operator) -> st.SearchStrategy:
    if operator in WITHOUT_VALUE:
        return st.none()
    by_operator = {
        Operator.EQ: scalars | st.just(""),
        Operator.NOT_EQ: scalars,
        Operator.IN: st.lists(scalars, min_size=1, max_size=4).map(tuple),
        Operator.NOT_IN: st.lists(scalars, min_size=1, max_size=4).map(tuple),
        Operator.CONTAINS: texts,
        Operator.NOT_CONTAINS: texts,
        Operator.STARTS_WITH: texts,
        Operator.BETWEEN: st.tuples(numbers, numbers) | st.tuples(texts, texts),
        Operator.BEFORE: st.integers(-62_135_596_800, 253_402_300_799),
        Operator.AFTER: st.integers(-62_135_596_800, 253_402_300_799),
        Operator.IN_LAST_DAYS: st.integers(1, 36_500),
    }
    return by_operator.get(operator, numbers | texts)


@st.composite
def conditions(draw: st.DrawFn, side: Side) -> Condition:
    operator = draw(st.sampled_from(Operator))
    number = draw(st.none() | positive) if side is Side.OBJECT else None
    return Condition(side, draw(paths()), operator, draw(values(operator)), number)


people = st.one_of(
    *[
        texts.map(lambda text, key=key: IsPerson(PersonKey(**{key: text})))
        for key in ("id", "email", "cio_id")
    ]
)
objects = (
    texts.map(lambda text: IsObject(ObjectKey(cio_object_id=text), in_every_type=True))
    | texts.map(lambda text: IsObject(ObjectKey(object_id=text), in_every_type=True))
    | st.builds(lambda text, number: IsObject(ObjectKey(text, number)), texts, positive)
)
types = positive.map(IsOfType)
segments = positive.map(InSegment)


def joined(leaves: st.SearchStrategy) -> st.SearchStrategy:
    def above(trees: st.SearchStrategy) -> st.SearchStrategy:
        parts = st.lists(trees, min_size=1, max_size=3).map(tuple)
        return parts.map(And) | parts.map(Or) | trees.map(Not)

    return st.recursive(leaves, above, max_leaves=6)


of_relationships = joined(
    conditions(Side.RELATIONSHIP)
    | conditions(Side.OBJECT)
    | conditions(Side.PERSON)
    | types
    | segments
    | people
    | objects
)
counts = st.none() | st.integers(0, 5)
related = st.builds(Related, counts, counts, of_relationships) | st.builds(
    Related, st.integers(0, 5), counts
)
FILTERS = {
    Kind.OBJECTS: joined(conditions(Side.OBJECT) | types | related),
    Kind.PEOPLE: joined(conditions(Side.PERSON) | segments | related),
    Kind.RELATIONSHIPS: of_relationships,
}
