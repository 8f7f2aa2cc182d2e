"""The form of a person: what was typed becomes one operation."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from operations.doors.forms import AttributesForm, TextField
from operations.errors import Reason, Rejection
from operations.types import Identifiers, IdentifyPerson, Operation, PersonKey, When
from people.models import Person

_KEPT = _("An identifier can be changed, but not removed.")
_NEEDED = _("A person needs an id or an e-mail address: fill in one of the two.")


class PersonForm(AttributesForm):
    """Add a person, or change identifiers and attributes of one."""

    error_fields = {"id": "person_id", "email": "email"}
    guarded_fields = ("person_id", "email")
    skipped_message = _("A person with this id or e-mail is there already.")
    suggested_attributes = ("name",)

    person_id = TextField(
        label=_("id"),
        required=False,
        help_text=_("Your own id of the person, up to 150 characters."),
    )
    email = TextField(
        label=_("E-mail"),
        required=False,
        help_text=_("A person needs an id or an e-mail address; both may change later."),
    )

    class Meta:
        model = Person
        fields = ("person_id", "email", "attributes")

    def clean(self) -> dict[str, Any]:
        """Refuse an emptied identifier: a call can only replace one."""
        cleaned = super().clean()
        for name in ("person_id", "email"):
            if getattr(self.instance, name) and not cleaned.get(name):
                self.add_error(name, _KEPT)
        return cleaned

    def explain(self, rejection: Rejection) -> Any:
        """Lead to the person who has the identifier, and to merging the two."""
        told = super().explain(rejection)
        if not any(self.cleaned_data.get(name) for name in self.guarded_fields):
            return _NEEDED if rejection.field in self.error_fields else told
        if rejection.reason is not Reason.CONFLICT or rejection.field not in self.error_fields:
            return told
        holder = self._holder(rejection.field)
        return told if holder is None else self._with_links(told, holder)

    def skipped_beside(self) -> str | None:
        """Point to the identifier that somebody has."""
        if self._holder("id"):
            return "person_id"
        return "email" if self._holder("email") else None

    def skipped(self) -> Any:
        """Lead to the person who is there already."""
        told = super().skipped()
        holder = self._holder("id") or self._holder("email")
        return told if holder is None else self._with_links(told, holder)

    def _holder(self, field: str) -> Person | None:
        name, value = {
            "id": ("person_id", self.cleaned_data.get("person_id")),
            "email": ("email_key", (self.cleaned_data.get("email") or "").lower()),
        }[field]
        people = Person.objects.for_workspace(self.origin.workspace)
        return people.filter(**{name: value}).first() if value else None

    def _with_links(self, told: Any, holder: Person) -> SafeString:
        link = reverse("admin:people_person_change", args=[holder.pk])
        opens = format_html('<a href="{}">{}</a>', link, _("Open %(name)s") % {"name": holder})
        if self.instance._state.adding:
            return format_html("{} {}", told, opens)
        merge = reverse("admin:people_person_merge", args=[self.instance.pk])
        merges = format_html('<a href="{}?other={}">{}</a>', merge, holder.pk, _("Merge the two"))
        return format_html("{} {} · {}", told, opens, merges)

    def operation(self) -> Operation:
        """Create the person typed in, or change the stored one, named by cio_id."""
        person_id = self.cleaned_data["person_id"] or None
        email = self.cleaned_data["email"] or None
        if not self.instance._state.adding:
            return IdentifyPerson(
                key=PersonKey(cio_id=self.instance.cio_id),
                attributes=self.changes(),
                identifiers=self._changed_identifiers(person_id, email),
                when=When.EXISTING,
                expected_version=self.expected_version,
            )
        key = PersonKey(id=person_id) if person_id else PersonKey(email=email)
        wanted = Identifiers(email=email) if person_id and email else None
        return IdentifyPerson(
            key=key, attributes=self.changes(), identifiers=wanted, when=When.NEW
        )

    def _changed_identifiers(self, person_id: str | None, email: str | None) -> Identifiers | None:
        wanted = Identifiers(
            id=None if person_id == self.instance.person_id else person_id,
            email=None if email == self.instance.email else email,
        )
        return None if wanted == Identifiers() else wanted
