"""Forms of workspaces, their members and their keys."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from workspaces.models import NETWORKS_MAX_CHARS, Credential, Membership, Role, Workspace
from workspaces.networks import NetworkError, parse_networks
from workspaces.permissions import is_last_admin

_HEX_COLOUR = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Write a colour as #rrggbb."))


class NetworksField(forms.CharField):
    """Networks, one a line; what is no network is named with what would be one."""

    def __init__(self, *, help_text: Any, label: Any) -> None:
        super().__init__(
            required=False,
            max_length=NETWORKS_MAX_CHARS,
            label=label,
            help_text=help_text,
            widget=UnfoldAdminTextareaWidget(
                attrs={"rows": 4, "spellcheck": "false", "class": "cio-code"}
            ),
        )

    def to_python(self, value: Any) -> Any:
        """Write each network as the standard library does."""
        try:
            return parse_networks(super().to_python(value) or "")
        except NetworkError as error:
            raise ValidationError(str(error)) from None


class WorkspaceForm(forms.ModelForm[Workspace]):
    """Name, colour and limits of a workspace."""

    colour = forms.CharField(
        label=_("Colour"),
        validators=[_HEX_COLOUR],
        initial="#6d5dfc",
        widget=UnfoldAdminColorInputWidget(),
        help_text=_("The dot beside the name, to tell workspaces apart."),
    )
    allowed_networks = NetworksField(
        label=_("Addresses that keys may call from"),
        help_text=_(
            "For all keys of this workspace. One a line, such as 203.0.113.7 or 2001:db8::/32;"
            " empty lets everybody in. A key can be narrowed further."
        ),
    )

    class Meta:
        model = Workspace
        fields = ("name", "colour", "limits", "allowed_networks")


class MembershipForm(forms.ModelForm[Membership]):
    """Who belongs to the workspace, and in which role."""

    member = forms.CharField(
        label=_("Username or e-mail"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Of somebody who can sign in already; superusers add users."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.VIEWER,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Each role includes the ones before it."),
    )

    workspace: Workspace

    class Meta:
        model = Membership
        fields = ("role", "sees_sensitive")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance._state.adding:
            self.instance.workspace = self.workspace
        else:
            self.fields.pop("member")

    def clean_member(self) -> User:
        """Find the user that is meant."""
        text = self.cleaned_data["member"]
        named = User.objects.filter(username=text)
        found = list((named if named.exists() else User.objects.filter(email__iexact=text))[:2])
        if not found:
            raise ValidationError(
                _("Nobody who can sign in is called %(name)s."), params={"name": text}
            )
        if len(found) > 1:
            raise ValidationError(_("Several users have this e-mail; give the username."))
        if Membership.objects.filter(workspace=self.instance.workspace, user=found[0]).exists():
            raise ValidationError(_("%(name)s is a member already."), params={"name": text})
        return found[0]

    def clean_role(self) -> str:
        """Keep somebody who can manage the workspace."""
        role: str = self.cleaned_data["role"]
        if role != Role.ADMIN and is_last_admin(self.instance):
            raise ValidationError(
                _("This is the last workspace admin; make somebody else one first.")
            )
        return role


class CredentialForm(forms.ModelForm[Credential]):
    """What a person decides about a key; the secret is generated."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Credential.Kind.choices, widget=UnfoldAdminSelectWidget()
    )
    allowed_networks = NetworksField(
        label=_("Addresses that this key may call from"),
        help_text=_(
            "One a line, such as 203.0.113.7, 198.51.100.0/24 or 2001:db8::/32; empty lets"
            " everybody in. Calls from elsewhere are refused and audited."
        ),
    )

    class Meta:
        model = Credential
        fields = ("name", "kind", "role", "sees_sensitive", "allowed_networks")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not self.instance._state.adding:
            self.fields.pop("kind", None)

    def clean_name(self) -> Any:
        """Ask for a name that tells keys apart."""
        name = self.cleaned_data["name"].strip()
        if not name:
            raise ValidationError(_("Name it after what will use it."))
        return name


class RotationForm(forms.Form):
    """How long the old secret goes on working."""

    overlap_hours = forms.TypedChoiceField(
        label=_("The old secret stops working"),
        coerce=int,
        initial=24,
        choices=(
            (0, _("At once")),
            (1, _("After an hour")),
            (24, _("After a day")),
            (168, _("After a week")),
        ),
        widget=forms.RadioSelect,
    )
