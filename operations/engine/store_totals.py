"""Write the totals of people and objects: a narrow row beside each, with the same key."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from operations.engine.database import add, delete, insert, instant, update
from operations.engine.slots import ObjectSlot, PersonSlot

PEOPLE_TOTALS: Final = "people_persontotals"
OBJECT_TOTALS: Final = "objects_objecttotals"
_COUNT: Final = "relationship_count"
_KEY: Final = {"id": "bigint"}
_TIME: Final = {"created_at": "timestamptz"}
_OF_PERSON: Final = {**_KEY, "workspace_id": "bigint", **_TIME, _COUNT: "integer"}
_OF_OBJECT: Final = {**_KEY, "object_type_id": "bigint", **_TIME, _COUNT: "integer"}


def insert_totals(people: Sequence[PersonSlot], objects: Sequence[ObjectSlot]) -> None:
    """Put totals beside new rows, which have their keys already."""
    insert(
        PEOPLE_TOTALS,
        _OF_PERSON,
        [(row.pk, row.workspace, instant(row.created_at), row.count_delta) for row in people],
    )
    insert(
        OBJECT_TOTALS,
        _OF_OBJECT,
        [
            (row.pk, row.object_type.pk, instant(row.created_at), row.count_delta)
            for row in objects
        ],
    )


def change_totals(people: Sequence[Any], objects: Sequence[Any]) -> None:
    """Count what stored rows gained and lost, and follow their created_at where it changed."""
    for table, slots in ((PEOPLE_TOTALS, people), (OBJECT_TOTALS, objects)):
        add(table, _COUNT, [(slot.pk, slot.count_delta) for slot in slots if slot.count_delta])
        update(table, _KEY | _TIME, sorted(_times(slots)))


def delete_totals(*, people: Sequence[int], objects: Sequence[int]) -> None:
    """Delete the totals of rows that went away."""
    delete(PEOPLE_TOTALS, people)
    delete(OBJECT_TOTALS, objects)


def _times(slots: Iterable[Any]) -> Iterable[tuple[int, str | None]]:
    for slot in slots:
        if slot.is_changed and slot.created_at is not None:
            yield slot.pk, instant(slot.created_at)
