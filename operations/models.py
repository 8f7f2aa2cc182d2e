"""What the engine writes besides the rows themselves: changes, activity and bookkeeping."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from operations.columns import AttributesField
from operations.limits import (
    ATTRIBUTE_DESCRIPTION_MAX_CHARS,
    ATTRIBUTE_NAME_LISTED_MAX_CHARS,
    DEDUP_KEY_MAX_CHARS,
    EMAIL_MAX_CHARS,
    EVENT_NAME_MAX_CHARS,
    IDENTIFIER_MAX_CHARS,
    REASON_MAX_CHARS,
)
from workspaces.models import Workspace

ACTOR_MAX_CHARS = 150


class ChangeSet(models.Model):
    """One bulk action, import, sync or API batch, which can be shown and undone as a whole."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="change_sets")
    door = models.CharField(max_length=20)
    actor = models.CharField(max_length=ACTOR_MAX_CHARS)
    reason = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    created_at = models.DateTimeField()
    rows_created = models.PositiveBigIntegerField(default=0)
    rows_updated = models.PositiveBigIntegerField(default=0)
    rows_deleted = models.PositiveBigIntegerField(default=0)
    rows_unchanged = models.PositiveBigIntegerField(default=0)
    rows_skipped = models.PositiveBigIntegerField(default=0)
    rows_refused = models.PositiveBigIntegerField(default=0)
    keeps_rows = models.BooleanField(default=False, help_text=_("Whether it can be undone."))
    undo_job = models.OneToOneField("Job", models.SET_NULL, null=True, related_name="undoes")
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.reason or f"{self.door} {self.created_at:%Y-%m-%d %H:%M}"


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Reads of the activity log."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the activity of one workspace."""
        return self.filter(workspace=workspace)


class Activity(models.Model):
    """One applied operation: the difference it made, under keys kept as values.

    There are no foreign keys to what it describes, so that the log outlives it.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        OBJECT = "object", _("Object")
        RELATIONSHIP = "relationship", _("Relationship")
        OBJECT_TYPE = "object_type", _("Object type")
        MERGE = "merge", _("Merge")
        SUPPRESSION = "suppression", _("Suppression")
        DEVICE = "device", _("Device")
        SEGMENT = "segment", _("Segment")
        EVENT = "event", _("Event")
        PAGE = "page", _("Page")
        SCREEN = "screen", _("Screen")
        CALL = "call", _("Call")

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    received_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=10)
    call_id = models.CharField(max_length=24)
    change_set = models.ForeignKey(
        ChangeSet,
        models.SET_NULL,
        null=True,
        related_name="activities",
        db_constraint=False,
        db_index=False,
    )
    door = models.CharField(max_length=20)
    actor = models.CharField(max_length=ACTOR_MAX_CHARS)
    object_type_number = models.PositiveIntegerField(null=True)
    object_id = models.CharField(max_length=IDENTIFIER_MAX_CHARS, null=True)
    cio_object_id = models.CharField(max_length=150, null=True)
    person_id = models.CharField(max_length=IDENTIFIER_MAX_CHARS, null=True)
    email = models.CharField(max_length=EMAIL_MAX_CHARS, null=True)
    cio_id = models.CharField(max_length=150, null=True)
    anonymous_id = models.CharField(max_length=IDENTIFIER_MAX_CHARS, null=True)
    name = models.CharField(max_length=EVENT_NAME_MAX_CHARS, null=True)
    before = AttributesField(null=True)
    after = AttributesField(null=True)
    before_row = AttributesField(null=True, help_text=_("What an undo needs besides."))
    transaction_id = models.BigIntegerField(
        null=True, help_text=_("PostgreSQL's id of the writing transaction, for the outbox.")
    )

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
        indexes = [
            # Ascending, read backwards: new keys then fill page after page.
            models.Index(fields=["workspace", "id"], name="activity_newest_last"),
            models.Index(fields=["workspace", "kind", "id"], name="activity_of_a_kind"),
            models.Index(fields=["workspace", "door", "id"], name="activity_of_a_door"),
            models.Index(fields=["workspace", "actor", "id"], name="activity_of_an_actor"),
            models.Index(
                fields=["workspace", "id"],
                condition=Q(anonymous_id__isnull=False, cio_id__isnull=True),
                name="activity_of_visitors",
            ),
            models.Index(
                fields=["cio_object_id", "-id"],
                condition=Q(cio_object_id__isnull=False),
                name="activity_of_an_object",
            ),
            models.Index(
                fields=["cio_id", "-id"],
                condition=Q(cio_id__isnull=False),
                name="activity_of_a_person",
            ),
            models.Index(
                fields=["change_set", "id"],
                condition=Q(change_set__isnull=False),
                name="activity_of_a_change_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of jobs."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the jobs of one workspace."""
        return self.filter(workspace=workspace)

    def unfinished(self) -> Self:
        """Keep the jobs that wait for a worker or have one."""
        return self.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))

    def listed(self) -> Self:
        """Leave out what was prepared and not confirmed."""
        return self.exclude(state=Job.State.DRAFT)


class Job(models.Model):
    """A bulk action from its preview to its result, done in steps by whoever holds the lease.

    What a step has done is written in its transaction: a worker that dies loses nothing.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Not confirmed")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="jobs", db_index=False)
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    actor = models.CharField(max_length=ACTOR_MAX_CHARS)
    title = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    reason = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    parameters = AttributesField(default=dict)
    change_set = models.ForeignKey(
        ChangeSet, models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    total = models.PositiveBigIntegerField(default=0)
    weight = models.PositiveBigIntegerField(
        default=0, help_text=_("How many rows it touches, those that go along included.")
    )
    done = models.PositiveBigIntegerField(default=0)
    position = AttributesField(default=list, help_text=_("Where the next step begins."))
    refusals = AttributesField(default=list, help_text=_("The first rows that were refused."))
    message = models.CharField(max_length=REASON_MAX_CHARS, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="jobs_newest_first"),
            models.Index(
                fields=["workspace"],
                condition=Q(state__in=("queued", "running")),
                name="jobs_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.kind

    @property
    def is_unfinished(self) -> bool:
        """Tell whether somebody still has to work on it."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def percent(self) -> int:
        """Tell how much is done; rows may have come or gone since they were counted."""
        return min(100, self.done * 100 // self.total) if self.total else 0


class SeenMessage(models.Model):
    """The dedup key of an applied call: a repetition has no second effect."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.CharField(max_length=DEDUP_KEY_MAX_CHARS)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "key"], name="message_seen_once_in_workspace"
            )
        ]

    def __str__(self) -> str:
        return self.key


class CountDeltaQuerySet(models.QuerySet["CountDelta"]):
    """Reads of the maintained counts."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the counts of one workspace."""
        return self.filter(workspace=workspace)


class CountDelta(models.Model):
    """A change to how many people, objects or relationships there are.

    The count is the sum of its rows: writers append, the worker folds, nobody waits.
    """

    class Kind(models.TextChoices):
        PEOPLE = "people", _("People")
        OBJECTS = "objects", _("Objects")
        RELATIONSHIPS = "relationships", _("Relationships")

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=13, choices=Kind)
    object_type_number = models.PositiveIntegerField(null=True)
    delta = models.BigIntegerField()

    objects = CountDeltaQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace", "kind", "object_type_number"], name="count_delta_by_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.delta:+}"


class DayCount(models.Model):
    """How many activities of a day the upkeep has counted, for the chart of the home page.

    Rows are appended, one for each turn of counting; the number of a day is their sum. Two turns
    that start behind the same activity collide, so nothing is counted twice.
    """

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField(help_text=_("In UTC."))
    changes = models.BigIntegerField()
    counted_from = models.BigIntegerField(help_text=_("The activity behind which counting began."))
    counted_to = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "day", "counted_from"],
                name="activities_of_a_day_counted_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.changes:+}"


class AttributeKind(models.TextChoices):
    """Whose attributes a name belongs to."""

    PEOPLE = "people", _("People")
    OBJECTS = "objects", _("Objects")
    RELATIONSHIPS = "relationships", _("Relationships")


class AttributeName(models.Model):
    """An entry of the data index: an attribute that rows have or had, or that was described.

    Its page writes description, tags and the mark, its refresher the rest, a while behind.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="attribute_names")
    kind = models.CharField(max_length=13, choices=AttributeKind)
    object_type_number = models.PositiveIntegerField(
        default=0, help_text=_("0 for people; else whose objects or relationships have it.")
    )
    name = models.CharField(max_length=ATTRIBUTE_NAME_LISTED_MAX_CHARS)
    description = models.CharField(max_length=ATTRIBUTE_DESCRIPTION_MAX_CHARS, blank=True)
    tags = models.JSONField(default=list)
    is_sensitive = models.BooleanField(_("sensitive"), default=False)
    row_count = models.PositiveBigIntegerField(default=0)
    types = models.JSONField(default=dict, help_text=_("How many values there are of each type."))
    sample_keys = models.JSONField(default=list, help_text=_("Keys of some rows that have it."))
    last_set_at = models.BigIntegerField(null=True, help_text=_("In Unix seconds."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "object_type_number", "name"],
                name="attribute_once_in_the_data_index",
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace"], condition=Q(is_sensitive=True), name="sensitive_attributes"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AttributeScan(models.Model):
    """How far the data index of the people, the objects or the relationships is up to date.

    `position` is where a walk through the rows goes on, and `found` what it has found so far.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="attribute_scans")
    kind = models.CharField(max_length=13, choices=AttributeKind)
    read_at = models.DateTimeField(null=True, help_text=_("When the last walk began."))
    read_activity = models.BigIntegerField(default=0, help_text=_("The newest activity then."))
    is_asked_for = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    started_activity = models.BigIntegerField(default=0)
    position = models.BigIntegerField(null=True)
    found = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind"], name="one_scan_of_the_attributes_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class DayTotal(models.Model):
    """How much a workspace had at the end of a day, or has today; the upkeep writes it."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField(help_text=_("In UTC."))
    people = models.BigIntegerField(default=0)
    objects_of_all_types = models.BigIntegerField(default=0)
    relationships = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="total_of_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.people} + {self.objects_of_all_types}"
