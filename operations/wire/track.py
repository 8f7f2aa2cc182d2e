"""The Track API v2: one payload as one call, or what is wrong with it.

Each pair of type and action has a function here; the names are those of the wire. In `standard`
limits the names that the documentation prints besides are taken too (`add_relationship`, `group`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from operations.types import (
    AddDevice,
    Call,
    DeleteDevice,
    DeleteObject,
    DeletePerson,
    Door,
    EventKind,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    MergePeople,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    RecordCall,
    RecordEvent,
    Relate,
    Suppress,
    Unrelate,
    Unsuppress,
    When,
)
from operations.wire.rules import RULES
from operations.wire.track_values import RELATIONSHIPS, Problem, Reader, one_of

# Crockford's base 32, 26 characters: what the API calls the id of an event.
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
_PRINTED_TYPES: Final = {"group": "object"}
_PRINTED_ACTIONS: Final = {
    "add_relationship": "add_relationships",
    "delete_relationship": "delete_relationships",
    "remove_device": "delete_device",
}

Payload = Mapping[str, Any]
_Parse = Callable[[Payload, Reader], Sequence[Operation]]


def parse_item(payload: Json, *, origin: Origin, is_strict: bool) -> Call | tuple[Problem, ...]:
    """Read one item as the call that it asks for, or say what is wrong with it.

    `is_strict` takes the names of the wire only, and wants an object's type to be named.
    """
    reader = Reader(is_strict=is_strict)
    if not isinstance(payload, Mapping):
        reader.invalid("body", "must be a JSON object")
        return tuple(reader.problems)
    parse = _find_parser(payload, reader)
    operations = () if parse is None else tuple(parse(payload, reader))
    if reader.problems:
        return tuple(reader.problems)
    rules = RULES[Door.TRACK_V2]
    if _only_updates(payload):
        rules = replace(rules, creates_people=False)
    return Call(origin, operations, rules, dedup_key(payload))


def identify_operation(
    key: PersonKey, found: dict[str, Json], reader: Reader, *, at: int | None = None
) -> IdentifyPerson:
    """Make the identification of a person from attributes, some of which name the person."""
    wanted: dict[str, str] = {}
    for name in ("id", "email", "anonymous_id"):
        value = found.pop(name, None)
        if value in (None, ""):
            continue
        text = reader.text(value, f"attributes.{name}")
        if text is not None:
            wanted[name] = text
    found.pop("cio_id", None)
    dated = reader.seconds(found.pop("_timestamp", None), "attributes._timestamp")
    when = When.EXISTING if found.pop("_update", None) is True else When.ANY
    identifiers = Identifiers(**wanted) if wanted else None
    return IdentifyPerson(key, found, identifiers, when, dated if dated is not None else at)


def event_operation(
    key: PersonKey, payload: Payload, reader: Reader, *, kind: EventKind, properties: Any
) -> list[Operation]:
    """Make the event of a payload that has a name and a timestamp."""
    name = payload.get("name")
    if name is None or (isinstance(name, str) and not name.strip()):
        reader.required("name", "must not be blank")
        return []
    text = reader.text(name, "name")
    found = reader.attributes(properties, "attributes")
    timestamp = reader.seconds(payload.get("timestamp"), "timestamp")
    return [RecordEvent(key, kind, (text or "").strip(), found, timestamp)]


def dedup_key(payload: Payload) -> str | None:
    """Give the key by which an event is taken once; an id that is no ULID does not count."""
    value = payload.get("id")
    if isinstance(value, str) and _ULID.fullmatch(value):
        return f"event {value.upper()}"
    return None


def _find_parser(payload: Payload, reader: Reader) -> _Parse | None:
    kind, action = payload.get("type"), payload.get("action")
    if not reader.is_strict:
        kind = _PRINTED_TYPES.get(kind, kind) if isinstance(kind, str) else kind
        action = _PRINTED_ACTIONS.get(action, action) if isinstance(action, str) else action
    actions = _PARSERS.get(kind) if isinstance(kind, str) else None
    if actions is None:
        reader.refuse(_missing(kind), "type", f"must be one of {one_of(_PARSERS)}")
        return None
    parse = actions.get(action) if isinstance(action, str) else None
    if parse is None:
        reader.refuse(_missing(action), "action", f"must be one of {one_of(actions)}")
    return parse


def _missing(value: Any) -> str:
    return "required" if value in (None, "") else "invalid"


def _only_updates(payload: Payload) -> bool:
    attributes = payload.get("attributes")
    return isinstance(attributes, Mapping) and attributes.get("_update") is True


# People.


def _identify_person(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.person_key(payload.get("identifiers"))
    found = reader.attributes(payload.get("attributes"), "attributes")
    at = reader.seconds(payload.get("timestamp"), "timestamp")
    operations: list[Operation] = [identify_operation(key, found, reader, at=at)]
    if payload.get(RELATIONSHIPS) is not None:
        operations += _relate_person(key, payload[RELATIONSHIPS], reader)
    return operations


def _delete_person(payload: Payload, reader: Reader) -> list[Operation]:
    return [DeletePerson(reader.person_key(payload.get("identifiers")))]


def _event(kind: EventKind) -> _Parse:
    def parse(payload: Payload, reader: Reader) -> list[Operation]:
        key = reader.person_key(payload.get("identifiers"), may_be_anonymous=True)
        properties = payload.get("attributes")
        return event_operation(key, payload, reader, kind=kind, properties=properties)

    return parse


def _add_person_relationships(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.person_key(payload.get("identifiers"), may_be_anonymous=True)
    return _relate_person(key, _needed_relations(payload, reader), reader)


def _delete_person_relationships(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.person_key(payload.get("identifiers"), may_be_anonymous=True)
    found = reader.relations(_needed_relations(payload, reader))
    return [Unrelate(key, reader.object_key(named, at)) for at, named, _ in found]


def _relate_person(key: PersonKey, value: Any, reader: Reader) -> list[Operation]:
    return [
        Relate(key, reader.object_key(named, at), attributes)
        for at, named, attributes in reader.relations(value)
    ]


def _needed_relations(payload: Payload, reader: Reader) -> Any:
    found = payload.get(RELATIONSHIPS)
    if found is None or found == []:
        reader.required(RELATIONSHIPS, "must be present")
        return []
    return found


def _add_device(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.person_key(payload.get("identifiers"))
    device = reader.mapping(payload.get("device"), "device")
    attributes = reader.attributes(device.get("attributes"), "device.attributes")
    if "token" in attributes:
        reader.invalid("device.attributes.token", "must be in the top-level device object")
    return [device_operation(key, device, device.get("token"), attributes, reader)]


def device_operation(
    key: PersonKey, device: Payload, token: Any, attributes: dict[str, Json], reader: Reader
) -> AddDevice:
    """Make the device of a person; without a platform it is stored with none."""
    if token in (None, ""):
        reader.required("device.token")
        token = ""
    platform = device.get("platform")
    if platform in (None, "") and reader.is_strict:
        reader.required("device.platform")
    used = reader.seconds(device.get("last_used"), "device.last_used")
    return AddDevice(
        key,
        reader.text(token, "device.token") or "",
        reader.text("" if platform is None else platform, "device.platform") or "",
        attributes,
        used,
    )


def _delete_device(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.person_key(payload.get("identifiers"))
    token = reader.mapping(payload.get("device"), "device").get("token")
    if token in (None, ""):
        reader.required("device.token")
        return []
    return [DeleteDevice(key, reader.text(token, "device.token") or "")]


def _merge(payload: Payload, reader: Reader) -> list[Operation]:
    into = reader.person_key(payload.get("primary"), "primary")
    return [MergePeople(into, reader.person_key(payload.get("secondary"), "secondary"))]


def _suppress(payload: Payload, reader: Reader) -> list[Operation]:
    return [Suppress(reader.person_key(payload.get("identifiers")))]


def _unsuppress(payload: Payload, reader: Reader) -> list[Operation]:
    return [Unsuppress(reader.person_key(payload.get("identifiers")))]


# Objects.


def _identify_object(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.object_key(payload.get("identifiers"))
    attributes = reader.attributes(payload.get("attributes"), "attributes")
    operations: list[Operation] = [IdentifyObject(key, attributes)]
    if payload.get(RELATIONSHIPS) is not None:
        operations += _relate_object(key, payload[RELATIONSHIPS], reader)
    return operations


def _identify_anonymous(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.object_key(payload.get("identifiers"))
    attributes = reader.attributes(payload.get("attributes"), "attributes")
    operations: list[Operation] = [IdentifyObject(key, attributes)]
    if payload.get("anonymous_id") not in (None, ""):
        text = reader.text(payload["anonymous_id"], "anonymous_id")
        operations.append(Relate(PersonKey(anonymous_id=text), key))
    if payload.get(RELATIONSHIPS) is not None:
        operations += _relate_object(key, payload[RELATIONSHIPS], reader)
    return operations


def _delete_object(payload: Payload, reader: Reader) -> list[Operation]:
    return [DeleteObject(reader.object_key(payload.get("identifiers")))]


def _add_object_relationships(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.object_key(payload.get("identifiers"))
    return _relate_object(key, _needed_relations(payload, reader), reader)


def _delete_object_relationships(payload: Payload, reader: Reader) -> list[Operation]:
    key = reader.object_key(payload.get("identifiers"))
    found = reader.relations(_needed_relations(payload, reader))
    return [
        Unrelate(reader.person_key(named, at, may_be_anonymous=True), key)
        for at, named, _ in found
    ]


def _relate_object(key: ObjectKey, value: Any, reader: Reader) -> list[Operation]:
    return [
        Relate(reader.person_key(named, at, may_be_anonymous=True), key, attributes)
        for at, named, attributes in reader.relations(value)
    ]


# Deliveries, which this product does not send: what is told of them is kept.


def _delivery_event(payload: Payload, reader: Reader) -> list[Operation]:
    if payload.get("name") in (None, ""):
        reader.required("name", "must not be blank")
    return [RecordCall(reader.attributes(payload, "body"))]


_PARSERS: Final[Mapping[str, Mapping[str, _Parse]]] = {
    "person": {
        "identify": _identify_person,
        "delete": _delete_person,
        "event": _event(EventKind.EVENT),
        "page": _event(EventKind.PAGE),
        "screen": _event(EventKind.SCREEN),
        "add_relationships": _add_person_relationships,
        "delete_relationships": _delete_person_relationships,
        "add_device": _add_device,
        "delete_device": _delete_device,
        "merge": _merge,
        "suppress": _suppress,
        "unsuppress": _unsuppress,
    },
    "object": {
        "identify": _identify_object,
        "identify_anonymous": _identify_anonymous,
        "delete": _delete_object,
        "add_relationships": _add_object_relationships,
        "delete_relationships": _delete_object_relationships,
    },
    "delivery": {"event": _delivery_event},
}
