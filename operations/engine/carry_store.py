"""A scratch file of keys and values, in which a preview of many batches keeps what it needs.

It holds no rows of the product and goes away with the preview. Each batch writes under its own
number, so that one which is repeated after a crash reads what was there before it.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from operations.json import dump

_BUSY_SECONDS: Final = 30.0


class CarryStore:
    """Keys and values by batch; the last value of a key counts."""

    def __init__(self, path: Path, *, step: int = 0) -> None:
        """Open the file for the batch with this number; what later ones wrote is dropped."""
        self.step = step
        self._database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS carried (key TEXT NOT NULL, step INTEGER NOT NULL, "
            "data BLOB NOT NULL, PRIMARY KEY (key, step)) WITHOUT ROWID"
        )
        self._database.execute("DELETE FROM carried WHERE step >= ?", (step,))

    def read(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give the values of those keys that are there."""
        if not keys:
            return {}
        found = self._database.execute(
            "SELECT key, data, max(step) FROM carried "
            "WHERE key IN (SELECT value FROM json_each(?)) GROUP BY key",
            (dump(list(keys)).decode(),),
        )
        return {key: data for key, data, _ in found}

    def read_prefix(self, prefix: str) -> Iterator[bytes]:
        """Give the values of all keys that start with a text."""
        found = self._database.execute(
            "SELECT data, max(step) FROM carried WHERE key >= ? AND key < ? GROUP BY key",
            (prefix, prefix + "\U0010ffff"),
        )
        return (data for data, _ in found.fetchall())

    def write(self, entries: Mapping[str, bytes]) -> None:
        """Keep values under the number of this batch, all of them or none."""
        if not entries:
            return
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT OR REPLACE INTO carried (key, step, data) VALUES (?, ?, ?)",
            ((key, self.step, data) for key, data in entries.items()),
        )
        self._database.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
