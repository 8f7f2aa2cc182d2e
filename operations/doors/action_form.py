"""The form beneath a list: what to do with the checked rows."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import ActionForm


class RowsActionForm(ActionForm):
    """Unfold's form with a select of ours: its own has colours that no style sheet can change."""

    action = forms.ChoiceField(
        label="",
        widget=forms.Select(
            {
                "class": "cio-input",
                "aria-label": _("Select action to run"),
                "x-model": "action",
            }
        ),
    )
