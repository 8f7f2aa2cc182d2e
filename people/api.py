"""People in the REST API."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from operations.doors.rest import OperationViewSet
from operations.doors.rest_body import (
    AttributesField,
    StrictSerializer,
    TextField,
    Values,
)
from operations.doors.rest_rows import StoredAttributesField, UnixSecondsField
from operations.types import (
    DeletePerson,
    Identifiers,
    IdentifyPerson,
    Operation,
    PersonKey,
    When,
)
from people.filters import PersonFilterSet
from people.models import Person
from workspaces.models import Workspace


class PersonSerializer(serializers.ModelSerializer[Person]):
    """A person."""

    id = serializers.CharField(source="person_id", allow_null=True)
    attributes = StoredAttributesField()
    relationship_count = serializers.IntegerField()
    created_at = UnixSecondsField()
    updated_at = UnixSecondsField()

    class Meta:
        model = Person
        fields = (
            "cio_id",
            "id",
            "email",
            "name",
            "attributes",
            "relationship_count",
            "created_at",
            "updated_at",
        )


class NewPersonSerializer(StrictSerializer):
    """A new person, named by id, by e-mail or by both."""

    id = TextField(source="person_id")
    email = TextField()
    attributes = AttributesField()


class PersonChangeSerializer(StrictSerializer):
    """A change to a person: identifiers are replaced, attributes merged."""

    id = TextField(source="person_id")
    email = TextField()
    attributes = AttributesField()


class PersonViewSet(OperationViewSet[Person]):
    """The people of the workspace; the list leaves out those who are only anonymous."""

    resource_name = "people"
    row_name = "person"
    keys: ClassVar = {"cio_id": "cio_id"}
    queryset = Person.objects.none()
    serializer_class = PersonSerializer
    new_serializer_class = NewPersonSerializer
    change_serializer_class = PersonChangeSerializer
    filterset_class = PersonFilterSet

    def is_listed_by_time(self, request: Request) -> bool:
        """Follow the index of the people."""
        return True

    def rows_of(self, workspace: Workspace) -> QuerySet[Person]:
        """Give the people of a workspace."""
        rows = Person.objects.for_workspace(workspace)
        people = rows.select_related("totals").defer("attribute_times")
        return people.identified() if self.action == "list" else people

    def new_operation(self, values: Values) -> Operation:
        """Make a person, named by the id where there is one."""
        identifiers = _identifiers(values)
        key = PersonKey(id=identifiers.id)
        if identifiers.id is None:
            key = PersonKey(email=identifiers.email)
        attributes = values.get("attributes", {})
        return IdentifyPerson(
            key=key, attributes=attributes, identifiers=identifiers, when=When.NEW
        )

    def change_operation(self, row: Person, values: Values) -> Operation:
        """Change identifiers and merge attributes."""
        return IdentifyPerson(
            key=_key(row),
            attributes=values.get("attributes", {}),
            identifiers=_identifiers(values),
            when=When.EXISTING,
        )

    def delete_operation(self, row: Person) -> Operation:
        """Delete a person with the relationships."""
        return DeletePerson(key=_key(row))


def _key(row: Person) -> PersonKey:
    return PersonKey(cio_id=row.cio_id)


def _identifiers(values: Values) -> Identifiers:
    return Identifiers(id=values.get("person_id"), email=values.get("email"))
