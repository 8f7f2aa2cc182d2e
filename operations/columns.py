"""The columns that every row with attributes carries."""

from typing import Any

from django.db import models
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTransform

from operations.json import load_stored


class AttributesField(models.JSONField):
    """A JSON column read through the product's codec; only the engine writes it."""

    def from_db_value(self, value: Any, expression: Expression, connection: Any) -> Any:
        """Decode what the driver gives.

        A single value that SQLite took out of the JSON may be a bare text; Django's own field
        guesses in the same way.
        """
        if value is None or (isinstance(expression, KeyTransform) and not isinstance(value, str)):
            return value
        try:
            return load_stored(value)
        except ValueError:
            return value


class AttributesModel(models.Model):
    """A row with attributes, the time each was set, and the columns lists need."""

    attributes = AttributesField(default=dict)
    attribute_times = AttributesField(
        default=dict, help_text="Unix seconds at which each attribute was set or removed."
    )
    attributes_bytes = models.PositiveIntegerField(
        default=2, help_text="Size of the attributes as compact UTF-8 JSON."
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Counts the changes, so that a form notices an older state."
    )
    created_at = models.DateTimeField(
        help_text="Follows the attribute created_at where there is one."
    )
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True
