"""The index of the words that objects and people are found by, in the words of each database.

PostgreSQL keeps trigrams of one expression in a GIN index. SQLite keeps them in an FTS5 table.
Writing that table row by row costs ten times as much as writing many rows at once, because it
writes a new part of the index at the end of each statement; so triggers only note which rows have
changed, and the engine takes them into the table once at the end of its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Before each field, so that the start of one is found too: together with a first letter it makes
# the three characters that the shortest entry of an index has.
FIELD_MARK: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """What is searched in a table: its columns, of which some may be null."""

    table: str
    columns: tuple[str, ...]
    nullable: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Name SQLite's table of trigrams."""
        return f"{self.table}_search"

    @property
    def queue(self) -> str:
        """Name SQLite's table of rows that have changed."""
        return f"{self.table}_search_queue"

    def expression(self, vendor: str, *, columns: Sequence[str] | None = None) -> str:
        """Write the text that is searched, each field after a mark; a query names its columns."""
        mark = "E'\\n\\n'" if vendor == "postgresql" else "char(10, 10)"
        filled = (
            f"COALESCE({column}, '')" if name in self.nullable else column
            for name, column in zip(self.columns, columns or self.columns, strict=True)
        )
        return " || ".join(f"{mark} || {column}" for column in filled)

    def creation(self, vendor: str) -> tuple[str, ...]:
        """Give the statements that make the index of an empty or a filled table."""
        if vendor == "postgresql":
            expression = self.expression(vendor)
            return (
                f"CREATE INDEX {self.words} ON {self.table}"
                f" USING gin (({expression}) gin_trgm_ops)",
            )
        return (
            f'CREATE VIRTUAL TABLE "{self.words}"'
            " USING fts5(words, tokenize='trigram', columnsize=0)",
            f'CREATE TABLE "{self.queue}" (id INTEGER PRIMARY KEY)',
            f'INSERT INTO "{self.queue}" SELECT id FROM "{self.table}"',
            *self.folding(),
            *self.triggers(),
        )

    def removal(self, vendor: str) -> tuple[str, ...]:
        """Give the statements that take the index away."""
        if vendor == "postgresql":
            return (f"DROP INDEX {self.words}",)
        triggers = tuple(f'DROP TRIGGER "{name}"' for name in self.trigger_names())
        return (*triggers, f'DROP TABLE "{self.queue}"', f'DROP TABLE "{self.words}"')

    def trigger_names(self) -> tuple[str, ...]:
        """Name the triggers of SQLite, which go with a table that is made anew."""
        return tuple(f"{self.words}_{event}" for event in _EVENTS)

    def triggers(self) -> tuple[str, ...]:
        """Note the rows whose words have changed."""
        changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in self.columns)
        return tuple(
            f'CREATE TRIGGER "{self.words}_{event}" AFTER {when} ON "{self.table}"'
            f"{f' WHEN {changed}' if event == 'update' else ''}"
            f' BEGIN INSERT OR IGNORE INTO "{self.queue}" VALUES ({row}.id); END'
            for event, when, row in (
                ("insert", "INSERT", "new"),
                ("update", f"UPDATE OF {', '.join(self.columns)}", "new"),
                ("delete", "DELETE", "old"),
            )
        )

    def folding(self) -> tuple[str, ...]:
        """Take the noted rows of SQLite into the table of trigrams."""
        noted = f'(SELECT id FROM "{self.queue}")'
        return (
            f'DELETE FROM "{self.words}" WHERE rowid IN {noted}',
            f'INSERT INTO "{self.words}" (rowid, words)'
            f' SELECT id, {self.expression("sqlite")} FROM "{self.table}" WHERE id IN {noted}',
            f'DELETE FROM "{self.queue}"',
        )


_EVENTS: Final = ("insert", "update", "delete")
OBJECT_WORDS: Final = SearchIndex("objects_object", ("name", "object_id"))
PERSON_WORDS: Final = SearchIndex(
    "people_person", ("name", "person_id", "email"), nullable=("person_id", "email")
)
SEARCH_INDEXES: Final = (OBJECT_WORDS, PERSON_WORDS)
