"""Refuse to set or remove what the actor may not see."""

from collections.abc import Iterator
from typing import Any

from operations.errors import Reason, Rejection
from operations.types import Call, IdentifyObject, IdentifyPerson, Operation, Relate


def refuse_hidden(call: Call) -> Iterator[Rejection]:
    """Refuse each operation that names an attribute which is hidden from its actor.

    A value that the actor never saw would be lost, and a refusal that came for some values only
    would tell the stored one. So the name is refused, whatever the value.
    """
    for position, operation in enumerate(call.operations):
        attributes, hidden = _asked(operation, call)
        if type(attributes) is not dict or hidden.isdisjoint(attributes):
            continue
        for name in sorted(hidden & attributes.keys()):
            message = (
                f"{name} is sensitive and hidden from you, so you can neither set nor remove it; "
                "leave it as it is, or ask a workspace admin"
            )
            yield Rejection(position, Reason.SENSITIVE, f"attributes.{name}", message)


def _asked(operation: Operation, call: Call) -> tuple[Any, frozenset[str]]:
    hidden = call.origin.hidden
    match operation:
        case IdentifyPerson():
            return operation.attributes, hidden.people
        case IdentifyObject():
            return operation.attributes, hidden.objects
        case Relate():
            return operation.attributes, hidden.relationships
        case _:
            return None, hidden.people
