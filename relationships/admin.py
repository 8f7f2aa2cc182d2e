"""Relationships in the admin."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.actions import BULK_ACTIONS
from operations.doors.admin import OperationAdmin
from operations.doors.changelist import Crumb
from operations.doors.counts import counts_of_page
from operations.doors.current import current_workspace
from operations.doors.display import (
    render_attributes,
    render_attributes_table,
    render_text,
    render_time,
)
from operations.doors.import_export import ImportExportAdmin
from operations.doors.keyset import Sort
from operations.doors.page_parts import OtherSide
from operations.doors.panel import as_panel, is_panel, panel_saved
from operations.doors.related import describe_related
from operations.doors.saved_lists import SavedListAdmin
from operations.results import Outcome
from operations.types import ObjectKey, Operation, PersonKey, Unrelate
from relationships.actions import relate_context
from relationships.filters import RelationshipFilterSet
from relationships.forms import RelationshipForm
from relationships.models import Relationship
from relationships.resources import RelationshipResource

# Where a save leads back to, by the side whose page the person came from.
_SIDES = {"object": "admin:objects_object_change", "person": "admin:people_person_change"}


@admin.register(Relationship)
class RelationshipAdmin(ImportExportAdmin, SavedListAdmin, OperationAdmin):  # type: ignore[misc]  # stubs
    """Who is related to what in a workspace."""

    actions = BULK_ACTIONS
    autocomplete_fields = ("person", "object")
    empty_icon = "link"
    empty_message = gettext_lazy("Relate a person to an object, or import a CSV file of pairs.")
    empty_title = gettext_lazy("No relationships yet")
    filterset_class = RelationshipFilterSet
    form = RelationshipForm
    list_display = (
        "person_cell",
        "object_cell",
        "type_cell",
        "attributes_cell",
        "created",
    )
    kept_columns = ()
    last_columns = ("edit",)
    more_columns = ("updated",)
    list_display_links = None
    list_select_related = ("person", "object__object_type")
    ordering = ("-pk",)
    resource_classes = (RelationshipResource,)
    search_fields = ("person__name", "object__name")
    search_help_text = gettext_lazy("Search by person or object")
    shown_filters = ("created_after", "created_before")
    natural_key_fields = ("person__cio_id", "object__cio_object_id", "object__object_type__number")

    def deletion(self, *key: Any) -> Operation:
        """End the relationship of this person and this object."""
        cio_id, cio_object_id, number = key
        return Unrelate(
            person=PersonKey(cio_id=cio_id),
            object=ObjectKey(cio_object_id=cio_object_id, object_type_id=number),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Join both sides, which every page shows."""
        return super().get_queryset(request).select_related("person", "object__object_type")

    def find_stored(self, request: HttpRequest, obj: Any, outcome: Outcome) -> Relationship:
        """Read the relationship by both ids that the engine answered with."""
        stored: Relationship = self.get_queryset(request).get(
            person__cio_id=outcome.cio_id, object__cio_object_id=outcome.cio_object_id
        )
        return stored

    def describe(self, row: Relationship) -> str:
        """Name both sides."""
        return f"{row.person} · {row.object}"

    # The list.

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the steps for many pairs, beside the form for one."""
        context = {"relate_label": _("Add in bulk"), **relate_context(self, request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def sorts_of(self, request: HttpRequest) -> Mapping[str, Sort]:
        """Offer no other order than that in which they were added."""
        return {}

    def kept_count(self, request: HttpRequest) -> int | None:
        """Give the number of relationships to objects of every type."""
        workspace = current_workspace(request)
        return counts_of_page(request, workspace).all_relationships if workspace else 0

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Relationships")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Ask the query set."""
        return queryset.search(search_term), False  # type: ignore[attr-defined]  # ours have it

    def unread_fields(self, columns: Sequence[Any]) -> tuple[str, ...]:
        """Leave the attributes of both sides."""
        names = ("attributes", "attribute_times")
        sides = tuple(f"{side}__{name}" for side in ("person", "object") for name in names)
        return ("attribute_times", *sides)

    @admin.display(description=gettext_lazy("Person"))
    def person_cell(self, row: Relationship) -> SafeString:
        """Link to the person."""
        link = reverse("admin:people_person_change", args=[row.person_id])
        return render_text(str(row.person), link=link)

    @admin.display(description=gettext_lazy("Object"))
    def object_cell(self, row: Relationship) -> SafeString:
        """Link to the object."""
        link = reverse("admin:objects_object_change", args=[row.object_id])
        return render_text(str(row.object), link=link)

    @admin.display(description=gettext_lazy("Type"))
    def type_cell(self, row: Relationship) -> SafeString:
        """Show the type of the object."""
        name = row.object.object_type.name
        return format_html('<span class="cio-badge"><bdi>{}</bdi></span>', name)

    @admin.display(description=gettext_lazy("Attributes"))
    def attributes_cell(self, row: Relationship) -> SafeString:
        """Show the first attributes."""
        return render_attributes(row.attributes)

    @admin.display(description=gettext_lazy("Since"))
    def created(self, row: Relationship) -> SafeString:
        """Show the day of creation."""
        return render_time(row.created_at)

    @admin.display(description=gettext_lazy("Updated"))
    def updated(self, row: Relationship) -> SafeString:
        """Show the day of the last change."""
        return render_time(row.updated_at)

    @admin.display(description="")
    def edit(self, row: Relationship) -> SafeString:
        """Link to the relationship itself."""
        label = _("Open the relationship of %(pair)s") % {"pair": self.describe(row)}
        icon = format_html('<span class="material-symbols-outlined">{}</span>', "chevron_right")
        return format_html(
            '<a class="cio-icon-button" href="{}" aria-label="{}">{}</a>',
            self.address_of(row),
            label,
            icon,
        )

    # The page.

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Name both sides above the form."""
        back = Crumb(_("Relationships"), reverse("admin:relationships_relationship_changelist"))
        row = options.get("obj")
        context["trail"] = (back, Crumb(self.describe(row) if row else _("Add")))
        context["pair"] = row
        if row is not None:
            context["attributes_table"] = self.attributes_table(row)
            context |= {"title": self.describe(row), "subtitle": None}
        response = super().render_change_form(request, context, *arguments, **options)
        return as_panel(response) if is_panel(request) else response

    def response_change(self, request: HttpRequest, obj: Relationship) -> HttpResponse:
        """Answer the panel with the new cell, and the page with the tab that it came from."""
        if not is_panel(request):
            return super().response_change(request, obj)
        back = "object" if request.GET.get("back") == "object" else "person"
        other = OtherSide(title=str(obj.person if back == "object" else obj.object))
        return panel_saved(request, {"row": describe_related(obj, other, back=back)})

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Go back to the side that the person came from, else stay."""
        back = request.GET.get("back", "")
        if back not in _SIDES:
            return super().response_post_save_change(request, obj)
        address = reverse(_SIDES[back], args=[getattr(obj, f"{back}_id")])
        return HttpResponseRedirect(f"{address}?tab=relationships")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for both sides only while adding."""
        fields = (self.attributes_field(request),)
        if obj is not None:
            return ((None, {"fields": fields}),)
        sides = (None, {"fields": ("person", "object")})
        return (sides, (_("Attributes"), {"fields": fields}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Take both sides out of the form of a stored relationship."""
        return ("attributes_table",) if obj is None else ("person", "object", "attributes_table")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Leave out the buttons that add and edit the other side in a window of its own."""
        field: Any = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **options: Any
    ) -> forms.ModelChoiceField[Any] | None:
        """Name both sides as they are named elsewhere."""
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if field is not None:
            field.error_messages["invalid_choice"] = _("It is not in this workspace any more.")
        return field

    @admin.display(description=gettext_lazy("Attributes"))
    def attributes_table(self, row: Relationship) -> SafeString:
        """Show the attributes to those who may not edit."""
        return render_attributes_table(row.attributes)
