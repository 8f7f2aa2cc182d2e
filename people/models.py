"""People, their devices, blocked identifiers and segments."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from operations.columns import (
    AttributesField,
    AttributesIndex,
    CountedModel,
    RowKeyField,
    TotalsModel,
)
from operations.limits import (
    ATTRIBUTES_MAX_BYTES,
    DEVICE_TOKEN_MAX_CHARS,
    EMAIL_MAX_CHARS,
    IDENTIFIER_MAX_CHARS,
    NAME_MAX_CHARS,
    PLATFORM_MAX_CHARS,
    SEGMENT_DESCRIPTION_MAX_CHARS,
    SEGMENT_NAME_MAX_CHARS,
)
from operations.search_index import PERSON_WORDS
from operations.searching import clean_words, matches
from workspaces.models import Workspace


class PersonQuerySet(models.QuerySet["Person"]):
    """Reads of people."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the people of one workspace."""
        return self.filter(workspace=workspace)

    def identified(self) -> Self:
        """Leave out the people of whom only an anonymous id is known."""
        return self.exclude(person_id=None, email=None)

    def without_relationships(self) -> Self:
        """Keep the people who are not related to any object.

        The workspace is named once more, because the index of their totals begins with it.
        """
        return self.filter(totals__relationship_count=0, totals__workspace=F("workspace"))

    def search(self, text: str) -> Self:
        """Keep the people with these words in the name, the id or the e-mail.

        One or two letters have to begin it.
        """
        words = clean_words(text)
        if words is None:
            return self.none()
        return self.filter(matches(PERSON_WORDS, words, generated_id="cio_id")) if words else self

    @staticmethod
    def is_exactly(words: str) -> Q:
        """Ask for the person that these words identify."""
        return Q(person_id=words) | Q(email_key=words.lower()) | Q(cio_id=words)


class Person(CountedModel):
    """Somebody, known by an id, an e-mail address or (until then) an anonymous id."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    person_id = models.CharField(_("id"), max_length=IDENTIFIER_MAX_CHARS, null=True, blank=True)
    email = models.CharField(_("e-mail"), max_length=EMAIL_MAX_CHARS, null=True, blank=True)
    email_key = models.CharField(
        max_length=2 * EMAIL_MAX_CHARS,
        null=True,
        editable=False,
        help_text=_("The e-mail in lower case, by which it is compared."),
    )
    anonymous_id = models.CharField(
        max_length=IDENTIFIER_MAX_CHARS, null=True, blank=True, editable=False
    )
    cio_id = models.CharField(_("cio_id"), max_length=IDENTIFIER_MAX_CHARS)
    name = models.CharField(max_length=NAME_MAX_CHARS, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "person_id"], name="person_id_unique_in_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace", "email_key"], name="email_unique_in_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace", "cio_id"], name="cio_id_unique_in_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace", "anonymous_id"],
                condition=Q(anonymous_id__isnull=False),
                name="anonymous_id_unique_in_workspace",
            ),
            models.CheckConstraint(
                condition=Q(person_id__isnull=False)
                | Q(email__isnull=False)
                | Q(anonymous_id__isnull=False),
                name="person_has_an_identifier",
            ),
            models.CheckConstraint(
                condition=Q(attributes_bytes__lte=ATTRIBUTES_MAX_BYTES),
                name="person_attributes_within_100_kb",
            ),
        ]
        indexes = [
            models.Index(
                F("workspace"),
                F("created_at").desc(),
                F("id").desc(),
                name="people_newest_first",
            ),
            models.Index(
                F("workspace"),
                F("name"),
                F("id"),
                name="people_by_name",
            ),
            models.Index(
                F("workspace"),
                F("updated_at").desc(),
                F("id").desc(),
                name="people_last_updated_first",
            ),
            AttributesIndex(name="people_by_attributes"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.person_id or self.cio_id


class PersonTotals(TotalsModel):
    """How many relationships a person has."""

    person = RowKeyField(Person, related_name="totals")
    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(relationship_count__gte=0),
                name="person_relationship_count_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "relationship_count", "person"],
                name="people_by_relationships",
            ),
            models.Index(
                fields=["workspace", "created_at", "person"],
                condition=Q(relationship_count=0),
                name="people_without_relationships",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relationship_count} of person {self.pk}"


class Device(models.Model):
    """A phone or browser of a person that can be pushed to."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="devices")
    token = models.CharField(max_length=DEVICE_TOKEN_MAX_CHARS)
    platform = models.CharField(max_length=PLATFORM_MAX_CHARS, blank=True)
    attributes = AttributesField(default=dict)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "token"], name="device_token_unique_in_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform or 'device'} {self.token[:12]}…"


class Suppression(models.Model):
    """An identifier that must not come back: calls that name it are ignored."""

    class Kind(models.TextChoices):
        ID = "id", _("id")
        EMAIL = "email", _("e-mail")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind)
    value = models.CharField(max_length=2 * EMAIL_MAX_CHARS, help_text=_("E-mail in lower case."))
    cio_id = models.CharField(
        max_length=150, db_index=True, help_text=_("Ties the identifiers of one person together.")
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "value"], name="suppressed_once_in_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} suppressed on {self.created_at:%Y-%m-%d}"


class SegmentQuerySet(models.QuerySet["Segment"]):
    """Reads of segments."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the segments of one workspace."""
        return self.filter(workspace=workspace)

    def dynamic(self) -> Self:
        """Keep the segments that have a condition."""
        return self.filter(condition__isnull=False)


class Segment(models.Model):
    """A group of people: a manual segment lists its members, a dynamic one has a condition."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="segments", db_index=False
    )
    number = models.PositiveIntegerField(help_text=_("Counts from 1 in each workspace."))
    name = models.CharField(max_length=SEGMENT_NAME_MAX_CHARS)
    description = models.CharField(max_length=SEGMENT_DESCRIPTION_MAX_CHARS, blank=True)
    # A filter of people as its compact JSON, and no JSON of the database, which would write some
    # numbers in another way.
    condition = models.TextField(null=True, blank=True, help_text=_("None in a manual segment."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "number"], name="segment_number_unique_in_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace", "name"], name="segment_name_unique_in_workspace"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_dynamic(self) -> bool:
        """Tell whether a condition says who is in it."""
        return self.condition is not None


class SegmentSize(models.Model):
    """How many people a segment had when they were counted last, up to a thousand and one."""

    segment = models.OneToOneField(Segment, models.CASCADE, related_name="size")
    people = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.people} in {self.segment_id}"


class SegmentMember(models.Model):
    """A person in a manual segment."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="segment_memberships")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "person"], name="person_once_in_a_segment")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.segment_id}"


class DuplicateSearch(models.Model):
    """The latest search of a workspace for likely duplicates among its people."""

    class State(models.TextChoices):
        RUNNING = "running", _("Searching")
        DONE = "done", _("Done")

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State)
    actor = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    found_at = models.DateTimeField(null=True)
    is_cut = models.BooleanField(
        default=False, help_text=_("There are more groups than are kept.")
    )

    def __str__(self) -> str:
        return f"{self.state} {self.asked_at:%Y-%m-%d %H:%M}"


class DuplicateGroup(models.Model):
    """People who are likely to be one; they are named by key and may be gone since."""

    class Rule(models.TextChoices):
        EMAIL = "email", _("Same e-mail, written differently")
        PHONE = "phone", _("Same phone number")
        NAME = "name", _("Same name and e-mail domain")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    rules = models.JSONField()
    people = models.JSONField()
    size = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "id"], name="duplicates_in_order")]

    def __str__(self) -> str:
        return f"{self.size}: {self.rules}"


class NotDuplicates(models.Model):
    """Two people, by key, who were looked at and are not the same."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    first = models.BigIntegerField()
    second = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "first", "second"], name="not_duplicates_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"
