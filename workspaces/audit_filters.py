"""What the audit log can be filtered by."""

from typing import Any, Final

import django_filters
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from operations.doors.audit import COMMAND_LINE, SYSTEM
from operations.doors.filters import InstantFilter, WorkspaceFilterSet, YesNoFilter
from workspaces.models import AuditEntry

_SHOWN_MEMBERS: Final = 500
_ADDRESS_MAX_CHARS: Final = 45


class AuditFilterSet(WorkspaceFilterSet):
    """Filters of the audit log."""

    after = InstantFilter(
        field_name="happened_at",
        lookup_expr="gte",
        label=_("From"),
        help_text=_("A day such as 2026-01-31, or a time; in UTC."),
    )
    before = InstantFilter(
        field_name="happened_at",
        lookup_expr="lt",
        label=_("Before"),
        help_text=_("A day or a time that is not included."),
    )
    actor = django_filters.ChoiceFilter(label=_("Member"), empty_label=_("Anybody"))
    address = django_filters.CharFilter(
        label=_("Address"), max_length=_ADDRESS_MAX_CHARS, help_text=_("Such as 203.0.113.7.")
    )
    kind = django_filters.ChoiceFilter(
        choices=AuditEntry.Kind.choices, label=_("What"), empty_label=_("Anything")
    )

    everywhere = YesNoFilter(method="filter_everywhere", label=_("Whole installation"))

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["actor"].extra["choices"] = self._actors()

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        """Keep to the workspace, unless a superuser asks for all of the installation."""
        found: Any = super().filter_queryset(queryset)
        user = self.request.user
        if user.is_superuser and self.form.cleaned_data.get("everywhere"):
            return found
        return found.none() if self.workspace is None else found.for_workspace(self.workspace)

    def filter_everywhere(
        self, entries: QuerySet[AuditEntry], name: str, value: bool | None
    ) -> QuerySet[AuditEntry]:
        """Leave it to `filter_queryset`, which asks who wants to know."""
        return entries

    def _actors(self) -> list[tuple[str, str]]:
        """Offer who may have done something; a former member can be named in the address."""
        belongs = Q(is_superuser=True) | Q(memberships__workspace=self.workspace)
        users: QuerySet[User, str] = (
            User.objects.filter(belongs).distinct().values_list("username", flat=True)
        )
        known = [SYSTEM, COMMAND_LINE, *users.order_by("username")[:_SHOWN_MEMBERS]]
        named = self.data.get("actor", "") if self.data else ""
        return [(name, name) for name in dict.fromkeys([*known, named]) if name]
