"""Forms of objects and object types: what was typed becomes one operation."""

from typing import Any

from django import forms
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from objects.models import Object, ObjectType
from operations.doors.admin import is_primary_key
from operations.doors.forms import AttributesForm, NeededTextField, OperationForm, TextField
from operations.types import IdentifyObject, ObjectKey, Operation, SaveObjectType, When

ICONS = (
    "category",
    "apartment",
    "storefront",
    "groups",
    "school",
    "menu_book",
    "account_balance",
    "public",
    "home_work",
    "devices",
    "directions_car",
    "inventory_2",
    "receipt_long",
    "subscriptions",
    "event",
    "handshake",
)


class ObjectForm(AttributesForm):
    """Add an object, or change the attributes of one."""

    skipped_field = "object_id"
    skipped_message = _("An object of this type has this object_id already.")
    suggested_attributes = ("name",)
    error_fields = {"object_type_id": "object_type"}

    object_type = forms.ModelChoiceField(
        label=_("Object type"),
        queryset=ObjectType.objects.none(),
        widget=UnfoldAdminSelectWidget(),
        empty_label=_("Select a type"),
    )
    object_id = NeededTextField(
        label=_("object_id"),
        help_text=_("Your own id of it, up to 150 characters. It cannot be changed later."),
    )

    class Meta:
        model = Object
        fields = ("object_type", "object_id", "attributes")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields.get("object_type")
        if isinstance(field, forms.ModelChoiceField):
            types = ObjectType.objects.for_workspace(self.origin.workspace)
            field.queryset = types.filter(self._offered_types()).order_by("number")

    def _offered_types(self) -> Q:
        """Offer the enabled types, and a disabled one only to who comes from its list."""
        chosen = self.data.get(self.add_prefix("object_type")) or self.initial.get("object_type")
        offered = Q(enabled=True)
        return offered | Q(pk=chosen) if is_primary_key(str(chosen)) else offered

    def skipped(self) -> Any:
        """Lead to the object that has the id."""
        told = super().skipped()
        if not self.instance._state.adding:
            return told
        found = Object.objects.filter(
            object_type=self.cleaned_data["object_type"], object_id=self.cleaned_data["object_id"]
        ).first()
        if found is None:
            return told
        link = reverse("admin:objects_object_change", args=[found.pk])
        opens = gettext("Open %(name)s") % {"name": found}
        return format_html('{} <a href="{}">{}</a>', told, link, opens)

    def operation(self) -> Operation:
        """Create the object typed in, or merge what changed into the stored one."""
        if not self.instance._state.adding:
            key = ObjectKey(cio_object_id=self.instance.cio_object_id)
            return IdentifyObject(
                key=key,
                attributes=self.changes(),
                when=When.EXISTING,
                expected_version=self.expected_version,
            )
        key = ObjectKey(
            object_id=self.cleaned_data["object_id"],
            object_type_id=self.cleaned_data["object_type"].number,
        )
        return IdentifyObject(key=key, attributes=self.changes(), when=When.NEW)


class IconWidget(forms.RadioSelect):
    """A grid of icons to choose from; one that came in by a call is kept as a choice."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Render through the project's templates, which Django's form renderer does not see."""
        icons = ICONS if not value or value in ICONS else (value, *ICONS)
        context = {"name": name, "value": value or ICONS[0], "icons": icons}
        return render_to_string("parts/icon_widget.html", context)


class ObjectTypeForm(OperationForm):
    """Add an object type, rename it, or switch it on and off."""

    name = NeededTextField(label=_("Name"), help_text=_("In the plural, such as Companies."))
    singular_name = TextField(
        label=_("Singular form"),
        required=False,
        help_text=_("Used on buttons and in questions, such as Company."),
    )
    icon = forms.CharField(label=_("Icon"), required=False, widget=IconWidget())
    enabled = forms.BooleanField(
        label=_("Enabled"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_(
            "A disabled type leaves the navigation; its data stays, and calls still work."
        ),
    )

    class Meta:
        model = ObjectType
        fields = ("name", "singular_name", "icon", "enabled")

    def operation(self) -> Operation:
        """Make the next type, or change the stored one."""
        adding = self.instance._state.adding
        return SaveObjectType(
            number=None if adding else self.instance.number,
            name=self.cleaned_data["name"],
            singular_name=self.cleaned_data["singular_name"] or None,
            icon=self.cleaned_data["icon"] or None,
            enabled=self.cleaned_data["enabled"],
        )
