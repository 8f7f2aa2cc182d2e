"""How rows, outcomes and errors are written in answers of the REST API."""

from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from operations.results import Status


@extend_schema_field({"type": "integer", "format": "int64", "description": "Unix seconds."})
class UnixSecondsField(serializers.Field[Any, Any, Any, Any]):
    """An instant of a row."""

    def to_representation(self, value: datetime) -> int:
        """Give whole seconds, as the attribute created_at has them."""
        return int(value.timestamp())


@extend_schema_field({"type": "object", "additionalProperties": {}})
class StoredAttributesField(serializers.Field[Any, Any, Any, Any]):
    """The attributes of a row, which are JSON already."""

    def to_representation(self, value: Any) -> Any:
        """Give the value as it is."""
        return value


class ErrorSerializer(serializers.Serializer[Any]):
    """One thing that was wrong."""

    index = serializers.IntegerField(
        allow_null=True, help_text="The item of a list, from 0; 0 for a body that is one item."
    )
    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ErrorsSerializer(serializers.Serializer[Any]):
    """What every refused call answers."""

    errors: Any = ErrorSerializer(many=True)


@extend_schema_field({"type": "string", "enum": [status.value for status in Status]})
class StatusField(serializers.CharField):
    """What became of an item."""


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of one item of a list, and the ids of its row."""

    index = serializers.IntegerField()
    status = StatusField()
    cio_object_id = serializers.CharField(required=False, allow_null=True)
    cio_id = serializers.CharField(required=False, allow_null=True)
    object_type_id = serializers.IntegerField(required=False, allow_null=True)


class OutcomesSerializer(serializers.Serializer[Any]):
    """What a list answers: an outcome for each item, and the errors of those not taken."""

    outcomes = OutcomeSerializer(many=True)
    errors: Any = ErrorSerializer(many=True)


PATH_KEYS = {
    "object_type_id": (OpenApiTypes.INT, "The number of the object type."),
    "cio_object_id": (OpenApiTypes.STR, "The immutable id of the object."),
    "cio_id": (OpenApiTypes.STR, "The immutable id of the person."),
}
