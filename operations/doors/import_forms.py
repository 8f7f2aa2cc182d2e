"""The forms of an import: the file with its choices, then the confirmation that repeats them."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from import_export.forms import ConfirmImportForm
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from objects.models import ObjectType
from operations.limits import PAGE_IMPORT_MAX_BYTES
from operations.types import When
from operations.wire.columns import Choices, Identifier, Kind

TOO_LARGE = "too_large"
_SALT = "operations.import"
_START_BYTES = 64
_WHEN_CHOICES = (
    (When.ANY, _("Add new rows and update existing ones")),
    (When.NEW, _("Only add new rows")),
    (When.EXISTING, _("Only update existing rows")),
)
_BLANK_CHOICES = (
    ("", _("Leave the stored value as it is")),
    ("clear", _("Remove the attribute")),
)
_IDENTIFIER_CHOICES = (
    ("", _("The first of id, email and cio_id that a row has")),
    *((each, each.value) for each in Identifier),
)


class FileFormat(Protocol):
    """A format of the library that knows its files."""

    endings: ClassVar[Sequence[str]]

    @classmethod
    def is_format_of(cls, name: str, start: bytes) -> bool:
        """Tell whether a file is in this format, by its name or by how it begins."""


class ChoicesForm(forms.Form):
    """How the file is to be read."""

    kind: ClassVar[Kind | None] = None
    workspace_id: ClassVar[int]

    object_type = forms.ModelChoiceField(
        label=_("Object type"),
        queryset=ObjectType.objects.none(),
        required=False,
        empty_label=_("As each row says"),
        widget=UnfoldAdminSelectWidget(),
    )
    identifier = forms.ChoiceField(
        label=_("People are named by"),
        choices=_IDENTIFIER_CHOICES,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    when = forms.ChoiceField(
        label=_("Rows"),
        choices=_WHEN_CHOICES,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    blanks = forms.ChoiceField(
        label=_("Blank cells"),
        choices=_BLANK_CHOICES,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    is_made_safe = forms.BooleanField(
        label=_("The file was made safe for spreadsheets: strip one leading apostrophe"),
        required=False,
        widget=UnfoldBooleanWidget(),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.kind is Kind.PEOPLE:
            del self.fields["object_type"]
        if self.kind is Kind.OBJECTS:
            del self.fields["identifier"]
        field = self.fields.get("object_type")
        if isinstance(field, forms.ModelChoiceField):
            types = ObjectType.objects.for_workspace(self.workspace_id)
            field.queryset = types.order_by("number")

    def choices(self) -> Choices:
        """Give the choices as the rows are read by them."""
        cleaned = self.cleaned_data
        identifier = cleaned.get("identifier")
        return Choices(
            self.kind or Kind.OBJECTS,
            identifier=Identifier(identifier) if identifier else None,
            when=When(cleaned.get("when") or When.ANY),
            clears_blanks=cleaned.get("blanks") == "clear",
            is_made_safe=bool(cleaned.get("is_made_safe")),
        )


class FileForm(ImportForm):
    """The file; it tells its own format."""

    formats: ClassVar[Sequence[type[FileFormat]]] = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        # The file itself tells its format, so nobody has to choose one.
        self.fields["format"].required = False
        endings = [ending for each in self.formats for ending in each.endings]
        self.fields["import_file"].widget.attrs["accept"] = ",".join(endings)

    def clean_import_file(self) -> Any:
        """Refuse what does not fit into a page before it is read."""
        file = self.cleaned_data["import_file"]
        if file.size > PAGE_IMPORT_MAX_BYTES:
            message = _("The file is larger than 20 MB; import it as CSV under Imports.")
            raise ValidationError(message, code=TOO_LARGE)
        return file

    def clean(self) -> dict[str, Any] | None:
        """Find out in which format the file is; one that is not known is read as the first."""
        cleaned = super().clean()
        file = self.cleaned_data.get("import_file")
        if file is not None:
            start = file.read(_START_BYTES)
            file.seek(0)
            found = [
                number
                for number, each in enumerate(self.formats)
                if each.is_format_of(file.name, start)
            ]
            self.cleaned_data["format"] = str(found[0] if found else 0)
        return cleaned


class UploadForm(ChoicesForm, FileForm):
    """The file and how to read it."""

    field_order = ["resource", "import_file", "object_type", "identifier", "when", "blanks"]


class SignedForm(ConfirmImportForm):
    """The kept file, whose name is signed, so that no other is read."""

    kind: ClassVar[Kind | None] = None
    workspace_id: ClassVar[int]

    def clean_import_file_name(self) -> str:
        """Take only a name that this server has given out."""
        try:
            name = signing.loads(
                self.cleaned_data["import_file_name"],
                salt=_salt(self.workspace_id, self.kind),
            )
        except signing.BadSignature:
            message = _("The uploaded file is not known here; upload it again.")
            raise ValidationError(message) from None
        return str(name)


class ConfirmForm(ChoicesForm, SignedForm):
    """The same choices, hidden."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()


class DownloadForm(ExportForm):
    """The format of an export; the columns are always those that an import takes back."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        field: Any = self.fields["format"]
        field.choices = [choice for choice in field.choices if choice[0]]
        field.widget = UnfoldAdminRadioSelectWidget(choices=field.choices)
        field.initial = "0"


def sign_file_name(name: str, *, workspace_id: int, kind: Kind | None) -> str:
    """Sign the name of an uploaded file for its confirmation in this workspace, as this kind."""
    return signing.dumps(name, salt=_salt(workspace_id, kind))


def _salt(workspace_id: int, kind: Kind | None) -> str:
    return f"{_SALT}.{workspace_id}.{kind}"
