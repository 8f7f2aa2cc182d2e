"""The raw floor: the rows that the engine wrote, loaded ready-made into copies of its tables."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Final

import psycopg
from django.db import connection, transaction
from django.db.models import Model
from psycopg.sql import SQL, Identifier, Literal

from objects.models import Object, ObjectTotals, ObjectType
from operations.bench.data import Kind
from operations.bench.measure import Meter
from operations.models import Activity
from operations.search_index import SEARCH_INDEXES, SearchIndex
from people.models import Person, PersonTotals
from relationships.models import Relationship

SLICE_ROWS: Final = 100_000
WARM_UP_ROWS: Final = 500
MODELS: Final[dict[Kind, type[Model]]] = {
    Kind.OBJECTS: Object,
    Kind.PEOPLE: Person,
    Kind.RELATIONSHIPS: Relationship,
}
TABLES: Final = {kind: model._meta.db_table for kind, model in MODELS.items()}
ACTIVITY_KINDS: Final = {
    Kind.OBJECTS: Activity.Kind.OBJECT,
    Kind.PEOPLE: Activity.Kind.PERSON,
    Kind.RELATIONSHIPS: Activity.Kind.RELATIONSHIP,
}


class UncopiedError(RuntimeError):
    """A table has something that its copy cannot have, so the floor would be too low."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that the engine wrote, and the copy of their table that takes them again."""

    model: type[Model]
    condition: str

    @property
    def table(self) -> str:
        """Name the table itself."""
        return self.model._meta.db_table

    @property
    def columns(self) -> str:
        """List the columns that are written; the database makes the generated ones."""
        fields = self.model._meta.concrete_fields
        return ", ".join(str(field.column) for field in fields if not field.generated)

    @property
    def copy(self) -> str:
        """Name the copy of the table."""
        return f"floor_{self.table}"

    @property
    def words(self) -> SearchIndex | None:
        """Describe the search index of the copy; PostgreSQL copies its own."""
        found = [
            replace(index, table=self.copy)
            for index in SEARCH_INDEXES
            if index.table == self.table
        ]
        return found[0] if found and connection.vendor == "sqlite" else None


def measure_floor(kind: Kind, *, workspace_id: int) -> Meter:
    """Load the rows and their activity into copies with all indexes and constraints.

    Reading and serialising the rows happens between the measured spans.
    """
    sources = tuple(_sources(kind, of_workspace=f"workspace_id = {workspace_id:d}"))
    for source in sources:
        _make_copy(source)
    _write_slices(Meter(), sources, slice_rows=WARM_UP_ROWS, last=True)
    for source in sources:
        _empty(source)
    meter = Meter()
    _write_slices(meter, sources, slice_rows=SLICE_ROWS, last=False)
    _check_complete(*sources)
    return meter


def _sources(kind: Kind, *, of_workspace: str) -> Iterator[Source]:
    """Name the tables that get a row for each new one: its own, its totals', and the log."""
    yield Source(MODELS[kind], of_workspace)
    if kind is Kind.PEOPLE:
        yield Source(PersonTotals, of_workspace)
    if kind is Kind.OBJECTS:
        types = f"SELECT id FROM {ObjectType._meta.db_table} WHERE {of_workspace}"  # noqa: S608, our names
        yield Source(ObjectTotals, f"object_type_id IN ({types})")
    yield Source(Activity, f"{of_workspace} AND kind = '{ACTIVITY_KINDS[kind].value}'")


def _write_slices(meter: Meter, sources: Sequence[Source], *, slice_rows: int, last: bool) -> None:
    read, write = (
        (_read_text, _copy_text)
        if connection.vendor == "postgresql"
        else (_read_tuples, _insert_tuples)
    )
    slices = (_slices(source, read, slice_rows=slice_rows) for source in sources)
    for some in zip_longest(*slices):
        with meter, transaction.atomic():
            for source, ready in zip(sources, some, strict=True):
                if ready is not None:
                    write(source, ready)
                    _fold_words(source)
        if last:
            return


def _fold_words(source: Source) -> None:
    words = source.words
    with connection.cursor() as cursor:
        for statement in words.folding() if words else ():
            cursor.execute(statement)


def _slices(source: Source, read: Callable[..., Any], *, slice_rows: int) -> Iterator[Any]:
    above = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT max(id) FROM (SELECT id FROM {source.table}"  # noqa: S608, our names
                f" WHERE {source.condition} AND id > %s ORDER BY id LIMIT %s) AS part",
                [above, slice_rows],
            )
            upto = cursor.fetchone()[0]
        if upto is None:
            return
        yield read(source, above=above, upto=upto)
        above = upto


def _make_copy(source: Source) -> None:
    if connection.vendor == "postgresql":
        _make_copy_on_postgresql(source)
    else:
        _make_copy_on_sqlite(source)


def _make_copy_on_postgresql(source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [source.table],
        )
        _refuse_triggers(source, cursor.fetchone()[0])
        cursor.execute(f"CREATE TABLE {source.copy} (LIKE {source.table} INCLUDING ALL)")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [source.table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {source.copy} ADD CONSTRAINT "{name}" {definition}')


def _make_copy_on_sqlite(source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE tbl_name = %s AND type <> 'trigger' AND sql IS NOT NULL"
            " ORDER BY type = 'table' DESC",
            [source.table],
        )
        for _, name, statement in cursor.fetchall():
            renamed = re.sub(rf'"{name}"', f'"floor_{name}"', statement, count=1)
            cursor.execute(renamed.replace(f'ON "{source.table}"', f'ON "{source.copy}"'))
        words = source.words
        for statement in words.creation("sqlite") if words else ():
            cursor.execute(statement)
    _refuse_triggers(source, _uncopied_triggers(source))


def _uncopied_triggers(source: Source) -> int:
    with connection.cursor() as cursor:
        count = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        cursor.execute(f"SELECT ({count}) - ({count})", [source.table, source.copy])
        return int(cursor.fetchone()[0])


def _refuse_triggers(source: Source, triggers: int) -> None:
    if triggers:
        raise UncopiedError(f"{source.table} has {triggers} triggers, which the floor leaves out")


def _empty(source: Source) -> None:
    verb = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} {source.copy}")
    _fold_words(source)


def _check_complete(*sources: Source) -> None:
    for source in sources:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (SELECT count(*) FROM {source.table} WHERE {source.condition}),"  # noqa: S608, our names
                f" (SELECT count(*) FROM {source.copy})"
            )
            there, copied = cursor.fetchone()
        if there != copied:
            raise UncopiedError(f"{copied} of the {there} rows of {source.table} were copied")


def _driver_cursor() -> psycopg.Cursor:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _read_text(source: Source, *, above: int, upto: int) -> bytes:
    statement = SQL(
        "COPY (SELECT {} FROM {} WHERE {} AND id > {} AND id <= {} ORDER BY id) TO STDOUT"
    ).format(
        SQL(source.columns),
        Identifier(source.table),
        SQL(source.condition),
        Literal(above),
        Literal(upto),
    )
    with _driver_cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(block) for block in copy)


def _copy_text(source: Source, ready: bytes) -> None:
    statement = SQL("COPY {} ({}) FROM STDIN")
    filled = statement.format(Identifier(source.copy), SQL(source.columns))
    with _driver_cursor() as cursor, cursor.copy(filled) as copy:
        copy.write(ready)


def _read_tuples(source: Source, *, above: int, upto: int) -> list[tuple[Any, ...]]:
    """Read through a connection of its own, which does not convert the values."""
    statement = (
        f"SELECT {source.columns} FROM {source.table}"  # noqa: S608, our names
        f" WHERE {source.condition} AND id > ? AND id <= ? ORDER BY id"
    )
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as plain:
        return plain.execute(statement, (above, upto)).fetchall()


def _insert_tuples(source: Source, ready: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(ready[0]))
    statement = f"INSERT INTO {source.copy} ({source.columns}) VALUES ({marks})"  # noqa: S608, our names
    connection.ensure_connection()
    connection.connection.cursor().executemany(statement, ready)
