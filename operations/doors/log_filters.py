"""What the activity log can be filtered by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from operations.doors.filters import InstantFilter
from operations.doors.story import DOOR_LABELS
from operations.models import Activity


class ActivityFilterSet(django_filters.FilterSet):
    """Filters of the activity log."""

    kind = django_filters.ChoiceFilter(choices=Activity.Kind.choices, label=_("What"))
    door = django_filters.ChoiceFilter(choices=tuple(DOOR_LABELS.items()), label=_("Through"))
    change_set = django_filters.NumberFilter(label=_("Change set"))
    after = InstantFilter(
        field_name="received_at", lookup_expr="gte", label=_("From"), help_text=_("In UTC.")
    )
    before = InstantFilter(
        field_name="received_at", lookup_expr="lt", label=_("Before"), help_text=_("In UTC.")
    )

    class Meta:
        model = Activity
        fields: list[str] = []
