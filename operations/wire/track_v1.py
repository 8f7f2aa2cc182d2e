"""The Track API v1: the body of each address as one call, or what is wrong with it.

What the addresses have in common is the identifier in the path, whose kind is told by its shape.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from operations.types import (
    AddToSegment,
    Call,
    Door,
    EventKind,
    IdentifyPerson,
    Json,
    MergePeople,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    RecordCall,
    Relate,
    RemoveFromSegment,
    Unrelate,
)
from operations.wire.rules import RULES
from operations.wire.track import (
    dedup_key,
    device_operation,
    event_operation,
    identify_operation,
)
from operations.wire.track_values import RELATIONSHIPS, Problem, Reader, one_of

# The shape of an e-mail address: one @ between two parts, a dot in the second, no blanks.
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_CIO_PREFIX: Final = "cio_"
_ADD, _DELETE = "add_relationships", "delete_relationships"
_ID_TYPES: Final = ("id", "email", "cio_id")
_IDS_MAX: Final = 1_000
_FORM_KEYS: Final = frozenset({"form_id", "form_name", "form_type", "form_url", "form_url_param"})

Payload = Mapping[str, Any]
Parsed = Call | tuple[Problem, ...]


def person_of(identifier: str) -> PersonKey:
    """Tell whom an identifier in a path means: cio_, then an e-mail address, else an id."""
    if identifier.startswith(_CIO_PREFIX):
        return PersonKey(cio_id=identifier.removeprefix(_CIO_PREFIX))
    if _EMAIL.fullmatch(identifier):
        return PersonKey(email=identifier)
    return PersonKey(id=identifier)


def parse_customer(identifier: str, body: Json, *, origin: Origin) -> Parsed:
    """Read the attributes of a person, who is created when nobody is found."""
    reader = Reader()
    found = dict(reader.mapping(body, "body"))
    relations = found.pop(RELATIONSHIPS, None)
    key = person_of(identifier)
    operation = identify_operation(key, reader.attributes(found, "body"), reader)
    operations: list[Operation] = [operation]
    if relations is not None:
        operations += _parse_relations(key, relations, reader)
    rules = RULES[Door.TRACK_V1]
    if _only_updates(body):
        rules = replace(rules, creates_people=False)
    return _call(operations, reader, origin, rules=rules)


def parse_operation(operation: Operation, *, origin: Origin) -> Call:
    """Make the call of an address whose body says nothing."""
    return Call(origin, (operation,), RULES[Door.TRACK_V1])


def parse_event(identifier: str, body: Json, *, origin: Origin) -> Parsed:
    """Read what a known person did."""
    reader = Reader()
    found = reader.mapping(body, "body")
    operations = _events(person_of(identifier), found, reader)
    return _call(operations, reader, origin, key=dedup_key(found))


def parse_anonymous_event(body: Json, *, origin: Origin) -> Parsed:
    """Read what somebody did; without an anonymous_id it is only kept in the log."""
    reader = Reader()
    found = reader.mapping(body, "body")
    anonymous_id = found.get("anonymous_id")
    if anonymous_id not in (None, ""):
        text = reader.text(anonymous_id, "anonymous_id")
        operations = _events(PersonKey(anonymous_id=text), found, reader)
    else:
        # Read for its problems; nobody is named who could have done it.
        _events(PersonKey(anonymous_id="-"), found, reader)
        operations = [RecordCall(reader.attributes(found, "body"))]
    return _call(operations, reader, origin, key=dedup_key(found))


def parse_device(identifier: str, body: Json, *, origin: Origin) -> Parsed:
    """Read the device of a person; its token is called `id` here."""
    reader = Reader()
    device = reader.mapping(reader.mapping(body, "body").get("device"), "device")
    attributes = reader.attributes(device.get("attributes"), "device.attributes")
    key = person_of(identifier)
    operation = device_operation(key, device, device.get("id"), attributes, reader)
    return _call([operation], reader, origin)


def parse_merge(body: Json, *, origin: Origin) -> Parsed:
    """Read who is merged into whom."""
    reader = Reader()
    found = reader.mapping(body, "body")
    into = reader.person_key(found.get("primary"), "primary")
    absorbed = reader.person_key(found.get("secondary"), "secondary")
    return _call([MergePeople(into, absorbed)], reader, origin)


def parse_members(
    segment: int, body: Json, id_type: str, *, origin: Origin, removes: bool
) -> list[Call] | tuple[Problem, ...]:
    """Read who is to be in a manual segment or not, one call each: unknown ones do not matter."""
    reader = Reader()
    name = id_type or "id"
    if name not in _ID_TYPES:
        reader.invalid("id_type", f"must be one of {one_of(_ID_TYPES)}")
    ids = reader.mapping(body, "body").get("ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= _IDS_MAX:
        reader.invalid("ids", f"must be an array of 1 to {_IDS_MAX:,} identifiers")
    if reader.problems:
        return tuple(reader.problems)
    make = RemoveFromSegment if removes else AddToSegment
    return [
        Call(origin, (make(PersonKey(**{name: text}), segment),), RULES[Door.TRACK_V1])
        for text in _texts(ids)  # type: ignore[arg-type]  # a list, or there was a problem
    ]


def parse_form(form_id: str, body: Json, *, origin: Origin) -> Parsed:
    """Read a submitted form: its fields become attributes of the person that they name."""
    reader = Reader()
    data = reader.mapping(reader.mapping(body, "body").get("data"), "data")
    fields = {name: value for name, value in data.items() if name not in _FORM_KEYS}
    for name, value in fields.items():
        if not isinstance(value, str):
            reader.invalid(f"data.{name}", "must be a string")
    named = [name for name in ("id", "email") if fields.get(name)]
    if len(named) != 1:
        reader.required("data", "must contain an id or an email, and only one of them")
    if reader.problems:
        return tuple(reader.problems)
    key = PersonKey(**{named[0]: fields.pop(named[0])})
    submitted = RecordCall({"form_id": form_id, "data": dict(data)}, key)
    return _call([IdentifyPerson(key, fields), submitted], reader, origin)


def parse_report(body: Json, what: str, *, origin: Origin) -> Parsed:
    """Read what happened to a message that another system sent; it is kept in the log."""
    reader = Reader()
    return _call([RecordCall({what: reader.attributes(body, "body")})], reader, origin)


def _parse_relations(key: PersonKey, value: Any, reader: Reader) -> list[Operation]:
    """Read relationships in both shapes: a list, or an object with an action."""
    action = _ADD
    if isinstance(value, Mapping):
        action = value.get("action") or _ADD
        value = value.get("relationships")
    if action not in (_ADD, _DELETE):
        reader.invalid(f"{RELATIONSHIPS}.action", f"must be {one_of((_ADD, _DELETE))}")
        return []
    return [
        _relation(action, key, reader.object_key(named, at), attributes)
        for at, named, attributes in reader.relations(value)
    ]


def _relation(
    action: str, key: PersonKey, related: ObjectKey, attributes: dict[str, Json]
) -> Operation:
    if action == _DELETE:
        return Unrelate(key, related)
    return Relate(key, related, attributes)


def _events(key: PersonKey, body: Payload, reader: Reader) -> list[Operation]:
    given = body.get("type")
    kind = EventKind(given) if given in list(EventKind) else EventKind.EVENT
    return event_operation(key, body, reader, kind=kind, properties=body.get("data"))


def _texts(ids: Iterable[Any]) -> list[str]:
    return [str(each) for each in ids if type(each) in (str, int) and each != ""]


def _only_updates(body: Json) -> bool:
    """Tell whether a body asks that nobody is created."""
    return isinstance(body, Mapping) and body.get("_update") is True


def _call(
    operations: Iterable[Operation],
    reader: Reader,
    origin: Origin,
    *,
    key: str | None = None,
    rules: Any = None,
) -> Parsed:
    if reader.problems:
        return tuple(reader.problems)
    return Call(origin, tuple(operations), rules or RULES[Door.TRACK_V1], key)
