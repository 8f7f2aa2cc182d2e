"""Apply merges, suppressions, devices, segments and events to the slots."""

from datetime import timedelta

from operations.engine.context import EPOCH, Context
from operations.engine.fold_people import (
    find_or_create_person,
    remove_person,
)
from operations.engine.identity import absorb
from operations.engine.merge import dump_text
from operations.engine.slots import DeviceSlot, MemberSlot, PersonSlot
from operations.engine.validate import shown
from operations.errors import Reason, Rejection
from operations.json import load_stored
from operations.results import Status
from operations.types import (
    AddDevice,
    AddToSegment,
    DeleteDevice,
    MergePeople,
    PersonKey,
    RecordCall,
    RecordEvent,
    RemoveFromSegment,
    Suppress,
    Unsuppress,
)


def merge_people(operation: MergePeople, context: Context) -> Status | Rejection:
    """Merge one person into another."""
    into = _known(operation.into, "into", context)
    absorbed = _known(operation.absorbed, "absorbed", context)
    if not isinstance(into, PersonSlot):
        return into
    if not isinstance(absorbed, PersonSlot):
        return absorbed
    context.person = into
    if into is absorbed:
        message = "a person cannot be merged into itself; name two people"
        rejection = context.reject(Reason.CONFLICT, "absorbed", message)
        return context.handle(context.call.rules.unknown_cio_id, rejection) or Status.SKIPPED
    return absorb(absorbed, into, context) or Status.UPDATED


def suppress(operation: Suppress, context: Context) -> Status | Rejection:
    """Delete a person, block the identifiers and redact the activity."""
    state, workspace = context.state, context.workspace.pk
    slot = state.find_person(workspace, operation.key)
    named = [("id", operation.key.id), ("email", operation.key.email)]
    if slot is not None:
        named = [("id", slot.person_id), ("email", slot.email_key)]
        context.person = slot
    tie = slot.cio_id if slot is not None else next(state.ids)
    entries = [
        (workspace, kind, value.lower() if kind == "email" else value)
        for kind, value in named
        if value is not None
    ]
    blocked = [entry for entry in entries if entry not in state.suppressed]
    if slot is None and not blocked:
        return Status.UNCHANGED
    for entry in blocked:
        state.journal.put(state.suppressed, entry, tie)
        state.journal.put(state.suppressed_new, entry, tie)
    if slot is not None:
        remove_person(slot, context)
        state.journal.append(state.redacted, (workspace, tie))
    _record_suppression(context, Status.CREATED, tie)
    return Status.DELETED if slot is not None else Status.UPDATED


def unsuppress(operation: Unsuppress, context: Context) -> Status | Rejection:
    """Free the identifiers that were blocked together with the one named."""
    state, workspace = context.state, context.workspace.pk
    key = operation.key
    kind, value = ("id", key.id) if key.id is not None else ("email", (key.email or "").lower())
    tie = key.cio_id or state.suppressed.get((workspace, kind, value or ""))
    if tie is None or tie not in state.suppressed.values():
        return Status.UNCHANGED
    for entry in [entry for entry, known in state.suppressed.items() if known == tie]:
        state.journal.drop(state.suppressed, entry)
        state.journal.drop(state.suppressed_new, entry)
    state.journal.append(state.suppressed_gone, (workspace, tie))
    _record_suppression(context, Status.DELETED, tie)
    return Status.UPDATED


def add_device(operation: AddDevice, context: Context) -> Status | Rejection:
    """Add a device to a person, or change it."""
    person = find_or_create_person(operation.person, context)
    if not isinstance(person, PersonSlot):
        return person
    state, workspace = context.state, context.workspace.pk
    device = state.devices.get((workspace, operation.token))
    raw = dump_text(dict(operation.attributes))
    after = {"token": operation.token, "platform": operation.platform}
    used_at = context.received_at
    if operation.last_used is not None:
        used_at = EPOCH + timedelta(seconds=operation.last_used)
    if device is None:
        device = DeviceSlot(
            workspace=workspace,
            pk=None,
            person=person,
            token=operation.token,
            platform=operation.platform,
            raw=raw,
            created_at=context.received_at,
            last_used_at=used_at,
        )
        state.journal.put(state.devices, (workspace, operation.token), device)
        context.record("device", Status.CREATED, person=person, after=after)
        return Status.CREATED
    is_same = device.person is person and device.platform == operation.platform
    if is_same and load_stored(device.raw) == load_stored(raw):
        return Status.UNCHANGED
    before = {"token": device.token, "platform": device.platform, "cio_id": device.person.cio_id}
    state.journal.keep(device)
    device.person, device.platform, device.raw = person, operation.platform, raw
    device.last_used_at, device.is_changed = used_at, True
    context.record("device", Status.UPDATED, person=person, before=before, after=after)
    return Status.UPDATED


def delete_device(operation: DeleteDevice, context: Context) -> Status | Rejection:
    """Remove a device from a person; nothing happens when it is not there."""
    state, workspace = context.state, context.workspace.pk
    person = state.find_person(workspace, operation.person)
    device = state.devices.get((workspace, operation.token))
    context.person = person
    if person is None or device is None or device.person is not person:
        return Status.UNCHANGED
    state.journal.drop(state.devices, (workspace, operation.token))
    state.journal.append(state.devices_gone, device)
    before = {"token": device.token, "platform": device.platform}
    context.record("device", Status.DELETED, person=person, before=before)
    return Status.DELETED


def add_to_segment(operation: AddToSegment, context: Context) -> Status | Rejection:
    """Put a person into a manual segment."""
    segment = _find_segment(operation.segment, context)
    if isinstance(segment, Rejection):
        return segment
    person = _known(operation.person, "person", context)
    if not isinstance(person, PersonSlot):
        return person
    context.person = person
    state = context.state
    if (segment, person) in state.members:
        return Status.UNCHANGED
    member = MemberSlot(None, segment, person, context.received_at)
    state.journal.put(state.members, (segment, person), member)
    after = {"segment": operation.segment}
    context.record("segment", Status.CREATED, person=person, after=after)
    return Status.CREATED


def remove_from_segment(operation: RemoveFromSegment, context: Context) -> Status | Rejection:
    """Take a person out of a manual segment."""
    segment = _find_segment(operation.segment, context)
    if isinstance(segment, Rejection):
        return segment
    state = context.state
    person = state.find_person(context.workspace.pk, operation.person)
    context.person = person
    member = None if person is None else state.members.get((segment, person))
    if person is None or member is None:
        return Status.UNCHANGED
    state.journal.drop(state.members, (segment, person))
    state.journal.append(state.members_gone, member)
    before = {"segment": operation.segment}
    context.record("segment", Status.DELETED, person=person, before=before)
    return Status.DELETED


def record_event(operation: RecordEvent, context: Context) -> Status | Rejection:
    """Record what a person did; the activity is the event."""
    after = {
        "properties": dict(operation.properties),
        "timestamp": context.now if operation.timestamp is None else operation.timestamp,
    }
    anonymous_id = operation.person.anonymous_id
    person: PersonSlot | None = None
    if anonymous_id is None:
        found = find_or_create_person(operation.person, context)
        if not isinstance(found, PersonSlot):
            return found
        person = found
    else:
        person = context.state.find_person(context.workspace.pk, operation.person)
        context.person = person
    kind = operation.kind.value
    context.record(kind, Status.CREATED, person=person, after=after, name=operation.name)
    if person is None:
        context.state.recorded[-1].person = (None, None, None, anonymous_id)  # type: ignore[assignment]
    return Status.CREATED


def record_call(operation: RecordCall, context: Context) -> Status | Rejection:
    """Keep a call that changes nothing here."""
    person = None
    if operation.person is not None:
        person = context.state.find_person(context.workspace.pk, operation.person)
    context.record("call", Status.UNCHANGED, person=person, after=dict(operation.payload))
    return Status.UNCHANGED


def _known(key: PersonKey, field: str, context: Context) -> PersonSlot | Rejection | Status:
    slot = context.state.find_person(context.workspace.pk, key)
    if slot is not None:
        return slot
    value = key.id or key.email or key.cio_id or key.anonymous_id
    message = f"no person is known as {shown(value)}"
    rejection = context.reject(Reason.NOT_FOUND, field, message)
    return context.handle(context.call.rules.unknown_cio_id, rejection) or Status.SKIPPED


def _find_segment(number: int, context: Context) -> int | Rejection:
    segment = context.state.segments.get((context.workspace.pk, number))
    if segment is None:
        message = f"segment {number} is not a manual segment of this workspace"
        return context.reject(Reason.NOT_FOUND, "segment", message)
    return segment


def _record_suppression(context: Context, status: Status, tie: str) -> None:
    context.record("suppression", status)
    context.state.recorded[-1].person = (None, None, tie, None)
