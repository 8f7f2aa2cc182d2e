"""The Django application of this folder."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataOutConfig(AppConfig):
    """Name the application."""

    name = "data_out"
    verbose_name = _("Data out")
