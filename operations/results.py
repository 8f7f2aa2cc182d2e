"""What the engine answers: an outcome for each call, and what a preview would change."""

from collections import Counter
from enum import StrEnum

from msgspec import Struct, field

from operations.errors import Rejection
from operations.types import Json, Operation


class Status(StrEnum):
    """What became of a call."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    DUPLICATE = "duplicate"
    REFUSED = "refused"

    # The hash that Enum has in its place is a Python function, and each row asks it several times.
    __hash__ = str.__hash__


class Change(Struct, frozen=True):
    """One row that an operation changed: the keys as values, and only what differs.

    `person` holds id, email, cio_id and anonymous_id; `object` object_type_id, object_id and
    cio_object_id; a relationship has both. `before` has the removed and replaced values.
    """

    operation: Operation
    kind: str
    status: Status
    person: dict[str, str | None] | None
    object: dict[str, Json] | None
    before: dict[str, Json] | None
    after: dict[str, Json] | None


class Outcome(Struct):
    """What became of one call, and the immutable ids of the rows that it named last."""

    status: Status
    rejections: tuple[Rejection, ...] = ()
    warnings: tuple[Rejection, ...] = ()
    cio_id: str | None = None
    cio_object_id: str | None = None
    object_type_number: int | None = None
    changes: tuple[Change, ...] = ()


class Result(Struct):
    """The outcomes of a batch, in the order of its calls."""

    outcomes: list[Outcome] = field(default_factory=list)
    change_set_id: int | None = None

    def counts(self) -> dict[Status, int]:
        """Count the calls by what became of them."""
        counted = Counter([outcome.status for outcome in self.outcomes])
        return {status: counted[status] for status in Status}
