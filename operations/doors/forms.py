"""A form whose check is the engine's preview and whose saving is one engine call."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.columns import AttributesModel
from operations.doors.attribute_rows import changed_attributes
from operations.doors.attributes_widget import AttributesField
from operations.engine import preview
from operations.errors import Rejection
from operations.json import dump
from operations.results import Outcome, Status
from operations.types import Attributes, Call, Json, Operation, Origin

_SHOWN_DIFFERENCES = 5
_SHOWN_CHARS = 60


class TextField(forms.CharField):
    """A line of text exactly as typed: nothing is stripped, the engine knows the limits."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", UnfoldAdminTextInputWidget())
        super().__init__(strip=False, **options)


class OperationForm(forms.ModelForm[Any]):
    """Translate what was typed into one operation; the admin sets `origin` for each request.

    `earlier_rejections` are those of a save that was refused after a clean preview.
    """

    origin: ClassVar[Origin]
    earlier_rejections: ClassVar[tuple[Rejection, ...]] = ()
    error_fields: ClassVar[Mapping[str, str]] = {}
    skipped_field: ClassVar[str | None] = None
    skipped_message: ClassVar[Any] = _("It was deleted in the meantime.")

    def operation(self) -> Operation:
        """Say what the form asks the engine to do."""
        raise NotImplementedError

    def call(self) -> Call:
        """Make the one call of this form."""
        return Call(origin=self.origin, operations=(self.operation(),))

    def save(self, commit: bool = True) -> Any:
        """Leave the row as it is: the admin asks the engine."""
        return self.instance

    def save_m2m(self) -> None:
        """Do nothing: there are no other rows to save."""

    def _post_clean(self) -> None:
        if self.errors:
            return
        if self.earlier_rejections:
            self.add_rejections(self.earlier_rejections)
            return
        self.add_outcome(preview([self.call()]).outcomes[0])

    def add_outcome(self, outcome: Outcome) -> None:
        """Turn a refusal, or a call that would do nothing, into errors of the form."""
        self.add_rejections(outcome.rejections)
        if outcome.status is Status.SKIPPED:
            self.add_error(self.skipped_field, self.skipped_message)

    def add_rejections(self, rejections: Iterable[Rejection]) -> None:
        """Put each refusal beside the field that it names."""
        for rejection in rejections:
            wire_name, _dot, attribute = rejection.field.partition(".")
            field = self.fields.get(wire_name)
            if attribute and isinstance(field, AttributesField):
                field.mark({attribute: rejection.message})
            name = self.error_fields.get(wire_name, wire_name)
            self.add_error(name if name in self.fields else None, _sentence(rejection.message))


class AttributesForm(OperationForm):
    """An operation form with attributes and a guard against overwriting a later state."""

    attributes = AttributesField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    suggested_attributes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields.get("attributes")
        if isinstance(field, AttributesField):
            field.stored = self.stored_attributes
        if not self.instance._state.adding:
            self.initial["version"] = self.instance.version
        elif field is not None:
            field.widget.suggested = self.suggested_attributes

    @property
    def stored_attributes(self) -> Attributes:
        """Give the attributes of the row behind the form; none while adding."""
        row: AttributesModel = self.instance
        stored: Attributes = {} if row._state.adding else row.attributes
        return stored

    def changes(self) -> dict[str, Json]:
        """Give the attributes to merge: null for each that the person removed."""
        return changed_attributes(self.cleaned_data["attributes"], stored=self.stored_attributes)

    def clean(self) -> dict[str, Any]:
        """Refuse a form that was made from an older state, and keep what was typed."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance._state.adding or cleaned.get("version") == self.instance.version:
            return cleaned
        self._accept_stored_version()
        typed = cleaned.get("attributes")
        raise ValidationError(_stale_messages(typed, stored=self.stored_attributes))

    def _accept_stored_version(self) -> None:
        # Saving again is a decision: the page then carries the version it complained about.
        data: Any = self.data
        self.data = data = data.copy()
        data[self.add_prefix("version")] = str(self.instance.version)


def _stale_messages(typed: Attributes | None, *, stored: Attributes) -> list[str]:
    messages = [
        gettext(
            "Somebody else saved this since you opened it. What you typed is kept below:"
            " save again to replace the stored values, or reload the page to see them."
        )
    ]
    names = changed_attributes(typed, stored=stored) if typed is not None else {}
    for name in sorted(names)[:_SHOWN_DIFFERENCES]:
        value = (
            dump(stored[name]).decode()[:_SHOWN_CHARS] if name in stored else gettext("nothing")
        )
        messages.append(gettext("Stored as %(name)s: %(value)s") % {"name": name, "value": value})
    return messages


def _sentence(message: str) -> str:
    return message if message.endswith((".", "?")) else f"{message}."
