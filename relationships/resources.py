"""The import and export of relationships on the pages of the admin."""

from operations.doors.resource import OperationResource
from operations.wire.columns import Kind
from relationships.models import Relationship


class RelationshipResource(OperationResource):
    """Rows of relationships."""

    kind = Kind.RELATIONSHIPS

    class Meta(OperationResource.Meta):
        model = Relationship
