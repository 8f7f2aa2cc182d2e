"""The keys of a workspace in the admin: made, rotated, revoked, and from where they may call."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.doors.audit import difference, record
from operations.doors.changelist import Crumb, ListAdmin
from operations.doors.current import current_workspace, may_here
from operations.doors.display import render_identifier, render_time
from operations.doors.origin import read_clock
from workspaces.credentials import create_credential, rotate_credential
from workspaces.forms import CredentialForm, RotationForm
from workspaces.models import AuditEntry, Credential, Role
from workspaces.permissions import Permission
from workspaces.rights import render_sensitive_right

_SHOWN_NETWORKS: Final = 1
_APIS: Final = {
    Credential.Kind.API: gettext_lazy("REST"),
    Credential.Kind.TRACK: gettext_lazy("Track"),
    Credential.Kind.PIPELINES: gettext_lazy("Pipelines"),
    Credential.Kind.APP: gettext_lazy("App"),
}


@admin.register(Credential)
class CredentialAdmin(ListAdmin):
    """The keys of the active workspace; a secret is shown once, when it is made."""

    actions = ("rotate", "revoke")
    empty_icon = "key"
    empty_message = gettext_lazy("A key lets a program read and write this workspace.")
    empty_title = gettext_lazy("No API credentials yet")
    form = CredentialForm
    list_display = (
        "name",
        "kind_cell",
        "prefix_cell",
        "role_cell",
        "addresses",
        "used",
        "state",
    )
    list_display_links = ("name",)
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        """Keep the keys of the active workspace."""
        return super().get_queryset(request).filter(workspace=current_workspace(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_KEYS)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_KEYS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_KEYS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the active workspace; a revoked key stays as it was."""
        is_over = obj is not None and not obj.is_valid_at(read_clock())
        return not is_over and may_here(request, Permission.MANAGE_KEYS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys are revoked, so that the log can still name them."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer to rotate and to revoke keys, nothing else."""
        found: dict[str, Any] = super().get_actions(request)
        return {name: action for name, action in found.items() if name in self.actions}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the kind only while adding."""
        fields = ("name", "role") if obj else ("name", "kind", "role")
        fields = (*fields, "sees_sensitive")
        return (
            (None, {"fields": fields}),
            (_("From where"), {"fields": ("allowed_networks",)}),
        )

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("API credentials")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Generate the secret, of which only the hash is kept, or write what was changed."""
        workspace = current_workspace(request)
        if workspace is None:
            raise PermissionDenied
        if change:
            self._save_change(request, obj, form)
            return
        with transaction.atomic():
            made, secret = create_credential(
                workspace=workspace,
                kind=Credential.Kind(form.cleaned_data["kind"]),
                name=form.cleaned_data["name"],
                role=Role(form.cleaned_data["role"]),
            )
            made.allowed_networks = form.cleaned_data["allowed_networks"]
            made.sees_sensitive = form.cleaned_data["sees_sensitive"]
            made.save(update_fields=["allowed_networks", "sees_sensitive"])
            record(
                request,
                AuditEntry.Kind.KEY_CREATED,
                _("Made the key %(name)s") % {"name": made},
                workspace=workspace,
                details={"key": made.pk, "kind": made.kind, "after": _facts(made)},
            )
        vars(obj).update(vars(made))
        vars(request)["secret"] = secret

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the audit log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the audit log."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> Any:
        """Show the secret, this once; a reload does not show it again."""
        return self._show_secret(request, obj, vars(request)["secret"])

    @admin.action(permissions=["change"], description=gettext_lazy("Rotate…"))
    def rotate(
        self, request: HttpRequest, queryset: QuerySet[Credential]
    ) -> TemplateResponse | None:
        """Put another secret in the place of a key, which stops working at once or later."""
        chosen = list(_valid(queryset)[:2])
        if len(chosen) != 1:
            messages.error(request, _("Choose one key that is active."))
            return None
        old = chosen[0]
        form = RotationForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._ask_for_overlap(request, old, form)
        hours: int = form.cleaned_data["overlap_hours"]
        until = read_clock() + timedelta(hours=hours)
        with transaction.atomic():
            made, secret = rotate_credential(old, until=until)
            record(
                request,
                AuditEntry.Kind.KEY_ROTATED,
                _("Rotated the key %(name)s") % {"name": old},
                workspace=old.workspace,
                details={"key": old.pk, "new_key": made.pk, "overlap_hours": hours},
            )
        return self._show_secret(request, made, secret, old=old if hours else None)

    @admin.action(permissions=["change"], description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        """Make keys useless from this moment on."""
        now = read_clock()
        chosen = list(_valid(queryset))
        with transaction.atomic():
            queryset.filter(pk__in=[key.pk for key in chosen]).update(revoked_at=now)
            for key in chosen:
                record(
                    request,
                    AuditEntry.Kind.KEY_REVOKED,
                    _("Revoked the key %(name)s") % {"name": key},
                    workspace=current_workspace(request),
                    details={"key": key.pk},
                )
        said = ngettext(
            "%(count)s key does not work any more.",
            "%(count)s keys do not work any more.",
            len(chosen),
        )
        messages.success(request, said % {"count": len(chosen)})

    def _save_change(self, request: HttpRequest, key: Credential, form: Any) -> None:
        before = _facts(Credential.objects.get(pk=key.pk))
        key.save(update_fields=form.changed_data)
        details = difference(before, _facts(key))
        if details["after"]:
            record(
                request,
                AuditEntry.Kind.KEY_CHANGED,
                _("Changed the key %(name)s") % {"name": key},
                workspace=current_workspace(request),
                details={"key": key.pk, **details},
            )

    def _ask_for_overlap(
        self, request: HttpRequest, key: Credential, form: RotationForm
    ) -> TemplateResponse:
        title = _("Rotate %(name)s") % {"name": key.name}
        context = {
            "title": title,
            "credential": key,
            "form": form,
            "kept": [(name, each) for name in _KEPT for each in request.POST.getlist(name)],
            "trail": (Crumb(self.list_name(), _list_of_keys()), Crumb(title)),
        }
        return self._page(request, "workspaces/rotate.html", context)

    def _show_secret(
        self,
        request: HttpRequest,
        credential: Credential,
        secret: str,
        *,
        old: Credential | None = None,
    ) -> TemplateResponse:
        context = {
            "title": _("Copy your key"),
            "credential": credential,
            "old": old,
            "secret": secret,
            "trail": (Crumb(self.list_name(), _list_of_keys()), Crumb(credential.name)),
        }
        response = self._page(request, "workspaces/secret.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        base = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "list_link": _list_of_keys(),
        }
        return TemplateResponse(request, template, base | context)

    @admin.display(description=gettext_lazy("API"))
    def kind_cell(self, row: Credential) -> SafeString:
        """Name the API that the key opens."""
        return format_html('<span class="cio-badge">{}</span>', _APIS[Credential.Kind(row.kind)])

    @admin.display(description=gettext_lazy("Starts with"))
    def prefix_cell(self, row: Credential) -> SafeString:
        """Show what tells keys apart."""
        shown = f"{row.site_id}:{row.prefix}…" if row.site_id else f"{row.prefix}…"
        return render_identifier(shown)

    @admin.display(description=gettext_lazy("Role"))
    def role_cell(self, row: Credential) -> SafeString:
        """Show the role."""
        name = row.get_role_display().partition(":")[0]
        return format_html(
            '<span class="cio-badge">{}</span> {}',
            name,
            render_sensitive_right(row.role, sees_sensitive=row.sees_sensitive),
        )

    @admin.display(description=gettext_lazy("Addresses"))
    def addresses(self, row: Credential) -> SafeString:
        """Show from where the key may be used."""
        found = row.allowed_networks.split()
        if not found:
            return format_html('<span class="cio-none">{}</span>', _("Any"))
        more = len(found) - _SHOWN_NETWORKS
        shown = ", ".join(found[:_SHOWN_NETWORKS]) + (f" +{more}" if more > 0 else "")
        return render_identifier(shown)

    @admin.display(description=gettext_lazy("Last used"))
    def used(self, row: Credential) -> SafeString:
        """Show when it was used last."""
        if row.last_used_at is None:
            return format_html('<span class="cio-none">{}</span>', _("Never"))
        return render_time(row.last_used_at, with_clock=True)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Credential) -> SafeString:
        """Say whether it works, and until when."""
        if row.revoked_at is None:
            return format_html('<span class="cio-badge cio-good">{}</span>', _("Active"))
        if row.revoked_at > read_clock():
            until = render_time(row.revoked_at, with_clock=True)
            badge = '<span class="cio-badge cio-info">{}</span> <span class="cio-muted">{}</span>'
            return format_html(badge, _("Until"), until)
        return format_html('<span class="cio-badge">{}</span>', _("Revoked"))


_KEPT: Final = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)


def _valid(keys: QuerySet[Credential]) -> QuerySet[Credential]:
    return keys.filter(Q(revoked_at=None) | Q(revoked_at__gt=read_clock()))


def _facts(key: Credential) -> dict[str, Any]:
    return {
        "name": key.name,
        "role": key.role,
        "sees_sensitive": key.sees_sensitive,
        "allowed_networks": key.allowed_networks.split(),
    }


def _list_of_keys() -> str:
    return reverse("admin:workspaces_credential_changelist")
