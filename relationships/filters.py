"""What lists of relationships can be filtered by, in the API as in the admin."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from objects.models import Object, ObjectType
from operations.doors.filters import (
    AttributesFilterSet,
    ConditionsFilter,
    ExactTextFilter,
    TypeNumberFilter,
)
from operations.wire.columns import Kind
from people.models import Person
from relationships.models import Relationship


class RelationshipFilterSet(AttributesFilterSet):
    """Filters of relationships."""

    f = ConditionsFilter(Kind.RELATIONSHIPS)
    object_type = TypeNumberFilter(
        method="filter_object_type",
        label=_("Object type"),
        help_text=_("The number of the object type."),
    )
    cio_object_id = ExactTextFilter(method="filter_object", label=_("cio_object_id"))
    cio_id = ExactTextFilter(method="filter_person", label=_("cio_id"))

    class Meta:
        model = Relationship
        fields: list[str] = []

    def filter_object_type(
        self, relationships: QuerySet[Relationship], name: str, value: int
    ) -> QuerySet[Relationship]:
        """Keep the relationships to objects of one type."""
        object_type = self.find(ObjectType, number=value)
        return relationships.filter(object__object_type=object_type)

    def filter_object(
        self, relationships: QuerySet[Relationship], name: str, value: str
    ) -> QuerySet[Relationship]:
        """Keep the relationships to one object."""
        return relationships.filter(object=self.find(Object, cio_object_id=value))

    def filter_person(
        self, relationships: QuerySet[Relationship], name: str, value: str
    ) -> QuerySet[Relationship]:
        """Keep the relationships of one person."""
        return relationships.filter(person=self.find(Person, cio_id=value))
