"""The page of one object or person: a header, its attributes, relationships and activity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.activity_tab import activity_context
from operations.doors.admin import OperationAdmin
from operations.doors.attributes_tab import attributes_context
from operations.doors.changelist import Crumb
from operations.doors.current import may_here
from operations.doors.display import render_attributes_table, render_count, render_time
from operations.doors.liquid import liquid_preview
from operations.doors.lost_permission import answer_lost_permission
from operations.doors.neighbourhood import neighbourhood_context
from operations.doors.page_parts import (
    Header,
    Option,
    RelatedRow,
    Section,
    Tab,
    relate_link,
)
from operations.doors.related import related_context, unrelate
from operations.doors.single_export import export_one
from operations.models import Activity
from operations.types import Json
from relationships.models import Relationship
from workspaces.permissions import Permission

MANAGE = "manage"
_TABS = {
    "attributes": gettext_lazy("Attributes"),
    "relationships": gettext_lazy("Relationships"),
    "activity": gettext_lazy("Activity"),
    "neighbourhood": gettext_lazy("Neighbourhood"),
}

RowView: TypeAlias = Callable[[Any, HttpRequest, Any], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class RowUrl:
    """A page that hangs on the page of a row, and who may open it."""

    name: str
    view: RowView
    permission: Permission


class PageAdmin(OperationAdmin):
    """An admin whose rows have a page with tabs; each tab is a link that works by itself."""

    groups_by_type: ClassVar[bool] = False
    joined: ClassVar[tuple[str, ...]] = ("totals",)
    liquid_sample: ClassVar[str] = ""
    # Many relationships are read in the order of an index, not sorted for each page.
    order_of_many: ClassVar[tuple[str, ...]] = ("-pk",)
    related_search: ClassVar[Any] = ""
    relate_field: ClassVar[str] = ""
    related_columns: ClassVar[tuple[Any, Any]] = ("", "")

    def unread_fields(self, columns: Sequence[Any]) -> tuple[str, ...]:
        """Leave the attributes where no column shows one; those that do are functions."""
        shows_attributes = any(map(callable, columns))
        return ("attribute_times",) if shows_attributes else ("attributes", "attribute_times")

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def title(self, row: Any) -> str:
        """Show the name, or the best identifier where there is none."""
        return str(row)

    @admin.display(
        description=gettext_lazy("Relationships"), ordering="totals__relationship_count"
    )
    def relationships_cell(self, row: Any) -> SafeString:
        """Show how many relationships there are."""
        return render_count(row.relationship_count)

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, row: Any) -> SafeString:
        """Show the day of creation."""
        return render_time(row.created_at)

    @admin.display(description=gettext_lazy("Updated"), ordering="updated_at")
    def updated(self, row: Any) -> SafeString:
        """Show the day of the last change."""
        return render_time(row.updated_at)

    @admin.display(description=gettext_lazy("Attributes"))
    def attributes_table(self, row: Any) -> SafeString:
        """Show the attributes to those who may not edit."""
        return render_attributes_table(row.attributes)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Join what every list and page shows of a row."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*self.joined)

    # What the pages of objects and of people say differently.

    def header(self, row: Any) -> Header:
        """Say what stands above the tabs."""
        raise NotImplementedError

    def trail(self, row: Any) -> tuple[Crumb, ...]:
        """Give the way to the page."""
        raise NotImplementedError

    def related_row(self, relationship: Relationship) -> RelatedRow:
        """Describe the other side of a relationship."""
        raise NotImplementedError

    def relationships_of(self, row: Any) -> QuerySet[Relationship]:
        """Give the relationships of a row, the other side joined."""
        raise NotImplementedError

    def search_related(
        self, relationships: QuerySet[Relationship], words: str
    ) -> QuerySet[Relationship]:
        """Keep the relationships whose other side matches."""
        raise NotImplementedError

    def activity_of(self, row: Any) -> QuerySet[Activity]:
        """Give what happened to a row, the latest first."""
        raise NotImplementedError

    def keys_of(self, row: Any) -> dict[str, Json]:
        """Give the identifiers of a row under the names of the APIs."""
        raise NotImplementedError

    def keys_of_other_side(self, relationship: Relationship) -> dict[str, Json]:
        """Give the identifiers of the other side of a relationship."""
        raise NotImplementedError

    def other_of(self, relationship: Relationship) -> Any:
        """Give the other side of a relationship, which is joined."""
        raise NotImplementedError

    def liquid_variables(self, row: Any, related: list[Relationship]) -> dict[str, Json]:
        """Give what a Liquid text can say about the row."""
        raise NotImplementedError

    def sections(self, row: Any) -> tuple[Section, ...]:
        """Give what the first tab shows besides the attributes."""
        return ()

    def more_options(self, request: HttpRequest, row: Any) -> tuple[Option, ...]:
        """Name the entries of the menu that only this kind of page has."""
        return ()

    # The addresses.

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that hang on the page of a row."""
        names = f"{self.opts.app_label}_{self.opts.model_name}"
        every = (
            RowUrl("unrelate", unrelate, Permission.DELETE),
            RowUrl("export_one", export_one, Permission.EXPORT),
            RowUrl("liquid", liquid_preview, Permission.VIEW),
            *self.more_urls(),
        )
        return [
            path(
                f"<path:object_id>/{url.name.replace('_', '-')}/",
                self.row_view(url.view, url.permission),
                name=f"{names}_{url.name}",
            )
            for url in every
        ] + super().get_urls()

    def more_urls(self) -> tuple[RowUrl, ...]:
        """Name the pages that only this kind of row has."""
        return ()

    def row_view(self, view: RowView, permission: Permission) -> Any:
        """Find the row of an address and ask the role, before a view sees either."""

        def respond(request: HttpRequest, object_id: str) -> HttpResponseBase:
            row = self.get_object(request, unquote(object_id))
            if row is None:
                return self.redirect_from_missing(request, object_id)
            if not may_here(request, permission):
                raise PermissionDenied
            return view(self, request, row)

        return self.admin_site.admin_view(respond)

    def row_address(self, name: str, row: Any) -> str:
        """Give the address of a page that hangs on the page of a row."""
        names = f"{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"admin:{names}_{name}", args=[row.pk])

    def tab_address(self, row: Any, tab: str) -> str:
        """Give the address of a tab."""
        return f"{self.address_of(row)}?tab={tab}"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the tab that the address names: the attributes, when it names none."""
        if request.method == "POST" and not self.has_change_permission(request):
            return self._refuse(request, object_id)
        tab = request.GET.get("tab", "")
        is_form = tab == MANAGE and self.has_change_permission(request)
        if request.method == "POST" or is_form:
            response: HttpResponse = super().change_view(
                request, object_id, form_url, extra_context
            )
            return response
        return self._show(request, object_id, tab=tab if tab in _TABS else "attributes")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the activity: it knows every door, Django's history only the admin."""
        return self._show(request, object_id, tab="activity")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Put the header and the tabs above the form of a stored row."""
        row = options.get("obj")
        if row is not None:
            context.update(self.page_context(request, row, tab="attributes"))
            context |= {"show_delete": False, "close_link": self.address_of(row)}
            context |= {"title": f"{row} · {_TABS['attributes']}", "subtitle": None}
        return super().render_change_form(request, context, *arguments, **options)

    def page_context(self, request: HttpRequest, row: Any, *, tab: str) -> dict[str, Any]:
        """Give the templates the header, the way here, the tabs and the menu."""
        counts = {"attributes": len(row.attributes), "relationships": row.relationship_count}
        tabs = [
            Tab(str(title), self.tab_address(row, name), name == tab, counts.get(name))
            for name, title in _TABS.items()
        ]
        return {
            "header": self.header(row),
            "trail": self.trail(row),
            "page_tabs": tabs,
            "options": self._options(request, row),
            "opts": self.opts,
            "original": row,
        }

    def render_page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """Render a page that hangs on the page of a row."""
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, self.admin_site.each_context(request) | context)

    def _refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return answer_lost_permission(self, request, row)

    def _show(self, request: HttpRequest, object_id: str, *, tab: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        make = {
            "attributes": attributes_context,
            "relationships": related_context,
            "activity": activity_context,
            "neighbourhood": neighbourhood_context,
        }[tab]
        context = self.page_context(request, row, tab=tab) | make(self, request, row)
        context |= {
            "title": f"{row} · {_TABS[tab]}",
            "may_edit": self.has_change_permission(request),
        }
        return self.render_page(request, f"operations/{tab}_tab.html", context)

    def _options(self, request: HttpRequest, row: Any) -> tuple[Option, ...]:
        delete = self.row_address("delete", row)
        found = (
            (
                Permission.EDIT,
                Option(_("Manage attributes"), "edit", self.tab_address(row, MANAGE)),
            ),
            (
                Permission.EDIT,
                Option(_("Add relationships"), "add_link", relate_link(self.relate_field, row.pk)),
            ),
            (
                Permission.VIEW,
                Option(_("Liquid preview"), "water_drop", self.row_address("liquid", row)),
            ),
            (
                Permission.EXPORT,
                Option(_("Export"), "download", self.row_address("export_one", row)),
            ),
        )
        allowed = [option for permission, option in found if may_here(request, permission)]
        allowed += self.more_options(request, row)
        if self.has_delete_permission(request, row):
            allowed.append(Option(_("Delete"), "delete", delete, is_risky=True))
        return tuple(allowed)
