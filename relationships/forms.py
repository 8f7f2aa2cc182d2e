"""The form of a relationship: what was typed becomes one operation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from objects.models import Object
from operations.doors.forms import AttributesForm
from operations.types import ObjectKey, Operation, PersonKey, Relate, When
from people.models import Person
from relationships.models import Relationship


class RelationshipForm(AttributesForm):
    """Relate a person to an object, or change the attributes of a relationship."""

    skipped_field = "object"
    skipped_message = _("This person is related to this object already.")

    class Meta:
        model = Relationship
        fields = ("person", "object", "attributes")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if field := self.fields.get("attributes"):
            field.widget.add_label = _("Create new attribute")
        self._limit("person", Person.objects.for_workspace(self.origin.workspace))
        self._limit("object", Object.objects.for_workspace(self.origin.workspace))

    def operation(self) -> Operation:
        """Relate the two, or merge what changed into the stored relationship."""
        stored = self.instance
        adding = stored._state.adding
        person = self.cleaned_data["person"] if adding else stored.person
        named = self.cleaned_data["object"] if adding else stored.object
        return Relate(
            person=PersonKey(cio_id=person.cio_id),
            object=ObjectKey(
                cio_object_id=named.cio_object_id, object_type_id=named.object_type.number
            ),
            attributes=self.changes(),
            when=When.NEW if adding else When.EXISTING,
            expected_version=self.expected_version,
        )

    def _limit(self, name: str, rows: Any) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows
