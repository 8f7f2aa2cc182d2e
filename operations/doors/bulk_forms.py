"""What the pages of bulk actions ask before anything is done."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.attributes_widget import AttributesField
from operations.errors import Rejection
from operations.limits import REASON_MAX_CHARS
from operations.types import Attributes, Json

TryOut = Callable[[Attributes], tuple[Rejection, ...]]


class ReasonForm(forms.Form):
    """Why it is done, for those who read the change set later."""

    reason = forms.CharField(
        required=False,
        max_length=REASON_MAX_CHARS,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Optional; shown with the change set."),
        widget=forms.TextInput(attrs={"class": "cio-input", "autocomplete": "off"}),
    )


class SuppressForm(ReasonForm):
    """A deletion of people, whose identifiers may also be blocked."""

    suppresses = forms.BooleanField(
        required=False,
        label=gettext_lazy("Also suppress them"),
        help_text=gettext_lazy(
            "Their ids and e-mail addresses cannot come back until they are unsuppressed. "
            "This deletion cannot be undone."
        ),
    )


class ConfirmEditForm(ReasonForm):
    """The confirmation of what a preview showed, and of nothing else."""

    shown = forms.CharField(widget=forms.HiddenInput)


class EditForm(forms.Form):
    """The attributes that an edit sets; the engine is asked about them at once."""

    attributes = AttributesField(required=False, label=gettext_lazy("Attributes to set"))

    def __init__(self, *arguments: Any, try_out: TryOut, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.try_out = try_out
        self.fields["attributes"].widget.suggested = ("",)

    def clean_attributes(self) -> dict[str, Json]:
        """Refuse what would remove an attribute, and what the engine would refuse for any row."""
        field: Any = self.fields["attributes"]
        typed: dict[str, Json] = self.cleaned_data["attributes"]
        if not typed:
            raise ValidationError(_("Name at least one attribute and give it a value."))
        empty = {
            name: _("%(name)s has no value. To remove it, choose Remove attributes in the list.")
            % {"name": name}
            for name, value in typed.items()
            if value is None or value == ""
        }
        refused = {
            rejection.field.partition(".")[2]: rejection.message
            for rejection in (() if empty else self.try_out(typed))
        }
        if problems := empty | refused:
            field.mark(problems)
            raise ValidationError(list(problems.values()))
        return typed


class RemovalForm(forms.Form):
    """The names of the attributes that an edit removes."""

    known = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Attributes to remove"),
        help_text=gettext_lazy("Those that the first rows have."),
        widget=forms.CheckboxSelectMultiple,
    )
    names = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("Other names"),
        help_text=gettext_lazy("One name on each line."),
        widget=forms.Textarea(attrs={"class": "cio-input cio-code", "rows": 2}),
    )

    def __init__(self, *arguments: Any, known: list[str], try_out: TryOut, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.try_out = try_out
        choices: Any = self.fields["known"]
        choices.choices = [(name, name) for name in known]
        if not known:
            del self.fields["known"]

    def clean(self) -> dict[str, Any]:
        """Give null for each name."""
        cleaned = super().clean() or self.cleaned_data
        lines = [line.rstrip("\r") for line in cleaned.get("names", "").split("\n")]
        names = [*cleaned.get("known", ()), *(line for line in lines if line)]
        attributes: dict[str, Json] = dict.fromkeys(names)
        if not attributes and not self.errors:
            raise ValidationError(_("Choose at least one attribute to remove."))
        if rejections := self.try_out(attributes):
            raise ValidationError([rejection.message for rejection in rejections])
        return {**cleaned, "attributes": attributes}
