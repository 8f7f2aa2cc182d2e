"""Check each operation by itself, without the database."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar
from zoneinfo import available_timezones

from msgspec.structs import replace

from operations.engine.hidden import refuse_hidden
from operations.errors import Reason, Rejection
from operations.json import JsonError, dump, has_nul, normalise_attributes
from operations.limits import (
    CREATED_AT,
    DEDUP_KEY_MAX_CHARS,
    DEVICE_TOKEN_MAX_CHARS,
    EMAIL_MAX_CHARS,
    EVENT_NAME_MAX_CHARS,
    ICON_MAX_CHARS,
    IDENTIFIER_MAX_CHARS,
    INTEGER_MAX,
    OBJECT_TYPE_NUMBER_MAX,
    PLATFORM_MAX_CHARS,
    RESERVED_OBJECT_ATTRIBUTES,
    RESERVED_PERSON_ATTRIBUTES,
    TIMEZONE,
    TYPE_NAME_MAX_CHARS,
    UNIX_SECONDS_MAX,
    UNIX_SECONDS_MIN,
)
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteDevice,
    DeleteObject,
    DeleteObjectType,
    DeletePerson,
    EventKind,
    Handling,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    MergePeople,
    ObjectKey,
    Operation,
    PersonKey,
    RecordCall,
    RecordEvent,
    Relate,
    RemoveFromSegment,
    Rules,
    SaveObjectType,
    Suppress,
    UndoChange,
    Unrelate,
    Unsuppress,
)

_NOTHING_RESERVED: Final[frozenset[str]] = frozenset()
_SHOWN_CHARS: Final = 60
_WithAttributes = TypeVar("_WithAttributes", IdentifyPerson, IdentifyObject, Relate, AddDevice)


class Checker:
    """Collects what is wrong with the operations of one call, or the forms they are kept in."""

    __slots__ = ("position", "raw", "rejections", "rules", "size", "warnings")

    def __init__(self, rules: Rules) -> None:
        """Start with nothing found."""
        self.rules = rules
        self.position = 0
        self.size = 0
        self.raw = b""
        self.rejections: list[Rejection] = []
        self.warnings: list[Rejection] = []

    def refuse(self, reason: Reason, field: str, message: str) -> None:
        """Note a reason to refuse the call, once: a key may be among the identifiers too."""
        rejection = Rejection(self.position, reason, field, message)
        if rejection not in self.rejections:
            self.rejections.append(rejection)

    def text(self, value: Any, field: str, *, limit: int, required: bool = True) -> None:
        """Check a text: its length in characters, NUL, half surrogate pairs, emptiness."""
        if not isinstance(value, str):
            self.refuse(Reason.INVALID, field, f"{field} must be a text, not {shown(value)}")
        elif len(value) > limit:
            message = f"{field} is {len(value)} characters long; the limit is {limit}"
            self.refuse(Reason.TOO_LONG, field, message)
        elif "\x00" in value:
            self.refuse(Reason.INVALID, field, f"{field} contains a NUL character")
        elif not value.isascii() and _has_surrogate(value):
            message = f"{field} contains half of a surrogate pair, which is no character"
            self.refuse(Reason.INVALID, field, message)
        elif required and not value.strip():
            self.refuse(Reason.REQUIRED, field, f"{field} must not be empty or only white space")

    def email(self, value: Any, field: str = "email") -> None:
        """Check that an e-mail address has one @ between two parts and no spaces."""
        found = len(self.rejections)
        self.text(value, field, limit=EMAIL_MAX_CHARS)
        if len(self.rejections) > found:
            return
        name, _, domain = value.rpartition("@")
        if not name or not domain or "@" in name or any(map(str.isspace, value)):
            message = f"{field} {shown(value)} is not an e-mail address like name@example.com"
            self.refuse(Reason.INVALID, field, message)

    def person_key(self, key: PersonKey) -> None:
        """Check that a person is named in exactly one way."""
        if key.id is not None and key.email is None and key.cio_id is None:
            self.text(key.id, "id", limit=IDENTIFIER_MAX_CHARS)
            return
        given = [key.id, key.email, key.cio_id, key.anonymous_id]
        count = 4 - given.count(None)
        if count != 1:
            message = "name the person by exactly one of id, email, cio_id or anonymous_id"
            self.refuse(Reason.INVALID if count else Reason.REQUIRED, "id", message)
        elif key.email is not None:
            self.email(key.email)
        elif key.cio_id is not None:
            self.text(key.cio_id, "cio_id", limit=IDENTIFIER_MAX_CHARS)
        elif key.anonymous_id is not None:
            self.text(key.anonymous_id, "anonymous_id", limit=IDENTIFIER_MAX_CHARS)
        else:
            self.text(key.id, "id", limit=IDENTIFIER_MAX_CHARS)

    def identifiers(self, wanted: Identifiers | None) -> None:
        """Check the identifiers that a person is to have."""
        if wanted is None:
            return
        if wanted.id is not None:
            self.text(wanted.id, "id", limit=IDENTIFIER_MAX_CHARS)
        if wanted.email is not None:
            self.email(wanted.email)
        if wanted.anonymous_id is not None:
            self.text(wanted.anonymous_id, "anonymous_id", limit=IDENTIFIER_MAX_CHARS)

    def object_key(self, key: ObjectKey) -> None:
        """Check that an object is named by its id in a type, or by its cio_object_id."""
        if key.object_id is not None:
            self.text(key.object_id, "object_id", limit=IDENTIFIER_MAX_CHARS)
        elif key.cio_object_id is None:
            message = "object_id is required; it names the object within its type"
            self.refuse(Reason.REQUIRED, "object_id", message)
        if key.cio_object_id is not None:
            self.text(key.cio_object_id, "cio_object_id", limit=IDENTIFIER_MAX_CHARS)
        self.type_number(key.object_type_id)

    def type_number(self, number: Any) -> None:
        """Check the number of an object type."""
        if type(number) is not int or not 1 <= number <= OBJECT_TYPE_NUMBER_MAX:
            message = (
                f"object_type_id must be a whole number from 1 to {OBJECT_TYPE_NUMBER_MAX}, "
                f"not {shown(number)}"
            )
            self.refuse(Reason.INVALID, "object_type_id", message)

    def attributes(
        self, attributes: Any, *, reserved: frozenset[str] = _NOTHING_RESERVED
    ) -> Mapping[str, Any]:
        """Check attributes and return them with every value in its one stored form."""
        if type(attributes) is not dict:
            message = f"attributes must be a JSON object, not {shown(attributes)}"
            self.refuse(Reason.INVALID, "attributes", message)
            return {}
        if not attributes:
            return attributes
        try:
            checked = normalise_attributes(attributes)
            raw = dump(checked)
        except JsonError:
            self._name_bad_attributes(attributes)
            return {}
        self.size += len(raw)
        self.raw = raw
        if b"\\u0000" in raw and has_nul(raw):
            self._name_nul(attributes)
        self._reserved_names(attributes, reserved)
        if CREATED_AT in attributes or TIMEZONE in attributes:
            self._reserved_values(attributes)
        return checked

    def instant(self, value: Any, field: str) -> None:
        """Check an optional instant in Unix seconds."""
        if value is not None and not is_unix_seconds(value):
            self.refuse(Reason.INVALID, field, _unix_message(field, value))

    def activity(self, value: Any) -> None:
        """Check the key of an entry of the log."""
        if type(value) is not int or not 0 < value <= INTEGER_MAX:
            self.refuse(Reason.INVALID, "activity", "activity must be a key of the log")

    def version(self, value: Any) -> None:
        """Check the optional version that a row is expected to have."""
        if value is not None and (type(value) is not int or value < 1):
            message = f"expected_version must be a whole number from 1 up, not {shown(value)}"
            self.refuse(Reason.INVALID, "version", message)

    def _reserved_names(self, attributes: dict[str, Any], reserved: frozenset[str]) -> None:
        if not reserved.isdisjoint(attributes):
            for name in sorted(reserved & attributes.keys()):
                message = (
                    f"{name} is a reserved name and cannot be an attribute; choose another name"
                )
                self.refuse(Reason.RESERVED, f"attributes.{name}", message)
        if "" in attributes:
            self.refuse(Reason.INVALID, "attributes", "an attribute name must not be empty")

    def _reserved_values(self, attributes: dict[str, Any]) -> None:
        created_at = attributes.get(CREATED_AT)
        if created_at not in (None, "") and not is_unix_seconds(created_at):
            self._bad_value(CREATED_AT, _unix_message(CREATED_AT, created_at))
        timezone = attributes.get(TIMEZONE)
        if timezone not in (None, "") and not is_timezone(timezone):
            message = f"timezone {shown(timezone)} is not an IANA name like Europe/Berlin"
            self._bad_value(TIMEZONE, message)

    def _bad_value(self, name: str, message: str) -> None:
        rejection = Rejection(self.position, Reason.INVALID, f"attributes.{name}", message)
        if self.rules.bad_reserved_value is Handling.REFUSE:
            self.rejections.append(rejection)
        else:
            self.warnings.append(rejection)

    def _name_bad_attributes(self, attributes: dict[str, Any]) -> None:
        for name, value in attributes.items():
            try:
                dump(normalise_attributes({name: value}))
            except JsonError as error:
                field = f"attributes.{printable(name)}"
                self.refuse(error.reason, field, f"{printable(name)} {error}")

    def _name_nul(self, attributes: dict[str, Any]) -> None:
        for name, value in attributes.items():
            if has_nul(dump({name: value})):
                field = f"attributes.{printable(name)}"
                self.refuse(Reason.INVALID, field, f"{printable(name)} contains a NUL character")


def validate(call: Call) -> tuple[Call, Checker]:
    """Check every operation of a call; the call comes back with values in their stored form."""
    checker = Checker(call.rules)
    if call.refusal is not None:
        checker.rejections.append(call.refusal)
    if call.origin.hidden:
        checker.rejections += refuse_hidden(call)
    if call.dedup_key is not None:
        checker.text(call.dedup_key, "dedup_key", limit=DEDUP_KEY_MAX_CHARS)
    if len(call.operations) == 1:
        operation = call.operations[0]
        checked = _check(operation, checker)
        return (call if checked is operation else replace(call, operations=(checked,))), checker
    operations = []
    for position, operation in enumerate(call.operations):
        checker.position = position
        operations.append(_check(operation, checker))
    return replace(call, operations=tuple(operations)), checker


def is_unix_seconds(value: object) -> bool:
    """Tell whether a value is an instant in whole Unix seconds that both databases can store."""
    return type(value) is int and UNIX_SECONDS_MIN <= value <= UNIX_SECONDS_MAX


def is_timezone(value: object) -> bool:
    """Tell whether a value is the IANA name of a time zone."""
    return isinstance(value, str) and value in _timezones()


def shown(value: object) -> str:
    """Show a value in a message, cut short and without control characters."""
    text = printable(value) if isinstance(value, str) else printable(repr(value))
    return f'"{text}"' if isinstance(value, str) else text


def printable(text: object) -> str:
    """Escape what could not be shown or sent, and cut what is too long to read."""
    full = str(text)
    cut = full if len(full) <= _SHOWN_CHARS else f"{full[:_SHOWN_CHARS]}…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _unix_message(field: str, value: object) -> str:
    return f"{field} must be whole Unix seconds, such as 1700000000, not {shown(value)}"


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _check(operation: Operation, checker: Checker) -> Operation:
    match operation:
        case IdentifyObject():
            checker.object_key(operation.key)
            checker.version(operation.expected_version)
            checker.instant(operation.at, "timestamp")
            attributes = checker.attributes(
                operation.attributes, reserved=RESERVED_OBJECT_ATTRIBUTES
            )
            return _with(operation, attributes)
        case IdentifyPerson():
            checker.person_key(operation.key)
            checker.identifiers(operation.identifiers)
            checker.version(operation.expected_version)
            checker.instant(operation.at, "timestamp")
            attributes = checker.attributes(
                operation.attributes, reserved=RESERVED_PERSON_ATTRIBUTES
            )
            return _with(operation, attributes)
        case Relate():
            checker.person_key(operation.person)
            checker.object_key(operation.object)
            checker.version(operation.expected_version)
            checker.instant(operation.at, "timestamp")
            return _with(operation, checker.attributes(operation.attributes))
        case _:
            return _check_rare(operation, checker)


def _check_rare(operation: Operation, checker: Checker) -> Operation:  # noqa: C901, PLR0912, PLR0915
    # One flat case for each operation reads better than a chain of smaller functions.
    match operation:
        case IdentifyObject() | IdentifyPerson() | Relate():
            pass
        case Unrelate():
            checker.person_key(operation.person)
            checker.object_key(operation.object)
            checker.version(operation.expected_version)
        case DeleteObject():
            checker.object_key(operation.key)
            checker.version(operation.expected_version)
        case DeletePerson():
            checker.person_key(operation.key)
            checker.version(operation.expected_version)
        case Suppress() | Unsuppress():
            checker.person_key(operation.key)
        case SaveObjectType():
            _check_object_type(operation, checker)
        case DeleteObjectType():
            checker.type_number(operation.number)
        case MergePeople():
            checker.person_key(operation.into)
            checker.person_key(operation.absorbed)
        case AddDevice():
            checker.person_key(operation.person)
            checker.text(operation.token, "token", limit=DEVICE_TOKEN_MAX_CHARS)
            limit = PLATFORM_MAX_CHARS
            checker.text(operation.platform, "platform", limit=limit, required=False)
            checker.instant(operation.last_used, "last_used")
            return _with(operation, checker.attributes(operation.attributes))
        case DeleteDevice():
            checker.person_key(operation.person)
            checker.text(operation.token, "token", limit=DEVICE_TOKEN_MAX_CHARS)
        case AddToSegment() | RemoveFromSegment():
            checker.person_key(operation.person)
        case RecordEvent():
            checker.person_key(operation.person)
            is_event = operation.kind is EventKind.EVENT
            limit = EVENT_NAME_MAX_CHARS
            checker.text(operation.name, "name", limit=limit, required=is_event)
            checker.instant(operation.timestamp, "timestamp")
            return replace(operation, properties=checker.attributes(operation.properties))
        case RecordCall():
            if operation.person is not None:
                checker.person_key(operation.person)
            return replace(operation, payload=checker.attributes(operation.payload))
        case UndoChange():
            checker.activity(operation.activity)
    return operation


def _check_object_type(operation: SaveObjectType, checker: Checker) -> None:
    if operation.number is not None:
        checker.type_number(operation.number)
    if operation.name is not None:
        checker.text(operation.name, "name", limit=TYPE_NAME_MAX_CHARS)
    if operation.singular_name is not None:
        checker.text(operation.singular_name, "singular_name", limit=TYPE_NAME_MAX_CHARS)
    if operation.icon is not None:
        checker.text(operation.icon, "icon", limit=ICON_MAX_CHARS)


def _with(operation: _WithAttributes, attributes: Mapping[str, Any]) -> _WithAttributes:
    if attributes is operation.attributes:
        return operation
    return replace(operation, attributes=attributes)
