"""The forms of an import: what comes in, and how it is to be read."""

from dataclasses import replace
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from data_in.glimpses import Glimpse
from data_in.import_words import describe_delimiter
from data_in.models import NAME_MAX_CHARS
from data_in.settings import Blanks, Mode, Settings
from objects.models import ObjectType
from operations.limits import REASON_MAX_CHARS
from operations.wire.columns import Identifier, Kind

REMOVE: Final = "remove"
URL_MAX_CHARS: Final = 2_000
_EACH_ROW: Final = ""
_DELIMITERS: Final = (",", ";", "\t", "|")
_ENCODINGS: Final = (
    ("utf-8", gettext_lazy("UTF-8")),
    ("utf-16", gettext_lazy("UTF-16")),
    ("cp1252", gettext_lazy("Windows-1252 (Western Europe)")),
    ("iso8859-1", gettext_lazy("ISO 8859-1 (Western Europe)")),
    ("iso8859-15", gettext_lazy("ISO 8859-15 (Western Europe, with €)")),
    ("cp1250", gettext_lazy("Windows-1250 (Central Europe)")),
    ("cp1251", gettext_lazy("Windows-1251 (Cyrillic)")),
    ("cp1253", gettext_lazy("Windows-1253 (Greek)")),
    ("cp1254", gettext_lazy("Windows-1254 (Turkish)")),
    ("mac-roman", gettext_lazy("Mac Roman")),
    ("shift_jis", gettext_lazy("Shift JIS (Japanese)")),
    ("gb18030", gettext_lazy("GB 18030 (Chinese)")),
    ("big5", gettext_lazy("Big5 (Chinese)")),
    ("euc_kr", gettext_lazy("EUC-KR (Korean)")),
)
_IDENTIFIERS: Final = (
    ("", gettext_lazy("The first of id, email and cio_id that a row has")),
    (Identifier.ID, gettext_lazy("id")),
    (Identifier.EMAIL, gettext_lazy("email")),
    (Identifier.CIO_ID, gettext_lazy("cio_id")),
)
_BLANKS: Final = (
    (Blanks.IGNORE, gettext_lazy("Leave the stored value as it is")),
    (Blanks.CLEAR, gettext_lazy("Remove the attribute")),
)
_REMOVALS: Final = {
    Kind.PEOPLE: gettext_lazy("Delete the people that the rows name"),
    Kind.OBJECTS: gettext_lazy("Delete the objects that the rows name"),
    Kind.RELATIONSHIPS: gettext_lazy("End the relationships that the rows name"),
}


class FileForm(forms.Form):
    """What the rows are, the file, and what the import is called."""

    what = forms.ChoiceField(
        label=gettext_lazy("What is in the file?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what the rows of the file are."),
            "invalid_choice": gettext_lazy(
                "Choose what the rows of the file are; this type is not there any more."
            ),
        },
    )
    related_type = forms.ChoiceField(
        label=gettext_lazy("Objects of type"),
        required=False,
        widget=forms.Select(attrs={"class": "cio-input"}),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        required=False,
    )
    url = forms.CharField(
        label=gettext_lazy("Or an address"),
        max_length=URL_MAX_CHARS,
        required=False,
        help_text=gettext_lazy("It begins with https:// and leads to the file itself."),
        widget=forms.URLInput(
            attrs={"class": "cio-input", "placeholder": "https://", "autocomplete": "off"}
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_MAX_CHARS,
        required=False,
        help_text=gettext_lazy("Left empty, it is called after the file and the time."),
        widget=forms.TextInput(attrs={"class": "cio-input"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=REASON_MAX_CHARS,
        required=False,
        widget=forms.TextInput(attrs={"class": "cio-input"}),
    )

    def __init__(
        self, *arguments: Any, types: dict[int, ObjectType], problem: str = "", **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._problem = problem
        objects = [(f"{Kind.OBJECTS}-{number}", row.name) for number, row in types.items()]
        ends = [(Kind.PEOPLE.value, _("People")), (Kind.RELATIONSHIPS.value, _("Relationships"))]
        self._field("what").choices = [ends[0], *objects, ends[1]]
        each_row = (_EACH_ROW, _("As object_type_id says in each row"))
        named = [(str(number), row.name) for number, row in types.items()]
        self._field("related_type").choices = [each_row, *named]

    def clean(self) -> dict[str, Any]:
        """Ask for a file in one of the two ways, unless one came that was refused on its way."""
        cleaned = self.cleaned_data
        if self._problem:
            self.add_error("file", self._problem)
        elif not (cleaned.get("file") or cleaned.get("url") or self.errors.get("url")):
            self.add_error("file", _("Choose a file, or give the address of one."))
        return cleaned

    def chosen(self) -> tuple[Kind, int | None]:
        """Give the kind, and the number of the type where one is chosen for the whole file."""
        kind, _dash, number = self.cleaned_data["what"].partition("-")
        if kind == Kind.RELATIONSHIPS:
            number = self.cleaned_data["related_type"]
        return Kind(kind), int(number) if number else None

    def _field(self, name: str) -> Any:
        return self.fields[name]


class SetupForm(forms.Form):
    """What the rows do, and how the file is written."""

    does = forms.ChoiceField(label=gettext_lazy("What the rows do"), widget=forms.RadioSelect)
    identifier = forms.ChoiceField(
        label=gettext_lazy("People are named by"),
        choices=_IDENTIFIERS,
        required=False,
        widget=forms.Select(attrs={"class": "cio-input"}),
    )
    blanks = forms.ChoiceField(
        label=gettext_lazy("Blank cells"), choices=_BLANKS, widget=forms.RadioSelect
    )
    treats_null_as_empty = forms.BooleanField(
        label=gettext_lazy("NULL counts as a blank cell"),
        required=False,
        help_text=gettext_lazy("Cells that hold only the word NULL, in any case."),
    )
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("Import all rows or none"),
        required=False,
        help_text=gettext_lazy("Otherwise refused rows are left out and the others imported."),
    )
    is_made_safe = forms.BooleanField(
        label=gettext_lazy("The file was made safe for spreadsheets"),
        required=False,
        help_text=gettext_lazy("One apostrophe is stripped from cells that begin with one."),
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        widget=forms.Select(attrs={"class": "cio-input", "data-redraws": ""}),
    )
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Between cells"),
        required=False,
        widget=forms.Select(attrs={"class": "cio-input", "data-redraws": ""}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kind: Kind,
        settings: Settings,
        seen: Glimpse | str,
    ) -> None:
        super().__init__(data, initial=_initial(settings))
        self.settings = settings
        self._field("does").choices = [
            (Mode.ALL, _("Add new ones and update those that exist")),
            (Mode.ONLY_NEW, _("Only add new ones")),
            (Mode.ONLY_EXISTING, _("Only update those that exist")),
            (REMOVE, _REMOVALS[kind]),
        ]
        encoding = between = ""
        if not isinstance(seen, str):
            encoding = "" if settings.encoding else seen.encoding.upper()
            between = "" if settings.delimiter else describe_delimiter(seen.delimiter)
        self._field("encoding").choices = _with(_ENCODINGS, settings.encoding, found=encoding)
        delimiters = [(each, describe_delimiter(each)) for each in _DELIMITERS]
        self._field("delimiter").choices = _with(delimiters, settings.delimiter, found=between)
        self.fields["is_made_safe"].widget.attrs["data-redraws"] = ""
        if kind is Kind.OBJECTS:
            del self.fields["identifier"]

    def chosen(self) -> Settings:
        """Give the settings with what was chosen; the columns stay."""
        cleaned = self.cleaned_data
        does, identifier = cleaned["does"], cleaned.get("identifier")
        return replace(
            self.settings,
            mode=Mode.ALL if does == REMOVE else Mode(does),
            removes=does == REMOVE,
            identifier=Identifier(identifier) if identifier else None,
            blanks=Blanks(cleaned["blanks"]),
            treats_null_as_empty=cleaned["treats_null_as_empty"],
            all_or_nothing=cleaned["all_or_nothing"],
            is_made_safe=cleaned["is_made_safe"],
            encoding=cleaned["encoding"] or None,
            delimiter=cleaned["delimiter"] or None,
        )

    def _field(self, name: str) -> Any:
        return self.fields[name]


def _initial(settings: Settings) -> dict[str, Any]:
    return {
        "does": REMOVE if settings.removes else settings.mode.value,
        "identifier": settings.identifier.value if settings.identifier else "",
        "blanks": settings.blanks.value,
        "treats_null_as_empty": settings.treats_null_as_empty,
        "all_or_nothing": settings.all_or_nothing,
        "is_made_safe": settings.is_made_safe,
        "encoding": settings.encoding or "",
        "delimiter": settings.delimiter or "",
    }


def _with(choices: Any, chosen: str | None, *, found: str) -> list[tuple[str, Any]]:
    """Offer to take what is found first, and keep a choice that came from elsewhere."""
    detected = _("Detected: %(found)s") % {"found": found} if found else _("Detect")
    offered = [("", detected), *choices]
    if chosen is None or any(value == chosen for value, _label in offered):
        return offered
    return [*offered, (chosen, chosen)]
