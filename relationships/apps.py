"""The Django application of this folder."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RelationshipsConfig(AppConfig):
    """Name the application."""

    name = "relationships"
    verbose_name = _("Relationships")
