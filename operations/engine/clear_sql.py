"""The statements that delete rows in sets and log them, PostgreSQL and SQLite side by side.

What goes is written into the activity log without leaving the database. On PostgreSQL one
statement does all of it and logs what its DELETEs return: what another writer took first is
logged by that one alone. Rows are locked in the order of their keys, relationships behind the row
that they belong to. SQLite has one writer, so there the log is written before the rows go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from operations.engine.database import (
    among,
    among_parameter,
    delete,
    fetch,
    is_postgresql,
    json_parameter,
    run,
)
from operations.engine.store_totals import OBJECT_TOTALS, PEOPLE_TOTALS

Key = tuple[Any, ...]

_TIES: Final = "relationships_relationship"
_ACTIVITY: Final = (
    "workspace_id, received_at, change_set_id, door, actor, status, kind, call_id, "
    "object_type_number, object_id, cio_object_id, person_id, email, cio_id, anonymous_id, before"
)
_HELD: Final = ("attributes", "attribute_times")
_LOGGED: Final = (
    *("number", "object_id", "cio_object_id", "person_id", "email", "cio_id", "anonymous_id"),
    *_HELD,
)
_VALUES: Final = "{0}.attributes, {0}.attribute_times"
# PostgreSQL has to be told the type of each parameter behind SELECT.
_POSTGRESQL: Final = (
    "%s::bigint, %s::timestamptz, %s::bigint, %s::text, %s::text",
    "%s::text || lpad(to_hex(%s::bigint + position), 12, '0')",
    "jsonb_build_object('attributes', attributes, 'attribute_times', attribute_times)",
)
_SQLITE: Final = (
    "%s, %s, %s, %s, %s",
    "%s || printf('%%012x', %s + position)",
    """'{"attributes":' || attributes || ',"attribute_times":' || attribute_times || '}'""",
)


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


@dataclass(frozen=True, slots=True)
class Entry:
    """What the activities of a batch have in common; `first_id` counts on with the position."""

    workspace: int
    received_at: str | None
    change_set: int | None
    door: str
    actor: str
    first_id: str

    def parameters(self) -> list[Any]:
        """Give the values in the order of the statement."""
        head, tail = self.first_id[:12], int(self.first_id[12:], 16)
        shared = [self.workspace, self.received_at, self.change_set, self.door, self.actor]
        return [*shared, head, tail]


class Cleared(NamedTuple):
    """A row that went, by the position of its key, or relationships that went along.

    `person` and `related` are the primary keys of rows that stay and have lost relationships.
    """

    position: int | None
    number: int | None
    cio_id: str | None
    cio_object_id: str | None
    person: int | None
    related: int | None
    ended: int


def clear_rows(naming: Naming, keys: Sequence[Key], entry: Entry) -> list[Cleared]:
    """Delete the people or the objects with these keys, and their relationships."""
    own = naming.side
    other = OBJECTS if own is PEOPLE else PEOPLE
    clear = _clear_postgresql_rows if is_postgresql() else _clear_sqlite_rows
    return clear(naming, keys, entry, own=own, other=other)


def clear_relationships(
    person: Naming, related: Naming, keys: Sequence[Key], entry: Entry
) -> list[Cleared]:
    """End the relationships with these keys: the values of the person, then of the object."""
    found = f"""
        FROM {_given((*person.kinds, *related.kinds))} {_probe(person, first=0)}
        {_probe(related, first=len(person.kinds))}
        {_find(_TIES, "tie", "tie.person_id = person.id AND tie.object_id = related.id")}
        {OBJECTS.joined}
    """
    clear = _clear_postgresql_ties if is_postgresql() else _clear_sqlite_ties
    return clear(found, keys, entry)


def _clear_postgresql_rows(
    naming: Naming, keys: Sequence[Key], entry: Entry, *, own: Side, other: Side
) -> list[Cleared]:
    alias, names = own.alias, {name: name for name in own.keys}
    behind = f"tie.{own.column} = gone.id"
    held = f"""
        SELECT gone.position, {_of("gone", own.keys)}, {_listed(other.keys)},
            {other.alias}.id AS stays, tie.ctid AS place
        FROM gone {_find(_TIES, "tie", behind)}
        JOIN {other.table} AS {other.alias} ON {other.alias}.id = tie.{other.column}
        {other.joined}
    """
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT given.position - 1 AS position, {alias}.ctid AS place
            FROM {_given(naming.kinds)} {_probe(naming, first=0)} ORDER BY {alias}.id
        ), gone AS (
            DELETE FROM {own.table} AS {alias} USING {", ".join(["found", *own.looked_up])}
            WHERE {" AND ".join([f"{alias}.ctid = found.place", *own.looked_up_on])}
            RETURNING found.position, {alias}.id, {_listed(own.keys)}, {_VALUES.format(alias)}
        ), ended AS (
            DELETE FROM {_TIES} AS tie USING ({held}) AS held WHERE tie.ctid = held.place
            RETURNING held.*, tie.id, {_VALUES.format("tie")}
        ), {"".join(map(_delete_dependents, own.dependents, own.dependents.values()))}
        logged AS ({_log(own)})
        SELECT position, {_of_gone(names)}, NULL::bigint, NULL::bigint, 0
        FROM gone
        UNION ALL
        SELECT NULL, number, NULL, NULL, {_lost_by(other)}, count(*)
        FROM ended GROUP BY number, stays
    """
    return _cleared(fetch(statement, [*_given_parameters(keys), *entry.parameters()]))


def _clear_sqlite_rows(
    naming: Naming, keys: Sequence[Key], entry: Entry, *, own: Side, other: Side
) -> list[Cleared]:
    alias = own.alias
    found = fetch(
        f"SELECT given.key, {alias}.id, {_of_gone(own.keys)} "
        f"FROM {_given(naming.kinds)} {_probe(naming, first=0)} {own.joined}",
        _given_parameters(keys),
    )
    places = json_parameter([row[:2] for row in found])
    run(
        f"""
        WITH gone AS (
            SELECT listed.value ->> 0 AS position, {alias}.id, {_listed(own.keys)},
                {_VALUES.format(alias)}
            FROM json_each(%s) AS listed
            CROSS JOIN {own.table} AS {alias} ON {alias}.id = listed.value ->> 1 {own.joined}
        ), ended AS (
            SELECT gone.position, tie.id, {_of("gone", own.keys)}, {_listed(other.keys)},
                {_VALUES.format("tie")}
            FROM gone CROSS JOIN {_TIES} AS tie ON tie.{own.column} = gone.id
            CROSS JOIN {other.table} AS {other.alias} ON {other.alias}.id = tie.{other.column}
            {other.joined}
        ) {_log(own)}
        """,
        [places, *entry.parameters()],
    )
    gone = sorted(row[1] for row in found)
    ended = fetch(
        f"""
        SELECT NULL, object_type.number, NULL, NULL, {_lost_by(other, f"tie.{other.column}")},
            COUNT(*)
        FROM {_TIES} AS tie CROSS JOIN objects_object AS related ON related.id = tie.object_id
        {OBJECTS.joined}
        WHERE tie.{own.column} {among()} GROUP BY object_type.number, tie.{other.column}
        """,
        [among_parameter(gone)],
    )
    for table, column in ((_TIES, own.column), *own.dependents.items()):
        run(f"DELETE FROM {table} WHERE {column} {among()}", [among_parameter(gone)])
    delete(own.table, gone)
    return _cleared([(row[0], *row[2:], None, None, 0) for row in found] + ended)


def _clear_postgresql_ties(found: str, keys: Sequence[Key], entry: Entry) -> list[Cleared]:
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT given.position - 1 AS position, tie.ctid AS place, person.id AS person,
                related.id AS related, {_listed(OBJECTS.keys)}, {_listed(PEOPLE.keys)}
            {found} ORDER BY tie.id
        ), ended AS (
            DELETE FROM {_TIES} AS tie USING found WHERE tie.ctid = found.place
            RETURNING found.*, tie.id, {_VALUES.format("tie")}
        ), logged AS ({_log()})
        SELECT position, number, cio_id, cio_object_id, person, related, 1 FROM ended
    """
    return _cleared(fetch(statement, [*_given_parameters(keys), *entry.parameters()]))


def _clear_sqlite_ties(found: str, keys: Sequence[Key], entry: Entry) -> list[Cleared]:
    ended = fetch(
        "SELECT tie.id, given.key, object_type.number, person.cio_id, related.cio_object_id, "
        f"person.id, related.id, 1 {found}",
        _given_parameters(keys),
    )
    run(
        f"""
        WITH ended AS (
            SELECT listed.value ->> 0 AS position, tie.id, {_listed(OBJECTS.keys)},
                {_listed(PEOPLE.keys)}, {_VALUES.format("tie")}
            FROM json_each(%s) AS listed CROSS JOIN {_TIES} AS tie ON tie.id = listed.value ->> 1
            CROSS JOIN people_person AS person ON person.id = tie.person_id
            CROSS JOIN objects_object AS related ON related.id = tie.object_id {OBJECTS.joined}
        ) {_log()}
        """,
        [json_parameter([(row[1], row[0]) for row in ended]), *entry.parameters()],
    )
    delete(_TIES, sorted(row[0] for row in ended))
    return _cleared([row[1:] for row in ended])


def _log(own: Side | None = None) -> str:
    """Write what ended, and behind it the row that it belonged to, in the order of the calls."""
    rows = f"SELECT position, id, 'relationship' AS kind, {', '.join(_LOGGED)} FROM ended"
    if own is not None:
        named = (name if name in {*own.keys, *_HELD} else "NULL" for name in _LOGGED)
        rows += f" UNION ALL SELECT position, NULL, '{own.kind}', {', '.join(named)} FROM gone"
    shared, call_id, before = _POSTGRESQL if is_postgresql() else _SQLITE
    return (
        f"INSERT INTO operations_activity ({_ACTIVITY}) SELECT {shared}, 'deleted', kind, "
        f"{call_id}, number, object_id, cio_object_id, person_id, email, cio_id, anonymous_id, "
        f"{before} FROM ({rows}) AS cleared ORDER BY position, id NULLS LAST"
    )


def _delete_dependents(table: str, column: str) -> str:
    if column == "id":
        # By key and not by place: a count that another writer changes moves the row.
        return (
            f"{table}_gone AS (DELETE FROM {table} AS hanging USING gone "
            "WHERE hanging.id = gone.id), "
        )
    found = _find(table, "hanging", f"hanging.{column} = gone.id")
    return (
        f"{table}_gone AS (DELETE FROM {table} AS hanging USING "
        f"(SELECT hanging.ctid AS place FROM gone {found}) AS held "
        "WHERE hanging.ctid = held.place), "
    )


def _given(kinds: Sequence[str]) -> str:
    if not is_postgresql():
        return "json_each(%s) AS given"
    names = ", ".join(f"value_{place}" for place in range(len(kinds)))
    arrays = ", ".join(f"%b::{kind}[]" for kind in kinds)
    return f"unnest({arrays}) WITH ORDINALITY AS given ({names}, position)"


def _given_parameters(keys: Sequence[Key]) -> list[Any]:
    if is_postgresql():
        return [list(values) for values in zip(*keys, strict=True)]
    return [json_parameter(keys)]


def _probe(naming: Naming, *, first: int) -> str:
    """Join the row that each given key finds; `first` counts the values before its own."""
    places = range(first, first + len(naming.kinds))
    if is_postgresql():
        values = [f"given.value_{place}" for place in places]
    else:
        values = [f"JSON_EXTRACT(given.value, '$[{place}]')" for place in places]
    side = naming.side
    return _find(side.table, side.alias, naming.condition.format(*values))


def _find(table: str, alias: str, on: str) -> str:
    """Join rows from the left to the right.

    OFFSET keeps PostgreSQL from turning the join round, and CROSS JOIN keeps SQLite from it.
    """
    if is_postgresql():
        rows = f"SELECT {alias}.ctid, {alias}.* FROM {table} AS {alias} WHERE {on} OFFSET 0"
        return f"CROSS JOIN LATERAL ({rows}) AS {alias}"
    return f"CROSS JOIN {table} AS {alias} ON {on}"


def _listed(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in keys.items())


def _of(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _of_gone(keys: Mapping[str, str]) -> str:
    """List type number, cio_id and cio_object_id of a row that went."""
    return ", ".join(keys.get(name, "NULL") for name in ("number", "cio_id", "cio_object_id"))


def _lost_by(other: Side, key: str = "stays") -> str:
    return f"{key}, NULL" if other is PEOPLE else f"NULL, {key}"


def _cleared(rows: Sequence[tuple[Any, ...]]) -> list[Cleared]:
    return [Cleared._make(row) for row in rows]
