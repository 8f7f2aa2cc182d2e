"""Forms of workspaces, their members and their keys."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelectWidget

from workspaces.models import Credential, Workspace

_HEX_COLOUR = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Write a colour as #rrggbb."))


class WorkspaceForm(forms.ModelForm[Workspace]):
    """Name, colour and limits of a workspace."""

    colour = forms.CharField(
        label=_("Colour"),
        validators=[_HEX_COLOUR],
        initial="#6d5dfc",
        widget=UnfoldAdminColorInputWidget(),
        help_text=_("The dot beside the name, to tell workspaces apart."),
    )

    class Meta:
        model = Workspace
        fields = ("name", "colour", "limits")


class CredentialForm(forms.ModelForm[Credential]):
    """What a person decides about a key; the secret is generated."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Credential.Kind.choices, widget=UnfoldAdminSelectWidget()
    )

    class Meta:
        model = Credential
        fields = ("name", "kind", "role")

    def clean_name(self) -> Any:
        """Ask for a name that tells keys apart."""
        name = self.cleaned_data["name"].strip()
        if not name:
            raise ValidationError(_("Name it after what will use it."))
        return name
