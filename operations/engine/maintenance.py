"""Housekeeping of what the engine appends: counts are folded, old log rows are let go."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from operations.engine.database import fetch, insert, instant, is_postgresql, run

_DELTAS: Final = "operations_countdelta"
_COLUMNS: Final = {
    "workspace_id": "bigint",
    "kind": "text",
    "object_type_number": "integer",
    "delta": "bigint",
}
_GROUPS: Final = "workspace_id, kind, object_type_number"
DEDUP_DAYS: Final = 7


def fold_counts() -> None:
    """Replace the deltas of each count by one row with their sum."""
    with transaction.atomic():
        if is_postgresql():
            run(
                f"WITH gone AS (DELETE FROM {_DELTAS} WHERE id IN "
                f"(SELECT id FROM {_DELTAS} FOR UPDATE SKIP LOCKED) "
                f"RETURNING {_GROUPS}, delta) "
                f"INSERT INTO {_DELTAS} ({_GROUPS}, delta) "
                f"SELECT {_GROUPS}, sum(delta) FROM gone GROUP BY {_GROUPS}"
            )
            return
        sums = fetch(f"SELECT {_GROUPS}, sum(delta) FROM {_DELTAS} GROUP BY {_GROUPS}")
        run(f"DELETE FROM {_DELTAS}")
        insert(_DELTAS, _COLUMNS, sums)


def forget_old(*, now: datetime, activity_days: int) -> None:
    """Delete log rows older than the retention (0 keeps them) and dedup keys after 7 days."""
    with transaction.atomic():
        if activity_days:
            _delete_before("operations_activity", now - timedelta(days=activity_days))
        _delete_before("operations_seenmessage", now - timedelta(days=DEDUP_DAYS))


def _delete_before(table: str, limit: datetime) -> None:
    run(f"DELETE FROM {table} WHERE received_at < %s", [instant(limit)])
