"""What the calls of a large batch have in common, so that they can be dealt with as a set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from operations.engine.sql import select_types
from operations.engine.validate import Checker
from operations.types import (
    Call,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    Relate,
)

# Below this many calls a shorter way would save less than its statements cost.
FORM_FROM_CALLS: Final = 500
_SAMPLE_CALLS: Final = 50
_NO_IDENTIFIERS: Final = Identifiers()
_BY_ID: Final = "person_id"
_BY_EMAIL: Final = "email_key"

Checked: TypeAlias = tuple[Call, Checker]
Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What the calls of a batch have in common: all name their rows in one way.

    Could a row be named in two ways, then a call could change what another, taken out, was
    compared with.
    """

    workspace: int
    kind: type[Operation]
    person_column: str
    types: Mapping[int, int]  # the primary key of each object type by its number

    def key_of(self, call: Call) -> Key | None:
        """Name the row of a call; None when the call has another form."""
        if len(call.operations) != 1 or call.origin.workspace != self.workspace:
            return None
        operation = call.operations[0]
        if type(operation) is not self.kind:
            return None
        match operation:
            case IdentifyObject():
                return self._object_key(operation.key)
            case IdentifyPerson():
                wanted = operation.identifiers or _NO_IDENTIFIERS
                return self._person_key(operation.key) if wanted.anonymous_id is None else None
            case Relate():
                person = self._person_key(operation.person)
                related = self._object_key(operation.object)
                return person + related if person and related else None
            case _:
                return None

    def _person_key(self, key: PersonKey) -> Key | None:
        if self.person_column == _BY_ID:
            return (key.id,) if key.id is not None else None
        return (key.email.lower(),) if key.email is not None else None

    def _object_key(self, key: ObjectKey) -> Key | None:
        if key.cio_object_id is not None:
            return None
        return (self.types.get(key.object_type_id), key.object_id)


def form_of(checked: Sequence[Checked]) -> Form | None:
    """Tell the form of the first call, where the batch is large enough for it to matter."""
    if len(checked) < FORM_FROM_CALLS:
        return None
    first = first_readable(checked)
    return None if first is None else _form_of(first)


def first_readable(checked: Sequence[Checked]) -> Call | None:
    """Give the first call of a batch that asks for something."""
    return next((call for call, _ in checked if call.operations), None)


def sample_of(checked: Sequence[Checked]) -> Sequence[Checked]:
    """Take some calls from all over a batch."""
    return checked[:: max(1, len(checked) // _SAMPLE_CALLS)]


def _form_of(call: Call) -> Form | None:
    if len(call.operations) != 1:
        return None
    operation = call.operations[0]
    match operation:
        case IdentifyObject():
            column = ""
        case IdentifyPerson(key=key) | Relate(person=key):
            column = _BY_ID if key.id is not None else _BY_EMAIL
        case _:
            return None
    workspace = call.origin.workspace
    types = {row[2]: row[0] for row in select_types([workspace])}
    return Form(workspace, type(operation), column, types)
