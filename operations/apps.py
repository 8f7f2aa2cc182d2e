"""The Django application of this folder."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Name the application."""

    name = "operations"
    verbose_name = _("Operations")
