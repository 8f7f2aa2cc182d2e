"""The steps that add relationships: their order, where a draft stands, and how it is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from objects.models import Object, ObjectType
from operations.doors.admin import is_primary_key
from operations.doors.origin import read_clock
from operations.wire.columns import Kind
from people.models import Person
from relationships.choice import Choice, choose_keys
from relationships.models import Draft
from relationships.relate_rows import choice_of, find_type, put_choice
from workspaces.models import Workspace


class Step(StrEnum):
    """What is asked, in this order."""

    PEOPLE = "people"
    TYPE = "type"
    OBJECTS = "objects"
    ATTRIBUTES = "attributes"
    REVIEW = "review"


TITLES: Final = {
    Step.PEOPLE: gettext_lazy("Choose people"),
    Step.TYPE: gettext_lazy("Choose an object type"),
    Step.OBJECTS: gettext_lazy("Choose objects"),
    Step.ATTRIBUTES: gettext_lazy("Add attributes"),
    Step.REVIEW: gettext_lazy("Review"),
}
_LABELS: Final = {
    Step.PEOPLE: gettext_lazy("People"),
    Step.TYPE: gettext_lazy("Object type"),
    Step.OBJECTS: gettext_lazy("Objects"),
    Step.ATTRIBUTES: gettext_lazy("Attributes"),
    Step.REVIEW: gettext_lazy("Review"),
}
KINDS: Final = {Step.PEOPLE: Kind.PEOPLE, Step.OBJECTS: Kind.OBJECTS}
_ORDER: Final = tuple(Step)


@dataclass(frozen=True, slots=True)
class Mark:
    """One step in the line above the page."""

    step: Step
    number: int
    label: str
    note: str
    is_current: bool
    is_done: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Where the draft stands: the present step and all of them."""

    number: int
    title: str
    marks: tuple[Mark, ...]

    @property
    def total(self) -> int:
        """Count the steps."""
        return len(self.marks)


def describe_line(draft: Draft, step: Step, object_type: ObjectType | None) -> Line:
    """Say which steps are done, and what was chosen in them."""
    notes = _notes(draft, object_type)
    reachable = open_steps(draft, object_type)
    marks = tuple(
        Mark(
            step=each,
            number=number,
            label=str(_LABELS[each]),
            note=notes.get(each, ""),
            is_current=each is step,
            is_done=bool(notes.get(each)),
            is_open=each in reachable,
        )
        for number, each in enumerate(_ORDER, start=1)
    )
    return Line(number=_ORDER.index(step) + 1, title=str(TITLES[step]), marks=marks)


def open_steps(draft: Draft, object_type: ObjectType | None) -> frozenset[Step]:
    """Name the steps that can be shown: attributes and review need both sides."""
    found = {Step.PEOPLE, Step.TYPE}
    if object_type is not None:
        found.add(Step.OBJECTS)
        if not _is_missing(draft, Kind.PEOPLE) and not _is_missing(draft, Kind.OBJECTS):
            found |= {Step.ATTRIBUTES, Step.REVIEW}
    return frozenset(found)


def first_open(draft: Draft, object_type: ObjectType | None) -> Step:
    """Name the first step that still lacks something."""
    if _is_missing(draft, Kind.PEOPLE):
        return Step.PEOPLE
    if object_type is None:
        return Step.TYPE
    return Step.OBJECTS if _is_missing(draft, Kind.OBJECTS) else Step.ATTRIBUTES


def step_after(draft: Draft, step: Step, object_type: ObjectType | None) -> Step:
    """Name the step that comes next; what another way in has chosen is not asked again."""
    match step:
        case Step.PEOPLE:
            return first_open(draft, object_type)
        case Step.TYPE:
            return Step.OBJECTS
        case Step.OBJECTS:
            return first_open(draft, object_type)
        case Step.ATTRIBUTES | Step.REVIEW:
            return Step.REVIEW


def step_before(step: Step) -> Step:
    """Name the step before; the first one has none."""
    return _ORDER[max(_ORDER.index(step) - 1, 0)]


# Drafts: made from an address, found again, and written only over the state that was read.


def new_draft(request: HttpRequest, workspace: int) -> Draft:
    """Make an empty draft in memory."""
    now = read_clock()
    user: Any = request.user.pk
    return Draft(workspace_id=workspace, user_id=user, created_at=now, updated_at=now)


def begin_draft(request: HttpRequest, workspace: Workspace, given: QueryDict) -> Draft:
    """Make a draft in memory from the people, objects or type that an address names."""
    draft = new_draft(request, workspace.pk)
    draft.workspace = workspace
    person = _find(Person, workspace, given.get("person", ""))
    if person is not None:
        put_choice(draft, Kind.PEOPLE, choose_keys([person.pk]))
    named = _find(Object, workspace, given.get("object", ""))
    if named is not None:
        draft.type_number = named.object_type.number
        put_choice(draft, Kind.OBJECTS, choose_keys([named.pk]))
    number = given.get("type", "")
    if named is None and is_primary_key(number):
        draft.type_number = min(int(number), 2**31 - 1)
    return draft


def find_draft(request: HttpRequest, workspace: Workspace, key: int) -> Draft | None:
    """Find one of the user's own drafts in this workspace, expired or not."""
    if not is_primary_key(str(key)):
        return None
    drafts = Draft.objects.for_workspace(workspace).filter(user=request.user.pk, pk=key)
    draft = drafts.first()
    if draft is not None:
        draft.workspace = workspace
    return draft


def is_expired(draft: Draft, *, now: datetime) -> bool:
    """Tell whether nobody has touched the draft for too long."""
    return bool((now - draft.updated_at).days >= settings.RELATE_DRAFT_DAYS)


def save_draft(draft: Draft) -> bool:
    """Write what was chosen; False when another tab has written since the draft was read."""
    draft.updated_at = read_clock()
    if draft._state.adding:
        draft.save(force_insert=True)
        return True
    written = Draft.objects.filter(pk=draft.pk, version=draft.version, started_at=None).update(
        people=draft.people,
        chosen_objects=draft.chosen_objects,
        type_number=draft.type_number,
        attributes=draft.attributes,
        updated_at=draft.updated_at,
        version=F("version") + 1,
    )
    draft.version += written
    return bool(written)


def copy_draft(draft: Draft) -> Draft:
    """Make a draft in memory that begins anew with what another one knew."""
    now = read_clock()
    return Draft(
        workspace=draft.workspace,
        user_id=draft.user_id,
        people=draft.people,
        chosen_objects=draft.chosen_objects,
        type_number=draft.type_number,
        attributes=draft.attributes,
        created_at=now,
        updated_at=now,
    )


def choose_type(draft: Draft, number: int) -> None:
    """Take another type; objects of the one before cannot stay."""
    if draft.type_number != number:
        draft.type_number = number
        put_choice(draft, Kind.OBJECTS, Choice())


def choose_only_type(draft: Draft) -> ObjectType | None:
    """Give the draft's type; where there is only one type, that one, without asking."""
    object_type = find_type(draft)
    if object_type is None:
        types = ObjectType.objects.for_workspace(draft.workspace_id).filter(enabled=True)
        found = list(types.order_by("number")[:2])
        if len(found) == 1:
            object_type = found[0]
            choose_type(draft, object_type.number)
    return object_type


def address_of(draft: Draft, step: str) -> str:
    """Give the address of a step; before anything is chosen that is the start."""
    if draft._state.adding:
        return reverse("admin:relate_start")
    return reverse("admin:relate_step", args=[draft.pk, step])


def _find(model: Any, workspace: Workspace, key: str) -> Any:
    if not is_primary_key(key):
        return None
    rows = model.objects.for_workspace(workspace).filter(pk=int(key))
    return (rows.select_related("object_type") if model is Object else rows).first()


def _is_missing(draft: Draft, kind: Kind) -> bool:
    return choice_of(draft, kind).is_empty


def _notes(draft: Draft, object_type: ObjectType | None) -> dict[Step, str]:
    notes = {}
    for step, kind in KINDS.items():
        choice = choice_of(draft, kind)
        if not choice.is_empty:
            notes[step] = _("%(count)s selected") % {"count": f"{choice.count:,}"}
    if object_type is not None:
        notes[Step.TYPE] = object_type.name
    if draft.attributes:
        count = len(draft.attributes)
        text = ngettext("%(count)s attribute", "%(count)s attributes", count)
        notes[Step.ATTRIBUTES] = text % {"count": f"{count:,}"}
    return notes
