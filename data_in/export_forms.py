"""The form that asks what an export holds and how it is written."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from data_in.export_lines import Format
from data_in.export_settings import Content
from operations.wire.columns import Kind

_ALL = "all"
_SOME = "some"


class ExportForm(forms.Form):
    """Which files, which attributes, and in which form."""

    content = forms.ChoiceField(
        label=gettext_lazy("What"), widget=forms.RadioSelect, initial=Content.ROWS.value
    )
    columns = forms.ChoiceField(
        label=gettext_lazy("Attributes"),
        choices=[
            (_ALL, gettext_lazy("All attributes")),
            (_SOME, gettext_lazy("Only these")),
        ],
        widget=forms.RadioSelect,
        initial=_ALL,
    )
    known = forms.MultipleChoiceField(
        label=gettext_lazy("Attributes in the file"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    names = forms.CharField(
        label=gettext_lazy("Other attributes"),
        help_text=gettext_lazy("One name on each line."),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "cio-input cio-code", "rows": 2}),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            (Format.CSV.value, gettext_lazy("CSV")),
            (Format.JSON_LINES.value, gettext_lazy("JSON Lines")),
        ],
        widget=forms.RadioSelect,
        initial=Format.CSV.value,
    )
    is_made_safe = forms.BooleanField(label=gettext_lazy("Safe for spreadsheets"), required=False)
    is_gzipped = forms.BooleanField(label=gettext_lazy("Packed with gzip"), required=False)

    def __init__(
        self,
        *arguments: Any,
        kind: Kind,
        rows_name: str,
        known: tuple[str, ...],
        shown: tuple[str, ...],
        hidden: frozenset[str],
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.hidden = hidden
        fields: Any = self.fields
        if kind is Kind.RELATIONSHIPS:
            del fields["content"]
        else:
            fields["content"].choices = _contents(rows_name)
        fields["known"].choices = [(name, name) for name in known]
        fields["known"].initial = shown
        if not known:
            del fields["known"]

    def clean(self) -> dict[str, Any]:
        """Put the names together, and refuse what nobody could read out of the file."""
        cleaned = super().clean() or self.cleaned_data
        lines = [line.rstrip("\r") for line in cleaned.get("names", "").split("\n")]
        typed = [line for line in lines if line.strip()]
        names = dict.fromkeys([*cleaned.get("known", ()), *typed])
        is_chosen = cleaned.get("columns") == _SOME
        if is_chosen and not names:
            self.add_error("columns", _("Choose at least one attribute, or take all of them."))
        for name in names:
            if is_chosen and name in self.hidden:
                self.add_error("names", _say_hidden(name))
        if cleaned.get("is_made_safe") and cleaned.get("format") != Format.CSV.value:
            message = _("Only CSV is opened by spreadsheets; choose CSV, or switch this off.")
            self.add_error("is_made_safe", message)
        return {**cleaned, "attributes": tuple(names) if is_chosen else None}


def _contents(rows_name: str) -> list[tuple[str, str]]:
    return [
        (Content.ROWS.value, rows_name),
        (Content.RELATIONSHIPS.value, _("Their relationships")),
        (Content.BOTH.value, _("Both, as two files in a ZIP archive")),
    ]


def _say_hidden(name: str) -> ValidationError:
    message = _("%(name)s is sensitive and you may not see it; take it out of the list.")
    return ValidationError(message % {"name": name})
