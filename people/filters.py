"""What lists of people can be filtered by, in the API as in the admin."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from objects.models import Object, ObjectType
from operations.doors.conditions import condition_on
from operations.doors.filters import (
    AttributesFilterSet,
    ConditionsFilter,
    ExactTextFilter,
    TypeNumberFilter,
    YesNoFilter,
    filter_without_relationships,
)
from operations.wire.columns import Kind
from operations.wire.filter_tree import InSegment
from people.models import Person
from relationships.models import Relationship


class EmailFilter(django_filters.CharFilter):
    """Compare e-mail addresses as the product does: in lower case, as Python makes it."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Compare with the column that is kept in lower case."""
        found: QuerySet[Any] = super().filter(qs, value.lower() if value else value)
        return found


class PersonFilterSet(AttributesFilterSet):
    """Filters of people."""

    f = ConditionsFilter(Kind.PEOPLE)
    id = ExactTextFilter(field_name="person_id", label=_("id"))
    email = EmailFilter(field_name="email_key", label=_("E-mail"))
    cio_id = ExactTextFilter(label=_("cio_id"))
    name_starts_with = django_filters.CharFilter(
        field_name="name", lookup_expr="istartswith", label=_("Name starts with")
    )
    name_contains = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", label=_("Name contains")
    )
    without_relationships = YesNoFilter(
        label=_("Without relationships"), method=filter_without_relationships
    )
    related_object = ExactTextFilter(
        method="filter_related_object",
        label=_("Related object"),
        help_text=_("The cio_object_id of an object."),
    )
    related_type = TypeNumberFilter(
        label=_("Related to a type"),
        help_text=_("The number of an object type: people related to any of its objects."),
        method="filter_related_type",
    )
    segment = TypeNumberFilter(
        label=_("In segment"),
        help_text=_("The number of a segment, manual or dynamic."),
        method="filter_segment",
    )

    class Meta:
        model = Person
        fields: list[str] = []

    def filter_related_object(
        self, people: QuerySet[Person], name: str, value: str
    ) -> QuerySet[Person]:
        """Keep the people who are related to one object."""
        related = Relationship.objects.filter(object=self.find(Object, cio_object_id=value))
        return people.filter(pk__in=related.values("person"))

    def filter_related_type(
        self, people: QuerySet[Person], name: str, value: int
    ) -> QuerySet[Person]:
        """Ask for existence: a join would repeat people with several relationships.

        The inner question is about the object of one relationship, so that SQLite does not walk
        through all objects of the type for every person.
        """
        object_type = self.find(ObjectType, number=value)
        is_of_type = Exists(Object.objects.filter(pk=OuterRef("object"), object_type=object_type))
        return people.filter(
            Exists(Relationship.objects.filter(is_of_type, person=OuterRef("pk")))
        )

    def filter_segment(self, people: QuerySet[Person], name: str, value: int) -> QuerySet[Person]:
        """Ask what the condition of that name asks."""
        if self.workspace is None:
            return people.none()
        tree = InSegment(value)
        return people.filter(condition_on(Kind.PEOPLE, tree, workspace=self.workspace, at=self.at))
