"""Reads that give up: a search for a page must not keep the database busy for seconds."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from operations.engine.database import is_postgresql, run

Read = TypeVar("Read")
_STEPS_BETWEEN_LOOKS: Final = 10_000


def read_within(rows: QuerySet[Any], *, seconds: float) -> list[Any] | None:
    """Read the rows, or give None when the database would take longer than this."""
    return run_within(lambda: list(rows), seconds=seconds)


def run_within(read: Callable[[], Read], *, seconds: float) -> Read | None:
    """Let something read, or give None when the database would take longer than this."""
    try:
        return _run_on_postgresql(read, seconds) if is_postgresql() else _run(read, seconds)
    except OperationalError:
        return None


def _run_on_postgresql(read: Callable[[], Read], seconds: float) -> Read:
    with transaction.atomic():
        # The few rows of a page are found one by one. To walk two tables side by side looks cheap
        # to the planner, which thinks the matches evenly spread, and reads most of both.
        run(
            "SELECT set_config('statement_timeout', %s, true), "
            "set_config('enable_mergejoin', 'off', true)",
            [str(int(seconds * 1000))],
        )
        return read()


def _run(read: Callable[[], Read], seconds: float) -> Read:
    ends_at = time.monotonic() + seconds
    connection.ensure_connection()
    opened: Any = connection.connection
    opened.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS_BETWEEN_LOOKS)
    try:
        return read()
    finally:
        opened.set_progress_handler(None, 0)
