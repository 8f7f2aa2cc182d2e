"""One writer of the race of deletions: a process of its own that deletes, ends or relates."""

import json
import os
import random
import sys
from collections import Counter
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cioapp.settings")
django.setup()

from operations.engine import apply  # noqa: E402, Django has to be set up before
from operations.types import (  # noqa: E402
    Call,
    DeleteObject,
    DeletePerson,
    Door,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
    Unrelate,
)
from tests.make import RECEIVED_AT  # noqa: E402

ROWS: Final = 400
BATCH: Final = 200
TURNS: Final = 12
RELATES: Final = 2
PEOPLE: Final = 50


def person(number: int) -> PersonKey:
    return PersonKey(id=f"person-{number % PEOPLE}")


def thing(number: int) -> ObjectKey:
    return ObjectKey(f"object-{number}")


def operation_of(writer: int, number: int) -> Operation:
    """Delete objects or people, relate them anew, or end relationships; two writers do each."""
    match writer % 4:
        case 0:
            return DeleteObject(thing(number))
        case 1:
            return DeletePerson(person(number))
        case 2:
            return Relate(person(number), thing(number), {"role": "member"})
        case _:
            return Unrelate(person(number), thing(number))


def run(workspace_id: int, writer: int) -> Counter[str]:
    """Apply batches of rows that overlap with those of the others, in no order."""
    origin = Origin(workspace_id, Door.SYSTEM, f"writer {writer}", RECEIVED_AT)
    chance = random.Random(writer)
    statuses: Counter[str] = Counter()
    for _ in range(TURNS):
        numbers = chance.sample(range(ROWS), BATCH)
        calls = [Call(origin, (operation_of(writer, number),)) for number in numbers]
        statuses.update(outcome.status.value for outcome in apply(calls).outcomes)
    return statuses


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
