"""Read which attributes rows have, in sets: how many values of each type, and when last set."""

from typing import Final

from operations.engine.database import fetch, is_postgresql
from operations.limits import ATTRIBUTE_NAME_LISTED_MAX_CHARS

# The rows of each kind, with the key of the object type or 0.
_ROWS: Final = {
    "people": "SELECT id, 0 AS type_key, {column} AS held FROM people_person WHERE {chosen}",
    "objects": "SELECT id, object_type_id AS type_key, {column} AS held FROM objects_object "
    "WHERE {chosen}",
    "relationships": "SELECT rows.id, related.object_type_id AS type_key, rows.{column} AS held "
    "FROM relationships_relationship AS rows "
    "JOIN objects_object AS related ON related.id = rows.object_id WHERE {chosen}",
}
_TABLES: Final = {
    "people": "people_person",
    "objects": "objects_object",
    "relationships": "relationships_relationship",
}
# Like a date: Unix seconds of 2001 to 2100 under the name of a time, and texts that begin with
# a day.
_TYPE_ON_POSTGRESQL: Final = """
    CASE jsonb_typeof(held.value)
    WHEN 'string' THEN
        CASE WHEN left(held.value #>> '{}', 11) ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]|$)'
        THEN 'date' ELSE 'text' END
    WHEN 'number' THEN
        CASE WHEN held.key ~ '_(at|date|time)$'
            AND CAST(held.value AS numeric) BETWEEN 1000000000 AND 4102444800
        THEN 'date' ELSE 'number' END
    WHEN 'array' THEN 'list'
    ELSE jsonb_typeof(held.value) END"""
_TYPE_ON_SQLITE: Final = """
    CASE held.type
    WHEN 'text' THEN
        CASE WHEN held.value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
            OR held.value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ]*'
        THEN 'date' ELSE 'text' END
    WHEN 'integer' THEN
        CASE WHEN (held.key GLOB '*_at' OR held.key GLOB '*_date' OR held.key GLOB '*_time')
            AND held.value BETWEEN 1000000000 AND 4102444800
        THEN 'date' ELSE 'number' END
    WHEN 'real' THEN 'number'
    WHEN 'true' THEN 'boolean'
    WHEN 'false' THEN 'boolean'
    WHEN 'array' THEN 'list'
    ELSE held.type END"""

Span = tuple[int, int]


def key_span(kind: str) -> Span:
    """Give the smallest and the largest key of a table."""
    found = fetch(f"SELECT min(id), max(id) FROM {_TABLES[kind]}")
    low, high = found[0]
    return (low or 0, high or 0)


def read_values(
    kind: str, workspace: int, *, span: Span | None
) -> list[tuple[int, str, str, int, int, int]]:
    """Give type key, name, type of value, how many, and the first and the last row that has it.

    Without a span of keys all rows of the workspace are read, which is for small ones.
    """
    of_type = _TYPE_ON_POSTGRESQL if is_postgresql() else _TYPE_ON_SQLITE
    chosen, parameters = _chosen(kind, workspace, span)
    each = "jsonb_each" if is_postgresql() else "json_each"
    rows = _ROWS[kind].format(column="attributes", chosen=chosen)
    return fetch(
        f"SELECT chosen.type_key, held.key, {of_type} AS of_type, count(*), "
        "min(chosen.id), max(chosen.id) "
        f"FROM ({rows}) AS chosen, {each}(chosen.held) AS held "
        f"WHERE length(held.key) <= {ATTRIBUTE_NAME_LISTED_MAX_CHARS} "
        "GROUP BY chosen.type_key, held.key, of_type",
        parameters,
    )


def read_times(kind: str, workspace: int, *, span: Span | None) -> list[tuple[int, str, int]]:
    """Give type key, name, and when an attribute of it was set or removed last."""
    chosen, parameters = _chosen(kind, workspace, span)
    rows = _ROWS[kind].format(column="attribute_times", chosen=chosen)
    if is_postgresql():
        each, seconds = "jsonb_each_text", "CAST(held.value AS bigint)"
    else:
        each, seconds = "json_each", "held.value"
    return fetch(
        f"SELECT chosen.type_key, held.key, max({seconds}) "
        f"FROM ({rows}) AS chosen, {each}(chosen.held) AS held "
        f"WHERE length(held.key) <= {ATTRIBUTE_NAME_LISTED_MAX_CHARS} "
        "GROUP BY chosen.type_key, held.key",
        parameters,
    )


def _chosen(kind: str, workspace: int, span: Span | None) -> tuple[str, list[int]]:
    prefix = "rows." if kind == "relationships" else ""
    if span is None:
        return f"{prefix}workspace_id = %s", [workspace]
    among = f"{prefix}id > %s AND {prefix}id <= %s AND {prefix}workspace_id = %s"
    return among, [*span, workspace]
