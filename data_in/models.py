"""Imports and exports: what was asked for, how it was read, and what became of it."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from operations.limits import REASON_MAX_CHARS
from operations.models import ACTOR_MAX_CHARS, Job
from operations.wire.columns import Kind
from workspaces.models import Workspace

NAME_MAX_CHARS = 200
FILE_NAME_MAX_CHARS = 255
_KINDS = [(Kind.PEOPLE.value, _("People")), (Kind.OBJECTS.value, _("Objects"))]
_KINDS.append((Kind.RELATIONSHIPS.value, _("Relationships")))


class ImportQuerySet(models.QuerySet["Import"]):
    """Reads of imports."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the imports of one workspace."""
        return self.filter(workspace=workspace)

    def with_jobs(self) -> Self:
        """Join what the state is told from."""
        return self.select_related("check_job", "job", "job__change_set")


class Import(models.Model):
    """One file on its way in: uploaded, set up, checked as a whole, confirmed, imported.

    `settings` is what `data_in.settings.Settings` holds; `found` is what the check counted,
    `result` what the import counted, both by status and with `warnings`. The files lie in
    `folder`, whose name nobody can guess, until they are let go of.
    """

    class State(models.TextChoices):
        """The states that the App API names, told from the two jobs."""

        PREPROCESSED = "preprocessed", _("Not checked")
        VALIDATING = "validating", _("Being checked")
        VALIDATED = "validated", _("Ready to import")
        IMPORTING = "importing", _("Importing")
        IMPORTED = "imported", _("Imported")
        FAILED = "failed", _("Failed")
        CANCELLED = "canceled", _("Cancelled")

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="imports", db_index=False
    )
    kind = models.CharField(max_length=13, choices=_KINDS)
    object_type_number = models.PositiveIntegerField(null=True, blank=True)
    name = models.CharField(max_length=NAME_MAX_CHARS)
    description = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    actor = models.CharField(max_length=ACTOR_MAX_CHARS)
    file_name = models.CharField(max_length=FILE_NAME_MAX_CHARS)
    file_bytes = models.PositiveBigIntegerField(default=0)
    file_digest = models.CharField(
        max_length=64, blank=True, help_text=_("SHA-256 of the file as it came, in hexadecimal.")
    )
    folder = models.CharField(max_length=32, blank=True)
    settings = models.JSONField(default=dict)
    rows = models.PositiveBigIntegerField(default=0)
    found = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    problem = models.CharField(
        max_length=REASON_MAX_CHARS, blank=True, help_text=_("Why the file cannot be used.")
    )
    check_job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="checked_imports"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="imports")
    created_at = models.DateTimeField()
    files_gone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="imports_newest_first"),
            models.Index(fields=["workspace", "file_digest"], name="imports_of_a_file"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> "Import.State":
        """Tell where the import is, from its jobs."""
        if self.job is not None and self.job.state != Job.State.DRAFT:
            return _STATES_OF_RUN[self.job.state]
        if self.problem:
            return Import.State.FAILED
        if self.check_job is None:
            return Import.State.PREPROCESSED
        return _STATES_OF_CHECK[self.check_job.state]


_STATES_OF_RUN: dict[str, Import.State] = {
    Job.State.QUEUED: Import.State.IMPORTING,
    Job.State.RUNNING: Import.State.IMPORTING,
    Job.State.DONE: Import.State.IMPORTED,
    Job.State.FAILED: Import.State.FAILED,
    Job.State.CANCELLED: Import.State.CANCELLED,
}
_STATES_OF_CHECK: dict[str, Import.State] = {
    Job.State.DRAFT: Import.State.PREPROCESSED,
    Job.State.QUEUED: Import.State.VALIDATING,
    Job.State.RUNNING: Import.State.VALIDATING,
    Job.State.DONE: Import.State.VALIDATED,
    Job.State.FAILED: Import.State.FAILED,
    Job.State.CANCELLED: Import.State.PREPROCESSED,
}


class ExportQuerySet(models.QuerySet["Export"]):
    """Reads of exports."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the exports of one workspace."""
        return self.filter(workspace=workspace)


class Export(models.Model):
    """One file on its way out, and how often it was fetched.

    `settings` is what `data_in.export_settings.ExportSettings` holds: what is chosen, with which
    columns, in which format. The description says the filters in words.
    """

    class State(models.TextChoices):
        """The states that the App API names, told from the job."""

        PENDING = "pending", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="exports", db_index=False
    )
    kind = models.CharField(max_length=13, choices=_KINDS)
    description = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    actor = models.CharField(max_length=ACTOR_MAX_CHARS)
    settings = models.JSONField(default=dict)
    file_name = models.CharField(max_length=FILE_NAME_MAX_CHARS, blank=True)
    file_bytes = models.PositiveBigIntegerField(default=0)
    folder = models.CharField(max_length=32, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="exports")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    files_gone_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="exports_newest_first")]

    def __str__(self) -> str:
        return self.file_name or self.description

    @property
    def state(self) -> "Export.State":
        """Tell where the export is, from its job."""
        if self.job is None or self.job.state in (Job.State.FAILED, Job.State.CANCELLED):
            return Export.State.FAILED
        return Export.State.DONE if self.job.state == Job.State.DONE else Export.State.PENDING
