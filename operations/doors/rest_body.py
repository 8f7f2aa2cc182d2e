"""How an item of a body is checked: strict about JSON types, and without silent losses."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request

from operations.doors.rest_errors import parse_detail, refuse
from operations.errors import Rejection
from operations.types import Json

ITEMS_MAX: Final = 1_000
ATTRIBUTES_SCHEMA: Final = {
    "type": "object",
    "additionalProperties": {},
    "description": 'Merged into what is there; null or "" removes an attribute.',
}

_NOT_AN_OBJECT: Final = 'must be a JSON object, such as {"attributes": {"plan": "gold"}}'

Values: TypeAlias = Mapping[str, Any]


class StrictSerializer(serializers.Serializer[Any]):
    """Describes one item of a body and checks its JSON types; unknown names are refused."""

    default_error_messages = {
        "unknown": "{name} is not known here; known are {known}",
    }

    def to_internal_value(self, data: Any) -> Any:
        """Name what would be dropped otherwise."""
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [self._unknown(name)] for name in unknown}
                )
        return super().to_internal_value(data)

    def _unknown(self, name: str) -> serializers.ErrorDetail:
        known = ", ".join(self.fields)
        message = self.error_messages["unknown"].format(name=name[:60], known=known)
        return serializers.ErrorDetail(message, code="invalid")


class _StrictField(serializers.Field[Any, Any, Any, Any]):
    python_type: type
    type_name: str
    initial: Any = ""
    default_error_messages = {"invalid": "must be {type_name}"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.error_messages["null"] = f"must be {self.type_name}, not null"

    def to_internal_value(self, data: Any) -> Any:
        """Take the value as it is: nothing is converted or trimmed."""
        if type(data) is not self.python_type:
            self.fail("invalid", type_name=self.type_name)
        return data

    def to_representation(self, value: Any) -> Any:
        """Give the value as it is."""
        return value


@extend_schema_field(OpenApiTypes.STR)
class TextField(_StrictField):
    """A JSON text."""

    python_type = str
    type_name = "a text"


@extend_schema_field(OpenApiTypes.INT)
class NumberField(_StrictField):
    """A whole number."""

    python_type = int
    initial = 1
    type_name = "a whole number"


@extend_schema_field(OpenApiTypes.BOOL)
class TrueFalseField(_StrictField):
    """A JSON boolean."""

    python_type = bool
    initial = True
    type_name = "true or false"


@extend_schema_field(ATTRIBUTES_SCHEMA)
class AttributesField(_StrictField):
    """A JSON object of attributes."""

    python_type = dict
    initial: Any = {}
    type_name = "a JSON object"


def read_body(request: Request) -> Json:
    """Give the body; the library would take none at all for an empty object."""
    body: Json = request.data
    if request.META.get("CONTENT_LENGTH") in {None, "", "0"}:
        message = "the body is empty; send JSON, and its length in Content-Length"
        raise refuse("required", message, status_code=status.HTTP_400_BAD_REQUEST)
    return body


def check_items(items: list[Json]) -> list[Json]:
    """Refuse a list that is empty or too long for one call."""
    if not items:
        raise refuse("required", "the list is empty", status_code=status.HTTP_400_BAD_REQUEST)
    if len(items) > ITEMS_MAX:
        message = f"the list has {len(items):,} items; the limit is {ITEMS_MAX:,}"
        raise refuse("too_many", message, status_code=status.HTTP_400_BAD_REQUEST)
    return items


def read_item(serializer: StrictSerializer, item: Json) -> Values | tuple[Rejection, ...]:
    """Check the types of one item: its values, or what is wrong with it."""
    try:
        values: Values = serializer.run_validation(item)
    except serializers.ValidationError as error:
        return tuple(parse_detail(error.detail))
    return values
