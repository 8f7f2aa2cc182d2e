"""What lists of objects and object types can be filtered by, in the API as in the admin."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from objects.models import Object, ObjectType
from operations.doors.filters import (
    AttributesFilterSet,
    ConditionsFilter,
    ExactTextFilter,
    TypeNumberFilter,
    WorkspaceFilterSet,
    YesNoFilter,
    filter_without_relationships,
)
from operations.wire.columns import Kind
from people.models import Person
from relationships.models import Relationship


class ObjectFilterSet(AttributesFilterSet):
    """Filters of objects."""

    f = ConditionsFilter(Kind.OBJECTS)
    object_type = TypeNumberFilter(
        method="filter_object_type",
        label=_("Object type"),
        help_text=_("The number of the object type."),
    )
    object_id = ExactTextFilter(method="filter_object_id", label=_("object_id"))
    cio_object_id = ExactTextFilter(label=_("cio_object_id"))
    name_starts_with = django_filters.CharFilter(
        field_name="name", lookup_expr="istartswith", label=_("Name starts with")
    )
    name_contains = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", label=_("Name contains")
    )
    without_relationships = YesNoFilter(
        label=_("Without relationships"), method=filter_without_relationships
    )
    related_person = ExactTextFilter(
        method="filter_related_person",
        label=_("Related person"),
        help_text=_("The cio_id of a person."),
    )

    class Meta:
        model = Object
        fields: list[str] = []

    def filter_object_type(
        self, objects: QuerySet[Object], name: str, value: int
    ) -> QuerySet[Object]:
        """Keep the objects of one type.

        Its key is read before: with a subquery PostgreSQL takes every type to be of average size,
        and would rather sort a large one than follow an index to a page of it.
        """
        found = self.rows_of(ObjectType).filter(number=value).values_list("pk", flat=True)
        key = next(iter(found), None)
        return objects.none() if key is None else objects.filter(object_type=key)

    def filter_object_id(
        self, objects: QuerySet[Object], name: str, value: str
    ) -> QuerySet[Object]:
        """Name the types too, because the index of the ids begins with the type."""
        types = self.rows_of(ObjectType).values("pk")
        return objects.filter(object_type__in=types, object_id=value)

    def filter_related_person(
        self, objects: QuerySet[Object], name: str, value: str
    ) -> QuerySet[Object]:
        """Keep the objects to which one person is related."""
        related = Relationship.objects.filter(person=self.find(Person, cio_id=value))
        return objects.filter(pk__in=related.values("object"))


class ObjectTypeFilterSet(WorkspaceFilterSet):
    """Filters of object types."""

    enabled = YesNoFilter(field_name="enabled", label=_("Enabled"))

    class Meta:
        model = ObjectType
        fields: list[str] = []
