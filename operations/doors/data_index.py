"""The data index: which attributes there are, gathered from the rows in sets."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from objects.models import ObjectType
from operations.doors.counts import Counts
from operations.engine.data_index import read_times, read_values
from operations.models import AttributeKind
from workspaces.models import Workspace

# Up to so many rows of a kind are read while somebody waits.
LIVE_MAX_ROWS: Final = 5_000
NAMES_MAX: Final = 5_000
SAMPLE_KEYS_KEPT: Final = 4


@dataclass(slots=True)
class NameFound:
    """What the rows say of one attribute."""

    types: dict[str, int] = field(default_factory=dict)
    sample_keys: list[int] = field(default_factory=list)
    last_set_at: int | None = None

    @property
    def row_count(self) -> int:
        """Count the rows: each has an attribute once."""
        return sum(self.types.values())


@dataclass(slots=True)
class Gathered:
    """The attributes found so far, by the key of the object type (0 for people) and the name."""

    names: dict[tuple[int, str], NameFound] = field(default_factory=dict)

    def read(self, kind: str, workspace: int, *, span: tuple[int, int] | None) -> None:
        """Take in the rows of a span of keys, or all of them."""
        self._add_values(read_values(kind, workspace, span=span))
        self._add_times(read_times(kind, workspace, span=span))

    def _add_values(self, rows: Iterable[tuple[int, str, str, int, int, int]]) -> None:
        for type_key, name, of_type, count, first, last in rows:
            found = self._entry(type_key, name)
            if found is None:
                continue
            found.types[of_type] = found.types.get(of_type, 0) + count
            keys = {*found.sample_keys, first, last}
            found.sample_keys = sorted(keys, reverse=True)[:SAMPLE_KEYS_KEPT]

    def _add_times(self, rows: Iterable[tuple[int, str, int]]) -> None:
        for type_key, name, moment in rows:
            found = self.names.get((type_key, name))
            if found is not None and (found.last_set_at is None or moment > found.last_set_at):
                found.last_set_at = moment

    def _entry(self, type_key: int, name: str) -> NameFound | None:
        key = (type_key, name)
        if key not in self.names and len(self.names) >= NAMES_MAX:
            return None
        return self.names.setdefault(key, NameFound())

    def store(self) -> list[list[Any]]:
        """Write it as JSON, for the next turn."""
        return [
            [type_key, name, found.types, found.sample_keys, found.last_set_at]
            for (type_key, name), found in self.names.items()
        ]


def load_gathered(stored: Any) -> Gathered:
    """Read back what `Gathered.store` wrote."""
    return Gathered({(type_key, name): NameFound(*rest) for type_key, name, *rest in stored or ()})


def is_small(counts: Counts, kind: str) -> bool:
    """Tell whether the rows of a kind are few enough to be read at once."""
    return total_of(counts, kind) <= LIVE_MAX_ROWS


def total_of(counts: Counts, kind: str) -> int:
    """Give the kept number of rows of a kind."""
    return {
        AttributeKind.PEOPLE.value: counts.people,
        AttributeKind.OBJECTS.value: counts.all_objects,
        AttributeKind.RELATIONSHIPS.value: counts.all_relationships,
    }[kind]


def gather_at_once(kind: str, workspace: Workspace) -> Gathered:
    """Read all rows of a kind in two statements."""
    gathered = Gathered()
    gathered.read(kind, workspace.pk, span=None)
    return gathered


def by_number(gathered: Gathered, workspace: Workspace) -> dict[tuple[int, str], NameFound]:
    """Name the types by their numbers; what belongs to a type that is gone is left out."""
    types = ObjectType.objects.for_workspace(workspace).values_list("pk", "number")
    numbers = {0: 0, **dict(types)}
    return {
        (numbers[type_key], name): found
        for (type_key, name), found in gathered.names.items()
        if type_key in numbers
    }
