"""The Django application of this folder."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataInConfig(AppConfig):
    """Name the application."""

    name = "data_in"
    verbose_name = _("Data in")
