"""Apply operations on people to the slots, with the rules of who is who.

The rules follow the Track API, "How to identify people": the key finds the person; a person found
only by another identifier of the call gets the key; identifiers change through the cio_id.
"""

from typing import Any, Final

from operations.engine.context import (
    Context,
    by_primary_key,
    change_attributes,
    end_relationship,
    fill_new,
    name_of_person,
    start_attributes,
    touch,
    whole,
)
from operations.engine.earlier import what_went_along
from operations.engine.identity import absorb
from operations.engine.slots import PersonSlot
from operations.engine.validate import shown
from operations.errors import Reason, Rejection
from operations.results import Status
from operations.types import (
    Attributes,
    DeletePerson,
    Identifiers,
    IdentifyPerson,
    PersonKey,
    When,
)

_NONE: Final = Identifiers()
_NAME_ATTRIBUTES: Final = frozenset({"name", "first_name", "last_name"})


def identify_person(operation: IdentifyPerson, context: Context) -> Status | Rejection:
    """Create a person or merge attributes and identifiers into one."""
    wanted = operation.identifiers or _NONE
    if is_blocked(operation.key, wanted, context):
        return Status.SKIPPED
    slot = context.state.find_person(context.workspace.pk, operation.key)
    if slot is None:
        missing = unknown_cio_id(operation.key, context)
        if missing is not None:
            return missing
        slot = _find_by_other_identifier(wanted, context)
        if slot is None:
            return _create(operation, wanted, context)
    context.person = slot
    if operation.when is When.NEW:
        return Status.SKIPPED
    stale = context.refuse_stale(slot, operation.expected_version)
    return stale or _merge(slot, operation, wanted, context)


def find_or_create_person(key: PersonKey, context: Context) -> PersonSlot | Rejection | Status:
    """Find the person that a key names, or create it; SKIPPED when neither can be."""
    if is_blocked(key, _NONE, context):
        return Status.SKIPPED
    slot = context.state.find_person(context.workspace.pk, key)
    if slot is None:
        missing = unknown_cio_id(key, context)
        if missing is not None:
            return missing
        created = create_person(context, key, _NONE, attributes={}, at=None)
        if isinstance(created, Rejection):
            return created
        slot = created
    context.person = slot
    return slot


def create_person(
    context: Context,
    key: PersonKey,
    wanted: Identifiers,
    *,
    attributes: Attributes,
    at: int | None,
) -> PersonSlot | Rejection:
    """Create a person with all the identifiers that the call has."""
    started = start_attributes(context, attributes, at=at, stamps_creation=False)
    if isinstance(started, Rejection):
        return started
    email = key.email if key.email is not None else wanted.email
    anonymous_id = key.anonymous_id
    if (context.workspace.pk, wanted.anonymous_id) not in context.state.by_anonymous_id:
        anonymous_id = anonymous_id or wanted.anonymous_id
    slot = PersonSlot(
        workspace=context.workspace.pk,
        pk=None,
        person_id=key.id if key.id is not None else wanted.id,
        email=email,
        email_key=None if email is None else email.lower(),
        anonymous_id=anonymous_id,
        cio_id=next(context.state.ids),
        name=name_of_person(started[0]),
    )
    fill_new(slot, started, context)
    context.state.add_person(slot)
    context.person = slot
    context.record(
        "person",
        Status.CREATED,
        person=slot,
        after={"attributes": started[0]},
        after_text=f'{{"attributes":{slot.raw}}}',
    )
    return slot


def delete_person(operation: DeletePerson, context: Context) -> Status | Rejection:
    """Delete a person with relationships, devices and memberships."""
    slot = context.state.find_person(context.workspace.pk, operation.key)
    if slot is None:
        return Status.UNCHANGED
    context.person = slot
    stale = context.refuse_stale(slot, operation.expected_version)
    if stale is not None:
        return stale
    remove_person(slot, context)
    return Status.DELETED


def remove_person(slot: PersonSlot, context: Context) -> None:
    """Take a person and all that hangs on it out of the state."""
    for relationship in sorted(slot.related.values(), key=by_primary_key):
        end_relationship(context, relationship)
    state = context.state
    devices = [(key, device) for key, device in state.devices.items() if device.person is slot]
    for device_key, device in devices:
        state.journal.drop(state.devices, device_key)
        state.journal.append(state.devices_gone, device)
    members = [(key, member) for key, member in state.members.items() if member.person is slot]
    for member_key, member in members:
        state.journal.drop(state.members, member_key)
        state.journal.append(state.members_gone, member)
    state.journal.keep(slot)
    context.remember(slot)
    slot.is_deleted = True
    state.forget_person(slot)
    along = what_went_along([row for _, row in devices], [row for _, row in members])
    context.record(
        "person", Status.DELETED, person=slot, before=whole(slot), row=slot, along=along
    )


def is_blocked(key: PersonKey, wanted: Identifiers, context: Context) -> bool:
    """Tell whether an identifier of the call is suppressed, and warn if so."""
    suppressed, workspace = context.state.suppressed, context.workspace.pk
    if not suppressed:
        return False
    named = [("id", key.id), ("email", key.email), ("id", wanted.id), ("email", wanted.email)]
    for kind, value in named:
        if value is None:
            continue
        compared = value.lower() if kind == "email" else value
        if (workspace, kind, compared) in suppressed:
            message = f"{kind} {shown(value)} is suppressed; unsuppress it to use it again"
            context.state.warnings.append(context.reject(Reason.SUPPRESSED, kind, message))
            return True
    return False


def unknown_cio_id(key: PersonKey, context: Context) -> Rejection | Status | None:
    """Refuse or skip a call that names a person by a cio_id that nobody has."""
    if key.cio_id is None:
        return None
    message = f"no person has the cio_id {shown(key.cio_id)}; name the person by id or email"
    rejection = context.reject(Reason.NOT_FOUND, "cio_id", message)
    return context.handle(context.call.rules.unknown_cio_id, rejection) or Status.SKIPPED


def _find_by_other_identifier(wanted: Identifiers, context: Context) -> PersonSlot | None:
    workspace, state = context.workspace.pk, context.state
    if wanted.id is not None and (workspace, wanted.id) in state.by_id:
        return state.by_id[workspace, wanted.id]
    if wanted.email is not None:
        return state.by_email.get((workspace, wanted.email.lower()))
    return None


def _create(
    operation: IdentifyPerson, wanted: Identifiers, context: Context
) -> Status | Rejection:
    if operation.when is When.EXISTING:
        return Status.SKIPPED
    stale = context.refuse_stale(None, operation.expected_version)
    if stale is not None:
        return stale
    created = create_person(
        context, operation.key, wanted, attributes=operation.attributes, at=operation.at
    )
    if isinstance(created, Rejection):
        return created
    linked = _link_anonymous(created, wanted.anonymous_id, context)
    return linked if isinstance(linked, Rejection) else Status.CREATED


def _merge(
    slot: PersonSlot, operation: IdentifyPerson, wanted: Identifiers, context: Context
) -> Status | Rejection:
    changes = _identifier_changes(slot, operation.key, wanted, context)
    if isinstance(changes, Rejection):
        return changes
    change = change_attributes(context, slot, operation.attributes, at=operation.at)
    if isinstance(change, Rejection):
        return change
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if change is not None:
        before["attributes"], after["attributes"] = change
        if not _NAME_ATTRIBUTES.isdisjoint(change[1]):
            slot.name = name_of_person(slot.read_attributes())
    if changes:
        before["identifiers"] = _change_identifiers(slot, changes, context)
        after["identifiers"] = changes
    if after:
        context.record("person", Status.UPDATED, person=slot, before=before, after=after, row=slot)
    linked = _link_anonymous(slot, wanted.anonymous_id, context)
    if isinstance(linked, Rejection):
        return linked
    return Status.UPDATED if after or linked else Status.UNCHANGED


def _identifier_changes(
    slot: PersonSlot, key: PersonKey, wanted: Identifiers, context: Context
) -> dict[str, str] | Rejection:
    """Work out which identifiers change; a key that did not find the person is one of them."""
    found_by_key = context.state.find_person(context.workspace.pk, key) is slot
    may_replace = key.cio_id is not None
    changes: dict[str, str] = {}
    if not found_by_key:
        changes.update(_keys_to_take_on(key))
    for field, value in (("id", wanted.id), ("email", wanted.email)):
        if value is None or field in changes:
            continue
        refusal = _refuse_identifier(slot, field, value, may_replace=may_replace, context=context)
        if refusal is None:
            if _current(slot, field) != value:
                changes[field] = value
            continue
        handled = context.handle(context.call.rules.identifier_conflict, refusal)
        if handled is not None:
            return handled
    return changes


def _keys_to_take_on(key: PersonKey) -> dict[str, str]:
    if key.id is not None:
        return {"id": key.id}
    return {} if key.email is None else {"email": key.email}


def _refuse_identifier(
    slot: PersonSlot, field: str, value: str, *, may_replace: bool, context: Context
) -> Rejection | None:
    workspace, state = context.workspace.pk, context.state
    if field == "id":
        holder = state.by_id.get((workspace, value))
        current, is_same = slot.person_id, slot.person_id == value
    else:
        holder = state.by_email.get((workspace, value.lower()))
        current, is_same = slot.email, slot.email_key == value.lower()
    if holder is not None and holder is not slot:
        message = (
            f"{field} {shown(value)} belongs to another person (cio_id {holder.cio_id}); "
            "merge the two people or use another value"
        )
        return context.reject(Reason.CONFLICT, field, message)
    if current is not None and not is_same and not may_replace:
        message = (
            f"The person already has the {field} {shown(current)}; name the person by cio_id "
            f"to change it to {shown(value)}"
        )
        return context.reject(Reason.CONFLICT, field, message)
    return None


def _current(slot: PersonSlot, field: str) -> str | None:
    return slot.person_id if field == "id" else slot.email


def _change_identifiers(
    slot: PersonSlot, changes: dict[str, str], context: Context
) -> dict[str, str | None]:
    state = context.state
    before = {field: _current(slot, field) for field in changes}
    state.journal.keep(slot)
    context.remember(slot)
    state.forget_person(slot)
    slot.gave_up_identifier |= any(before.values())
    if "id" in changes:
        slot.person_id = changes["id"]
    if "email" in changes:
        slot.email, slot.email_key = changes["email"], changes["email"].lower()
    touch(context, slot)
    state.name_person(slot)
    return before


def _link_anonymous(
    slot: PersonSlot, anonymous_id: str | None, context: Context
) -> bool | Rejection:
    """Give a person an anonymous id, with all that was done under it."""
    if anonymous_id is None:
        return False
    state = context.state
    holder = state.by_anonymous_id.get((context.workspace.pk, anonymous_id))
    if holder is slot or (holder is not None and not holder.is_anonymous):
        return False
    refused = None if holder is None else absorb(holder, slot, context)
    if refused is not None:
        return refused
    state.journal.keep(slot)
    if holder is None:
        context.remember(slot)
    state.forget_person(slot)
    before = slot.anonymous_id
    slot.gave_up_identifier |= before not in (None, anonymous_id)
    slot.anonymous_id = anonymous_id
    touch(context, slot)
    state.name_person(slot)
    if holder is None:
        context.record(
            "person",
            Status.UPDATED,
            person=slot,
            before={"identifiers": {"anonymous_id": before}},
            after={"identifiers": {"anonymous_id": anonymous_id}},
            row=slot,
        )
    return True
