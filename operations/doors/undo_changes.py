"""Find the rows of a large change set that something else has changed since."""

from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from objects.models import Object
from operations.doors.capped_counts import COUNTED_MAX
from operations.doors.deadline import read_within
from operations.doors.job_story import Refusal
from operations.doors.jobs import REFUSALS_KEPT, Subject
from operations.doors.story import subject_of
from operations.models import Activity
from operations.results import Status
from people.models import Person
from relationships.models import Relationship

_SECONDS: Final = 3.0


def find_changed(workspace: int, changes: QuerySet[Activity]) -> tuple[str, tuple[Refusal, ...]]:
    """Say how many rows are not what the change set left, and name the first of them.

    One statement; the number stops at a thousand. It is empty where nothing was found, and says
    so where the search takes too long.
    """
    found = changes.filter(_is_changed(workspace) | _is_taken(workspace)).order_by("-pk")
    rows = read_within(
        found.defer("before", "after", "before_row")[: COUNTED_MAX + 1], seconds=_SECONDS
    )
    if rows is None:
        return _("not known yet"), ()
    shown = f"{len(rows):,}" if len(rows) <= COUNTED_MAX else f"{COUNTED_MAX:,}+"
    return (shown if rows else ""), tuple(map(_refusal, rows[:REFUSALS_KEPT]))


def subject_to_undo(activity: Activity) -> Subject:
    """Name the row that a change was about, and link to the change."""
    link = reverse("admin:operations_activity_change", args=[activity.pk])
    return Subject(title=subject_of(activity), link=link)


def _is_changed(workspace: int) -> Q:
    """Ask whether a row that was created or updated has been changed by something else."""
    objects = Object.objects.for_workspace(workspace)
    people = Person.objects.for_workspace(workspace)
    ties = Relationship.objects.for_workspace(workspace)
    rows: dict[str, QuerySet[Any]] = {
        Activity.Kind.OBJECT: objects.filter(cio_object_id=OuterRef("cio_object_id")),
        Activity.Kind.PERSON: people.filter(cio_id=OuterRef("cio_id")),
        Activity.Kind.RELATIONSHIP: ties.filter(
            person__workspace=workspace,
            person__cio_id=OuterRef("cio_id"),
            object__workspace=workspace,
            object__cio_object_id=OuterRef("cio_object_id"),
        ),
    }
    there = (Status.CREATED, Status.UPDATED)
    asked = Q()
    for kind, found in rows.items():
        changed = Exists(found.exclude(updated_at=OuterRef("received_at")))
        asked |= Q(kind=kind, status__in=there) & Q(changed)
    return asked


def _is_taken(workspace: int) -> Q:
    """Ask whether the id or the e-mail of a deleted row is in use again."""
    objects = Object.objects.for_workspace(workspace).filter(
        object_type__workspace=workspace,
        object_type__number=OuterRef("object_type_number"),
        object_id=OuterRef("object_id"),
    )
    people = Person.objects.for_workspace(workspace).filter(
        Q(person_id=OuterRef("person_id")) | Q(email_key=Lower(OuterRef("email")))
    )
    return Q(kind=Activity.Kind.OBJECT, status=Status.DELETED) & Q(Exists(objects)) | Q(
        kind=Activity.Kind.PERSON, status=Status.DELETED
    ) & Q(Exists(people))


def _refusal(activity: Activity) -> Refusal:
    is_taken = activity.status == Status.DELETED
    reason = _("Its id or e-mail is in use again.") if is_taken else _("It was changed since.")
    return Refusal(subject_to_undo(activity), reason)
