"""Activity told in the product's words: what happened, to whom, and what differs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from operations.doors.attribute_rows import render_raw
from operations.doors.display import plain_text, render_time
from operations.masking import mask_everywhere
from operations.models import Activity
from operations.types import Door, Json

KIND_ICONS = {
    Activity.Kind.PERSON: "person",
    Activity.Kind.OBJECT: "category",
    Activity.Kind.RELATIONSHIP: "link",
    Activity.Kind.OBJECT_TYPE: "schema",
    Activity.Kind.MERGE: "merge",
    Activity.Kind.SUPPRESSION: "block",
    Activity.Kind.DEVICE: "smartphone",
    Activity.Kind.SEGMENT: "group",
    Activity.Kind.EVENT: "bolt",
    Activity.Kind.PAGE: "web",
    Activity.Kind.SCREEN: "phone_iphone",
    Activity.Kind.CALL: "api",
}
STATUS_LABELS = {
    "created": _("created"),
    "updated": _("updated"),
    "deleted": _("deleted"),
    "unchanged": _("unchanged"),
}
DOOR_LABELS = {
    Door.ADMIN: _("Admin"),
    Door.BULK: _("Bulk action"),
    Door.CSV: _("CSV"),
    Door.REST: _("REST API"),
    Door.TRACK_V1: _("Track API v1"),
    Door.TRACK_V2: _("Track API v2"),
    Door.PIPELINES: _("Pipelines"),
    Door.SYNC: _("Sync"),
    Door.SYSTEM: _("System"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute before and after; None where it was absent."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One activity as a line of a list."""

    icon: str
    subject: str
    what: str
    status: str
    door: str
    actor: str
    moment: datetime
    time: SafeString
    differences: tuple[Difference, ...]
    raw: str = ""


def tell(activity: Activity) -> Line:
    """Turn an activity into a line; nothing is looked up, the log holds values."""
    return Line(
        icon=KIND_ICONS.get(Activity.Kind(activity.kind), "bolt"),
        subject=subject_of(activity),
        what=f"{activity.get_kind_display()} {STATUS_LABELS.get(activity.status, '')}".strip(),
        status=activity.status,
        door=door_label(activity.door),
        actor=activity.actor,
        moment=activity.received_at,
        time=render_time(activity.received_at, with_clock=True),
        differences=differences_of(activity),
        raw=render_raw(raw_of(activity)),
    )


def subject_of(activity: Activity) -> str:
    """Name what an activity is about: the person, the object, or both."""
    person = activity.person_id or activity.email or activity.cio_id or activity.anonymous_id
    named = activity.object_id or activity.cio_object_id
    parts = [part for part in (person, named, activity.name) if part]
    if not parts and activity.object_type_number is not None:
        parts = [f"#{activity.object_type_number}"]
    return " · ".join(parts)


def door_label(door: str) -> str:
    """Name a door as it is called on screen."""
    return str(DOOR_LABELS.get(Door(door), door)) if door in set(Door) else door


def differences_of(activity: Activity) -> tuple[Difference, ...]:
    """Compare what an activity removed or replaced with what it put in its place."""
    return compare(activity.before, activity.after)


def compare(old: Any, new: Any) -> tuple[Difference, ...]:
    """Compare the two sides of a change, as the log and a preview hold them."""
    before, after = _attributes(mask_everywhere(old)), _attributes(mask_everywhere(new))
    return tuple(
        Difference(name=name, before=_shown(before, name), after=_shown(after, name))
        for name in sorted(set(before) | set(after))
    )


def raw_of(activity: Activity) -> dict[str, Json]:
    """Give an activity as it is kept, under the names of the APIs; what is absent is left out."""
    person = {
        "id": activity.person_id,
        "email": activity.email,
        "cio_id": activity.cio_id,
        "anonymous_id": activity.anonymous_id,
    }
    related = {
        "object_type_id": activity.object_type_number,
        "object_id": activity.object_id,
        "cio_object_id": activity.cio_object_id,
    }
    found: dict[str, Any] = {
        "kind": activity.kind,
        "status": activity.status,
        "name": activity.name,
        "person": _present(person),
        "object": _present(related),
        "before": activity.before,
        "after": activity.after,
        "door": activity.door,
        "actor": activity.actor,
        "call_id": activity.call_id,
        "change_set": activity.change_set_id,
        "received_at": int(activity.received_at.timestamp()),
    }
    return _present(found)


def attributes_after(activity: Activity) -> dict[str, Json]:
    """Give the attributes that an activity set or removed."""
    after = activity.after
    found = after.get("attributes") if isinstance(after, dict) else None
    return found if isinstance(found, dict) else {}


def _present(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in (None, {})}


def _attributes(side: Any) -> dict[str, Json]:
    if not isinstance(side, dict):
        return {}
    found = dict(side)
    identifiers = found.pop("identifiers", None)
    if isinstance(identifiers, dict):
        found |= {f"identifiers.{name}": value for name, value in identifiers.items()}
    attributes = found.pop("attributes", None)
    return found | attributes if isinstance(attributes, dict) else found


def _shown(side: dict[str, Json], name: str) -> str | None:
    value = side.get(name)
    return None if value is None else plain_text(value)
