"""What the page of one activity shows besides the differences."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from objects.models import Object
from operations.limits import UNIX_SECONDS_MAX, UNIX_SECONDS_MIN
from operations.models import Activity
from people.models import Person

_LEFT_OUT = frozenset({"id", "workspace", "transaction_id"})


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or an object that an activity is about, with its page while there is one."""

    icon: str
    title: str
    link: str


def happened_at(activity: Activity) -> datetime:
    """Give the time that the call itself named, else that of its receipt."""
    after = activity.after if isinstance(activity.after, dict) else {}
    seconds = after.get("timestamp")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        return activity.received_at
    if not UNIX_SECONDS_MIN <= seconds <= UNIX_SECONDS_MAX:
        return activity.received_at
    return datetime.fromtimestamp(seconds, tz=UTC)


def find_subjects(activity: Activity) -> tuple[Subject, ...]:
    """Look up the person and the object that an activity names."""
    return (*_find_person(activity), *_find_object(activity))


def raw_text(activity: Activity) -> str:
    """Write the activity as it is stored, as JSON."""
    stored: dict[str, Any] = {
        field.name: getattr(activity, field.attname)
        for field in activity._meta.concrete_fields
        if field.name not in _LEFT_OUT
    }
    kept = {name: value for name, value in stored.items() if value is not None}
    kept["received_at"] = int(activity.received_at.timestamp())
    return json.dumps(kept, indent=2, ensure_ascii=False)


def _find_person(activity: Activity) -> tuple[Subject, ...]:
    title = activity.person_id or activity.email or activity.cio_id or activity.anonymous_id
    if title is None:
        return ()
    people = Person.objects.for_workspace(activity.workspace_id)
    found = people.filter(cio_id=activity.cio_id).first() if activity.cio_id else None
    if found is None:
        return (Subject("person_off", title, ""),)
    return (Subject("person", str(found), reverse("admin:people_person_change", args=[found.pk])),)


def _find_object(activity: Activity) -> tuple[Subject, ...]:
    title = activity.object_id or activity.cio_object_id
    if title is None:
        return ()
    objects = Object.objects.for_workspace(activity.workspace_id).select_related("object_type")
    named = activity.cio_object_id
    found = objects.filter(cio_object_id=named).first() if named else None
    if found is None:
        return (Subject("category", title, ""),)
    link = reverse("admin:objects_object_change", args=[found.pk])
    return (Subject(found.object_type.icon, str(found), link),)
