"""The import and export of objects on the pages of the admin."""

from objects.models import Object
from operations.doors.resource import OperationResource
from operations.wire.columns import Kind


class ObjectResource(OperationResource):
    """Rows of objects."""

    kind = Kind.OBJECTS

    class Meta(OperationResource.Meta):
        model = Object
