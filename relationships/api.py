"""Relationships in the REST API."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from objects.models import Object
from operations.doors.rest import OperationViewSet
from operations.doors.rest_body import (
    AttributesField,
    NumberField,
    StrictSerializer,
    TextField,
    Values,
)
from operations.doors.rest_rows import StoredAttributesField, UnixSecondsField
from operations.types import ObjectKey, Operation, PersonKey, Relate, Unrelate, When
from people.models import Person
from relationships.filters import RelationshipFilterSet
from relationships.models import Relationship
from workspaces.models import Workspace

# What a list does not show may be 100 kB for each person and object.
_NOT_SHOWN = (
    "attribute_times",
    "person__attributes",
    "person__attribute_times",
    "object__attributes",
    "object__attribute_times",
)


class RelatedPersonSerializer(serializers.ModelSerializer[Person]):
    """The person of a relationship."""

    id = serializers.CharField(source="person_id", allow_null=True)

    class Meta:
        model = Person
        fields = ("cio_id", "id", "email", "name")


class RelatedObjectSerializer(serializers.ModelSerializer[Object]):
    """The object of a relationship."""

    object_type_id = serializers.IntegerField(source="object_type.number")

    class Meta:
        model = Object
        fields = ("cio_object_id", "object_type_id", "object_id", "name")


class RelationshipSerializer(serializers.ModelSerializer[Relationship]):
    """A relationship."""

    object = RelatedObjectSerializer()
    person = RelatedPersonSerializer()
    attributes = StoredAttributesField()
    created_at = UnixSecondsField()
    updated_at = UnixSecondsField()

    class Meta:
        model = Relationship
        fields = ("object", "person", "attributes", "created_at", "updated_at")


class PersonKeySerializer(StrictSerializer):
    """Names a person by exactly one of three identifiers."""

    id = TextField()
    email = TextField()
    cio_id = TextField()


class ObjectKeySerializer(StrictSerializer):
    """Names an object by its id in a type (1 when absent), or by cio_object_id."""

    object_type_id = NumberField()
    object_id = TextField()
    cio_object_id = TextField()


class NewRelationshipSerializer(StrictSerializer):
    """A new relationship; a person or object that is named by id and missing is made."""

    object = ObjectKeySerializer()
    person = PersonKeySerializer()
    attributes = AttributesField()


class RelationshipChangeSerializer(StrictSerializer):
    """A change to a relationship: its attributes are merged."""

    attributes = AttributesField()


class RelationshipViewSet(OperationViewSet[Relationship]):
    """The relationships of the workspace, each named by its object and its person."""

    resource_name = "relationships"
    row_name = "relationship"
    keys: ClassVar = {"cio_object_id": "object__cio_object_id", "cio_id": "person__cio_id"}
    queryset = Relationship.objects.none()
    serializer_class = RelationshipSerializer
    new_serializer_class = NewRelationshipSerializer
    change_serializer_class = RelationshipChangeSerializer
    filterset_class = RelationshipFilterSet

    def rows_of(self, workspace: Workspace) -> QuerySet[Relationship]:
        """Give the relationships of a workspace."""
        relationships = Relationship.objects.for_workspace(workspace)
        return relationships.select_related("object__object_type", "person").defer(*_NOT_SHOWN)

    def new_operation(self, values: Values) -> Operation:
        """Relate a person to an object."""
        return Relate(
            person=PersonKey(**values["person"]),
            object=ObjectKey(**values["object"]),
            attributes=values.get("attributes", {}),
            when=When.NEW,
        )

    def change_operation(self, row: Relationship, values: Values) -> Operation:
        """Merge attributes into a relationship."""
        return Relate(
            person=_person_key(row),
            object=_object_key(row),
            attributes=values.get("attributes", {}),
            when=When.EXISTING,
        )

    def delete_operation(self, row: Relationship) -> Operation:
        """End a relationship; the person and the object stay."""
        return Unrelate(person=_person_key(row), object=_object_key(row))


def _person_key(row: Relationship) -> PersonKey:
    return PersonKey(cio_id=row.person.cio_id)


def _object_key(row: Relationship) -> ObjectKey:
    return ObjectKey(cio_object_id=row.object.cio_object_id)
