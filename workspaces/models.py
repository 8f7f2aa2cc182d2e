"""Workspaces, who may do what in them, and the keys that open them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Workspace(models.Model):
    """A separate set of people, objects and relationships; every row belongs to one."""

    class Limits(models.TextChoices):
        STANDARD = "standard", _("Standard: what the documentation states")
        CUSTOMERIO = "customerio", _("Customer.io: also what the real service enforces")

    name = models.CharField(max_length=100, unique=True)
    colour = models.CharField(max_length=7, default="#6d5dfc", help_text=_("As #rrggbb."))
    limits = models.CharField(max_length=20, choices=Limits, default=Limits.STANDARD)
    next_type_number = models.PositiveBigIntegerField(
        default=1, help_text=_("The number of the next object type; numbers are never reused.")
    )
    retired_type_numbers = models.JSONField(
        default=list, editable=False, help_text=_("Numbers of deleted object types.")
    )
    automatic_types = models.PositiveIntegerField(
        default=0, help_text=_("How many object types were made by calls that named them.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do, each role including the ones before it."""

    VIEWER = "viewer", _("Viewer: read")
    AUTHOR = "author", _("Author: edit, relate and delete")
    ADMIN = "admin", _("Workspace admin: types, imports, exports, keys and members")


class Membership(models.Model):
    """A user's role in one workspace; a superuser needs none."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user"], name="one_membership_per_user_and_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"


class Credential(models.Model):
    """A key to one workspace; only the SHA-256 of its secret is kept."""

    class Kind(models.TextChoices):
        API = "api", _("REST API token")
        TRACK = "track", _("Track API site id and key")
        PIPELINES = "pipelines", _("Pipelines write key")
        APP = "app", _("App API key")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    site_id = models.CharField(max_length=64, blank=True, help_text=_("Track API only."))
    prefix = models.CharField(
        max_length=8, help_text=_("The first characters, to tell keys apart.")
    )
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(max_length=10, choices=Role, default=Role.ADMIN)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "prefix"], name="credential_by_prefix")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
