"""How a batch that only deletes names its rows, on PostgreSQL and on SQLite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from operations.engine.database import is_postgresql, json_parameter
from operations.engine.store_totals import OBJECT_TOTALS, PEOPLE_TOTALS

Key = tuple[Any, ...]

TIES: Final = "relationships_relationship"


@dataclass(frozen=True, slots=True)
class Side:
    """A table at one end of relationships: its name in statements, and its keys in the log."""

    table: str
    alias: str
    kind: str
    column: str  # of relationships and dependents
    keys: Mapping[str, str]
    dependents: Mapping[str, str]  # tables whose rows go along unlogged, and their column
    looked_up: tuple[str, ...] = ()  # the table that some of the keys come from
    looked_up_on: tuple[str, ...] = ()

    @property
    def joined(self) -> str:
        """Join what the keys need."""
        pairs = zip(self.looked_up, self.looked_up_on, strict=True)
        return " ".join(f"JOIN {table} ON {condition}" for table, condition in pairs)


PEOPLE: Final = Side(
    table="people_person",
    alias="person",
    kind="person",
    column="person_id",
    keys={
        "person_id": "person.person_id",
        "email": "person.email",
        "cio_id": "person.cio_id",
        "anonymous_id": "person.anonymous_id",
    },
    dependents={
        "people_device": "person_id",
        "people_segmentmember": "person_id",
        PEOPLE_TOTALS: "id",
    },
)
OBJECTS: Final = Side(
    table="objects_object",
    alias="related",
    kind="object",
    column="object_id",
    keys={
        "number": "object_type.number",
        "object_id": "related.object_id",
        "cio_object_id": "related.cio_object_id",
    },
    dependents={OBJECT_TOTALS: "id"},
    looked_up=("objects_objecttype AS object_type",),
    looked_up_on=("object_type.id = related.object_type_id",),
)


@dataclass(frozen=True, slots=True)
class Naming:
    """How calls name rows of a side: the types of the values, and the condition they fill."""

    side: Side
    kinds: tuple[str, ...]
    condition: str


def given(kinds: Sequence[str]) -> str:
    """Stand for the keys that a statement is given; `kinds` are the types of their values."""
    if not is_postgresql():
        return "json_each(%s) AS given"
    names = ", ".join(f"value_{place}" for place in range(len(kinds)))
    arrays = ", ".join(f"%b::{kind}[]" for kind in kinds)
    return f"unnest({arrays}) WITH ORDINALITY AS given ({names}, position)"


def given_parameters(keys: Sequence[Key]) -> list[Any]:
    """Bind the keys that `given` stands for."""
    if is_postgresql():
        return [list(values) for values in zip(*keys, strict=True)]
    return [json_parameter(keys)]


def probe(naming: Naming, *, first: int) -> str:
    """Join the row that each given key finds; `first` counts the values before its own."""
    places = range(first, first + len(naming.kinds))
    if is_postgresql():
        values = [f"given.value_{place}" for place in places]
    else:
        values = [f"JSON_EXTRACT(given.value, '$[{place}]')" for place in places]
    side = naming.side
    return find(side.table, side.alias, naming.condition.format(*values))


def find(table: str, alias: str, on: str) -> str:
    """Join rows from the left to the right.

    OFFSET keeps PostgreSQL from turning the join round, and CROSS JOIN keeps SQLite from it.
    """
    if is_postgresql():
        rows = f"SELECT {alias}.ctid, {alias}.* FROM {table} AS {alias} WHERE {on} OFFSET 0"
        return f"CROSS JOIN LATERAL ({rows}) AS {alias}"
    return f"CROSS JOIN {table} AS {alias} ON {on}"
