"""The Django application of this folder."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkspacesConfig(AppConfig):
    """Name the application."""

    name = "workspaces"
    verbose_name = _("Workspaces")
