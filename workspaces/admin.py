"""Workspaces, members, keys and users: the settings part of the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from operations.doors.changelist import Crumb, ListAdmin
from operations.doors.current import current_workspace, may_here
from operations.doors.display import render_identifier, render_time
from operations.doors.origin import read_clock
from workspaces.credentials import create_credential, revoke_credential
from workspaces.forms import CredentialForm, MembershipForm, WorkspaceForm
from workspaces.models import Credential, Membership, Role, Workspace
from workspaces.permissions import Permission, is_last_admin, may, workspaces_of

admin.site.unregister([User, Group])


@admin.register(Workspace)
class WorkspaceAdmin(ListAdmin):
    """Workspaces and their members."""

    empty_icon = "workspaces"
    empty_message = gettext_lazy("A workspace keeps its own people, objects and relationships.")
    empty_title = gettext_lazy("No workspaces")
    fieldsets = ((None, {"fields": ("name", "colour", "limits")}),)
    form = WorkspaceForm
    list_display = ("title", "limits_cell", "members", "created")
    list_display_links = ("title",)
    ordering = ("name", "pk")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        """Keep the workspaces whose members the user manages."""
        rows: QuerySet[Workspace] = (
            super().get_queryset(request).annotate(member_count=Count("memberships"))
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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a workspace here: it would take all of its data along in one go."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write only what the form changed: the numbers of types beside it are the engine's."""
        obj.save(update_fields=form.changed_data if change else None)

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
        return ((None, {"fields": ("role",) if obj else ("member", "role")}),)

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
        super().save_model(request, obj, form, change)

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
        muted = '<span class="{}">{}</span> <span class="cio-muted">{}</span>'
        return format_html(muted, style, name, allows.strip())

    @admin.display(description=gettext_lazy("Last sign-in"))
    def last_seen(self, row: Membership) -> SafeString:
        """Show when the member signed in last."""
        return render_time(row.user.last_login, with_clock=True)


@admin.register(Credential)
class CredentialAdmin(ListAdmin):
    """The keys of the active workspace; a secret is shown once, when it is made."""

    actions = ("rotate", "revoke")
    empty_icon = "key"
    empty_message = gettext_lazy("A key lets a program read and write this workspace.")
    empty_title = gettext_lazy("No API credentials yet")
    form = CredentialForm
    fieldsets = ((None, {"fields": ("name", "kind", "role")}),)
    list_display = ("name", "kind", "prefix_cell", "role", "created", "used", "state")
    list_display_links = None
    ordering = ("-pk",)

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
        """Allow the action that revokes; there is nothing to edit on a page."""
        return obj is None and may_here(request, Permission.MANAGE_KEYS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys are revoked, so that the log can still name them."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer to revoke keys, nothing else."""
        found: dict[str, Any] = super().get_actions(request)
        return {name: action for name, action in found.items() if name in self.actions}

    def list_name(self) -> str:
        """Name the list on screen."""
        return _("API credentials")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Generate the secret; only its hash is kept."""
        workspace = current_workspace(request)
        if change or workspace is None:
            raise PermissionDenied
        made, secret = create_credential(
            workspace=workspace,
            kind=Credential.Kind(form.cleaned_data["kind"]),
            name=form.cleaned_data["name"],
            role=Role(form.cleaned_data["role"]),
        )
        vars(obj).update(vars(made))
        vars(request)["secret"] = secret

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave the key's name out of Django's log."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> Any:
        """Show the secret, this once; a reload does not show it again."""
        return self._show_secret(request, obj, vars(request)["secret"])

    @admin.action(permissions=["change"], description=gettext_lazy("Rotate"))
    def rotate(
        self, request: HttpRequest, queryset: QuerySet[Credential]
    ) -> TemplateResponse | None:
        """Put another secret in the place of a key, which stops working at once."""
        chosen = list(queryset.filter(revoked_at=None)[:2])
        if len(chosen) != 1:
            messages.error(request, _("Choose one key that is active."))
            return None
        old = chosen[0]
        made, secret = create_credential(
            workspace=old.workspace,
            kind=Credential.Kind(old.kind),
            name=old.name,
            role=Role(old.role),
        )
        revoke_credential(old, at=read_clock())
        return self._show_secret(request, made, secret)

    @admin.action(permissions=["change"], description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        """Make keys useless from this moment on."""
        now = read_clock()
        for credential in queryset.filter(revoked_at=None):
            revoke_credential(credential, at=now)
        messages.success(request, _("The selected keys do not work any more."))

    def _show_secret(
        self, request: HttpRequest, credential: Credential, secret: str
    ) -> TemplateResponse:
        trail = (Crumb(_("API credentials"), _list_of_keys()), Crumb(credential.name))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Copy your key"),
            "opts": self.opts,
            "credential": credential,
            "secret": secret,
            "trail": trail,
            "list_link": _list_of_keys(),
        }
        request.current_app = self.admin_site.name
        response = TemplateResponse(request, "workspaces/secret.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=gettext_lazy("Starts with"))
    def prefix_cell(self, row: Credential) -> SafeString:
        """Show what tells keys apart."""
        shown = f"{row.site_id}:{row.prefix}…" if row.site_id else f"{row.prefix}…"
        return render_identifier(shown)

    @admin.display(description=gettext_lazy("Created"))
    def created(self, row: Credential) -> SafeString:
        """Show the day of creation."""
        return render_time(row.created_at)

    @admin.display(description=gettext_lazy("Last used"))
    def used(self, row: Credential) -> SafeString:
        """Show when it was used last."""
        return render_time(row.last_used_at, with_clock=True)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Credential) -> SafeString:
        """Say whether it works."""
        if row.revoked_at is None:
            return format_html('<span class="cio-badge cio-good">{}</span>', _("Active"))
        return format_html('<span class="cio-badge">{}</span>', _("Revoked"))


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ListAdmin):  # type: ignore[misc]  # two sets of stubs
    """Who may sign in; what they may do is said by their memberships."""

    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    # Groups and Django's own permissions are left out: they would look as if they did something.
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "first_name", "last_name")}),
        (gettext_lazy("Signing in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ()
    form = UserChangeForm
    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ()
    readonly_fields = ("last_login", "date_joined")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Let everyone sign in who is added here."""
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)


def _manages(request: HttpRequest, workspace: Workspace | None) -> bool:
    if workspace is None:
        return bool(request.user.is_superuser)
    return may(request.user, workspace, Permission.MANAGE_MEMBERS)


def _list_of_keys() -> str:
    return reverse("admin:workspaces_credential_changelist")
