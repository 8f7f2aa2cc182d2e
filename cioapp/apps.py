"""The admin as an application, with our site in the place of Django's."""

from django.contrib.admin.apps import AdminConfig

from cioapp.checks import register_checks


class CioAdminConfig(AdminConfig):
    """Django's admin on our site; also where the project registers its checks."""

    default_site = "cioapp.site.CioAdminSite"

    def ready(self) -> None:
        """Register the checks besides what the admin does."""
        super().ready()
        register_checks()
