"""Object types in the admin."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from objects.filters import ObjectTypeFilterSet
from objects.forms import ObjectTypeForm
from objects.models import ObjectType
from objects.presets import PRESETS, find_preset
from objects.resources import ObjectTypeResource
from objects.type_audit import watching_types
from operations.doors.admin import OperationAdmin
from operations.doors.counts import (
    UNRELATED_MAX,
    Counts,
    count_unrelated,
    counts_of_page,
    read_counts,
)
from operations.doors.current import current_workspace
from operations.doors.deletion import Along, count_label, relationships_label
from operations.doors.display import render_copyable, render_count, render_identifier
from operations.doors.import_export import ImportExportAdmin
from operations.doors.import_forms import FileForm, SignedForm
from operations.doors.jobs import Order
from operations.doors.page_parts import Identifier
from operations.doors.type_deletion import find_large_deletion
from operations.engine import apply
from operations.errors import Rejection
from operations.results import Outcome
from operations.types import Call, DeleteObjectType, Operation, SaveObjectType
from workspaces.permissions import Permission

TYPE_FILTER = "object_type"


class ObjectTypeAdmin(ImportExportAdmin, OperationAdmin):  # type: ignore[misc]  # stubs
    """The kinds of objects of a workspace."""

    actions = ("enable", "disable")
    change_form_template = "objects/type_form.html"
    delete_permission = Permission.MANAGE_TYPES
    edit_permission = Permission.MANAGE_TYPES
    empty_icon = "schema"
    empty_message = gettext_lazy("Companies, courses, subscriptions: whatever people relate to.")
    empty_title = gettext_lazy("Make your first object type")
    filterset_class = ObjectTypeFilterSet
    confirm_form = SignedForm
    form = ObjectTypeForm
    import_permission = Permission.MANAGE_TYPES
    resource_classes = (ObjectTypeResource,)
    upload_form = FileForm
    fieldsets = ((None, {"fields": ("name", "singular_name", "icon", "enabled")}),)
    list_display = ("name_cell", "number_cell", "singular_name", "slug_cell", "state")
    list_display_links = ("name_cell",)
    natural_key_fields = ("number",)
    ordering = ("number", "pk")
    search_fields = ("name", "singular_name", "slug")
    sortable_by = ("number",)

    def deletion(self, *key: Any) -> Operation:
        """Delete the type with this number."""
        return DeleteObjectType(number=key[0])

    def typed_confirmation(self, obj: ObjectType) -> str:
        """Ask for the name: all of the type's objects go along."""
        return obj.name

    def deleted_along(self, rows: QuerySet[ObjectType]) -> tuple[Along, ...]:
        """Count the objects of the type and their relationships."""
        types = list(rows)
        counts = read_counts(types[0].workspace_id) if types else Counts()
        objects = sum(counts.objects.get(row.number, 0) for row in types)
        relationships = sum(counts.relationships.get(row.number, 0) for row in types)
        return (
            Along(objects, _("%(count)s objects") % {"count": f"{objects:,}"}),
            Along(relationships, relationships_label(relationships)),
        )

    def large_deletion(self, request: HttpRequest, obj: ObjectType) -> Order | None:
        """Leave a type with many objects to the worker."""
        return find_large_deletion(obj, actor=request.user.get_username())

    def find_stored(self, request: HttpRequest, obj: Any, outcome: Outcome) -> ObjectType:
        """Read the type by the number that the engine answered with."""
        number = outcome.object_type_number or obj.number
        stored: ObjectType = self.get_queryset(request).get(number=number)
        return stored

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Audit what the form makes of the type."""
        with watching_types(request, current_workspace(request)):
            super().save_model(request, obj, form, change)

    def process_import(self, request: HttpRequest, **options: Any) -> HttpResponseBase:
        """Audit what a file makes of the types."""
        with watching_types(request, current_workspace(request)):
            return super().process_import(request, **options)

    def delete_one(self, request: HttpRequest, obj: Any) -> tuple[Rejection, ...]:
        """Audit the deletion."""
        with watching_types(request, current_workspace(request)):
            return super().delete_one(request, obj)

    # The form.

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in the names and the icon of the preset that the address names."""
        preset = find_preset(request.GET.get("preset", ""))
        if preset is None:
            return {}
        names = {"name": str(preset.name), "singular_name": str(preset.singular_name)}
        return names | {"icon": preset.icon}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Offer the presets while adding, and say what a stored type is known by."""
        row = options.get("obj")
        if row is None:
            chosen = request.GET.get("preset", "")
            context |= {"presets": PRESETS, "chosen_preset": find_preset(chosen)}
        else:
            context["known_by"] = (
                Identifier("object_type_id", str(row.number)),
                Identifier("slug", row.slug),
            )
        return super().render_change_form(request, context, *arguments, **options)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Go back to the list, where the new number can be copied."""
        return HttpResponseRedirect(self.list_address(request))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Go back to the list, where the other types are."""
        return HttpResponseRedirect(self.list_address(request))

    # The actions.

    @admin.action(permissions=["change"], description=gettext_lazy("Enable"))
    def enable(self, request: HttpRequest, queryset: QuerySet[ObjectType]) -> None:
        """Show types in the navigation and in pickers again."""
        self._switch(request, queryset, enabled=True)

    @admin.action(permissions=["change"], description=gettext_lazy("Disable"))
    def disable(self, request: HttpRequest, queryset: QuerySet[ObjectType]) -> None:
        """Take types out of the navigation and the pickers; their data stays."""
        self._switch(request, queryset, enabled=False)

    def _switch(
        self, request: HttpRequest, queryset: QuerySet[ObjectType], *, enabled: bool
    ) -> None:
        origin = self.origin(request)
        numbers = list(queryset.order_by("number").values_list("number", flat=True))
        operations = tuple(SaveObjectType(number=each, enabled=enabled) for each in numbers)
        if operations:
            with watching_types(request, current_workspace(request)):
                apply([Call(origin=origin, operations=operations)])
        said = _("Enabled %(count)s.") if enabled else _("Disabled %(count)s; the data stays.")
        messages.success(request, said % {"count": count_label(self.model, len(numbers))})

    # The list.

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Read the counts of all types in two statements."""
        workspace = current_workspace(request)
        if workspace is not None:
            vars(request)["counts"] = counts_of_page(request, workspace)
            vars(request)["unrelated"] = count_unrelated(workspace.pk)
        return super().changelist_view(request, extra_context)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """Give the columns of counts what this request has read."""
        counts: Counts = vars(request).get("counts", Counts())
        unrelated: dict[int, int] = vars(request).get("unrelated", {})

        @admin.display(description=gettext_lazy("Objects"))
        def objects(row: ObjectType) -> SafeString:
            return _linked_count(row, counts.objects.get(row.number, 0))

        @admin.display(description=gettext_lazy("Without relationships"))
        def without(row: ObjectType) -> SafeString:
            return _linked_count(row, unrelated.get(row.number, 0), without_relationships="true")

        return (*self.list_display, objects, without)

    @admin.display(description=gettext_lazy("Object type id"), ordering="number")
    def number_cell(self, row: ObjectType) -> SafeString:
        """Show the number that calls use, to be copied by one click."""
        return render_copyable(str(row.number), label=_("Copy the id"))

    @admin.display(description=gettext_lazy("Name"))
    def name_cell(self, row: ObjectType) -> SafeString:
        """Show the icon beside the name."""
        icon = '<span class="material-symbols-outlined cio-type-icon" aria-hidden="true">{}</span>'
        return format_html(icon + "<bdi>{}</bdi>", row.icon, row.name)

    @admin.display(description=gettext_lazy("Slug"))
    def slug_cell(self, row: ObjectType) -> SafeString:
        """Show the slug as an identifier."""
        return render_identifier(row.slug)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: ObjectType) -> SafeString:
        """Say whether the type is enabled."""
        if row.enabled:
            return format_html('<span class="cio-badge cio-good">{}</span>', _("Enabled"))
        return format_html('<span class="cio-badge">{}</span>', _("Disabled"))


def _linked_count(row: ObjectType, count: int, **query: str) -> SafeString:
    address = reverse("admin:objects_object_changelist")
    filters = urlencode({TYPE_FILTER: row.number, **query})
    if query and count > UNRELATED_MAX:
        shown: Any = f"{UNRELATED_MAX:,}+"
    else:
        shown = render_count(count)
    return format_html('<a href="{}?{}">{}</a>', address, filters, shown)
