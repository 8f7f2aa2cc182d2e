"""Objects and object types in the REST API."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from objects.filters import ObjectFilterSet, ObjectTypeFilterSet
from objects.models import Object, ObjectType
from objects.type_audit import watching_types
from operations.doors.audit import Actor, actor_of, actor_of_key
from operations.doors.rest import OperationViewSet
from operations.doors.rest_body import (
    AttributesField,
    NumberField,
    StrictSerializer,
    TextField,
    TrueFalseField,
    Values,
)
from operations.doors.rest_rows import StoredAttributesField, UnixSecondsField
from operations.types import (
    DeleteObject,
    DeleteObjectType,
    IdentifyObject,
    ObjectKey,
    Operation,
    SaveObjectType,
    When,
)
from workspaces.models import Workspace
from workspaces.permissions import Permission


class ObjectTypeSerializer(serializers.ModelSerializer[ObjectType]):
    """An object type."""

    object_type_id = serializers.IntegerField(source="number")
    created_at = UnixSecondsField()
    updated_at = UnixSecondsField()

    class Meta:
        model = ObjectType
        fields = (
            "object_type_id",
            "name",
            "singular_name",
            "slug",
            "icon",
            "enabled",
            "created_at",
            "updated_at",
        )


class ObjectTypeChangeSerializer(StrictSerializer):
    """A change to an object type; what is not sent stays."""

    name = TextField()
    singular_name = TextField()
    icon = TextField()
    enabled = TrueFalseField()


class NewObjectTypeSerializer(StrictSerializer):
    """A new object type; without object_type_id it gets the next number."""

    object_type_id = NumberField(source="number")
    name = TextField()
    singular_name = TextField()
    icon = TextField()
    enabled = TrueFalseField()


class ObjectTypeViewSet(OperationViewSet[ObjectType]):
    """The object types of the workspace; deleting one deletes its objects."""

    resource_name = "object-types"
    row_name = "object type"
    keys: ClassVar = {"object_type_id": "number"}
    queryset = ObjectType.objects.none()
    serializer_class = ObjectTypeSerializer
    new_serializer_class = NewObjectTypeSerializer
    change_serializer_class = ObjectTypeChangeSerializer
    actor: Actor
    filterset_class = ObjectTypeFilterSet
    edit_permission = Permission.MANAGE_TYPES
    delete_permission = Permission.MANAGE_TYPES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say who calls, for the audit log."""
        super().initial(request, *args, **kwargs)
        credential, called = self.caller.credential, request._request
        self.actor = actor_of_key(called, credential) if credential else actor_of(called)

    def create(self, request: Request) -> Response:
        """Make one type or several, and audit them."""
        with watching_types(self.actor, self.caller.workspace):
            return super().create(request)

    def partial_update(self, request: Request, **keys: str) -> Response:
        """Change a type, and audit it."""
        with watching_types(self.actor, self.caller.workspace):
            return super().partial_update(request, **keys)

    def destroy(self, request: Request, **keys: str) -> Response:
        """Delete a type, and audit it."""
        with watching_types(self.actor, self.caller.workspace):
            return super().destroy(request, **keys)

    def rows_of(self, workspace: Workspace) -> QuerySet[ObjectType]:
        """Give the types of a workspace."""
        return ObjectType.objects.for_workspace(workspace)

    def new_operation(self, values: Values) -> Operation:
        """Make a type."""
        return SaveObjectType(**values, when=When.NEW)

    def change_operation(self, row: ObjectType, values: Values) -> Operation:
        """Change a type."""
        return SaveObjectType(number=row.number, **values, when=When.EXISTING)

    def delete_operation(self, row: ObjectType) -> Operation:
        """Delete a type."""
        return DeleteObjectType(number=row.number)


class ObjectSerializer(serializers.ModelSerializer[Object]):
    """An object."""

    object_type_id = serializers.IntegerField(source="object_type.number")
    attributes = StoredAttributesField()
    relationship_count = serializers.IntegerField()
    created_at = UnixSecondsField()
    updated_at = UnixSecondsField()

    class Meta:
        model = Object
        fields = (
            "cio_object_id",
            "object_type_id",
            "object_id",
            "name",
            "attributes",
            "relationship_count",
            "created_at",
            "updated_at",
        )


class NewObjectSerializer(StrictSerializer):
    """A new object; without object_type_id it is of type 1."""

    object_type_id = NumberField(source="object_type.number")
    object_id = TextField()
    attributes = AttributesField()


class ObjectChangeSerializer(StrictSerializer):
    """A change to an object: its attributes are merged."""

    attributes = AttributesField()


class ObjectViewSet(OperationViewSet[Object]):
    """The objects of the workspace."""

    resource_name = "objects"
    row_name = "object"
    keys: ClassVar = {"cio_object_id": "cio_object_id"}
    queryset = Object.objects.none()
    serializer_class = ObjectSerializer
    new_serializer_class = NewObjectSerializer
    change_serializer_class = ObjectChangeSerializer
    filterset_class = ObjectFilterSet

    def is_listed_by_time(self, request: Request) -> bool:
        """Follow the index of the objects of a type."""
        return bool(request.query_params.get("object_type"))

    def rows_of(self, workspace: Workspace) -> QuerySet[Object]:
        """Give the objects of a workspace."""
        objects = Object.objects.for_workspace(workspace)
        # Joined, SQLite would walk through the types first and sort all objects of the workspace.
        rows = objects.select_related("totals").prefetch_related("object_type")
        return rows.defer("attribute_times")

    def new_operation(self, values: Values) -> Operation:
        """Make an object."""
        number = values.get("object_type", {}).get("number", 1)
        key = ObjectKey(object_id=values.get("object_id"), object_type_id=number)
        return IdentifyObject(key=key, attributes=values.get("attributes", {}), when=When.NEW)

    def change_operation(self, row: Object, values: Values) -> Operation:
        """Merge attributes into an object."""
        attributes = values.get("attributes", {})
        return IdentifyObject(key=_key(row), attributes=attributes, when=When.EXISTING)

    def delete_operation(self, row: Object) -> Operation:
        """Delete an object with its relationships."""
        return DeleteObject(key=_key(row))


def _key(row: Object) -> ObjectKey:
    return ObjectKey(cio_object_id=row.cio_object_id)
