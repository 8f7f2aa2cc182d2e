"""The Django application of this folder."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectsConfig(AppConfig):
    """Name the application."""

    name = "objects"
    verbose_name = _("Objects")
