"""A form whose check is the engine's preview and whose saving is one engine call."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.columns import AttributesModel
from operations.doors.attribute_rows import changed_attributes, render_rows
from operations.doors.attributes_widget import AttributesField
from operations.doors.stale import (
    Side,
    Versions,
    find_choices,
    is_same,
    read_opened,
    read_picked,
    settle,
)
from operations.engine import preview
from operations.errors import Reason, Rejection, is_stale
from operations.json import dump, parse_object
from operations.masking import masked_names
from operations.results import Outcome, Status
from operations.types import Attributes, Call, Json, Operation, Origin

_ABOUT_NAMES = (Reason.RESERVED, Reason.TOO_LONG, Reason.TOO_MANY)
_STALE = _(
    "Somebody else saved this while you were editing. Choose below which values to keep, then"
    " save again."
)
_STILL_STALE = _("Somebody else keeps saving this at the same moment. Save again.")
_CHANGED_TOO = _(
    "Somebody else changed this to %(value)s while you were editing. Save again to replace it."
)


class TextField(forms.CharField):
    """A line of text exactly as typed: nothing is stripped, the engine knows the limits."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", UnfoldAdminTextInputWidget())
        super().__init__(strip=False, **options)


class NeededTextField(TextField):
    """A line of text that is marked as needed; that it is missing is the engine's to say."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.widget.attrs["aria-required"] = "true"


class OperationForm(forms.ModelForm[Any]):
    """Translate what was typed into one operation; the admin sets `origin` for each request.

    `earlier_rejections` are those of a save that was refused after a clean preview.
    """

    origin: ClassVar[Origin]
    earlier_rejections: ClassVar[tuple[Rejection, ...]] = ()
    error_fields: ClassVar[Mapping[str, str]] = {}
    skipped_field: ClassVar[str | None] = None
    skipped_message: ClassVar[Any] = _("It was deleted in the meantime.")

    def operation(self) -> Operation:
        """Say what the form asks the engine to do."""
        raise NotImplementedError

    def call(self) -> Call:
        """Make the one call of this form."""
        return Call(origin=self.origin, operations=(self.operation(),))

    def save(self, commit: bool = True) -> Any:
        """Leave the row as it is: the admin asks the engine."""
        return self.instance

    def save_m2m(self) -> None:
        """Do nothing: there are no other rows to save."""

    def _post_clean(self) -> None:
        if self.errors:
            return
        if self.earlier_rejections:
            self.add_rejections(self.earlier_rejections)
            return
        outcome = preview([self.call()]).outcomes[0]
        # Saving asks for the version again, under the lock, and then makes the form anew.
        if not is_stale(outcome.rejections):
            self.add_outcome(outcome)

    def add_outcome(self, outcome: Outcome) -> None:
        """Turn a refusal, or a call that would do nothing, into errors of the form."""
        self.add_rejections(outcome.rejections)
        if outcome.status is not Status.SKIPPED:
            return
        suppressed = [each for each in outcome.warnings if each.reason is Reason.SUPPRESSED]
        if suppressed:
            self.add_rejections(suppressed)
        else:
            self.add_error(self.skipped_beside(), self.skipped())

    def skipped_beside(self) -> str | None:
        """Name the field that a call that would do nothing is about."""
        return self.skipped_field

    def skipped(self) -> Any:
        """Say why a call would do nothing."""
        return self.skipped_message

    def add_rejections(self, rejections: Iterable[Rejection]) -> None:
        """Put each refusal beside the field that it names."""
        for rejection in rejections:
            wire_name, _dot, attribute = rejection.field.partition(".")
            field = self.fields.get(wire_name)
            if attribute and isinstance(field, AttributesField):
                wrong_names = (attribute,) if rejection.reason in _ABOUT_NAMES else ()
                field.mark({attribute: rejection.message}, wrong_names=wrong_names)
            name = self.error_fields.get(wire_name, wire_name)
            is_shown = name in self.fields and not self.fields[name].widget.is_hidden
            self.add_error(name if is_shown else None, self.explain(rejection))

    def explain(self, rejection: Rejection) -> Any:
        """Word a refusal for the page; a form that knows the way on adds it here."""
        is_old = rejection.reason is Reason.STALE
        return _STILL_STALE if is_old else _sentence(rejection.message)


class AttributesForm(OperationForm):
    """An operation form with attributes and a guard against overwriting a later state.

    `opened` is what the form was made from: with it a later save of somebody else is told apart
    from what this person changed. `guarded_fields` are the other fields that both may change.
    """

    attributes = AttributesField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    suggested_attributes: ClassVar[tuple[str, ...]] = ()
    guarded_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields.get("attributes")
        if isinstance(field, AttributesField):
            field.stored = self.stored_attributes
            field.widget.locked_names = masked_names(self.stored_attributes)
        if not self.instance._state.adding:
            self.initial["version"] = self.instance.version
            self.initial["opened"] = self._stored_state()
        elif field is not None:
            field.widget.suggested = self.suggested_attributes

    @property
    def stored_attributes(self) -> Attributes:
        """Give the attributes of the row behind the form; none while adding."""
        row: AttributesModel = self.instance
        stored: Attributes = {} if row._state.adding else row.attributes
        return stored

    @property
    def expected_version(self) -> int | None:
        """Give the version that the form was compared with; none while adding."""
        return None if self.instance._state.adding else self.instance.version

    def changes(self) -> dict[str, Json]:
        """Give the attributes to merge: null for each that the person removed."""
        return changed_attributes(self.cleaned_data["attributes"], stored=self.stored_attributes)

    def clean(self) -> dict[str, Any]:
        """Ask whose values to keep when the form was made from an older state."""
        cleaned = super().clean() or self.cleaned_data
        typed = cleaned.get("attributes")
        if self.instance._state.adding or typed is None:
            return cleaned
        opened = read_opened(cleaned.get("opened") or "") or {}
        before = opened.get("attributes")
        versions = Versions(
            yours=typed,
            theirs=self.stored_attributes,
            before=before if isinstance(before, dict) else self.stored_attributes,
        )
        picked = read_picked(self.data, self.add_prefix("attributes"))
        if cleaned.get("version") == self.instance.version:
            if picked:
                self._take_over(settle(versions, picked))
            return cleaned
        self._keep_fields_of_others(opened)
        self._ask(versions, picked=picked, is_known=isinstance(before, dict))
        return cleaned

    def _ask(self, versions: Versions, *, picked: dict[str, Side], is_known: bool) -> None:
        field: Any = self.fields["attributes"]
        if is_known and is_same(versions.theirs, versions.before):
            return  # somebody saved, but no attribute
        choices = find_choices(versions, picked=picked)
        if not choices:
            return
        field.widget.choices = choices
        # Saving again is a decision: the page then carries the version it complained about.
        self._change_data(
            version=str(self.instance.version),
            opened=self.data.get(self.add_prefix("opened"), "") or self._stored_state(),
            attributes=dump(versions.yours).decode(),
            attributes_rows="",
        )
        raise ValidationError(_STALE)

    def _keep_fields_of_others(self, opened: Mapping[str, Json]) -> None:
        """Leave a field as somebody else saved it, unless this person changed it too."""
        for name in self.guarded_fields:
            stored = getattr(self.instance, name) or ""
            if name not in opened or name not in self.cleaned_data or stored == opened[name]:
                continue
            if self.cleaned_data[name] == opened[name]:
                self.cleaned_data[name] = stored
                self._change_data(**{name: stored})
            elif self.cleaned_data[name] != stored:
                state = parse_object(self._stored_state())
                kept = dump(dict(opened) | {name: state[name]}).decode()
                self._change_data(version=str(self.instance.version), opened=kept)
                self.add_error(name, str(_CHANGED_TOO) % {"value": stored})

    def _take_over(self, settled: dict[str, Json]) -> None:
        """Go on as if what was picked had been typed: the page may have to show it again."""
        self.cleaned_data["attributes"] = settled
        rows = [[row.name, row.kind.value, row.value] for row in render_rows(settled)]
        self._change_data(
            attributes=dump(settled).decode(),
            attributes_rows=dump(rows).decode(),
            attributes_name_0=None,
            opened=self._stored_state(),
        )

    def _stored_state(self) -> str:
        guarded = {name: getattr(self.instance, name) or "" for name in self.guarded_fields}
        return dump({"attributes": self.stored_attributes, **guarded}).decode()

    def _change_data(self, **values: str | None) -> None:
        data: Any = self.data
        self.data = data = data.copy()
        for name, value in values.items():
            data.pop(self.add_prefix(name), None)
            if value is not None:
                data[self.add_prefix(name)] = value


def _sentence(message: str) -> str:
    return message if message.endswith((".", "?")) else f"{message}."
