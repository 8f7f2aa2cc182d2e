"""Undo what concerns people alone: their identifiers, their devices and their memberships."""

from typing import Any

from operations.engine.context import Context, name_of_person
from operations.engine.merge import dump_text
from operations.engine.slots import DeviceSlot, Logged, MemberSlot, PersonSlot
from operations.engine.undo_rows import fill_restored, instant_of
from operations.engine.validate import shown
from operations.errors import Reason, Rejection
from operations.types import PersonKey

_FIELDS = {"id": "person_id", "email": "email", "anonymous_id": "anonymous_id"}


def restore_person(logged: Logged, context: Context) -> PersonSlot | Rejection:
    """Make a deleted person again, unless the identifiers are somebody else's by now."""
    state, workspace = context.state, context.workspace.pk
    slot = PersonSlot(
        workspace=workspace,
        pk=None,
        person_id=logged.person_id,
        email=logged.email,
        email_key=None if logged.email is None else logged.email.lower(),
        anonymous_id=logged.anonymous_id,
        cio_id=logged.cio_id or "",
    )
    named = {field: getattr(slot, column) for field, column in _FIELDS.items()}
    refused = refuse_identifiers(slot, named, context)
    if refused is not None:
        return refused
    if state.find_person(workspace, PersonKey(cio_id=slot.cio_id)) is not None:
        message = "the person is there again"
        return context.reject(Reason.CONFLICT, "person", message)
    fill_restored(slot, logged)
    slot.name = name_of_person(slot.read_attributes())
    state.add_person(slot)
    context.person = slot
    kept = logged.before_row or {}
    for device in kept.get("devices", ()):
        _restore_device(device, slot, context)
    for member in kept.get("segments", ()):
        _restore_member(member, slot, context)
    return slot


def refuse_identifiers(
    slot: PersonSlot, named: dict[str, str | None], context: Context
) -> Rejection | None:
    """Refuse identifiers that belong to somebody else by now, or are suppressed."""
    state, workspace = context.state, context.workspace.pk
    for field, value in named.items():
        if value is None:
            continue
        compared = value.lower() if field == "email" else value
        if (workspace, field, compared) in state.suppressed:
            message = f"{field} {shown(value)} is suppressed; unsuppress it to use it again"
            return context.reject(Reason.SUPPRESSED, field, message)
        holder = state.find_person(workspace, PersonKey(**{field: value}))
        if holder is not None and holder is not slot:
            message = (
                f"{field} {shown(value)} belongs to another person by now (cio_id {holder.cio_id})"
            )
            return context.reject(Reason.CONFLICT, field, message)
    return None


def revert_identifiers(
    slot: PersonSlot, earlier: dict[str, str | None], context: Context
) -> dict[str, str | None]:
    """Give a person the earlier identifiers back; returns those that are given up."""
    state = context.state
    state.forget_person(slot)
    given_up = {field: getattr(slot, _FIELDS[field]) for field in earlier}
    for field, value in earlier.items():
        setattr(slot, _FIELDS[field], value)
    slot.email_key = None if slot.email is None else slot.email.lower()
    slot.gave_up_identifier |= any(given_up.values())
    state.name_person(slot)
    return given_up


def _restore_device(device: dict[str, Any], slot: PersonSlot, context: Context) -> None:
    state, token = context.state, device["token"]
    if (slot.workspace, token) in state.devices:
        message = f"the device {shown(token)} belongs to another person by now and stays there"
        state.warnings.append(context.reject(Reason.CONFLICT, "token", message))
        return
    restored = DeviceSlot(
        workspace=slot.workspace,
        pk=None,
        person=slot,
        token=token,
        platform=device["platform"],
        raw=dump_text(device["attributes"]),
        created_at=instant_of(device["created_at"]),
        last_used_at=instant_of(device["last_used_at"]),
    )
    state.journal.put(state.devices, (slot.workspace, token), restored)


def _restore_member(member: dict[str, Any], slot: PersonSlot, context: Context) -> None:
    state, segment = context.state, member["segment"]
    if segment not in state.manual_segments:
        message = "a segment that the person was in is not there any more"
        state.warnings.append(context.reject(Reason.NOT_FOUND, "segment", message))
        return
    restored = MemberSlot(None, segment, slot, instant_of(member["created_at"]))
    state.journal.put(state.members, (segment, slot), restored)
