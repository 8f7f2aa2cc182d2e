"""The forms of the steps that add relationships: attributes, then the reason."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from operations.doors.attributes_widget import AttributesField
from operations.errors import Rejection
from operations.limits import REASON_MAX_CHARS

_INPUT = {"class": "cio-input"}


class RelateAttributesForm(forms.Form):
    """The attributes that every chosen pair gets."""

    attributes = AttributesField(required=False, label=_("Attributes"))

    def add_rejections(self, rejections: Iterable[Rejection]) -> None:
        """Put each refusal of the engine beside the attribute that it names."""
        field = self.fields["attributes"]
        for rejection in rejections:
            _wire_name, _dot, attribute = rejection.field.partition(".")
            if attribute and isinstance(field, AttributesField):
                field.mark({attribute: rejection.message})
            self.add_error("attributes", rejection.message)


class ReviewForm(forms.Form):
    """Why, for the log; and the state of the draft that was reviewed."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_MAX_CHARS,
        help_text=_("Optional. It stands in the activity log beside your name."),
        widget=forms.TextInput(attrs=_INPUT),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.errors.get("reason"):
            self.fields["reason"].widget.attrs["aria-invalid"] = "true"
