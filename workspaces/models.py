"""Workspaces, who may do what in them, how they look at lists, and the keys that open them."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from operations.columns import AttributesField
from operations.limits import REASON_MAX_CHARS

NETWORKS_MAX_CHARS = 4_000
_NETWORKS_HELP = _("One a line, such as 203.0.113.7 or 2001:db8::/32; empty lets everybody in.")


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
    allowed_networks = models.TextField(
        _("allowed addresses of keys"),
        blank=True,
        max_length=NETWORKS_MAX_CHARS,
        help_text=_NETWORKS_HELP,
    )
    removal_started_at = models.DateTimeField(
        null=True, editable=False, help_text=_("From then on it is gone for everybody.")
    )
    next_segment_number = models.PositiveIntegerField(
        default=1, editable=False, help_text=_("Numbers of segments are never reused either.")
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
    sees_sensitive = models.BooleanField(
        _("sees sensitive attributes"),
        default=True,
        help_text=_("Workspace admins always do."),
    )

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
    sees_sensitive = models.BooleanField(
        _("sees sensitive attributes"),
        default=True,
        help_text=_("Keys of workspace admins always do."),
    )
    allowed_networks = models.TextField(
        _("allowed addresses"),
        blank=True,
        max_length=NETWORKS_MAX_CHARS,
        help_text=_NETWORKS_HELP,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From then on it opens nothing; it may lie ahead.")
    )

    class Meta:
        indexes = [models.Index(fields=["kind", "prefix"], name="credential_by_prefix")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_valid_at(self, moment: datetime) -> bool:
        """Tell whether the key opens the workspace; one that was rotated may do so for a while."""
        return self.revoked_at is None or self.revoked_at > moment


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Reads of the audit log."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep what concerns a workspace: its own entries, and the sign-ins of who may use it."""
        members = Membership.objects.filter(workspace=workspace).values("user")
        may_use_it = Q(user__in=members) | Q(user__is_superuser=True)
        sign_ins = Q(may_use_it, workspace=None, kind__in=AuditEntry.SIGNING_IN)
        return self.filter(Q(workspace=workspace) | sign_ins)


class AuditEntry(models.Model):
    """Who did what to the workspace itself: keys, members, imports, exports, deletions.

    Nothing here is changed afterwards. Workspace and user are kept as values, with their names,
    so that the log outlives both.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        SIGN_IN_LOCKED = "sign_in_locked", _("Sign-in locked")
        SIGNED_OUT = "signed_out", _("Signed out")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        IMPORTED = "imported", _("Import")
        EXPORTED = "exported", _("Export")
        DELETED = "deleted", _("Bulk deletion")
        UNDONE = "undone", _("Undo")
        SUPPRESSED = "suppressed", _("Suppressed")
        UNSUPPRESSED = "unsuppressed", _("Unsuppressed")
        TYPE_CREATED = "type_created", _("Object type created")
        TYPE_CHANGED = "type_changed", _("Object type changed")
        TYPE_DELETED = "type_deleted", _("Object type deleted")
        KEY_CREATED = "key_created", _("Key created")
        KEY_CHANGED = "key_changed", _("Key changed")
        KEY_ROTATED = "key_rotated", _("Key rotated")
        KEY_REVOKED = "key_revoked", _("Key revoked")
        KEY_REFUSED = "key_refused", _("Key refused by address")
        MEMBER_ADDED = "member_added", _("Member added")
        MEMBER_CHANGED = "member_changed", _("Member changed")
        MEMBER_REMOVED = "member_removed", _("Member removed")
        USER_ADDED = "user_added", _("User added")
        USER_CHANGED = "user_changed", _("User changed")
        USER_REMOVED = "user_removed", _("User removed")
        WORKSPACE_CREATED = "workspace_created", _("Workspace created")
        WORKSPACE_CHANGED = "workspace_changed", _("Workspace changed")
        WORKSPACE_DELETED = "workspace_deleted", _("Workspace deleted")
        VIEW_SHARED = "view_shared", _("Saved view shared")
        SENSITIVE_MARKED = "sensitive_marked", _("Sensitive attribute marked")

    SIGNING_IN = (
        Kind.SIGNED_IN,
        Kind.SIGN_IN_FAILED,
        Kind.SIGN_IN_LOCKED,
        Kind.SIGNED_OUT,
        Kind.PASSWORD_CHANGED,
    )

    workspace = models.ForeignKey(
        Workspace,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    workspace_name = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    actor = models.CharField(max_length=150)
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    description = models.CharField(max_length=REASON_MAX_CHARS)
    details = AttributesField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    door = models.CharField(max_length=20)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="audit_newest_first"),
            models.Index(fields=["kind", "address", "happened_at"], name="audit_by_address"),
            models.Index(fields=["happened_at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return self.description


LIST_KIND_MAX_CHARS = 20
VIEW_NAME_MAX_CHARS = 100


class ColumnChoice(models.Model):
    """Which columns somebody chose for one list, in their order."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=LIST_KIND_MAX_CHARS)
    # A number and no foreign key, 0 for all types: the choice outlives a type, harmlessly.
    type_number = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user", "kind", "type_number"],
                name="one_column_choice_per_user_and_list",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.kind} {self.type_number}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Reads of saved views."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the views of one workspace."""
        return self.filter(workspace=workspace)

    def seen_by(self, user_key: int) -> Self:
        """Keep somebody's own views and the shared ones."""
        return self.filter(models.Q(owner=user_key) | models.Q(is_shared=True))


class SavedView(models.Model):
    """A list as somebody wants to see it again: filters, search, order and columns."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    # A shared view outlives the account of who made it; workspace admins look after it then.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(max_length=LIST_KIND_MAX_CHARS)
    type_number = models.PositiveIntegerField(default=0)
    name = models.CharField(_("name"), max_length=VIEW_NAME_MAX_CHARS)
    query = models.TextField(
        blank=True, help_text=_("Search and filters, as the address has them.")
    )
    sort = models.CharField(max_length=100, blank=True)
    columns = models.JSONField(default=list)
    is_shared = models.BooleanField(_("shared with the workspace"), default=False)
    is_pinned = models.BooleanField(_("in the navigation"), default=False)
    # Kept by the worker, so that no page counts for the navigation.
    row_count = models.PositiveIntegerField(null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    # A number of rows tells of the values that it was counted by.
    is_count_sensitive = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "owner", "kind", "type_number", "name"],
                name="one_view_of_a_name_per_owner_and_list",
            )
        ]

    def __str__(self) -> str:
        return self.name
