"""The attribute editor of the admin's forms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from operations.doors.attribute_rows import (
    AttributeRow,
    Kind,
    Problems,
    RowsError,
    parse_rows,
    read_rows,
    render_raw,
    render_rows,
)
from operations.doors.stale import Choice
from operations.json import JsonError, parse_object
from operations.limits import ATTRIBUTES_MAX_BYTES
from operations.types import Attributes, Json

KIND_LABELS = (
    (Kind.TEXT, _("Text")),
    (Kind.NUMBER, _("Number")),
    (Kind.BOOLEAN, _("True/false")),
    (Kind.TIME, _("Date-time")),
    (Kind.JSON, _("JSON")),
)


@dataclass(frozen=True, slots=True)
class Posted:
    """What the editor sent: its rows when scripts ran, else the text of the JSON."""

    rows: str
    raw: str


class AttributesWidget(forms.Widget):
    """Rows of name, type and value; without scripts a text area with the JSON."""

    suggested: tuple[str, ...] = ()
    add_label: Any = _("Add attribute")
    choices: Sequence[Choice] = ()
    locked_names: frozenset[str] = frozenset()

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.problems: Problems = {}
        self.wrong_names: frozenset[str] = frozenset()

    @property
    def media(self) -> forms.Media:
        """Name the script that turns the JSON into rows."""
        return forms.Media(js=["cioapp/attributes.js"])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Posted:
        """Take both notations; the rows count when there are any."""
        return Posted(rows=data.get(f"{name}_rows", ""), raw=data.get(name, ""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether the editor was on the page at all."""
        return name not in data and f"{name}_rows" not in data

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Render through the project's templates, which Django's form renderer does not see."""
        found = attrs or {}
        identifier = found.get("id", f"id_{name}")
        rows, raw, is_raw = self._notations(value)
        if self.choices:
            context = {"name": name, "id": identifier, "raw": raw, "choices": self.choices}
            return render_to_string("parts/attributes_choices.html", context)
        context = {
            "name": name,
            "id": identifier,
            "is_wrong": "aria-invalid" in found,
            "add_label": self.add_label,
            "rows": [self._judged(row) for row in rows],
            "raw": raw,
            "is_raw": is_raw,
            "kinds": KIND_LABELS,
            "limit": ATTRIBUTES_MAX_BYTES,
            "blank": AttributeRow(name="", kind=Kind.TEXT, value=""),
        }
        return render_to_string("parts/attributes_widget.html", context)

    def _judged(self, row: AttributeRow) -> AttributeRow:
        problem = self.problems.get(row.name, "")
        is_name_wrong = row.name in self.wrong_names
        is_locked = row.is_locked or row.name in self.locked_names
        return replace(row, problem=problem, is_name_wrong=is_name_wrong, is_locked=is_locked)

    def _notations(self, value: Any) -> tuple[list[AttributeRow], str, bool]:
        if isinstance(value, Posted):
            return _posted_notations(value)
        attributes: Attributes = value or {}
        rows = render_rows(attributes)
        rows += [
            AttributeRow(name=name, kind=Kind.TEXT, value="")
            for name in self.suggested
            if name not in attributes
        ]
        return rows, render_raw(attributes), False


class AttributesField(forms.Field):
    """Attributes as typed; `stored` are those that the page was made from."""

    widget = AttributesWidget
    stored: Attributes = {}

    def to_python(self, value: Any) -> dict[str, Json]:
        """Parse the rows or the JSON; every problem names its attribute."""
        if not isinstance(value, Posted):
            return dict(value or {})
        try:
            if value.rows:
                return parse_rows(read_rows(value.rows), stored=self.stored)
            return parse_object(value.raw.strip() or "{}")
        except RowsError as error:
            self.mark(error.problems, wrong_names=error.wrong_names)
            raise ValidationError(list(error.problems.values())) from None
        except JsonError as error:
            message = _("The JSON of the attributes %(problem)s.")
            raise ValidationError(message, params={"problem": error}) from None

    def mark(self, problems: Problems, *, wrong_names: Iterable[str] = ()) -> None:
        """Show a problem beside the row of its attribute, at its name or at its value."""
        widget: Any = self.widget  # an instance, though the class attribute above is a class
        widget.problems = widget.problems | problems
        widget.wrong_names = widget.wrong_names | frozenset(wrong_names)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Leave it to the engine to tell what differs."""
        return True


def _posted_notations(posted: Posted) -> tuple[list[AttributeRow], str, bool]:
    if not posted.rows:
        return [], posted.raw, True
    try:
        return read_rows(posted.rows), posted.raw, False
    except JsonError:
        return [], posted.raw, True
