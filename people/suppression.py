"""Suppress people: delete them and block their identifiers; list the blocked ones, free them."""

from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.doors.admin import OperationAdmin
from operations.doors.audit import record
from operations.doors.changelist import Crumb
from operations.doors.current import current_workspace, may_here
from operations.doors.deletion import relationships_label
from operations.doors.display import render_time
from operations.engine import apply
from operations.results import Status
from operations.types import Call, PersonKey, Suppress, Unsuppress
from people.models import Person, Suppression
from workspaces.models import AuditEntry
from workspaces.permissions import Permission

_HASH_CHARS: Final = 12
_AT_ONCE: Final = 1_000


def suppress(page: Any, request: HttpRequest, row: Person) -> HttpResponse:
    """Explain what suppressing does and confirm it, then delete and block."""
    if request.method != "POST":
        return _explain(page, request, row)
    name, cio_id = str(row), row.cio_id
    call = Call(
        origin=page.origin(request), operations=(Suppress(key=PersonKey(cio_id=row.cio_id)),)
    )
    outcome = apply([call]).outcomes[0]
    for rejection in outcome.rejections:
        messages.error(request, rejection.message)
    if not outcome.rejections:
        record(
            request,
            AuditEntry.Kind.SUPPRESSED,
            _("Suppressed a person"),
            workspace=current_workspace(request),
            details={"cio_id": cio_id},
        )
        messages.success(request, _("Suppressed %(name)s.") % {"name": name})
    return HttpResponseRedirect(page.list_address(request))


def _explain(page: Any, request: HttpRequest, row: Person) -> HttpResponse:
    identifiers = [(_("id"), row.person_id), (_("e-mail"), row.email)]
    context = {
        "title": _("Suppress %(name)s") % {"name": row},
        "trail": (
            *page.trail(row)[:-1],
            Crumb(str(row), page.address_of(row)),
            Crumb(_("Suppress")),
        ),
        "row": row,
        "identifiers": [(label, value) for label, value in identifiers if value],
        "relationships": relationships_label(row.relationship_count),
        "cancel_address": page.address_of(row),
        "opts": page.opts,
    }
    response: HttpResponse = page.render_page(request, "people/suppress.html", context)
    return response


@admin.register(Suppression)
class SuppressionAdmin(OperationAdmin):
    """The identifiers that are blocked in a workspace; nobody adds or edits one by hand."""

    actions = ("unsuppress",)
    empty_icon = "block"
    empty_message = gettext_lazy("Suppress a person on their page, under Options.")
    empty_title = gettext_lazy("Nobody is suppressed")
    list_display = ("kind", "since")
    list_display_links = None
    ordering = ("-pk",)
    search_fields = ("value",)
    search_help_text = gettext_lazy("Search by an id or e-mail, whole")
    sortable_by = ()

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Suppressed identifiers")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Suppressing starts on a person's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Freeing is an action, there is no form."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is a list and no page: a page would tell the identifier to every viewer."""
        return obj is None and super().has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Freeing is an action of the list, which takes those of the same person along."""
        return obj is None and super().has_delete_permission(request)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """Show the identifiers to workspace admins, to others a fingerprint of each."""
        is_readable = may_here(request, Permission.MANAGE_MEMBERS)

        @admin.display(description=gettext_lazy("Identifier"))
        def identifier(row: Suppression) -> SafeString:
            # The whole of it: there is no page of its own that would show the rest.
            shown = row.value if is_readable else _fingerprint(row)
            return format_html('<bdi class="cio-code cio-wrapped">{}</bdi>', shown)

        return (identifier, *self.list_display)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find an identifier as a whole: the list cannot be used to guess them."""
        words = search_term.strip()
        return (queryset.filter(value__in=[words, words.lower()]) if words else queryset), False

    @admin.display(description=gettext_lazy("Since"))
    def since(self, row: Suppression) -> SafeString:
        """Show when it was blocked."""
        return render_time(row.created_at, with_clock=True)

    @admin.action(permissions=["delete"], description=gettext_lazy("Unsuppress…"))
    def unsuppress(
        self, request: HttpRequest, queryset: QuerySet[Suppression]
    ) -> HttpResponse | None:
        """Confirm, then free the chosen identifiers with those of the same people."""
        ties = sorted(set(queryset.values_list("cio_id", flat=True)[: _AT_ONCE + 1]))
        if len(ties) > _AT_ONCE:
            messages.error(request, _("Choose %(count)s at most.") % {"count": f"{_AT_ONCE:,}"})
            return None
        if not request.POST.get("post"):
            return self._confirm_unsuppress(request, ties)
        origin = self.origin(request, reason=_("Unsuppress"))
        calls = [
            Call(origin=origin, operations=(Unsuppress(key=PersonKey(cio_id=tie)),))
            for tie in ties
        ]
        freed = apply(calls).counts()[Status.UPDATED] if calls else 0
        said = ngettext("Unsuppressed %(count)s person.", "Unsuppressed %(count)s people.", freed)
        if freed:
            record(
                request,
                AuditEntry.Kind.UNSUPPRESSED,
                said % {"count": f"{freed:,}"},
                workspace=current_workspace(request),
                details={"cio_ids": list(ties)},
            )
        messages.success(request, said % {"count": f"{freed:,}"})
        return None

    def _confirm_unsuppress(self, request: HttpRequest, ties: list[str]) -> HttpResponse:
        rows = self.get_queryset(request).filter(cio_id__in=ties).order_by("pk")
        names = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
        address = reverse("admin:people_suppression_changelist")
        is_readable = may_here(request, Permission.MANAGE_MEMBERS)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Unsuppress"),
            "trail": (Crumb(self.list_name(), address), Crumb(_("Unsuppress"))),
            "opts": self.opts,
            "identifiers": [row.value if is_readable else _fingerprint(row) for row in rows],
            "selection": [(name, value) for name in names for value in request.POST.getlist(name)],
            "cancel_address": address,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "people/unsuppress.html", context)


def _fingerprint(row: Suppression) -> str:
    """Tell identifiers apart without telling them: who has no key cannot try out guesses."""
    salt = f"people.suppression.{row.workspace_id}"
    digest = salted_hmac(salt, row.value, algorithm="sha256").hexdigest()
    return f"hash {digest[:_HASH_CHARS]}…"
