"""Counts that stop where nobody reads on: up to a thousand exactly, beyond that "1,000+"."""

from typing import Any, Final

from django.db.models import QuerySet

from operations.doors.deadline import read_within

COUNTED_MAX: Final = 1_000
LIST_SECONDS: Final = 5.0


class CappedCount(int):
    """One more than is counted; on screen it says that there are more."""

    def __str__(self) -> str:
        return f"{COUNTED_MAX:,}+"

    def __format__(self, specification: str) -> str:
        return str(self)


def count_capped(rows: QuerySet[Any]) -> int:
    """Count the rows up to the limit; what takes too long to count is more than that."""
    found = read_few_keys(rows, seconds=LIST_SECONDS)
    return CappedCount(COUNTED_MAX + 1) if found is None else len(found)


def read_few_keys(rows: QuerySet[Any], *, seconds: float) -> list[int] | None:
    """Give the keys of the rows in no order; None where they are too many or take too long."""
    keys = rows.order_by().values_list("pk", flat=True)[: COUNTED_MAX + 1]
    found = read_within(keys, seconds=seconds)
    return None if found is None or len(found) > COUNTED_MAX else found
