"""Relationships between people and objects."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from objects.models import Object
from operations.columns import AttributesModel
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
            models.Index(fields=["workspace", "-id"], name="relationships_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} to {self.object_id}"
