"""What the two Track APIs share: who and what a payload names, and what is wrong with it.

The shapes are those of the Track API's description; the leniency is what its clients need: numbers
where texts are described, and numbers of types with or without quotes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from operations.json import JsonError, normalise_attributes
from operations.limits import OBJECT_TYPE_NUMBER_MAX
from operations.types import Json, ObjectKey, PersonKey

REQUIRED: Final = "required"
INVALID: Final = "invalid"
RELATIONSHIPS: Final = "cio_relationships"
_TYPE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_PERSON_NAMES: Final = ("id", "email", "cio_id", "anonymous_id")


class Problem(Struct, frozen=True):
    """What is wrong with a payload, in the words of the Track API: reason, field, message."""

    reason: str
    field: str
    message: str


@dataclass(slots=True)
class Reader:
    """Reads one payload and collects its problems; `is_strict` follows the real service."""

    is_strict: bool = False
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, reason: str, at: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(reason, at, message))

    def required(self, at: str, message: str = "must be present") -> None:
        """Note that something is missing."""
        self.refuse(REQUIRED, at, message)

    def invalid(self, at: str, message: str) -> None:
        """Note that something is not what it has to be."""
        self.refuse(INVALID, at, message)

    def mapping(self, value: Any, at: str) -> Mapping[str, Any]:
        """Take a JSON object; nothing at all is an empty one."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.invalid(at, "must be a JSON object")
            return {}
        return value

    def attributes(self, value: Any, at: str) -> dict[str, Json]:
        """Take a JSON object of attributes, with values that both databases keep."""
        found = dict(self.mapping(value, at))
        try:
            return normalise_attributes(found)
        except JsonError as error:
            self.invalid(at, str(error))
            return {}

    def text(self, value: Any, at: str) -> str | None:
        """Take a text; a whole number becomes one."""
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self.invalid(at, "must be a string")
        return None

    def seconds(self, value: Any, at: str) -> int | None:
        """Take an instant in Unix seconds; a text of digits and a whole float will do."""
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.invalid(at, "must be a Unix timestamp in seconds")
            return None
        return value

    def person_key(
        self, value: Any, at: str = "identifiers", *, may_be_anonymous: bool = False
    ) -> PersonKey:
        """Read who is meant: exactly one of the identifiers of people."""
        known = _PERSON_NAMES if may_be_anonymous else _PERSON_NAMES[:3]
        if value is None:
            self.required(at, f"must contain one of {one_of(known)}")
            return PersonKey()
        found = self.mapping(value, at)
        named = [(name, found[name]) for name in known if found.get(name) not in (None, "")]
        if not named and self.problems:
            return PersonKey()
        if not named:
            self.required(at, f"must contain one of {one_of(known)}")
            return PersonKey()
        if len(named) > 1:
            self.invalid(at, f"must contain only one of {one_of(known)}")
            return PersonKey()
        name, given = named[0]
        text = self.text(given, f"{at}.{name}")
        return PersonKey(**{name: text}) if text is not None else PersonKey()

    def object_key(self, value: Any, at: str = "identifiers") -> ObjectKey:
        """Read which object is meant: by its type and id, or by its cio_object_id."""
        if value is None:
            self.required(at, "must contain object_id and object_type_id, or cio_object_id")
            return ObjectKey()
        found = self.mapping(value, at)
        if found.get("cio_object_id") not in (None, ""):
            text = self.text(found["cio_object_id"], f"{at}.cio_object_id")
            return ObjectKey(None, 1, text)
        number = self._type_number(found.get("object_type_id"), f"{at}.object_type_id")
        if found.get("object_id") in (None, ""):
            self.required(f"{at}.object_id")
            return ObjectKey()
        return ObjectKey(self.text(found["object_id"], f"{at}.object_id"), number)

    def _type_number(self, value: Any, at: str) -> int:
        if value in (None, ""):
            if self.is_strict:
                self.required(at)
            return 1
        text = str(value) if type(value) in (str, int) else ""
        number = int(text) if _TYPE_NUMBER.fullmatch(text) else 0
        if not 1 <= number <= OBJECT_TYPE_NUMBER_MAX:
            self.invalid(at, "must be a whole number from 1")
        return number or 1

    def relations(
        self, value: Any, at: str = RELATIONSHIPS
    ) -> Iterator[tuple[str, Mapping[str, Any], dict[str, Json]]]:
        """Give for each relationship where it stands, whom it names, and its attributes."""
        if not isinstance(value, list):
            self.invalid(at, "must be an array")
            return
        for index, entry in enumerate(value):
            place = f"{at}[{index}]"
            found = self.mapping(entry, place)
            attributes = self.attributes(
                found.get("relationship_attributes"), f"{place}.relationship_attributes"
            )
            yield f"{place}.identifiers", found.get("identifiers"), attributes  # type: ignore[misc]


def one_of(names: Iterable[str]) -> str:
    """List names as the real service does: sorted, commas, and a final "or" without one."""
    *first, last = sorted(names)
    return f"{', '.join(first)} or {last}" if first else last
