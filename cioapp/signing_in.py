"""Signing in and out, with an entry in the audit log for each, the failed ones too."""

from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from operations.doors.audit import Actor, address_of, record, recorded_lately
from operations.types import Door
from workspaces.models import AuditEntry

# More from one address say nothing new, and would let anybody fill the log.
FAILURES_KEPT: Final = 30
FAILURES_WITHIN: Final = timedelta(minutes=15)


class SigningInSite(UnfoldAdminSite):
    """The pages of the admin that sign in, sign out and change the password, audited."""

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign in, or say why not."""
        response = super().login(request, extra_context)
        if request.method != "POST":
            return response
        if isinstance(response, HttpResponseRedirect) and request.user.is_authenticated:
            record(request, AuditEntry.Kind.SIGNED_IN, _("Signed in"), workspace=None)
        else:
            _record_failure(request)
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out."""
        if request.method == "POST" and request.user.is_authenticated:
            record(request, AuditEntry.Kind.SIGNED_OUT, _("Signed out"), workspace=None)
        return super().logout(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Change one's own password."""
        response = super().password_change(request, extra_context)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect):
            said = _("Changed the own password")
            record(request, AuditEntry.Kind.PASSWORD_CHANGED, said, workspace=None)
        return response


def _record_failure(request: HttpRequest) -> None:
    is_locked = getattr(request, "axes_locked_out", False)
    kind = AuditEntry.Kind.SIGN_IN_LOCKED if is_locked else AuditEntry.Kind.SIGN_IN_FAILED
    address = address_of(request)
    most = 1 if is_locked else FAILURES_KEPT
    if recorded_lately(kind, address=address, within=FAILURES_WITHIN) >= most:
        return
    # What was typed is kept only where it names a user: some type a password there.
    typed = request.POST.get("username", "").replace("\0", "")
    user = get_user_model().objects.filter(username=typed).first()
    name = user.get_username() if user else _("somebody unknown")
    failed, locked = (
        _("Sign-in of %(name)s failed"),
        _("Sign-in of %(name)s is locked for a while"),
    )
    said = locked if is_locked else failed
    by = Actor(name, user=user.pk if user else None, address=address, door=Door.ADMIN)
    record(by, kind, said % {"name": name}, workspace=None)
