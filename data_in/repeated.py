"""Rows of a file that name what an earlier row has named: each is worth a warning."""

from collections.abc import Sequence
from typing import Final

from data_in.import_calls import ParsedRow
from data_in.staging import Names
from operations.engine.carry_names import names_of_operation
from operations.engine.carry_store import CarryStore
from operations.json import dump, load_stored

REPEATED: Final = "repeated"
_LINES_SHOWN: Final = 5


class RepeatedKeys:
    """Remembers the lines of the names that may be repeated, from chunk to chunk."""

    def __init__(self, store: CarryStore, names: Names) -> None:
        self._store = store
        self._names = names

    def find(self, parsed: Sequence[ParsedRow]) -> list[list[list[str]]]:
        """Give for each row the warning that it repeats a name, if it does."""
        named = [self._name_of(each) for each in parsed]
        keys = {name: f"L:{name}" for name in named if name}
        stored = self._store.read(list(keys.values()))
        lines = {
            name: load_stored(stored[key]) if key in stored else [] for name, key in keys.items()
        }
        found: list[list[list[str]]] = []
        for each, name in zip(parsed, named, strict=True):
            earlier = lines[name] if name else []
            found.append([_warning(earlier)] if earlier else [])
            if name and len(earlier) <= _LINES_SHOWN:
                earlier.append(each.row.line)
        self._store.write({key: dump(lines[name]) for name, key in keys.items()})
        return found

    def _name_of(self, each: ParsedRow) -> str:
        if not each.call.operations:
            return ""
        name = names_of_operation(each.call.operations[0])[0]
        return name if self._names.is_repeated(name) else ""


def _warning(lines: Sequence[int]) -> list[str]:
    shown = ", ".join(f"{line:,}" for line in lines[:_LINES_SHOWN])
    more = " and more" if len(lines) > _LINES_SHOWN else ""
    where = "line" if len(lines) == 1 else "lines"
    message = (
        f"{where} {shown}{more} of the file named the same before; rows are applied in the order "
        "of the file, so the last value of each attribute wins"
    )
    return [REPEATED, "", message]
