"""Remove all rows of a workspace that is given up: table by table, in short transactions.

Nothing is logged row by row: the log of the workspace goes along. What hangs on a row goes before
it; the workspace itself and what is written outside of the engine is left to the caller.
"""

from collections.abc import Iterator
from typing import Final

from django.db import transaction

from operations.engine.database import cursor

ROWS_AT_ONCE: Final = 5_000
_OF_SEGMENTS: Final = "segment_id IN (SELECT id FROM people_segment WHERE workspace_id = %s)"
_OWN: Final = "workspace_id = %s"
# Tables in the order in which nothing is left that refers to a deleted row.
_TABLES: Final = (
    ("relationships_relationship", _OWN),
    ("people_segmentmember", _OF_SEGMENTS),
    ("people_device", _OWN),
    ("people_suppression", _OWN),
    ("people_person", _OWN),
    ("objects_object", _OWN),
    ("objects_objecttype", _OWN),
    ("operations_activity", _OWN),
    ("operations_seenmessage", _OWN),
    ("operations_countdelta", _OWN),
)


def remove_rows(workspace: int) -> Iterator[int]:
    """Delete the rows of a workspace step by step, giving how many went in each step."""
    for table, condition in _TABLES:
        while gone := _remove_some(table, condition, workspace):
            yield gone


def _remove_some(table: str, condition: str, workspace: int) -> int:
    some = f"SELECT id FROM {table} WHERE {condition} ORDER BY id LIMIT {ROWS_AT_ONCE}"
    with transaction.atomic(), cursor() as opened:
        opened.execute(f"DELETE FROM {table} WHERE id IN ({some})", [workspace])
        return int(opened.rowcount)
