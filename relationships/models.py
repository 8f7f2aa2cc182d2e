"""Relationships between people and objects, and the steps by which many are added at once."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from objects.models import Object
from operations.columns import AttributesField, AttributesIndex, AttributesModel
from operations.limits import ATTRIBUTES_MAX_BYTES
from people.models import Person
from workspaces.models import Workspace


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    """Reads of relationships."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the relationships of one workspace."""
        return self.filter(workspace=workspace)

    def of_type(self, number: int) -> Self:
        """Keep the relationships to objects of the type with this number."""
        return self.filter(object__object_type__number=number)

    def search(self, text: str) -> Self:
        """Keep the relationships of the people and the objects that are found by these words."""
        if not text.strip():
            return self
        people, objects = Person.objects.search(text), Object.objects.search(text)
        of_people = Relationship.objects.filter(person__in=people.values("pk"))
        of_objects = Relationship.objects.filter(object__in=objects.values("pk"))
        # A union and not an "or", which would be asked of every relationship there is.
        return self.filter(pk__in=of_people.values("pk").union(of_objects.values("pk")))


class Relationship(AttributesModel):
    """That a person belongs to an object, and how: the attributes say it."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    object = models.ForeignKey(
        Object, models.CASCADE, related_name="relationships", db_index=False
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="relationships")

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = [
            models.UniqueConstraint(
                fields=["object", "person"], name="person_once_related_to_an_object"
            ),
            models.CheckConstraint(
                condition=Q(attributes_bytes__lte=ATTRIBUTES_MAX_BYTES),
                name="relationship_attributes_within_100_kb",
            ),
        ]
        indexes = [
            # Ascending, read backwards, so that its pages fill up; as the index of the activity.
            models.Index(fields=["workspace", "id"], name="relationships_newest_last"),
            AttributesIndex(name="relationships_by_attributes"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} to {self.object_id}"


class DraftQuerySet(models.QuerySet["Draft"]):
    """Reads of drafts."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the drafts of one workspace."""
        return self.filter(workspace=workspace)

    def older_than(self, days: int, *, now: datetime) -> Self:
        """Keep the drafts that nobody has touched for so many days."""
        return self.filter(updated_at__lt=now - timedelta(days=days))


class Draft(models.Model):
    """What a member has chosen so far while adding relationships, step by step.

    It lies here and not in the session, so that it outlives a reload, another tab and a new
    sign-in. `people` and `chosen_objects` hold a choice each, as `relationships.choice` says.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    people = AttributesField(default=dict)
    chosen_objects = AttributesField(default=dict)
    # A number and no foreign key: a type can be deleted while somebody is choosing from it.
    type_number = models.PositiveIntegerField(null=True)
    attributes = AttributesField(default=dict)
    version = models.PositiveIntegerField(
        default=1, help_text=_("Counts the changes, so that two tabs do not undo each other.")
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True, help_text=_("When it was confirmed."))
    job_id = models.BigIntegerField(null=True)

    objects = DraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Draft {self.pk}"
