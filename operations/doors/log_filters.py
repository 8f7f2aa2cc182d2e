"""What the activity log and the tasks can be filtered by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from objects.models import Object, ObjectType
from operations.doors.days import keys_of_days
from operations.doors.filters import ExactTextFilter, InstantFilter, WorkspaceFilterSet
from operations.doors.story import DOOR_LABELS
from operations.models import Activity, Job
from people.models import Person

_AUDIENCES = (("identified", _("Identified people")), ("anonymous", _("Anonymous visitors")))


class ActivityFilterSet(WorkspaceFilterSet):
    """Filters of the activity log."""

    kind = django_filters.ChoiceFilter(
        choices=Activity.Kind.choices, label=_("What"), empty_label=_("Anything")
    )
    audience = django_filters.ChoiceFilter(
        choices=_AUDIENCES,
        method="filter_audience",
        label=_("Who it is about"),
        empty_label=_("Anybody"),
    )
    person = ExactTextFilter(
        method="filter_person", label=_("Person"), help_text=_("An id, an e-mail or a cio_id.")
    )
    object = ExactTextFilter(
        method="filter_object", label=_("Object"), help_text=_("An object_id or a cio_object_id.")
    )
    after = InstantFilter(
        field_name="received_at",
        lookup_expr="gte",
        label=_("From"),
        help_text=_("A day such as 2026-01-31, or a time; in UTC."),
    )
    before = InstantFilter(
        field_name="received_at",
        lookup_expr="lt",
        label=_("Before"),
        help_text=_("A day or a time that is not included."),
    )
    door = django_filters.ChoiceFilter(
        choices=tuple(DOOR_LABELS.items()), label=_("Through"), empty_label=_("Any door")
    )
    actor = ExactTextFilter(label=_("By"), help_text=_("A username, or the name of a key."))
    change_set = django_filters.NumberFilter(
        label=_("Change set"), min_value=1, max_value=2**63 - 1, decimal_places=0
    )

    class Meta:
        model = Activity
        fields: list[str] = []

    def filter_queryset(self, activities: QuerySet[Activity]) -> QuerySet[Activity]:
        """Begin where the days that are asked for begin."""
        found: QuerySet[Activity] = super().filter_queryset(activities)
        after, before = (self.form.cleaned_data.get(name) for name in ("after", "before"))
        if after is None or self.workspace is None:
            return found
        return found.filter(
            keys_of_days(self.workspace.pk, after=after, before=before, now=self.at)
        )

    def filter_audience(
        self, activities: QuerySet[Activity], name: str, value: str
    ) -> QuerySet[Activity]:
        """Keep what known people did, or what visitors did whom nobody has identified yet."""
        is_anonymous = Q(anonymous_id__isnull=False, cio_id__isnull=True)
        return activities.filter(is_anonymous if value == "anonymous" else ~is_anonymous)

    def filter_person(
        self, activities: QuerySet[Activity], name: str, value: str
    ) -> QuerySet[Activity]:
        """Keep what names a person; the log has an index by cio_id."""
        return activities.filter(_is_one_of("cio_id", self.people_called(value)))

    def filter_object(
        self, activities: QuerySet[Activity], name: str, value: str
    ) -> QuerySet[Activity]:
        """Keep what names an object; the log has an index by cio_object_id."""
        return activities.filter(_is_one_of("cio_object_id", self.objects_called(value)))

    def filter_subject(self, activities: QuerySet[Activity], value: str) -> QuerySet[Activity]:
        """Keep what names a person or an object."""
        people, objects = self.people_called(value), self.objects_called(value)
        if not people:
            return activities.filter(_is_one_of("cio_object_id", objects))
        if not objects:
            return activities.filter(_is_one_of("cio_id", people))
        return activities.filter(Q(cio_id__in=people) | Q(cio_object_id__in=objects))

    def people_called(self, text: str) -> list[str]:
        """Give the cio_ids of those who are called so; a deleted person is known by cio_id."""
        called = Q(person_id=text) | Q(email_key=text.lower())
        people: Any = self.rows_of(Person).filter(called)
        found = [*people.values_list("cio_id", flat=True)]
        return self._with(text, found, column="cio_id")

    def objects_called(self, text: str) -> list[str]:
        """Give the cio_object_ids of what is called so, in every type."""
        types = self.rows_of(ObjectType).values("pk")
        found: Any = self.rows_of(Object).filter(object_type__in=types, object_id=text)
        ids = [*found.values_list("cio_object_id", flat=True)]
        return self._with(text, ids, column="cio_object_id")

    def _with(self, text: str, found: list[str], *, column: str) -> list[str]:
        """Add what was typed, where the log knows it as a permanent id."""
        logged = self.rows_of(Activity).filter(**{column: text})
        return [text, *found] if logged.exists() else found


def _is_one_of(column: str, values: list[str]) -> Q:
    """Ask for one value by itself: its index has the activities in order, that of several not."""
    return Q((column, values[0])) if len(values) == 1 else Q((f"{column}__in", values))


class JobFilterSet(django_filters.FilterSet):
    """Filters of the tasks."""

    state = django_filters.ChoiceFilter(
        choices=[each for each in Job.State.choices if each[0] != Job.State.DRAFT],
        label=_("State"),
    )

    class Meta:
        model = Job
        fields: list[str] = []
