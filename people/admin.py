"""People in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.changelist import Crumb
from operations.doors.deletion import Along, relationships_label
from operations.doors.display import (
    render_identifier,
)
from operations.doors.import_export import ImportExportAdmin
from operations.doors.pages import (
    Header,
    Identifier,
    PageAdmin,
    RelatedRow,
    describe_related,
)
from operations.models import Activity
from operations.results import Outcome
from operations.types import DeletePerson, Operation, PersonKey
from people.filters import PersonFilterSet
from people.forms import PersonForm
from people.models import Person
from people.resources import PersonResource
from relationships.models import Relationship


@admin.register(Person)
class PersonAdmin(ImportExportAdmin, PageAdmin):  # type: ignore[misc]  # two sets of stubs
    """The people of a workspace."""

    empty_icon = "person"
    empty_message = gettext_lazy("Add one by hand or import a CSV file.")
    empty_title = gettext_lazy("No people yet")
    filterset_class = PersonFilterSet
    form = PersonForm
    list_display = ("title", "email_cell", "id_cell", "relationships_cell", "created")
    list_display_links = ("title",)
    natural_key_fields = ("cio_id",)
    ordering = ("-created_at", "-pk")
    relate_field = "person"
    related_columns = (gettext_lazy("Object"), gettext_lazy("Type"))
    related_search = gettext_lazy("Search objects by name or id")
    resource_classes = (PersonResource,)
    search_fields = ("name", "email", "person_id")
    search_help_text = gettext_lazy("Search by name, e-mail or id")
    shown_filters = (
        "related_type",
        "has_attribute",
        "attribute",
        "created_after",
        "created_before",
    )
    toggle_filter = "without_relationships"

    def deletion(self, *key: Any) -> Operation:
        """Delete the person with this cio_id."""
        return DeletePerson(key=PersonKey(cio_id=key[0]))

    def deleted_along(self, rows: QuerySet[Person]) -> tuple[Along, ...]:
        """Count the relationships of the people."""
        count = rows.order_by().aggregate(total=Sum("relationship_count"))["total"] or 0
        return (Along(count, relationships_label(count)),)

    def find_stored(self, request: HttpRequest, obj: Any, outcome: Outcome) -> Person:
        """Read the person by the id that the engine answered with."""
        stored: Person = self.get_queryset(request).get(cio_id=outcome.cio_id or obj.cio_id)
        return stored

    # The list.

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("People")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a part of the name, or the start of an identifier."""
        words = search_term.strip()
        if not words:
            return queryset, False
        matches = Q(name__icontains=words) | Q(person_id__istartswith=words)
        matches |= Q(email_key__startswith=words.lower()) | Q(cio_id=words)
        return queryset.filter(matches), False

    @admin.display(description=gettext_lazy("E-mail"))
    def email_cell(self, row: Person) -> SafeString:
        """Show the e-mail address."""
        return render_identifier(row.email)

    @admin.display(description=gettext_lazy("Id"))
    def id_cell(self, row: Person) -> SafeString:
        """Show the id."""
        return render_identifier(row.person_id)

    # The page.

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show identifiers, then attributes."""
        attributes = (_("Attributes"), {"fields": (self.attributes_field(request),)})
        return ((_("Identifiers"), {"fields": ("person_id", "email")}), attributes)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Name the column that only those see who may not edit."""
        return ("attributes_table",)

    def header(self, row: Person) -> Header:
        """Name the person and the identifiers."""
        found = (
            ("id", row.person_id),
            ("email", row.email),
            ("cio_id", row.cio_id),
        )
        return Header(
            title=str(row),
            kind=_("Person"),
            kind_link=reverse("admin:people_person_changelist"),
            icon="person",
            identifiers=tuple(Identifier(label, value) for label, value in found if value),
        )

    def trail(self, row: Person) -> tuple[Crumb, ...]:
        """Lead back to the people."""
        return (Crumb(_("People"), reverse("admin:people_person_changelist")), Crumb(str(row)))

    def relationships_of(self, row: Person) -> QuerySet[Relationship]:
        """Give the relationships of the person, with objects and types joined."""
        found = Relationship.objects.for_workspace(row.workspace_id).filter(person=row.pk)
        return found.select_related("object__object_type")

    def search_related(
        self, relationships: QuerySet[Relationship], words: str
    ) -> QuerySet[Relationship]:
        """Find objects by a part of the name, or the start of the id."""
        return relationships.filter(
            Q(object__name__icontains=words) | Q(object__object_id__istartswith=words)
        )

    def related_row(self, relationship: Relationship) -> RelatedRow:
        """Describe the object."""
        related = relationship.object
        disabled = "" if related.object_type.enabled else _("Disabled type")
        return describe_related(
            relationship,
            title=str(related),
            link=reverse("admin:objects_object_change", args=[related.pk]),
            subtitle=related.object_type.name,
            badge=disabled,
        )

    def activity_of(self, row: Person) -> QuerySet[Activity]:
        """Give the activity that names the person."""
        return Activity.objects.for_workspace(row.workspace_id).filter(cio_id=row.cio_id)
