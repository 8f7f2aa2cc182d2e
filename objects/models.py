"""Object types and the objects of each type."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from operations.columns import AttributesIndex, CountedModel, RowKeyField, TotalsModel
from operations.limits import (
    ATTRIBUTES_MAX_BYTES,
    ICON_MAX_CHARS,
    IDENTIFIER_MAX_CHARS,
    NAME_MAX_CHARS,
    TYPE_NAME_MAX_CHARS,
)
from operations.search_index import OBJECT_WORDS
from operations.searching import clean_words, matches
from workspaces.models import Workspace


class ObjectTypeQuerySet(models.QuerySet["ObjectType"]):
    """Reads of object types."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the types of one workspace."""
        return self.filter(workspace=workspace)


class ObjectType(models.Model):
    """A kind of things that people relate to, such as Companies or Courses."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="object_types", db_index=False
    )
    number = models.PositiveIntegerField(
        _("object type id"), help_text=_("Counts from 1 in each workspace; used in API calls.")
    )
    name = models.CharField(max_length=TYPE_NAME_MAX_CHARS)
    singular_name = models.CharField(max_length=TYPE_NAME_MAX_CHARS)
    slug = models.SlugField(max_length=120, db_index=False)
    enabled = models.BooleanField(default=True)
    icon = models.CharField(max_length=ICON_MAX_CHARS, default="category")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ObjectTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("object type")
        verbose_name_plural = _("object types")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "number"], name="type_number_unique_in_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace", "slug"], name="type_slug_unique_in_workspace"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ObjectQuerySet(models.QuerySet["Object"]):
    """Reads of objects."""

    def for_workspace(self, workspace: Workspace | int) -> Self:
        """Keep the objects of one workspace."""
        return self.filter(workspace=workspace)

    def of_type(self, number: int) -> Self:
        """Keep the objects of the type with this number."""
        return self.filter(object_type__number=number)

    def without_relationships(self) -> Self:
        """Keep the objects to which nobody is related.

        The type is named once more, because the index of their totals begins with it.
        """
        return self.filter(totals__relationship_count=0, totals__object_type=F("object_type"))

    def search(self, text: str) -> Self:
        """Keep the objects with these words in the name or the id; one or two letters begin it."""
        words = clean_words(text)
        if words is None:
            return self.none()
        return (
            self.filter(matches(OBJECT_WORDS, words, generated_id="cio_object_id"))
            if words
            else self
        )

    @staticmethod
    def is_exactly(words: str) -> Q:
        """Ask for the object that these words identify."""
        return Q(object_id=words) | Q(cio_object_id=words)


class Object(CountedModel):
    """A single thing of a type: one company, one course."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    object_type = models.ForeignKey(
        ObjectType, models.CASCADE, related_name="objects_of_type", db_index=False
    )
    object_id = models.CharField(_("object_id"), max_length=IDENTIFIER_MAX_CHARS)
    cio_object_id = models.CharField(_("cio_object_id"), max_length=IDENTIFIER_MAX_CHARS)
    name = models.CharField(max_length=NAME_MAX_CHARS, blank=True)

    objects = ObjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("object")
        verbose_name_plural = _("objects")
        constraints = [
            models.UniqueConstraint(
                fields=["object_type", "object_id"], name="object_id_unique_in_type"
            ),
            models.UniqueConstraint(
                fields=["workspace", "cio_object_id"], name="cio_object_id_unique_in_workspace"
            ),
            models.CheckConstraint(
                condition=Q(attributes_bytes__lte=ATTRIBUTES_MAX_BYTES),
                name="object_attributes_within_100_kb",
            ),
        ]
        indexes = [
            models.Index(
                F("object_type"),
                F("created_at").desc(),
                F("id").desc(),
                name="objects_newest_first_in_type",
            ),
            models.Index(
                F("object_type"),
                F("name"),
                F("id"),
                name="objects_by_name",
            ),
            models.Index(
                F("object_type"),
                F("updated_at").desc(),
                F("id").desc(),
                name="objects_last_updated_first",
            ),
            AttributesIndex(name="objects_by_attributes"),
        ]

    def __str__(self) -> str:
        return self.name or self.object_id


class ObjectTotals(TotalsModel):
    """How many relationships an object has."""

    object = RowKeyField(Object, related_name="totals")
    object_type = models.ForeignKey(
        ObjectType, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(relationship_count__gte=0),
                name="object_relationship_count_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["object_type", "relationship_count", "object"],
                name="objects_by_relationships",
            ),
            models.Index(
                fields=["object_type", "created_at", "object"],
                condition=Q(relationship_count=0),
                name="objects_without_relationships",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relationship_count} of object {self.pk}"
