"""The statements that delete rows in sets and log them, PostgreSQL and SQLite side by side.

What goes is written into the activity log without leaving the database. On PostgreSQL one
statement does all of it and logs what its DELETEs return: what another writer took first is
logged by that one alone. Before it, rows and totals are locked in the order that every batch
keeps. SQLite has one writer, so there the log is written before the rows go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from operations.engine.clear_log import VALUES_OF, log_cleared
from operations.engine.database import (
    among,
    among_parameter,
    delete,
    fetch,
    is_postgresql,
    json_parameter,
    run,
)
from operations.engine.locks import lock_rows, lock_totals
from operations.engine.naming import (
    OBJECTS,
    PEOPLE,
    TIES,
    Key,
    Naming,
    Side,
    find,
    given,
    given_parameters,
    probe,
)

# Rows that are locked already, by the position of what named them.
_LOCKED: Final = "unnest(%b::bigint[], %b::bigint[]) AS given (position, id)"


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
    other = OBJECTS if naming.side is PEOPLE else PEOPLE
    clear = _clear_postgresql_rows if is_postgresql() else _clear_sqlite_rows
    return clear(naming, keys, entry, other=other)


def clear_relationships(
    person: Naming, related: Naming, keys: Sequence[Key], entry: Entry
) -> list[Cleared]:
    """End the relationships with these keys: the values of the person, then of the object."""
    clear = _clear_postgresql_ties if is_postgresql() else _clear_sqlite_ties
    return clear(person, related, keys, entry)


def _clear_postgresql_rows(
    naming: Naming, keys: Sequence[Key], entry: Entry, *, other: Side
) -> list[Cleared]:
    own = naming.side
    locked = lock_rows(naming, keys)
    if not locked:
        return []
    gone = [key for _, key in locked]
    if own is PEOPLE:
        lock_totals(people=gone, whole_people=gone)
    else:
        lock_totals(objects=gone, whole_objects=gone)
    alias, names = own.alias, {name: name for name in own.keys}
    behind = f"tie.{own.column} = gone.id"
    held = f"""
        SELECT gone.position, {_of("gone", own.keys)}, {_listed(other.keys)},
            {other.alias}.id AS stays, tie.ctid AS place
        FROM gone {find(TIES, "tie", behind)}
        JOIN {other.table} AS {other.alias} ON {other.alias}.id = tie.{other.column}
        {other.joined}
    """
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT given.position, {alias}.ctid AS place
            FROM {_LOCKED} {find(own.table, alias, f"{alias}.id = given.id")}
        ), gone AS (
            DELETE FROM {own.table} AS {alias} USING {", ".join(["found", *own.looked_up])}
            WHERE {" AND ".join([f"{alias}.ctid = found.place", *own.looked_up_on])}
            RETURNING found.position, {alias}.id, {_listed(own.keys)}, {VALUES_OF.format(alias)}
        ), ended AS (
            DELETE FROM {TIES} AS tie USING ({held}) AS held WHERE tie.ctid = held.place
            RETURNING held.*, tie.id, {VALUES_OF.format("tie")}
        ), {"".join(map(_delete_dependents, own.dependents, own.dependents.values()))}
        logged AS ({_log(entry, own)})
        SELECT position, {_of_gone(names)}, NULL::bigint, NULL::bigint, 0
        FROM gone
        UNION ALL
        SELECT NULL, number, NULL, NULL, {_lost_by(other)}, count(*)
        FROM ended GROUP BY number, stays
    """
    return _cleared(fetch(statement, [*given_parameters(locked), *entry.parameters()]))


def _clear_sqlite_rows(
    naming: Naming, keys: Sequence[Key], entry: Entry, *, other: Side
) -> list[Cleared]:
    own = naming.side
    alias = own.alias
    found = fetch(
        f"SELECT given.key, {alias}.id, {_of_gone(own.keys)} "
        f"FROM {given(naming.kinds)} {probe(naming, first=0)} {own.joined}",
        given_parameters(keys),
    )
    places = json_parameter([row[:2] for row in found])
    run(
        f"""
        WITH gone AS (
            SELECT listed.value ->> 0 AS position, {alias}.id, {_listed(own.keys)},
                {VALUES_OF.format(alias)}
            FROM json_each(%s) AS listed
            CROSS JOIN {own.table} AS {alias} ON {alias}.id = listed.value ->> 1 {own.joined}
        ), ended AS (
            SELECT gone.position, tie.id, {_of("gone", own.keys)}, {_listed(other.keys)},
                {VALUES_OF.format("tie")}
            FROM gone CROSS JOIN {TIES} AS tie ON tie.{own.column} = gone.id
            CROSS JOIN {other.table} AS {other.alias} ON {other.alias}.id = tie.{other.column}
            {other.joined}
        ) {_log(entry, own)}
        """,
        [places, *entry.parameters()],
    )
    gone = sorted(row[1] for row in found)
    ended = fetch(
        f"""
        SELECT NULL, object_type.number, NULL, NULL, {_lost_by(other, f"tie.{other.column}")},
            COUNT(*)
        FROM {TIES} AS tie CROSS JOIN objects_object AS related ON related.id = tie.object_id
        {OBJECTS.joined}
        WHERE tie.{own.column} {among()} GROUP BY object_type.number, tie.{other.column}
        """,
        [among_parameter(gone)],
    )
    for table, column in ((TIES, own.column), *own.dependents.items()):
        run(f"DELETE FROM {table} WHERE {column} {among()}", [among_parameter(gone)])
    delete(own.table, gone)
    return _cleared([(row[0], *row[2:], None, None, 0) for row in found] + ended)


def _clear_postgresql_ties(
    person: Naming, related: Naming, keys: Sequence[Key], entry: Entry
) -> list[Cleared]:
    ends = _lock_ends(person, related, keys)
    if not ends:
        return []
    statement = f"""
        WITH found AS MATERIALIZED (
            SELECT given.position, tie.ctid AS place, person.id AS person,
                related.id AS related, {_listed(OBJECTS.keys)}, {_listed(PEOPLE.keys)}
            FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[])
                AS given (position, person, related)
            {find(TIES, "tie", "tie.person_id = given.person AND tie.object_id = given.related")}
            {_ends()} ORDER BY tie.id
        ), ended AS (
            DELETE FROM {TIES} AS tie USING found WHERE tie.ctid = found.place
            RETURNING found.*, tie.id, {VALUES_OF.format("tie")}
        ), logged AS ({_log(entry)})
        SELECT position, number, cio_id, cio_object_id, person, related, 1 FROM ended
    """
    return _cleared(fetch(statement, [*given_parameters(ends), *entry.parameters()]))


def _lock_ends(person: Naming, related: Naming, keys: Sequence[Key]) -> list[Key]:
    """Lock people and objects by keys for both; gives the position of each key and both rows."""
    width = len(person.kinds)
    people: dict[int, int] = dict(lock_rows(person, [key[:width] for key in keys]))
    objects: dict[int, int] = dict(lock_rows(related, [key[width:] for key in keys]))
    both = [
        (position, people[position], objects[position])
        for position in people.keys() & objects.keys()
    ]
    lock_totals(people=[*people.values()], objects=[*objects.values()])
    return both


def _clear_sqlite_ties(
    person: Naming, related: Naming, keys: Sequence[Key], entry: Entry
) -> list[Cleared]:
    behind = "tie.person_id = person.id AND tie.object_id = related.id"
    ended = fetch(
        f"""
        SELECT tie.id, given.key, object_type.number, person.cio_id, related.cio_object_id,
            person.id, related.id, 1
        FROM {given((*person.kinds, *related.kinds))} {probe(person, first=0)}
        {probe(related, first=len(person.kinds))} {find(TIES, "tie", behind)} {OBJECTS.joined}
        """,
        given_parameters(keys),
    )
    run(
        f"""
        WITH ended AS (
            SELECT listed.value ->> 0 AS position, tie.id, {_listed(OBJECTS.keys)},
                {_listed(PEOPLE.keys)}, {VALUES_OF.format("tie")}
            FROM json_each(%s) AS listed CROSS JOIN {TIES} AS tie ON tie.id = listed.value ->> 1
            {_ends()}
        ) {_log(entry)}
        """,
        [json_parameter([(row[1], row[0]) for row in ended]), *entry.parameters()],
    )
    delete(TIES, sorted(row[0] for row in ended))
    return _cleared([row[1:] for row in ended])


def _ends() -> str:
    """Join the person and the object of a relationship."""
    person = find(PEOPLE.table, PEOPLE.alias, "person.id = tie.person_id")
    related = find(OBJECTS.table, OBJECTS.alias, "related.id = tie.object_id")
    return f"{person} {related} {OBJECTS.joined}"


def _log(entry: Entry, own: Side | None = None) -> str:
    keeps_rows = entry.change_set is not None
    if own is None:
        return log_cleared(None, (), keeps_rows=keeps_rows)
    return log_cleared(own.kind, own.keys, keeps_rows=keeps_rows)


def _delete_dependents(table: str, column: str) -> str:
    if column == "id":
        # By key and not by place: a count that another writer changes moves the row.
        return (
            f"{table}_gone AS (DELETE FROM {table} AS hanging USING gone "
            "WHERE hanging.id = gone.id), "
        )
    found = find(table, "hanging", f"hanging.{column} = gone.id")
    return (
        f"{table}_gone AS (DELETE FROM {table} AS hanging USING "
        f"(SELECT hanging.ctid AS place FROM gone {found}) AS held "
        "WHERE hanging.ctid = held.place), "
    )


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
