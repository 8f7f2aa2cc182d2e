"""Watches every statement that the engine sends, COPY included."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connection

Watch = Callable[[str], None]


@contextmanager
def watch_statements(watch: Watch) -> Iterator[None]:
    """Call `watch` with the text of each statement after it ran."""

    def execute(run: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        result = run(sql, *arguments)
        watch(sql)
        return result

    with connection.execute_wrapper(execute), patch.object(psycopg.Cursor, "copy", _copy(watch)):
        yield


@contextmanager
def count_statements() -> Iterator[list[str]]:
    """Collect the text of each statement."""
    seen: list[str] = []
    with watch_statements(seen.append):
        yield seen


def _copy(watch: Watch) -> Callable[..., Any]:
    original = psycopg.Cursor.copy

    @contextmanager
    def copy(cursor: psycopg.Cursor, statement: str, *arguments: Any) -> Iterator[psycopg.Copy]:
        with original(cursor, statement, *arguments) as opened:
            yield opened
        watch(str(statement))

    return copy
