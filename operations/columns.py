"""The columns that every row with attributes carries, and what is kept counted beside it."""

from typing import Any, Final

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.backends.ddl_references import Statement
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from operations.json import load_stored
from operations.masking import MASK, hidden_names, mask_everywhere, mask_names
from operations.types import HiddenNames

_NOTHING: Final = "SELECT 1"
_LOG: Final = "every kind"
# What is masked, and whose names are hidden there. Drafts and jobs hold what somebody typed.
_HELD: Final = {
    ("person", "attributes"): "people",
    ("object", "attributes"): "objects",
    ("relationship", "attributes"): "relationships",
    ("activity", "before"): _LOG,
    ("activity", "after"): _LOG,
    ("activity", "before_row"): _LOG,
}


class AttributesField(models.JSONField):
    """A JSON column read through the product's codec; only the engine writes it."""

    def from_db_value(self, value: Any, expression: Expression, connection: Any) -> Any:
        """Decode what the driver gives, without what is hidden from whoever is read for."""
        found = self._decoded(value, expression)
        hidden = hidden_names()
        return self._masked(found, expression, hidden) if hidden else found

    def _decoded(self, value: Any, expression: Expression) -> Any:
        """Decode a value.

        A single value that SQLite took out of the JSON may be a bare text; Django's own field
        guesses in the same way.
        """
        if value is None or (isinstance(expression, KeyTransform) and not isinstance(value, str)):
            return value
        try:
            return load_stored(value)
        except ValueError:
            return value

    def _masked(self, found: Any, expression: Expression, hidden: HiddenNames) -> Any:
        """Mask attributes by the kind of their rows, and what is in the log by every kind."""
        held = _HELD.get((self.model._meta.model_name or "", self.name))
        if found is None or held is None:
            return found
        if held == _LOG:
            return mask_everywhere(found, hidden.every)
        names: frozenset[str] = getattr(hidden, held)
        if isinstance(expression, KeyTransform):
            return MASK if _outermost_name(expression) in names else found
        return mask_names(found, names)


def _outermost_name(expression: Expression) -> str:
    """Name the attribute that a way into the JSON begins with."""
    name = ""
    while isinstance(expression, KeyTransform):
        name = str(expression.key_name)
        expression = expression.get_source_expressions()[0]
    return name


class AttributesIndex(GinIndex):
    """Serves `attributes @> ...` on PostgreSQL; SQLite has no such index and does without."""

    def __init__(self, *, name: str) -> None:
        super().__init__(fields=["attributes"], opclasses=["jsonb_path_ops"], name=name)

    def deconstruct(self) -> Any:
        """Tell migrations the name, which is all that differs."""
        path, _, _ = super().deconstruct()
        return path, (), {"name": self.name}

    def create_sql(
        self, model: type[models.Model], schema_editor: Any, using: str = "", **kwargs: Any
    ) -> Statement:
        """Make the index where there can be one."""
        if schema_editor.connection.vendor != "postgresql":
            return Statement(_NOTHING)
        return super().create_sql(model, schema_editor, using=using, **kwargs)

    def remove_sql(self, model: type[models.Model], schema_editor: Any, **kwargs: Any) -> str:
        """Drop the index where there is one."""
        if schema_editor.connection.vendor != "postgresql":
            return _NOTHING
        return super().remove_sql(model, schema_editor, **kwargs)


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


class CountedModel(AttributesModel):
    """A row with attributes that has its totals beside it; a list joins them with the rows."""

    totals: "TotalsModel"

    class Meta:
        abstract = True

    @property
    def relationship_count(self) -> int:
        """Count the relationships of the row."""
        return self.totals.relationship_count


class RowKeyField(models.OneToOneField):  # type: ignore[type-arg]  # no subscript at run time
    """The key of a row, by which a table beside its own is found too.

    The database does not compare the two: the engine writes and deletes both rows in one
    transaction, and check_integrity looks for one without the other.
    """

    def __init__(self, to: Any, on_delete: Any = models.CASCADE, **options: Any) -> None:
        fixed = {"primary_key": True, "db_constraint": False, "db_column": "id"}
        super().__init__(to, on_delete, **(options | fixed))

    def db_type(self, connection: Any) -> str | None:
        """Let SQLite keep the rows in the order of this key, which it does for this type only."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class TotalsModel(models.Model):
    """What is kept counted about a row: a narrow row beside it, because it changes often.

    In the row itself each change would write an entry into every one of its many indexes.
    """

    created_at = models.DateTimeField(
        help_text="That of the row: one index leads to the newest rows without relationships."
    )
    relationship_count = models.PositiveIntegerField(_("relationships"), default=0)

    class Meta:
        abstract = True
