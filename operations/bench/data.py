"""Makes the rows of the bench: the same ones, in the same shuffled order, at every run."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from operations.json import dump
from operations.types import (
    Call,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
)

PEOPLE_SHARE: Final = 3  # n relationships spread over n / 3 people
OBJECTS_SHARE: Final = 10  # and n / 10 objects
_STEPS: Final = 5  # more than the relationships of any one person
INDUSTRIES: Final = ("Logistics", "Software", "Retail", "Energy", "Health care", "Finance")
COUNTRIES: Final = ("Germany", "France", "Brazil", "Japan", "Canada", "Kenya", "India")
PLANS: Final = ("free", "team", "business", "enterprise")
ROLES: Final = ("member", "owner", "billing", "guest")


class Kind(StrEnum):
    """What a run of the bench writes."""

    OBJECTS = "objects"
    PEOPLE = "people"
    RELATIONSHIPS = "relationships"


@dataclass(frozen=True, slots=True)
class Batch:
    """So many rows of a kind, with ids from `first` on.

    Edition 1 changes two attributes of each row; of a relationship, which has two, one.
    """

    kind: Kind
    size: int
    edition: int = 0
    first: int = 0

    def numbers(self) -> Sequence[int]:
        """Return the numbers of the rows in their shuffled order."""
        numbers = list(range(self.size))
        random.Random(self.size).shuffle(numbers)  # noqa: S311, nothing secret depends on it
        return numbers

    def operations(self, numbers: Sequence[int]) -> Iterator[Operation]:
        """Make the operation of each row."""
        for number in numbers:
            match self.kind:
                case Kind.OBJECTS:
                    key = ObjectKey(object_id=object_id(self.first + number))
                    yield IdentifyObject(key, object_attributes(number, edition=self.edition))
                case Kind.PEOPLE:
                    yield IdentifyPerson(
                        PersonKey(id=person_id(self.first + number)),
                        person_attributes(number, edition=self.edition),
                        identifiers=Identifiers(email=email(self.first + number)),
                    )
                case Kind.RELATIONSHIPS:
                    person, related = pair(number, size=self.size)
                    yield Relate(
                        PersonKey(id=person_id(self.first + person)),
                        ObjectKey(object_id=object_id(self.first + related)),
                        relationship_attributes(number, edition=self.edition),
                    )

    def calls(self, numbers: Sequence[int], *, origin: Origin) -> list[Call]:
        """Make one call for each row."""
        return [Call(origin, (operation,)) for operation in self.operations(numbers)]

    def flat_rows(self) -> Iterator[dict[str, Json]]:
        """Make each row as the columns of a file."""
        for number in self.numbers():
            match self.kind:
                case Kind.OBJECTS:
                    attributes = object_attributes(number, edition=self.edition)
                    yield {"object_id": object_id(self.first + number), **attributes}
                case Kind.PEOPLE:
                    keys: dict[str, Json] = {
                        "id": person_id(self.first + number),
                        "email": email(self.first + number),
                    }
                    yield keys | person_attributes(number, edition=self.edition)
                case Kind.RELATIONSHIPS:
                    person, related = pair(number, size=self.size)
                    ends: dict[str, Json] = {
                        "id": person_id(self.first + person),
                        "object_id": object_id(self.first + related),
                    }
                    yield ends | relationship_attributes(number, edition=self.edition)

    def write_csv(self, path: Path) -> None:
        """Write the rows as the file that an import reads."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            for position, row in enumerate(self.flat_rows()):
                if position == 0:
                    writer.writerow(row)
                writer.writerow(map(_cell, row.values()))

    def needed(self) -> tuple["Batch", ...]:
        """Name the rows that must be there before: what relationships relate."""
        if self.kind is not Kind.RELATIONSHIPS:
            return ()
        people = Batch(Kind.PEOPLE, self.size // PEOPLE_SHARE, first=self.first)
        return people, Batch(Kind.OBJECTS, self.size // OBJECTS_SHARE, first=self.first)


def object_id(number: int) -> str:
    """Name an object."""
    return f"company-{number:07d}"


def person_id(number: int) -> str:
    """Name a person."""
    return f"person-{number:07d}"


def email(number: int) -> str:
    """Make a person's e-mail address."""
    return f"person.{number:07d}@example.com"


def pair(number: int, *, size: int) -> tuple[int, int]:
    """Tell which person a relationship relates to which object; no pair comes twice."""
    people, objects = size // PEOPLE_SHARE, size // OBJECTS_SHARE
    person, step = number % people, number // people
    return person, (person * 7 + step * (objects // _STEPS)) % objects


def object_attributes(number: int, *, edition: int) -> dict[str, Json]:
    """Make eight attributes, about 190 bytes of JSON."""
    return {
        "name": f"Company {number:07d}",
        "industry": INDUSTRIES[number % len(INDUSTRIES)],
        "country": COUNTRIES[number % len(COUNTRIES)],
        "plan": PLANS[(number + edition) % len(PLANS)],
        "employees": number % 5000 + edition,
        "annual_revenue": number * 12.5,
        "is_customer": number % 3 == 0,
        "website": f"https://company-{number:07d}.example.com/",
    }


def person_attributes(number: int, *, edition: int) -> dict[str, Json]:
    """Make eight attributes, about 190 bytes of JSON."""
    return {
        "name": f"Person {number:07d}",
        "company": f"Company {number % 1000:04d}",
        "country": COUNTRIES[number % len(COUNTRIES)],
        "plan": PLANS[(number + edition) % len(PLANS)],
        "logins": number % 900 + edition,
        "score": number % 100 * 0.25,
        "is_subscribed": number % 4 != 0,
        "profile": f"https://people.example.com/{number:07d}/",
    }


def relationship_attributes(number: int, *, edition: int) -> dict[str, Json]:
    """Make two attributes."""
    return {"role": ROLES[number % len(ROLES)], "dues_paid": number % 400 + edition}


def _cell(value: Json) -> str:
    return value if isinstance(value, str) else dump(value).decode()
