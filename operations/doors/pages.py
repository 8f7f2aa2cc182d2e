"""The page of one object or person: a header, its attributes, relationships and activity."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.admin import OperationAdmin
from operations.doors.changelist import Crumb
from operations.doors.display import (
    render_attributes,
    render_attributes_table,
    render_count,
    render_time,
)
from operations.doors.story import Line, tell
from operations.models import Activity
from relationships.models import Relationship

ROWS_ON_A_TAB = 50
_TABS = {
    "relationships": gettext_lazy("Relationships"),
    "activity": gettext_lazy("Activity"),
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier that can be copied."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above every tab of a page."""

    title: str
    kind: str
    kind_link: str
    icon: str
    identifiers: tuple[Identifier, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of a page, an address of its own."""

    title: str
    link: str
    is_active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One relationship seen from the page of its other side."""

    title: str
    link: str
    subtitle: str
    badge: str
    attributes: SafeString
    since: SafeString
    edit_link: str


class CountedPaginator(Paginator[Any]):
    """Pages over rows whose number is kept, so that nobody counts them."""

    def __init__(self, rows: QuerySet[Any], *, size: int, known_count: int | None) -> None:
        super().__init__(rows, size)
        if known_count is not None:
            vars(self)["count"] = known_count


class PageAdmin(OperationAdmin):
    """An admin whose rows have a page with tabs; each tab is a link that works by itself."""

    related_search: ClassVar[Any] = ""
    relate_field: ClassVar[str] = ""
    related_columns: ClassVar[tuple[Any, Any]] = ("", "")

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def title(self, row: Any) -> str:
        """Show the name, or the best identifier where there is none."""
        return str(row)

    @admin.display(description=gettext_lazy("Relationships"), ordering="relationship_count")
    def relationships_cell(self, row: Any) -> SafeString:
        """Show how many relationships there are."""
        return render_count(row.relationship_count)

    @admin.display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, row: Any) -> SafeString:
        """Show the day of creation."""
        return render_time(row.created_at)

    @admin.display(description=gettext_lazy("Attributes"))
    def attributes_table(self, row: Any) -> SafeString:
        """Show the attributes to those who may not edit."""
        return render_attributes_table(row.attributes)

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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the tab that the address names; the form is the first one."""
        if request.method == "POST" or request.GET.get("tab") not in _TABS:
            response: HttpResponse = super().change_view(
                request, object_id, form_url, extra_context
            )
            return response
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.GET["tab"] == "activity":
            return self._activity_tab(request, row)
        return self._relationships_tab(request, row)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the activity: it knows every door, Django's history only the admin."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self.redirect_from_missing(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return self._activity_tab(request, row)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Put the header and the tabs above the form of a stored row."""
        row = options.get("obj")
        if row is not None:
            context.update(self._page_context(row, tab=""))
        return super().render_change_form(request, context, *arguments, **options)

    def _relationships_tab(self, request: HttpRequest, row: Any) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        relationships = self.relationships_of(row).order_by("-pk")
        if words:
            relationships = self.search_related(relationships, words)
        known = None if words else row.relationship_count
        paginator = CountedPaginator(relationships, size=ROWS_ON_A_TAB, known_count=known)
        page: Page[Any] = paginator.get_page(request.GET.get("page"))
        field = f"?{self.relate_field}={row.pk}"
        add = reverse("admin:relationships_relationship_add") + field
        context = {
            "page": page,
            "rows": [self.related_row(relationship) for relationship in page],
            "words": words,
            "columns": self.related_columns,
            "search_label": self.related_search,
            "add_link": add if self._may_edit(request) else "",
        }
        return self._tab(request, row, tab="relationships", context=context)

    def _activity_tab(self, request: HttpRequest, row: Any) -> HttpResponse:
        found = self.activity_of(row).order_by("-pk")[:ROWS_ON_A_TAB]
        lines: list[Line] = [tell(activity) for activity in found]
        return self._tab(request, row, tab="activity", context={"lines": lines})

    def _tab(
        self, request: HttpRequest, row: Any, *, tab: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        base = self.admin_site.each_context(request) | self._page_context(row, tab=tab)
        base |= {"title": f"{row} · {_TABS[tab]}", "opts": self.opts, "original": row}
        return TemplateResponse(request, f"operations/{tab}_tab.html", base | context)

    def _page_context(self, row: Any, *, tab: str) -> dict[str, Any]:
        address = self.address_of(row)
        counts = {"relationships": row.relationship_count}
        tabs = [Tab(_("Attributes"), address, not tab, len(row.attributes))]
        tabs += [
            Tab(str(title), f"{address}?tab={name}", name == tab, counts.get(name))
            for name, title in _TABS.items()
        ]
        return {"header": self.header(row), "trail": self.trail(row), "page_tabs": tabs}

    def _may_edit(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)


def describe_related(
    relationship: Relationship, *, title: str, link: str, subtitle: str = "", badge: str = ""
) -> RelatedRow:
    """Fill in what both sides show alike."""
    edit = reverse("admin:relationships_relationship_change", args=[relationship.pk])
    return RelatedRow(
        title=title,
        link=link,
        subtitle=subtitle,
        badge=badge,
        attributes=render_attributes(relationship.attributes),
        since=render_time(relationship.created_at),
        edit_link=edit,
    )
