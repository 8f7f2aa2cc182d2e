"""Undo changes of the log on the slots: a row that is not as the change left it stays as it is.

The instant of the last change tells: a row whose `updated_at` is that of the logged change has not
been touched since. Undoing puts the earlier instant back, so that the change before it can be
undone in turn. The version goes on counting, because a form may still hold any version there was.
"""

from typing import Any, TypeAlias

from operations.engine.context import (
    Context,
    end_relationship,
    name_of,
    name_of_person,
)
from operations.engine.database import instant
from operations.engine.fold_objects import remove_object
from operations.engine.fold_people import remove_person
from operations.engine.merge import dump_text
from operations.engine.slots import (
    Logged,
    ObjectSlot,
    PersonSlot,
    RelationshipSlot,
    Slot,
)
from operations.engine.undo_people import refuse_identifiers, restore_person, revert_identifiers
from operations.engine.undo_rows import (
    fill_restored,
    instant_of,
    refuse_hidden_names,
    refuse_missing_row,
)
from operations.engine.validate import shown
from operations.errors import Reason, Rejection
from operations.results import Status
from operations.types import PersonKey, UndoChange

Row: TypeAlias = PersonSlot | ObjectSlot | RelationshipSlot

_KINDS = ("person", "object", "relationship")
_NAME_ATTRIBUTES = frozenset({"name", "first_name", "last_name"})


def undo_change(operation: UndoChange, context: Context) -> Status | Rejection:
    """Undo one change: what it created goes, what it changed or deleted comes back."""
    logged = context.state.logged.get(operation.activity)
    if logged is None or logged.workspace != context.workspace.pk:
        message = f"the log of this workspace has no activity {operation.activity} (any more)"
        return context.reject(Reason.NOT_FOUND, "activity", message)
    if logged.kind not in _KINDS:
        message = f"a change of this kind ({logged.kind.replace('_', ' ')}) cannot be undone"
        return context.reject(Reason.INVALID, "activity", message)
    if logged.status == Status.CREATED:
        return _remove(logged, context)
    undo = _restore if logged.status == Status.DELETED else _revert
    return refuse_missing_row(logged, context) or undo(logged, context)


def _remove(logged: Logged, context: Context) -> Status | Rejection:
    """Take away a row that the change created; one that is gone already needs nothing."""
    slot = _find(logged, context)
    if slot is None:
        return Status.UNCHANGED
    refused = _refuse_changed(slot, logged, context) or _refuse_used(slot, context)
    if refused is not None:
        return refused
    match slot:
        case PersonSlot():
            remove_person(slot, context)
        case ObjectSlot():
            remove_object(slot, context)
        case RelationshipSlot():
            end_relationship(context, slot)
    return Status.DELETED


def _revert(logged: Logged, context: Context) -> Status | Rejection:
    """Put back the values that the change replaced or removed, and take away what it added."""
    slot = _find(logged, context)
    if slot is None:
        message = f"the {logged.kind} was deleted since, so there is nothing to put values into"
        return context.reject(Reason.NOT_FOUND, "activity", message)
    before, after = logged.before or {}, logged.after or {}
    names = after.get("attributes", {})
    identifiers = before.get("identifiers", {})
    refused = _refuse_changed(slot, logged, context) or refuse_hidden_names(logged, context)
    if refused is None and isinstance(slot, PersonSlot):
        refused = refuse_identifiers(slot, identifiers, context)
    if refused is not None:
        return refused
    context.state.journal.keep(slot)
    context.remember(slot)
    undone = _put_values_back(slot, names, before.get("attributes", {}), logged)
    if isinstance(slot, PersonSlot) and identifiers:
        undone[0]["identifiers"] = revert_identifiers(slot, identifiers, context)
        undone[1]["identifiers"] = identifiers
    _put_instants_back(slot, logged)
    person, related = _sides(slot)
    context.record(
        logged.kind,
        Status.UPDATED,
        person=person,
        related=related,
        before=undone[0],
        after=undone[1],
        row=slot,
    )
    return Status.UPDATED


def _restore(logged: Logged, context: Context) -> Status | Rejection:
    """Make a deleted row again, with the keys and instants that it had."""
    match logged.kind:
        case "person":
            restored: Row | Rejection = restore_person(logged, context)
        case "object":
            restored = _restore_object(logged, context)
        case _:
            restored = _restore_relationship(logged, context)
    if isinstance(restored, Rejection):
        return restored
    person, related = _sides(restored)
    context.record(
        logged.kind,
        Status.CREATED,
        person=person,
        related=related,
        after={"attributes": restored.read_attributes()},
        after_text=f'{{"attributes":{restored.raw}}}',
    )
    return Status.CREATED


def _restore_object(logged: Logged, context: Context) -> ObjectSlot | Rejection:
    state, number = context.state, logged.type_number or 0
    object_type = context.workspace.types.get(number)
    if object_type is None:
        message = f"the object type {number} is not there any more"
        return context.reject(Reason.NOT_FOUND, "object_type_id", message)
    object_id, cio_object_id = logged.object_id or "", logged.cio_object_id or ""
    taken = state.by_object_id.get((object_type, object_id))
    if taken is not None or (context.workspace.pk, cio_object_id) in state.by_cio_object_id:
        message = f"there is an object with the object_id {shown(object_id)} again"
        return context.reject(Reason.CONFLICT, "object_id", message)
    slot = ObjectSlot(
        workspace=context.workspace.pk,
        pk=None,
        object_type=object_type,
        object_id=object_id,
        cio_object_id=cio_object_id,
    )
    fill_restored(slot, logged)
    slot.name = name_of(slot.read_attributes())
    state.add_object(slot)
    context.object = slot
    return slot


def _restore_relationship(logged: Logged, context: Context) -> RelationshipSlot | Rejection:
    person, related = _ends(logged, context)
    if person is None or related is None:
        side = "person" if person is None else "object"
        message = f"the {side} that was related is not there, or did not come back"
        return context.reject(Reason.NOT_FOUND, side, message)
    if related in person.related:
        message = "the person and the object have been related again since"
        return context.reject(Reason.CONFLICT, "relationship", message)
    slot = RelationshipSlot(workspace=context.workspace.pk, pk=None, object=related, person=person)
    fill_restored(slot, logged)
    journal = context.state.journal
    journal.keep(person)
    journal.keep(related)
    person.count_delta += 1
    related.count_delta += 1
    context.state.add_relationship(slot)
    return slot


def _find(logged: Logged, context: Context) -> Row | None:
    """Find the row that a change was about, and say that the call is about it."""
    state, workspace = context.state, context.workspace.pk
    if logged.kind == "person":
        context.person = state.find_person(workspace, PersonKey(cio_id=logged.cio_id))
        return context.person
    if logged.kind == "object":
        context.object = state.by_cio_object_id.get((workspace, logged.cio_object_id or ""))
        return context.object
    person, related = _ends(logged, context)
    return None if person is None or related is None else person.related.get(related)


def _ends(logged: Logged, context: Context) -> tuple[PersonSlot | None, ObjectSlot | None]:
    state, workspace = context.state, context.workspace.pk
    context.person = state.find_person(workspace, PersonKey(cio_id=logged.cio_id))
    context.object = state.by_cio_object_id.get((workspace, logged.cio_object_id or ""))
    return context.person, context.object


def _sides(slot: Row) -> tuple[PersonSlot | None, ObjectSlot | None]:
    match slot:
        case PersonSlot():
            return slot, None
        case ObjectSlot():
            return None, slot
        case RelationshipSlot():
            return slot.person, slot.object


def _refuse_changed(slot: Slot, logged: Logged, context: Context) -> Rejection | None:
    changed_at = instant(slot.updated_at)
    if changed_at == logged.received_at:
        return None
    message = (
        f"the {logged.kind} was changed by something else (at {(changed_at or '')[:19]} UTC), "
        "so it stays as it is"
    )
    return context.reject(Reason.CONFLICT, "activity", message)


def _refuse_used(slot: Row, context: Context) -> Rejection | None:
    """Refuse to remove what others have related since, or given a device or a membership."""
    if isinstance(slot, RelationshipSlot):
        return None
    count = (slot.stored_count or 0) + slot.count_delta
    if count:
        message = f"it has relationships that were added otherwise ({count:,}), so it stays"
        return context.reject(Reason.CONFLICT, "relationships", message)
    if isinstance(slot, PersonSlot) and _holds_something(slot, context):
        message = "it has devices or memberships that were added otherwise, so it stays"
        return context.reject(Reason.CONFLICT, "person", message)
    return None


def _holds_something(slot: PersonSlot, context: Context) -> bool:
    state = context.state
    return any(device.person is slot for device in state.devices.values()) or any(
        member.person is slot for member in state.members.values()
    )


def _put_values_back(
    slot: Slot, names: dict[str, Any], before: dict[str, Any], logged: Logged
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put values and their times back; returns what is undone and what is there instead."""
    if not names:
        return {}, {}
    attributes, times = dict(slot.read_attributes()), dict(slot.read_times())
    earlier = (logged.before_row or {}).get("attribute_times", {})
    undone = {name: attributes.pop(name) for name in names if name in attributes}
    attributes |= before
    for name in names:
        times.pop(name, None)
    times |= earlier
    slot.attributes, slot.raw = attributes, dump_text(attributes)
    slot.size = len(slot.raw.encode())
    slot.times, slot.raw_times = times, dump_text(times)
    if not _NAME_ATTRIBUTES.isdisjoint(names):
        _put_name_back(slot)
    return {"attributes": undone}, {"attributes": {name: before.get(name) for name in names}}


def _put_name_back(slot: Slot) -> None:
    if isinstance(slot, PersonSlot):
        slot.name = name_of_person(slot.read_attributes())
    elif isinstance(slot, ObjectSlot):
        slot.name = name_of(slot.read_attributes())


def _put_instants_back(slot: Slot, logged: Logged) -> None:
    kept = logged.before_row or {}
    # An unchanged instant stays unsaid, so that the totals are not written for it.
    if instant(slot.created_at or slot.stored_created_at) != kept["created_at"]:
        slot.created_at = instant_of(kept["created_at"])
    slot.updated_at = instant_of(kept["updated_at"])
    slot.version += 1
    slot.is_changed = True
