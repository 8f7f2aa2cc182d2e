"""Lock rows in the one order that every batch keeps, so that no two wait for each other.

It is the order of the writes: people, objects, totals of people, totals of objects,
relationships; in each table by key. SQLite has one writer and locks nothing.
"""

from collections.abc import Sequence

from operations.engine.database import among, among_parameter, fetch, is_postgresql, run
from operations.engine.naming import TIES, Key, Naming, given, given_parameters, probe
from operations.engine.store_totals import OBJECT_TOTALS, PEOPLE_TOTALS


def lock_rows(naming: Naming, keys: Sequence[Key]) -> list[Key]:
    """Lock the rows that keys name; gives the position of each key with that of its row.

    A row that another writer names otherwise meanwhile is left out.
    """
    alias, values = naming.side.alias, [f"value_{place}" for place in range(len(naming.kinds))]
    return fetch(
        f"""
        WITH found AS MATERIALIZED (
            SELECT given.*, {alias}.id FROM {given(naming.kinds)} {probe(naming, first=0)}
        )
        SELECT found.position - 1, {alias}.id
        FROM found JOIN {naming.side.table} AS {alias} ON {alias}.id = found.id
            AND {naming.condition.format(*[f"found.{value}" for value in values])}
        ORDER BY {alias}.id FOR NO KEY UPDATE OF {alias}
        """,
        given_parameters(keys),
    )


def lock_totals(
    *,
    people: Sequence[int] = (),
    objects: Sequence[int] = (),
    whole_people: Sequence[int] = (),
    whole_objects: Sequence[int] = (),
) -> None:
    """Lock the totals of rows, so that nobody adds a relationship that is not yet read.

    What is related to whole people and whole objects will lose them: its totals are locked too.
    """
    if not is_postgresql():
        return
    _lock(PEOPLE_TOTALS, people, "SELECT person_id FROM {} WHERE object_id {}", whole_objects)
    _lock(OBJECT_TOTALS, objects, "SELECT object_id FROM {} WHERE person_id {}", whole_people)


def _lock(table: str, keys: Sequence[int], behind: str, whole: Sequence[int]) -> None:
    if not keys and not whole:
        return
    condition, parameters = among(), [among_parameter(keys)]
    if whole:
        condition = f"IN (SELECT unnest(%b::bigint[]) UNION {behind.format(TIES, among())})"
        parameters.append(among_parameter(whole))
    run(
        f"SELECT id FROM {table} WHERE id {condition} ORDER BY id FOR NO KEY UPDATE",
        parameters,
    )
