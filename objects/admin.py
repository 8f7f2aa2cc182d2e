"""Objects in the admin, listed by type."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objects.filters import ObjectFilterSet
from objects.forms import ObjectForm
from objects.models import Object, ObjectType
from objects.resources import ObjectResource
from objects.type_admin import TYPE_FILTER, ObjectTypeAdmin
from operations.doors.actions import BULK_ACTIONS
from operations.doors.changelist import TYPES_IN_NAVIGATION, Crumb
from operations.doors.counts import counts_of_page
from operations.doors.current import current_workspace
from operations.doors.deletion import Along, relationships_label
from operations.doors.display import render_identifier
from operations.doors.filters import newest_first
from operations.doors.import_export import ImportExportAdmin
from operations.doors.keyset import Sort, sort_by, sort_by_relationships
from operations.doors.page_parts import Header, Identifier, OtherSide, RelatedRow, Tab
from operations.doors.pages import PageAdmin
from operations.doors.related import describe_related
from operations.doors.saved_lists import SavedListAdmin
from operations.models import Activity
from operations.results import Outcome
from operations.types import DeleteObject, Json, ObjectKey, Operation
from people.models import Person
from relationships.actions import relate_context, relate_selected
from relationships.models import Relationship

_SORTS: Final = {
    "name": sort_by("name", "pk"),
    "object_id": sort_by("object_id"),
    "totals__relationship_count": sort_by_relationships(within="object_type"),
    "created_at": sort_by("created_at", "pk"),
    "updated_at": sort_by("updated_at", "pk"),
}
admin.site.register(ObjectType, ObjectTypeAdmin)


@admin.register(Object)
class ObjectAdmin(ImportExportAdmin, SavedListAdmin, PageAdmin):  # type: ignore[misc]  # stubs
    """The objects of a workspace, listed by type."""

    actions = (relate_selected, *BULK_ACTIONS)
    filterset_class = ObjectFilterSet
    form = ObjectForm
    list_is_about = TYPE_FILTER
    list_display = ("title", "type_cell", "id_cell", "relationships_cell", "created", "updated")
    list_display_links = ("title",)
    joined = ("object_type", "totals")
    more_columns = ("cio_object_id_cell",)
    natural_key_fields = ("cio_object_id",)
    ordering = ("-created_at", "-pk")
    liquid_sample = "{{ object.name }} has {{ people.size }} people"
    order_of_many = ("-person_id",)
    relate_field = "object"
    related_columns = (gettext_lazy("Person"), gettext_lazy("Id"))
    related_search = gettext_lazy("Search people by name, e-mail or id")
    resource_classes = (ObjectResource,)
    search_fields = ("name", "object_id")
    search_help_text = gettext_lazy("Search by name or id")
    shown_filters = ("created_after", "created_before")
    toggle_filter = "without_relationships"

    def deletion(self, *key: Any) -> Operation:
        """Delete the object with this cio_object_id."""
        return DeleteObject(key=ObjectKey(cio_object_id=key[0]))

    def deleted_along(self, rows: QuerySet[Object]) -> tuple[Along, ...]:
        """Count the relationships of the objects."""
        count = rows.order_by().aggregate(total=Sum("totals__relationship_count"))["total"] or 0
        return (Along(count, relationships_label(count)),)

    def find_stored(self, request: HttpRequest, obj: Any, outcome: Outcome) -> Object:
        """Read the object by the id that the engine answered with."""
        cio_object_id = outcome.cio_object_id or obj.cio_object_id
        stored: Object = self.get_queryset(request).get(cio_object_id=cio_object_id)
        return stored

    # The list.

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Name the page after the type that it shows."""
        found = self._listed_type(request)
        asked = request.GET.get(TYPE_FILTER)
        if found is None and asked and current_workspace(request) is not None:
            text = _("There is no object type %(number)s in this workspace. All types are listed.")
            messages.warning(request, text % {"number": asked})
            return HttpResponseRedirect(reverse("admin:objects_object_changelist"))
        context: dict[str, Any] = {"listed_type": found, "type_tabs": self._type_tabs(request)}
        if found is None:
            context |= relate_context(self, request)
        else:
            context |= relate_context(self, request, type=found.number) | {
                "title": found.name,
                "trail": (Crumb(found.name),),
                "add_label": _("Add %(name)s") % {"name": found.singular_name},
                "add_query": urlencode({TYPE_FILTER: found.number}),
            }
        return super().changelist_view(request, context | (extra_context or {}))

    def sorts_of(self, request: HttpRequest) -> Mapping[str, Sort]:
        """Sort within a type; the indexes begin with it."""
        return _SORTS if self._listed_number(request) else {}

    def default_order(self, request: HttpRequest) -> tuple[str, ...]:
        """Begin with the newest of the type, or with what was added last to any type."""
        return newest_first(request.GET) if self._listed_number(request) else ("-pk",)

    def kept_count(self, request: HttpRequest) -> int | None:
        """Give the number of objects of the type, or of all types."""
        workspace = current_workspace(request)
        if workspace is None:
            return 0
        counts, number = counts_of_page(request, workspace), self._listed_number(request)
        return counts.objects.get(number, 0) if number else counts.all_objects

    def usual_columns(self, request: HttpRequest) -> tuple[str, ...]:
        """Leave out the type where all rows have the same."""
        names = super().usual_columns(request)
        if request.GET.get(TYPE_FILTER):
            return tuple(name for name in names if name != "type_cell")
        return names

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Ask the query set."""
        return queryset.search(search_term), False  # type: ignore[attr-defined]  # ours have it

    @admin.display(description=gettext_lazy("Type"))
    def type_cell(self, row: Object) -> SafeString:
        """Show the type."""
        return format_html('<span class="cio-badge"><bdi>{}</bdi></span>', row.object_type.name)

    @admin.display(description=gettext_lazy("Object id"), ordering="object_id")
    def id_cell(self, row: Object) -> SafeString:
        """Show the id."""
        return render_identifier(row.object_id)

    @admin.display(description=gettext_lazy("Permanent id (cio_object_id)"))
    def cio_object_id_cell(self, row: Object) -> SafeString:
        """Show the id that never changes."""
        return render_identifier(row.cio_object_id)

    # The page.

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for type and id only while adding: another id is another object."""
        fields = (self.attributes_field(request),)
        if obj is not None:
            return ((None, {"fields": fields}),)
        ids = (None, {"fields": ("object_type", "object_id")})
        return (ids, (_("Attributes"), {"fields": fields}))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Object | None:
        """Remember the type, so that the navigation can mark it."""
        row: Object | None = super().get_object(request, object_id, from_field)
        if row is not None:
            vars(request)["shown_type"] = row.object_type.number
        return row

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Lead back from a new object to the list of its type."""
        found = self._listed_type(request)
        if options.get("obj") is None and found is not None:
            here = _("Add %(name)s") % {"name": found.singular_name}
            trail = (Crumb(found.name, self.list_address_of(found)), Crumb(here))
            context |= {"title": here, "trail": trail}
        return super().render_change_form(request, context, *arguments, **options)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Take the id fields out of the form of a stored object."""
        return (
            ("attributes_table",)
            if obj is None
            else (
                "object_type",
                "object_id",
                "attributes_table",
            )
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Preselect the type of the list that the person comes from."""
        found = self._listed_type(request)
        return {"object_type": found.pk} if found else {}

    def header(self, row: Object) -> Header:
        """Name the object, its type and its ids."""
        return Header(
            title=str(row),
            kind=row.object_type.singular_name,
            kind_link=self.list_address_of(row.object_type),
            icon=row.object_type.icon,
            identifiers=(
                Identifier("object_id", row.object_id),
                Identifier("cio_object_id", row.cio_object_id),
            ),
            note="" if row.object_type.enabled else _("Disabled type"),
        )

    def trail(self, row: Object) -> tuple[Crumb, ...]:
        """Lead back to the list of the type."""
        link = self.list_address_of(row.object_type)
        return (Crumb(row.object_type.name, link), Crumb(str(row)))

    def list_address(self, request: HttpRequest, obj: Any = None) -> str:
        """Go to the list of the object's type."""
        if obj is None:
            return super().list_address(request)
        return self.list_address_of(obj.object_type)

    def list_address_of(self, object_type: ObjectType) -> str:
        """Give the address of the list of a type."""
        address = reverse("admin:objects_object_changelist")
        return f"{address}?{urlencode({TYPE_FILTER: object_type.number})}"

    def relationships_of(self, row: Object) -> QuerySet[Relationship]:
        """Give the relationships of the object, with the people joined."""
        found = Relationship.objects.for_workspace(row.workspace_id).filter(object=row.pk)
        return found.select_related("person")

    def search_related(
        self, relationships: QuerySet[Relationship], words: str
    ) -> QuerySet[Relationship]:
        """Find people by a part of the name, or the start of an identifier."""
        return relationships.filter(
            Q(person__name__icontains=words)
            | Q(person__email_key__startswith=words.lower())
            | Q(person__person_id__istartswith=words)
        )

    def related_row(self, relationship: Relationship) -> RelatedRow:
        """Describe the person."""
        person = relationship.person
        other = OtherSide(
            title=str(person),
            link=reverse("admin:people_person_change", args=[person.pk]),
            subtitle=person.email or person.person_id or person.cio_id,
        )
        return describe_related(relationship, other, back="object")

    def other_of(self, relationship: Relationship) -> Person:
        """Give the person, who is joined."""
        return relationship.person

    def liquid_variables(self, row: Object, related: list[Relationship]) -> dict[str, Json]:
        """Name the object `object`, and those related to it `people`."""
        people: list[Json] = [
            {
                **each.person.attributes,
                **self.keys_of_other_side(each),
                "relationship": each.attributes,
            }
            for each in related
        ]
        return {"object": {**row.attributes, **self.keys_of(row)}, "people": people}

    def keys_of(self, row: Object) -> dict[str, Json]:
        """Give the type and the ids."""
        return {
            "object_type_id": str(row.object_type.number),
            "object_id": row.object_id,
            "cio_object_id": row.cio_object_id,
        }

    def keys_of_other_side(self, relationship: Relationship) -> dict[str, Json]:
        """Give the three identifiers of the person."""
        person = relationship.person
        return {"cio_id": person.cio_id, "id": person.person_id, "email": person.email}

    def activity_of(self, row: Object) -> QuerySet[Activity]:
        """Give the activity that names the object."""
        found = Activity.objects.for_workspace(row.workspace_id)
        return found.filter(cio_object_id=row.cio_object_id)

    def _type_tabs(self, request: HttpRequest) -> list[Tab]:
        """Offer every type where the navigation names none."""
        workspace = current_workspace(request)
        if workspace is None:
            return []
        types = ObjectType.objects.for_workspace(workspace).filter(enabled=True)
        chosen = request.GET.get(TYPE_FILTER, "")
        every = Tab(_("All"), reverse("admin:objects_object_changelist"), not chosen)
        tabs = [
            Tab(row.name, self.list_address_of(row), chosen == str(row.number))
            for row in types.order_by("number")
        ]
        is_in_navigation = chosen and len(tabs) <= TYPES_IN_NAVIGATION
        return [] if is_in_navigation else [every, *tabs]

    def _listed_number(self, request: HttpRequest) -> int:
        number = request.GET.get(TYPE_FILTER, "")
        return int(number[:10]) if number.isascii() and number.isdigit() else 0

    def _listed_type(self, request: HttpRequest) -> ObjectType | None:
        number = request.GET.get(TYPE_FILTER, "")
        workspace = current_workspace(request)
        if workspace is None or not (number.isascii() and number.isdigit()):
            return None
        return ObjectType.objects.for_workspace(workspace).filter(number=number[:10]).first()
