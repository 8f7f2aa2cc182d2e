"""Workspaces and their members: the settings part of the admin."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.audit import difference, record
from operations.doors.changelist import Crumb, ListAdmin
from operations.doors.current import current_workspace, may_here
from operations.doors.display import render_identifier, render_time
from workspaces.audit_admin import AuditEntryAdmin
from workspaces.forms import MembershipForm, WorkspaceForm
from workspaces.key_admin import CredentialAdmin
from workspaces.models import AuditEntry, Membership, Role, Workspace
from workspaces.permissions import Permission, is_last_admin, may, workspaces_of
from workspaces.removal_page import RemovalAdmin
from workspaces.rights import render_sensitive_right
from workspaces.user_admin import UserAdmin

__all__ = ["AuditEntryAdmin", "CredentialAdmin", "UserAdmin"]
_AUDITED: Final = ("name", "colour", "limits", "allowed_networks")

admin.site.register(AuditEntry, AuditEntryAdmin)


@admin.register(Workspace)
class WorkspaceAdmin(RemovalAdmin):
    """Workspaces and their members."""

    empty_icon = "workspaces"
    empty_message = gettext_lazy("A workspace keeps its own people, objects and relationships.")
    empty_title = gettext_lazy("No workspaces")
    fieldsets = (
        (None, {"fields": ("name", "colour", "limits")}),
        (gettext_lazy("Keys"), {"fields": ("allowed_networks",)}),
    )
    form = WorkspaceForm
    list_display = ("title", "limits_cell", "members", "created")
    list_display_links = ("title",)
    ordering = ("name", "pk")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        """Keep the workspaces whose members the user manages."""
        rows: QuerySet[Workspace] = (
            super()
            .get_queryset(request)
            .filter(removal_started_at=None)
            .annotate(member_count=Count("memberships"))
        )
        if request.user.is_superuser:
            return rows
        managed = Membership.objects.filter(user=request.user.pk, role=Role.ADMIN)
        return rows.filter(pk__in=managed.values("workspace"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the page to those who manage members somewhere."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in that workspace, or whether there is any such workspace."""
        if obj is not None:
            return _manages(request, obj)
        return any(_manages(request, workspace) for workspace in workspaces_of(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let superusers make workspaces."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in that workspace."""
        return self.has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write only what the form changed: the numbers of types beside it are the engine's."""
        before = _facts(Workspace.objects.get(pk=obj.pk)) if change else {}
        obj.save(update_fields=form.changed_data if change else None)
        kind = AuditEntry.Kind.WORKSPACE_CHANGED if change else AuditEntry.Kind.WORKSPACE_CREATED
        said = _("Changed the workspace %(name)s") if change else _("Made the workspace %(name)s")
        details = difference(before, _facts(obj))
        if details["after"]:
            record(request, kind, said % {"name": obj}, workspace=obj, details=details)

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("All workspaces")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, **options: Any
    ) -> Any:
        """Name the page after the entry in the navigation, where it is the active workspace."""
        row = options.get("obj")
        if row is not None and row == current_workspace(request):
            context["trail"] = (Crumb(_("Workspace")),)
        return super().render_change_form(request, context, *arguments, **options)

    @admin.display(description=gettext_lazy("Name"))
    def title(self, row: Workspace) -> SafeString:
        """Show the colour beside the name."""
        return format_html(
            '<svg class="cio-dot" viewBox="0 0 8 8" aria-hidden="true">'
            '<circle cx="4" cy="4" r="4" fill="{}"/></svg><bdi>{}</bdi>',
            row.colour,
            row.name,
        )

    @admin.display(description=gettext_lazy("Limits"))
    def limits_cell(self, row: Workspace) -> SafeString:
        """Show which limits hold."""
        return format_html('<span class="cio-badge">{}</span>', row.limits.capitalize())

    @admin.display(description=gettext_lazy("Members"))
    def members(self, row: Any) -> int:
        """Count the members."""
        return int(row.member_count)

    @admin.display(description=gettext_lazy("Created"))
    def created(self, row: Workspace) -> SafeString:
        """Show the day of creation."""
        return render_time(row.created_at)


@admin.register(Membership)
class MembershipAdmin(ListAdmin):
    """Who works in the active workspace, and what each may do."""

    actions = None
    empty_icon = "group"
    empty_message = gettext_lazy(
        "Superusers see every workspace; everyone else needs a role in it."
    )
    empty_title = gettext_lazy("No members yet")
    form = MembershipForm
    list_display = ("who", "email", "role_cell", "last_seen")
    list_display_links = ("who",)
    ordering = ("user__username", "pk")
    search_fields = ("user__username", "user__email", "user__first_name", "user__last_name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Keep the members of the active workspace."""
        rows: QuerySet[Membership] = super().get_queryset(request).select_related("user")
        return rows.filter(workspace=current_workspace(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_MEMBERS)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_MEMBERS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_MEMBERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the active workspace."""
        return may_here(request, Permission.MANAGE_MEMBERS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role, and keep the last member who can manage the workspace."""
        may_manage = may_here(request, Permission.MANAGE_MEMBERS)
        return may_manage and not (obj is not None and is_last_admin(obj))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask who it is only while adding."""
        fields = ("role", "sees_sensitive")
        return ((None, {"fields": fields if obj else ("member", *fields)}),)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        """Tell the form which workspace it adds to."""
        form = super().get_form(request, obj, change=change, **options)
        return type(form.__name__, (form,), {"workspace": current_workspace(request)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Add the user that was named, or write the role."""
        if not change:
            obj.user = form.cleaned_data["member"]
        before = _role_of(Membership.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        details = difference(before, _role_of(obj))
        if details["after"]:
            kind = AuditEntry.Kind.MEMBER_CHANGED if change else AuditEntry.Kind.MEMBER_ADDED
            said = _("Changed the role of %(name)s") if change else _("Added the member %(name)s")
            _record_member(request, kind, said, obj, details=details)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take the member out of the workspace."""
        said = _("Removed the member %(name)s")
        details = {"before": _role_of(obj)}
        _record_member(request, AuditEntry.Kind.MEMBER_REMOVED, said, obj, details=details)
        super().delete_model(request, obj)

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("Team and roles")

    @admin.display(description=gettext_lazy("Member"), ordering="user__username")
    def who(self, row: Membership) -> SafeString:
        """Show the name, or the username."""
        return format_html("<bdi>{}</bdi>", row.user.get_full_name() or row.user.get_username())

    @admin.display(description=gettext_lazy("E-mail"))
    def email(self, row: Membership) -> SafeString:
        """Show the e-mail address."""
        return render_identifier(row.user.email)

    @admin.display(description=gettext_lazy("Role"))
    def role_cell(self, row: Membership) -> SafeString:
        """Show the role with what it allows."""
        name, _colon, allows = row.get_role_display().partition(":")
        style = "cio-badge cio-info" if row.role == Role.ADMIN else "cio-badge"
        muted = '<span class="{}">{}</span> <span class="cio-muted">{}</span> {}'
        right = render_sensitive_right(row.role, sees_sensitive=row.sees_sensitive)
        return format_html(muted, style, name, allows.strip(), right)

    @admin.display(description=gettext_lazy("Last sign-in"))
    def last_seen(self, row: Membership) -> SafeString:
        """Show when the member signed in last."""
        return render_time(row.user.last_login, with_clock=True)


def _facts(workspace: Workspace) -> dict[str, Any]:
    return {name: getattr(workspace, name) for name in _AUDITED}


def _role_of(member: Membership) -> dict[str, Any]:
    return {"role": member.role, "sees_sensitive": member.sees_sensitive}


def _record_member(
    request: HttpRequest,
    kind: AuditEntry.Kind,
    said: str,
    member: Membership,
    *,
    details: dict[str, Any],
) -> None:
    record(
        request,
        kind,
        said % {"name": member.user},
        workspace=member.workspace,
        details={"member": member.user.get_username(), **details},
    )


def _manages(request: HttpRequest, workspace: Workspace | None) -> bool:
    if workspace is None:
        return bool(request.user.is_superuser)
    return may(request.user, workspace, Permission.MANAGE_MEMBERS)
