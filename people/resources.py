"""The import and export of people on the pages of the admin."""

from operations.doors.resource import OperationResource
from operations.wire.columns import Kind
from people.models import Person


class PersonResource(OperationResource):
    """Rows of people."""

    kind = Kind.PEOPLE

    class Meta(OperationResource.Meta):
        model = Person
