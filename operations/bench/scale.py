"""Makes a workspace of any size to look at and to measure pages in: the same at every run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from operations.bench.data import (
    object_attributes,
    object_id,
    person_attributes,
    person_id,
    relationship_attributes,
)
from operations.types import (
    Call,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
    SaveObjectType,
)

SCALE_WORKSPACE: Final = "Scale"
TYPE_NUMBER: Final = 1
_FIRST_NAMES: Final = (
    "Ada",
    "Amara",
    "Björn",
    "Carmen",
    "Chiara",
    "Daniel",
    "Dmitri",
    "Elif",
    "Emma",
    "Farid",
    "Grace",
    "Hana",
    "Henrik",
    "Ines",
    "Isaac",
    "Jamal",
    "Julia",
    "Kenji",
    "Lars",
    "Leila",
    "Louise",
    "Maria",
    "Mateo",
    "Mei",
    "Nadia",
    "Noah",
    "Olga",
    "Omar",
    "Paula",
    "Priya",
    "Rosa",
    "Ruben",
    "Sofia",
    "Tariq",
    "Uma",
    "Victor",
    "Wanda",
    "Xavier",
    "Yara",
    "Zoë",
)
_LAST_NAMES: Final = (
    "Abe",
    "Bauer",
    "Castro",
    "Duarte",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ivanov",
    "Jensen",
    "Kimura",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhang",
    "Baker",
    "Cooper",
    "Dubois",
    "Evans",
    "Flores",
    "Gupta",
    "Hughes",
    "Ito",
    "Jones",
    "Kowalski",
    "Lopez",
    "Meyer",
    "Novak",
    "O'Brien",
)
_COMPANY_WORDS: Final = (
    "Blue",
    "Bright",
    "Clear",
    "Cobalt",
    "Delta",
    "Eastern",
    "Falcon",
    "Golden",
    "Harbor",
    "Ivory",
    "Juniper",
    "Keystone",
    "Lunar",
    "Maple",
    "Northern",
    "Orchid",
    "Pioneer",
    "Quartz",
    "River",
    "Silver",
    "Summit",
    "Tidal",
    "Umber",
    "Valley",
    "Western",
    "Zephyr",
)
_COMPANY_ENDS: Final = (
    "Analytics",
    "Bakery",
    "Energy",
    "Foods",
    "Labs",
    "Logistics",
    "Partners",
    "Robotics",
    "Studio",
)
_OLDEST_SECONDS: Final = 1_650_000_000
_SPREAD_SECONDS: Final = 100_000_000
# Coprime to the usual sizes, so that neighbours by number are no neighbours by time or relation.
_STRIDE: Final = 7_368_787
_SHARE_RELATED: Final = 0.7
_POPULAR_EVERY: Final = 20
_POPULAR_OBJECTS: Final = 50


@dataclass(frozen=True, slots=True)
class Scale:
    """How many rows of each kind; about a third of the objects stay without relationships."""

    objects: int
    people: int
    relationships: int

    def calls(self, origin: Origin) -> Iterator[Call]:
        """Make the calls, one for each row, in the order in which they can be applied."""
        for operation in self._operations():
            yield Call(origin, (operation,))

    def _operations(self) -> Iterator[Operation]:
        yield SaveObjectType(number=TYPE_NUMBER, name="Companies", singular_name="Company")
        yield from (_object(number, of=self.objects) for number in range(self.objects))
        yield from (_person(number, of=self.people) for number in range(self.people))
        if self.objects and self.people:
            yield from (self._relationship(number) for number in range(self.relationships))

    def _relationship(self, number: int) -> Operation:
        person, turn = number % self.people, number // self.people
        related = max(1, int(self.objects * _SHARE_RELATED))
        if number % _POPULAR_EVERY == 0:
            related = min(_POPULAR_OBJECTS, related)
        chosen = (person * _STRIDE + turn * 104_729) % related
        attributes = relationship_attributes(number, edition=0)
        return Relate(PersonKey(id=person_id(person)), ObjectKey(object_id(chosen)), attributes)


def _object(number: int, *, of: int) -> Operation:
    word, end = _of(_COMPANY_WORDS, number), _of(_COMPANY_ENDS, number // len(_COMPANY_WORDS))
    attributes = object_attributes(number, edition=0)
    attributes |= {"name": f"{word} {end} {number}", "created_at": _created_at(number, of=of)}
    return IdentifyObject(ObjectKey(object_id(number)), attributes)


def _person(number: int, *, of: int) -> Operation:
    first, last = _of(_FIRST_NAMES, number), _of(_LAST_NAMES, number // len(_FIRST_NAMES))
    attributes = person_attributes(number, edition=0)
    attributes |= {"name": f"{first} {last}", "created_at": _created_at(number, of=of)}
    email = f"{first}.{last}.{number}@example.com".replace("'", "")
    return IdentifyPerson(
        PersonKey(id=person_id(number)), attributes, identifiers=Identifiers(email=email)
    )


def _created_at(number: int, *, of: int) -> int:
    return _OLDEST_SECONDS + number * _STRIDE % max(1, of) * _SPREAD_SECONDS // max(1, of)


def _of(words: tuple[str, ...], number: int) -> str:
    return words[number % len(words)]
