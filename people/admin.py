"""People in the admin."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objects.models import Object
from operations.doors.actions import BULK_ACTIONS
from operations.doors.changelist import Crumb
from operations.doors.counts import counts_of_page
from operations.doors.current import current_workspace
from operations.doors.deletion import Along, relationships_label
from operations.doors.display import render_identifier, render_text, render_time
from operations.doors.filters import newest_first
from operations.doors.import_export import ImportExportAdmin
from operations.doors.keyset import (
    Sort,
    sort_by,
    sort_by_present,
    sort_by_relationships,
)
from operations.doors.origin import read_clock
from operations.doors.page_parts import (
    Header,
    Identifier,
    Option,
    OtherSide,
    RelatedRow,
    Section,
)
from operations.doors.pages import PageAdmin, RowUrl
from operations.doors.related import describe_related
from operations.doors.saved_lists import SavedListAdmin
from operations.models import Activity
from operations.results import Outcome
from operations.types import DeletePerson, Json, Operation, PersonKey
from people.filters import PersonFilterSet
from people.forms import PersonForm
from people.merging import merge
from people.models import Person
from people.resources import PersonResource
from people.segment_admin import segment_line
from people.segment_list import segment_context, shown_segment
from people.segment_members import dynamic_segments_of
from people.suppression import suppress
from relationships.actions import relate_context, relate_selected
from relationships.models import Relationship
from workspaces.permissions import Permission

_SHOWN_IN_SECTION = 50


_NEWEST_FIRST: Final = ("-created_at", "-pk")
_SORTS: Final = {
    "name": sort_by("name", "pk"),
    "email_key": sort_by_present("email_key", rest=_NEWEST_FIRST),
    "person_id": sort_by_present("person_id", rest=_NEWEST_FIRST),
    "totals__relationship_count": sort_by_relationships(within="workspace"),
    "created_at": sort_by("created_at", "pk"),
    "updated_at": sort_by("updated_at", "pk"),
}


@admin.register(Person)
class PersonAdmin(ImportExportAdmin, SavedListAdmin, PageAdmin):  # type: ignore[misc]  # stubs
    """The people of a workspace."""

    actions = (relate_selected, *BULK_ACTIONS)
    empty_icon = "person"
    empty_message = gettext_lazy("Add one by hand or import a CSV file.")
    empty_title = gettext_lazy("No people yet")
    filterset_class = PersonFilterSet
    form = PersonForm
    list_display = (
        "title",
        "email_cell",
        "id_cell",
        "relationships_cell",
        "created",
        "updated",
    )
    list_display_links = ("title",)
    groups_by_type = True
    more_columns = ("cio_id_cell",)
    liquid_sample = "Hello {{ customer.name | default: 'there' }}"
    natural_key_fields = ("cio_id",)
    ordering = ("-created_at", "-pk")
    relate_field = "person"
    related_columns = (gettext_lazy("Object"), gettext_lazy("Id"))
    related_search = gettext_lazy("Search objects by name or id")
    resource_classes = (PersonResource,)
    search_fields = ("name", "email", "person_id")
    search_help_text = gettext_lazy("Search by name, e-mail or id")
    shown_filters = ("created_after", "created_before")
    toggle_filter = "without_relationships"

    def deletion(self, *key: Any) -> Operation:
        """Delete the person with this cio_id."""
        return DeletePerson(key=PersonKey(cio_id=key[0]))

    def deleted_along(self, rows: QuerySet[Person]) -> tuple[Along, ...]:
        """Count the relationships of the people."""
        count = rows.order_by().aggregate(total=Sum("totals__relationship_count"))["total"] or 0
        return (Along(count, relationships_label(count)),)

    def find_stored(self, request: HttpRequest, obj: Any, outcome: Outcome) -> Person:
        """Read the person by the id that the engine answered with."""
        stored: Person = self.get_queryset(request).get(cio_id=outcome.cio_id or obj.cio_id)
        return stored

    # The list.

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Name the page after the segment that it shows, and lead to making one of a filter."""
        context = segment_context(request) | relate_context(self, request)
        if self.has_add_permission(request):
            add = reverse("admin:people_segment_add")
            context["segment_link"] = f"{add}?{request.GET.urlencode()}"
        return super().changelist_view(request, context | (extra_context or {}))

    def filter_words(self, request: HttpRequest, name: str, values: Sequence[str]) -> str:
        """Name the segment, which the address only numbers."""
        segment = shown_segment(request) if name == "segment" else None
        return segment.name if segment else super().filter_words(request, name, values)

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("People")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Ask the query set."""
        return queryset.search(search_term), False  # type: ignore[attr-defined]  # ours have it

    def sorts_of(self, request: HttpRequest) -> Mapping[str, Sort]:
        """Sort by what has an index."""
        return _SORTS

    def default_order(self, request: HttpRequest) -> tuple[str, ...]:
        """Begin with the newest."""
        return newest_first(request.GET)

    def kept_count(self, request: HttpRequest) -> int | None:
        """Give the number of people of the workspace."""
        workspace = current_workspace(request)
        return counts_of_page(request, workspace).people if workspace else 0

    @admin.display(description=gettext_lazy("E-mail"), ordering="email_key")
    def email_cell(self, row: Person) -> SafeString:
        """Show the e-mail address."""
        return render_identifier(row.email)

    @admin.display(description=gettext_lazy("Id"), ordering="person_id")
    def id_cell(self, row: Person) -> SafeString:
        """Show the id."""
        return render_identifier(row.person_id)

    @admin.display(description=gettext_lazy("Permanent id (cio_id)"))
    def cio_id_cell(self, row: Person) -> SafeString:
        """Show the id that never changes."""
        return render_identifier(row.cio_id)

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
        other = OtherSide(
            title=str(related),
            link=reverse("admin:objects_object_change", args=[related.pk]),
            subtitle=related.object_id,
            group=related.object_type.name,
            badge="" if related.object_type.enabled else _("Disabled type"),
        )
        return describe_related(relationship, other, back="person")

    def keys_of(self, row: Person) -> dict[str, Json]:
        """Give the three identifiers."""
        return {"cio_id": row.cio_id, "id": row.person_id, "email": row.email}

    def keys_of_other_side(self, relationship: Relationship) -> dict[str, Json]:
        """Give the type and the ids of the object."""
        related = relationship.object
        return {
            "object_type_id": str(related.object_type.number),
            "object_id": related.object_id,
            "cio_object_id": related.cio_object_id,
        }

    def other_of(self, relationship: Relationship) -> Object:
        """Give the object, which is joined."""
        return relationship.object

    def liquid_variables(self, row: Person, related: list[Relationship]) -> dict[str, Json]:
        """Name the person `customer`, and the objects by the slug of their type."""
        objects: dict[str, Any] = {}
        for each in related:
            found = {**each.object.attributes, **self.keys_of_other_side(each)}
            found["relationship"] = each.attributes
            objects.setdefault(each.object.object_type.slug.replace("-", "_"), []).append(found)
        return {"customer": {**row.attributes, **self.keys_of(row)}, "objects": objects}

    def sections(self, row: Person) -> tuple[Section, ...]:
        """Show devices and segments, where there are any."""
        devices = row.devices.order_by("-last_used_at", "-pk")[:_SHOWN_IN_SECTION]
        members = row.segment_memberships.select_related("segment").order_by("-pk")
        dynamic = dynamic_segments_of(row, at=read_clock())
        found = (
            Section(
                title=_("Devices"),
                columns=(_("Platform"), _("Token"), _("Last used")),
                rows=tuple(
                    (
                        render_text(device.platform or _("Unknown")),
                        render_identifier(device.token),
                        render_time(device.last_used_at, with_clock=True),
                    )
                    for device in devices
                ),
            ),
            Section(
                title=_("Segments"),
                columns=(_("Name"), _("Type"), _("Since")),
                rows=(
                    *(segment_line(segment) for segment in dynamic),
                    *(
                        segment_line(member.segment, since=member.created_at)
                        for member in members[:_SHOWN_IN_SECTION]
                    ),
                ),
            ),
        )
        return tuple(section for section in found if section.rows)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer to suppress instead, so that the person does not come back."""
        link = reverse("admin:people_person_suppress", args=[object_id])
        context = {"suppress_link": link} | (extra_context or {})
        return super().delete_view(request, object_id, context)

    def more_urls(self) -> tuple[RowUrl, ...]:
        """Add merging and suppressing."""
        return (
            RowUrl("merge", merge, Permission.DELETE),
            RowUrl("suppress", suppress, Permission.DELETE),
        )

    def more_options(self, request: HttpRequest, row: Person) -> tuple[Option, ...]:
        """Offer to merge and to suppress."""
        if not self.has_delete_permission(request, row):
            return ()
        return (
            Option(_("Merge…"), "merge", self.row_address("merge", row)),
            Option(_("Suppress…"), "block", self.row_address("suppress", row), is_risky=True),
        )

    def activity_of(self, row: Person) -> QuerySet[Activity]:
        """Give the activity that names the person."""
        return Activity.objects.for_workspace(row.workspace_id).filter(cio_id=row.cio_id)
