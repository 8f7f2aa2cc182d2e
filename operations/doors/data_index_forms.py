"""What workspace admins say about an attribute: description, tags, whether it is sensitive."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.audit import By, record
from operations.doors.sensitive import NEVER_SENSITIVE
from operations.doors.view_counts import forget_counts
from operations.limits import ATTRIBUTE_DESCRIPTION_MAX_CHARS, ATTRIBUTE_NAME_LISTED_MAX_CHARS
from operations.models import AttributeKind, AttributeName
from workspaces.models import AuditEntry, Workspace

TAGS_MAX: Final = 20
TAG_MAX_CHARS: Final = 40


class AttributeForm(forms.Form):
    """One attribute of the data index; the name is asked for where none was chosen."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        strip=False,
        max_length=ATTRIBUTE_NAME_LISTED_MAX_CHARS,
        help_text=gettext_lazy("Exactly as rows have it, or will have it."),
        widget=forms.TextInput(attrs={"class": "cio-input cio-code", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=ATTRIBUTE_DESCRIPTION_MAX_CHARS,
        help_text=gettext_lazy("What it means and where it comes from."),
        widget=forms.Textarea(attrs={"class": "cio-input", "rows": 3}),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("Separated by commas, such as billing, from the CRM."),
        widget=forms.TextInput(attrs={"class": "cio-input", "autocomplete": "off"}),
    )
    is_sensitive = forms.BooleanField(label=gettext_lazy("Sensitive"), required=False)

    def __init__(self, *arguments: Any, row: AttributeName, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.row = row
        self.asks_for_name = not row.name
        self.initial = {
            "name": row.name,
            "description": row.description,
            "tags": ", ".join(row.tags),
            "is_sensitive": row.is_sensitive,
        }
        if not self.asks_for_name:
            del self.fields["name"]
            self.fields["is_sensitive"].disabled = self.is_open

    @property
    def is_open(self) -> bool:
        """Tell whether every page shows the attribute, so that it cannot be sensitive."""
        return self.row.name in NEVER_SENSITIVE[AttributeKind(self.row.kind)]

    def clean_name(self) -> str:
        """Refuse what no attribute can be called."""
        name: str = self.cleaned_data["name"]
        if "\0" in name:
            raise ValidationError(_("No attribute has a NUL character in its name."))
        return name

    def clean_tags(self) -> list[str]:
        """Split the tags, each once."""
        found = [" ".join(tag.split()) for tag in self.cleaned_data["tags"].split(",")]
        tags = list(dict.fromkeys(tag for tag in found if tag))
        if len(tags) > TAGS_MAX:
            message = _("These are %(count)d tags; an attribute has %(max)d at most.")
            raise ValidationError(message % {"count": len(tags), "max": TAGS_MAX})
        for tag in tags:
            if len(tag) > TAG_MAX_CHARS:
                message = _("The tag %(tag)s is longer than %(max)d characters.")
                raise ValidationError(message % {"tag": tag, "max": TAG_MAX_CHARS})
        return tags

    def clean(self) -> dict[str, Any]:
        """Refuse to mark what every page shows."""
        cleaned = super().clean() or self.cleaned_data
        self.row.name = self.row.name or cleaned.get("name", "")
        if cleaned.get("is_sensitive") and self.is_open:
            message = _(
                "%(name)s cannot be sensitive: rows are called and sorted by it on every page."
            )
            self.add_error("is_sensitive", message % {"name": self.row.name})
        return cleaned


def save_attribute(request: HttpRequest, row: AttributeName, form: AttributeForm) -> None:
    """Write what was said; the mark holds for the name in every object type.

    Whoever typed the name did not see whether it is marked already, so it is not taken away then.
    """
    said = form.cleaned_data
    is_sensitive: bool = said["is_sensitive"]
    with transaction.atomic():
        AttributeName.objects.update_or_create(
            workspace=row.workspace,
            kind=row.kind,
            object_type_number=row.object_type_number,
            name=row.name,
            defaults={"description": said["description"], "tags": said["tags"]},
            create_defaults={"description": said["description"], "tags": said["tags"]},
        )
        if form.asks_for_name and not is_sensitive:
            return
        same = AttributeName.objects.filter(
            workspace=row.workspace, kind=row.kind, name=row.name
        ).exclude(is_sensitive=is_sensitive)
        if same.update(is_sensitive=is_sensitive):
            forget_counts(row.workspace)
            record_mark(request, row.workspace, row.name, is_sensitive=is_sensitive, kind=row.kind)


def record_mark(
    by: By,
    workspace: Workspace,
    name: str,
    *,
    is_sensitive: bool,
    kind: str = AttributeKind.PEOPLE,
) -> None:
    """Write down who marked an attribute as sensitive, or took the mark away."""
    text = (
        _("Marked the attribute %(name)s as sensitive")
        if is_sensitive
        else _("Took the mark of a sensitive attribute from %(name)s")
    )
    record(
        by,
        AuditEntry.Kind.SENSITIVE_MARKED,
        text % {"name": name},
        workspace=workspace,
        details={"kind": kind, "name": name, "is_sensitive": is_sensitive},
    )
