"""The page of one segment: its name, and of a dynamic one the conditions in the builder."""

from functools import cached_property
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.doors.changelist import Crumb
from operations.doors.condition_builder import (
    APPLY,
    FIELD,
    ConditionBuilder,
    sent_conditions,
)
from operations.doors.origin import read_clock
from operations.engine.segments import SegmentDefinition, SegmentOutcome, save_segment
from operations.limits import SEGMENT_DESCRIPTION_MAX_CHARS, SEGMENT_NAME_MAX_CHARS
from operations.wire.columns import Kind
from people.filters import PersonFilterSet
from people.models import Person, Segment
from people.segment_choice import conditions_of_list, say_left_out
from people.segment_members import count_segment

_MANUAL: Final = "manual"
_DYNAMIC: Final = "dynamic"


class SegmentForm(forms.Form):
    """The words of a segment."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=SEGMENT_NAME_MAX_CHARS, strip=False
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=SEGMENT_DESCRIPTION_MAX_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "cio-input"


class SegmentPage:
    """One request for the page of a segment, or of a new one where there is no row."""

    def __init__(self, model_admin: Any, request: HttpRequest, row: Segment | None) -> None:
        self.model_admin = model_admin
        self.request = request
        self.row = row
        self.is_sent = request.method == "POST"
        self.form = SegmentForm(request.POST if self.is_sent else None, initial=self._initial())

    def respond(self) -> HttpResponse:
        """Show the form, or save it."""
        if self.is_sent and self.form.is_valid() and self._has_conditions():
            outcome = self._save()
            if not outcome.rejections:
                return self._leave(outcome)
            self._show_refusals(outcome)
        return self._render()

    @cached_property
    def is_dynamic(self) -> bool:
        """Tell whether a condition makes it; the kind of a stored segment stays."""
        if self.row is not None:
            return self.row.is_dynamic
        asked = self.request.POST if self.is_sent else self.request.GET
        return asked.get("kind", _DYNAMIC) != _MANUAL

    @cached_property
    def text(self) -> str:
        """Give the conditions as JSON: those sent, those stored, or those of a list."""
        if self.is_sent:
            sent = self.request.POST
            return sent_conditions(sent, Kind.PEOPLE) if APPLY in sent else sent.get(FIELD, "")
        if self.row is not None:
            return self.row.condition or ""
        return conditions_of_list(self.request.GET).text

    @cached_property
    def builder(self) -> ConditionBuilder:
        """Give the builder, with what is wrong with the conditions beside them."""
        query = QueryDict(mutable=True)
        query[FIELD] = self.text
        filters = PersonFilterSet(query, queryset=Person.objects.none(), request=self.request)
        filters.is_valid()
        return ConditionBuilder(filters, Kind.PEOPLE)

    def _initial(self) -> dict[str, str]:
        if self.row is not None:
            return {"name": self.row.name, "description": self.row.description}
        return {"name": self.request.GET.get("name", "")[:SEGMENT_NAME_MAX_CHARS]}

    def _has_conditions(self) -> bool:
        """Tell whether the conditions, if it needs any, can be read."""
        if not self.is_dynamic:
            return True
        if self.builder.problem:
            return False
        if self.builder.tree is None:
            self.form.add_error(None, _("A dynamic segment needs at least one condition."))
        return self.builder.tree is not None

    def _save(self) -> SegmentOutcome:
        definition = SegmentDefinition(
            name=self.form.cleaned_data["name"],
            description=self.form.cleaned_data["description"],
            condition=self.builder.tree if self.is_dynamic else None,
        )
        number = None if self.row is None else self.row.number
        return save_segment(
            definition, origin=self.model_admin.origin(self.request), number=number
        )

    def _leave(self, outcome: SegmentOutcome) -> HttpResponse:
        from_rows = self.model_admin.get_queryset(self.request)
        row = from_rows.get(number=outcome.number)
        count_segment(row, now=read_clock())
        messages.success(self.request, _("Saved the segment %(name)s.") % {"name": row.name})
        return HttpResponseRedirect(self.model_admin.people_address(row))

    def _show_refusals(self, outcome: SegmentOutcome) -> None:
        for rejection in outcome.rejections:
            field = rejection.field if rejection.field in self.form.fields else None
            self.form.add_error(field, rejection.message)

    def _render(self) -> HttpResponse:
        left_out = () if self.is_sent else conditions_of_list(self.request.GET).left_out
        title = self.row.name if self.row else _("New segment")
        page = self.model_admin
        crumbs = [Crumb(page.list_name(), page.list_address(self.request))]
        if self.row is not None:
            crumbs.append(Crumb(self.row.name, page.people_address(self.row)))
        crumbs.append(Crumb(_("Change") if self.row else title))
        back = page.people_address(self.row) if self.row else page.list_address(self.request)
        context = {
            "title": title,
            "trail": tuple(crumbs),
            "form": self.form,
            "segment": self.row,
            "is_dynamic": self.is_dynamic,
            "builder": self.builder if self.is_dynamic else None,
            "left_out": say_left_out(left_out) if left_out else "",
            "back": back,
        }
        response: HttpResponse = page.render(self.request, "people/segment_form.html", context)
        return response
