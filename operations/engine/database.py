"""The two drivers behind one face: bulk insert, update by key, delete, and parameters."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import psycopg
from django.db import connection

from operations.json import dump

_POSTGRESQL: Final = "postgresql"
# Below this many rows one INSERT with arrays costs less than the round trips of a COPY.
_COPY_FROM_ROWS: Final = 20
_VERSION: Final = "loaded_version"
_COMPARED: Final = frozenset({"id", _VERSION})
_KEPT: Final = frozenset({"created_at", "attributes_bytes", "name"})
_NULL: Final = "\x02"
_TURNS: Final = 20_260  # tells the locks of `begin_batch` from those of other programs
_BY_KEYS: Final = (
    "set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), "
    "set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), "
    "set_config('join_collapse_limit', '1', true)"
)
_INTEGER_MASK: Final = 2**31 - 1
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", _NULL: "\\x02"}
)


class LostRace(Exception):
    """Another writer changed or deleted a row that this batch was about to change."""


def is_postgresql() -> bool:
    """Tell which of the two databases is in use."""
    return connection.vendor == _POSTGRESQL


def cursor() -> Any:
    """Open a cursor; on PostgreSQL one that binds on the server, so that arrays stay binary.

    Django's own cursor writes parameters into the text of the statement, which costs about
    20 microseconds a row for arrays.
    """
    if not is_postgresql():
        return connection.cursor()
    connection.ensure_connection()
    raw = psycopg.Cursor(connection.connection)
    if connection.queries_logged:
        return connection.make_debug_cursor(raw)  # type: ignore[arg-type]  # Django wraps any
    return connection.make_cursor(raw)  # type: ignore[arg-type]


def fetch(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a SELECT and return its rows."""
    with cursor() as opened:
        opened.execute(sql, parameters)
        return opened.fetchall()  # type: ignore[no-any-return]


def run(sql: str, parameters: Sequence[Any] = ()) -> None:
    """Run a statement that returns nothing."""
    with cursor() as opened:
        opened.execute(sql, parameters)


def plan_by_keys() -> None:
    """Keep PostgreSQL to the indexes for the rest of the transaction.

    With five thousand keys it would rather read and hash a whole table of thirty thousand rows,
    for each chunk again (26 microseconds a key instead of 3). Joins go in the order in which they
    are written, from the given keys on.
    """
    if is_postgresql():
        run(f"SELECT {_BY_KEYS}")


def begin_batch(workspaces: Iterable[int], *, is_alone: bool) -> None:
    """Plan by keys, and write beside all other batches, or wait until there is none.

    Rows that are not there yet cannot be locked: where others make and delete them all the time,
    a batch could lose every race. SQLite has one writer as it is.
    """
    if is_postgresql():
        kind = "" if is_alone else "_shared"
        keys = sorted({workspace & _INTEGER_MASK for workspace in workspaces})
        run(
            f"SELECT {_BY_KEYS}, (SELECT count(pg_advisory_xact_lock{kind}(%s, key)::text) "
            "FROM unnest(%b::integer[]) AS key)",
            [_TURNS, keys],
        )


def run_on_all(sql: str, parameters: Sequence[Any], *, count: int) -> None:
    """Run a statement that has to touch `count` rows; fewer mean that another writer was first."""
    with cursor() as opened:
        opened.execute(sql, parameters)
        if opened.rowcount != count:
            raise LostRace


def insert(table: str, columns: dict[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows plainly, in the order given: a row that is there already is a conflict.

    `columns` maps each name to its PostgreSQL type.
    """
    if not rows:
        return
    names = ", ".join(columns)
    if not is_postgresql():
        marks = ", ".join(["%s"] * len(columns))
        with connection.cursor() as opened:
            opened.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    elif len(rows) < _COPY_FROM_ROWS:
        arrays, casts = _arrays(columns, rows)
        run(f"INSERT INTO {table} ({names}) SELECT * FROM unnest({casts})", arrays)
    else:
        statement = f"COPY {table} ({names}) FROM STDIN WITH (NULL E'\\x02')"
        # A COPY goes past Django's cursor, and so past its translation of errors.
        with connection.wrap_database_errors, cursor() as opened, opened.copy(statement) as copy:
            copy.write(_copy_text(rows).encode())


def update(table: str, columns: dict[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Update rows by primary key; the first column is `id`.

    A second column `loaded_version` is compared, not set: PostgreSQL finds out that a row has
    changed since an unlocked load. Of the columns in `_KEPT`, a NULL leaves what is stored.
    """
    if not rows:
        return
    changed = [name for name in columns if name not in _COMPARED]
    if is_postgresql():
        assignments = ", ".join(f"{name} = {_new_value(name, 'changed.')}" for name in changed)
        arrays, casts = _arrays(columns, rows)
        names = ", ".join(columns)
        is_current = "AND stored.version = changed.loaded_version"
        run_on_all(
            f"UPDATE {table} AS stored SET {assignments} "
            f"FROM unnest({casts}) AS changed ({names}) WHERE stored.id = changed.id "
            f"{is_current if _VERSION in columns else ''}",
            arrays,
            count=len(rows),
        )
        return
    assignments = ", ".join(f"{name} = {_new_value(name)}" for name in changed)
    first = len(columns) - len(changed)
    with connection.cursor() as opened:
        opened.executemany(
            f"UPDATE {table} AS stored SET {assignments} WHERE id = %s",
            [(*row[first:], row[0]) for row in rows],
        )


def add(table: str, column: str, deltas: Iterable[tuple[int, int]]) -> None:
    """Add to a number of each row: pairs of primary key and delta, in key order."""
    rows = sorted(deltas)
    if not rows:
        return
    if is_postgresql():
        arrays = [[row[0] for row in rows], [row[1] for row in rows]]
        run_on_all(
            f"UPDATE {table} AS stored SET {column} = stored.{column} + changed.delta "
            "FROM unnest(%b::bigint[], %b::integer[]) AS changed (id, delta) "
            "WHERE stored.id = changed.id",
            arrays,
            count=len(rows),
        )
        return
    with connection.cursor() as opened:
        opened.executemany(
            f"UPDATE {table} SET {column} = {column} + %s WHERE id = %s",
            [(delta, pk) for pk, delta in rows],
        )


def delete(table: str, keys: Sequence[int]) -> None:
    """Delete rows by primary key."""
    if keys:
        run_on_all(
            f"DELETE FROM {table} WHERE id {among()}",
            [among_parameter(keys)],
            count=len(keys),
        )


def among() -> str:
    """Write the condition that a number is one of many, for one bound parameter."""
    return "= ANY(%b::bigint[])" if is_postgresql() else "IN (SELECT value FROM json_each(%s))"


def among_parameter(keys: Sequence[int]) -> Any:
    """Bind many numbers as the one parameter of `among`."""
    return list(keys) if is_postgresql() else json_parameter(keys)


def json_parameter(values: object) -> str:
    """Bind values to SQLite's json_each."""
    return dump(values).decode()


@lru_cache(maxsize=1024)
def instant(value: datetime | None) -> str | None:
    """Write an instant as the text that both databases store as UTC.

    SQLite compares instants as texts, so this is what Django writes: no fraction where it is zero.
    """
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def reserve_keys(table: str, count: int) -> list[int]:
    """Take primary keys for new rows, to which others refer."""
    if is_postgresql():
        rows = fetch(
            "SELECT nextval(found.sequence) FROM "
            "(SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence OFFSET 0) AS found, "
            "generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in rows]
    rows = fetch("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    first = (rows[0][0] if rows else 0) + 1
    return list(range(first, first + count))


def _new_value(column: str, source: str = "") -> str:
    value = f"{source}{column}" if source else "%s"
    return f"COALESCE({value}, stored.{column})" if column in _KEPT else value


def _copy_text(rows: Sequence[tuple[Any, ...]]) -> str:
    """Write rows in COPY's text format; most batches have nothing to escape.

    It goes by columns: many of them hold one value, or texts that are ready as they are.
    """
    columns = [*zip(*rows, strict=True)]
    text = "\n".join(map("\t".join, zip(*map(_copy_column, columns), strict=True)))
    if (
        "\\" not in text
        and "\r" not in text
        and text.count("\n") == len(rows) - 1
        and text.count("\t") == len(rows) * (len(columns) - 1)
        and text.count(_NULL) == sum(values.count(None) for values in columns)
    ):
        return f"{text}\n"
    return "".join(map(_escaped_line, rows))


def _copy_column(values: tuple[Any, ...]) -> Sequence[str]:
    first = values[0]
    if values.count(first) == len(values):
        return [_NULL if first is None else str(first)] * len(values)
    if type(first) is str and None not in values:
        return values
    return [_NULL if v is None else v if type(v) is str else str(v) for v in values]


def _escaped_line(row: tuple[Any, ...]) -> str:
    return "\t".join([_NULL if v is None else _escaped(str(v)) for v in row]) + "\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _arrays(columns: dict[str, str], rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], str]:
    arrays = [list(values) for values in zip(*rows, strict=True)]
    casts = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    return arrays, casts
