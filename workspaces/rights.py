"""How the lists of members and keys show that sensitive attributes are hidden from somebody."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workspaces.models import Role


def render_sensitive_right(role: str, *, sees_sensitive: bool) -> SafeString:
    """Show a badge where sensitive attributes are hidden; what is usual is not said."""
    if sees_sensitive or role == Role.ADMIN:
        return SafeString()
    text = _("Sensitive hidden")
    return format_html(
        '<span class="cio-badge"><span class="material-symbols-outlined" aria-hidden="true">lock'
        "</span>{}</span>",
        text,
    )
