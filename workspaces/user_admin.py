"""Who may sign in: the users of the installation, which superusers look after."""

from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from operations.doors.audit import difference, record
from operations.doors.changelist import ListAdmin
from operations.doors.display import render_identifier, render_time
from workspaces.models import AuditEntry

admin.site.unregister([User, Group])
_AUDITED: Final = ("username", "email", "is_active", "is_staff", "is_superuser")


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
    list_display = ("username", "email_cell", "state", "signed_in")
    list_filter = ()
    readonly_fields = ("last_login", "date_joined")

    @admin.display(description=gettext_lazy("E-mail"), ordering="email")
    def email_cell(self, row: User) -> SafeString:
        """Show the e-mail address."""
        return render_identifier(row.email)

    @admin.display(description=gettext_lazy("Signing in"))
    def state(self, row: User) -> SafeString:
        """Say in words whether the user may sign in, and with which rights."""
        if not (row.is_active and row.is_staff):
            return format_html('<span class="cio-badge cio-bad">{}</span>', _("May not sign in"))
        if row.is_superuser:
            return format_html('<span class="cio-badge cio-info">{}</span>', _("Superuser"))
        return format_html('<span class="cio-badge">{}</span>', _("By memberships"))

    @admin.display(description=gettext_lazy("Last login"), ordering="last_login")
    def signed_in(self, row: User) -> SafeString:
        """Show when the user came last."""
        return render_time(row.last_login, with_clock=True)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Let everyone sign in who is added here."""
        obj.is_staff = obj.is_staff or not change
        before = _facts(User.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        details = difference(before, _facts(obj))
        if not change:
            record(
                request,
                AuditEntry.Kind.USER_ADDED,
                _("Added the user %(name)s") % {"name": obj},
                workspace=None,
                details=details,
            )
        elif details["before"]:
            record(
                request,
                AuditEntry.Kind.USER_CHANGED,
                _("Changed the user %(name)s") % {"name": obj},
                workspace=None,
                details=details,
            )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a user; what the user did stays in the logs."""
        _record_removals(request, [obj.get_username()])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete users; what they did stays in the logs."""
        _record_removals(request, list(queryset.values_list("username", flat=True)))
        super().delete_queryset(request, queryset)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Audit that a superuser set a password; this is all that tells of it."""
        if request.resolver_match and request.resolver_match.url_name == _PASSWORD_PAGE:
            record(
                request,
                AuditEntry.Kind.PASSWORD_CHANGED,
                _("Set the password of %(name)s") % {"name": obj},
                workspace=None,
            )
        return super().log_change(request, obj, message)


_PASSWORD_PAGE: Final = "auth_user_password_change"  # noqa: S105 - the name of an address


def _facts(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _AUDITED}


def _record_removals(request: HttpRequest, names: list[str]) -> None:
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    record(
        request,
        AuditEntry.Kind.USER_REMOVED,
        _("Deleted the user %(name)s") % {"name": shown},
        workspace=None,
        details={"users": list(names)},
    )


_SHOWN: Final = 5
