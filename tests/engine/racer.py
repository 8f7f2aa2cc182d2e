"""One writer of the race: a process of its own that applies its batches and counts the answers."""

import json
import os
import sys
from collections import Counter
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cioapp.settings")
django.setup()

from operations.engine import apply  # noqa: E402, Django has to be set up before
from operations.types import (  # noqa: E402
    Call,
    Door,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
)
from tests.make import RECEIVED_AT  # noqa: E402

SHARED: Final = 10
NEW: Final = 1_000
BATCHES: Final = 40


def attribute(writer: int, turn: int | None = None) -> str:
    """Name the attribute that a writer sets, at one turn when it sets one at each."""
    return f"writer {writer}" if turn is None else f"writer {writer}, turn {turn}"


def new_numbers(turn: int) -> range:
    """Tell which new rows a turn makes; every writer makes the same ones."""
    each = NEW // BATCHES
    return range(turn * each, (turn + 1) * each)


def operations_of(writer: int, turn: int) -> list[Operation]:
    """Set one attribute of every shared row, and one of each new row of this turn."""
    mark, own = {attribute(writer, turn): turn}, {attribute(writer): turn}
    operations: list[Operation] = []
    for number in range(SHARED):
        operations.append(IdentifyObject(ObjectKey(f"shared {number}"), mark))
        operations.append(IdentifyPerson(PersonKey(id=f"shared {number}"), mark))
    for number in new_numbers(turn):
        person = PersonKey(id=f"new {number}")
        operations.append(Relate(person, ObjectKey(f"shared {number % SHARED}"), own))
        operations.append(IdentifyObject(ObjectKey(f"new {number}"), own))
    return operations if writer % 2 == 0 else operations[::-1]


def run(workspace_id: int, writer: int) -> Counter[str]:
    """Apply the batches, every second writer in the opposite order."""
    origin = Origin(workspace_id, Door.SYSTEM, f"writer {writer}", RECEIVED_AT)
    turns = list(range(BATCHES))
    statuses: Counter[str] = Counter()
    for turn in turns if writer % 2 == 0 else reversed(turns):
        calls = [Call(origin, (operation,)) for operation in operations_of(writer, turn)]
        statuses.update(outcome.status.value for outcome in apply(calls).outcomes)
    return statuses


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
