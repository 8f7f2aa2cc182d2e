"""Keep the planner's statistics true while a stream fills tables that were empty.

Without them PostgreSQL looked people up by the workspace alone, and an import slowed from one
second to thirty for five thousand rows; a server's own analysis comes only after a while.
"""

from typing import Final

from django.db import connection, transaction

from operations.engine.database import is_postgresql

_FIRST_AFTER_ROWS: Final = 5_000
_GROWTH: Final = 4
_SQLITE_SAMPLE_ROWS: Final = 400
# Only the columns that rows are found by: attributes are long to read and never searched here.
_KEYS: Final = {
    "people_person": "workspace_id, person_id, email_key, cio_id, anonymous_id",
    "objects_object": "workspace_id, object_type_id, object_id, cio_object_id",
    "relationships_relationship": "object_id, person_id",
    "people_suppression": "workspace_id, value",
}
_READ_TABLES: Final = (
    *_KEYS,
    "people_persontotals",
    "objects_objecttotals",
    "operations_activity",
)


class Statistics:
    """Counts the rows of a stream and refreshes each time four times as many have come."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._rows = 0
        self._refreshed_at = 0

    def add(self, rows: int) -> None:
        """Count created rows between two chunks; PostgreSQL needs the refresh on the way."""
        self._rows += rows
        due = max(_FIRST_AFTER_ROWS, _GROWTH * self._refreshed_at)
        if is_postgresql() and self._rows >= due:
            refresh_statistics()
            self._refreshed_at = self._rows

    def finish(self) -> None:
        """Refresh at the end of a stream that has created much."""
        if self._rows >= _FIRST_AFTER_ROWS and self._rows > self._refreshed_at:
            refresh_statistics()


def refresh_statistics() -> None:
    """Sample the tables that rows are found in, a few thousand rows of each."""
    with transaction.atomic(), connection.cursor() as opened:
        if is_postgresql():
            opened.execute("SET LOCAL default_statistics_target = 10")
            for table, columns in _KEYS.items():
                opened.execute(f"ANALYZE {table} ({columns})")
            return
        opened.execute(f"PRAGMA analysis_limit = {_SQLITE_SAMPLE_ROWS}")
        for table in _READ_TABLES:
            opened.execute(f"ANALYZE {table}")
