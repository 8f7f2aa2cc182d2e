"""Apply operations on objects and object types to the slots."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.text import slugify

from operations.engine.context import (
    Context,
    by_primary_key,
    change_attributes,
    end_relationship,
    fill_new,
    name_of,
    start_attributes,
    whole,
)
from operations.engine.slots import ObjectSlot, TypeSlot
from operations.engine.validate import shown
from operations.errors import Reason, Rejection
from operations.limits import AUTOMATIC_TYPES_MAX, OBJECT_TYPE_NUMBER_MAX
from operations.results import Status
from operations.types import (
    DeleteObject,
    DeleteObjectType,
    Handling,
    IdentifyObject,
    Json,
    ObjectKey,
    SaveObjectType,
    When,
)

_WELL_FORMED: Final = re.compile(r"ob[0-9a-f]+", re.ASCII)
_DEFAULT_NAME: Final = "Custom Objects"
_DEFAULT_SINGULAR_NAME: Final = "Custom Object"
_DEFAULT_ICON: Final = "category"


def identify_object(operation: IdentifyObject, context: Context) -> Status | Rejection:
    """Create an object or merge attributes into one."""
    found = find_object(operation.key, context)
    if isinstance(found, (Rejection, Status)):
        return found
    if found is None:
        if operation.when is When.EXISTING:
            return Status.SKIPPED
        stale = context.refuse_stale(None, operation.expected_version)
        if stale is not None:
            return stale
        created = create_object(
            context, operation.key, attributes=operation.attributes, at=operation.at
        )
        return created if isinstance(created, Rejection) else Status.CREATED
    context.object = found
    if operation.when is When.NEW:
        return Status.SKIPPED
    stale = context.refuse_stale(found, operation.expected_version)
    return stale or _merge(found, operation, context)


def find_object(key: ObjectKey, context: Context) -> ObjectSlot | Rejection | Status | None:
    """Find the object that a key names; None when it is to be created, SKIPPED when it cannot."""
    if key.cio_object_id is not None:
        return _find_by_cio_object_id(key, context)
    object_type = find_type(key.object_type_id, context)
    if isinstance(object_type, Rejection):
        return object_type
    if object_type is None:
        return None
    return context.state.by_object_id.get((object_type, key.object_id or ""))


def find_type(number: int, context: Context) -> TypeSlot | Rejection | None:
    """Find the type with a number; None when the call may create it."""
    object_type = context.workspace.types.get(number)
    if object_type is not None:
        return object_type
    if number in context.workspace.retired_type_numbers:
        return context.reject(Reason.CONFLICT, "object_type_id", _retired(number))
    if context.call.rules.creates_types:
        if context.workspace.automatic_types >= AUTOMATIC_TYPES_MAX:
            message = (
                f"object_type_id {number} does not exist and calls have made "
                f"{AUTOMATIC_TYPES_MAX} object types already; create it under Object types"
            )
            return context.reject(Reason.TOO_MANY, "object_type_id", message)
        return None
    return context.reject(Reason.NOT_FOUND, "object_type_id", _unknown_type(number, context))


def create_object(
    context: Context, key: ObjectKey, *, attributes: Mapping[str, Json], at: int | None
) -> ObjectSlot | Rejection:
    """Create an object, with its type when the call may do that."""
    started = start_attributes(context, attributes, at=at, stamps_creation=True)
    if isinstance(started, Rejection):
        return started
    object_type = context.workspace.types.get(key.object_type_id)
    if object_type is None:
        object_type = _create_automatic_type(key.object_type_id, context)
    slot = ObjectSlot(
        workspace=context.workspace.pk,
        pk=None,
        object_type=object_type,
        object_id=key.object_id or key.cio_object_id or "",
        cio_object_id=key.cio_object_id or f"ob{next(context.state.ids)}",
        name=name_of(started[0]),
    )
    fill_new(slot, started, context)
    context.state.add_object(slot)
    context.object = slot
    context.record(
        "object",
        Status.CREATED,
        related=slot,
        after={"attributes": started[0]},
        after_text=f'{{"attributes":{slot.raw}}}',
    )
    return slot


def delete_object(operation: DeleteObject, context: Context) -> Status | Rejection:
    """Delete an object and its relationships."""
    found = find_object(operation.key, context)
    if isinstance(found, (Rejection, Status)):
        return found
    if found is None:
        return Status.UNCHANGED
    context.object = found
    stale = context.refuse_stale(found, operation.expected_version)
    if stale is not None:
        return stale
    remove_object(found, context)
    return Status.DELETED


def remove_object(slot: ObjectSlot, context: Context) -> None:
    """Take an object and its relationships out of the state."""
    for relationship in sorted(slot.related.values(), key=by_primary_key):
        end_relationship(context, relationship)
    context.state.journal.keep(slot)
    context.remember(slot)
    slot.is_deleted = True
    context.state.forget_object(slot)
    context.record("object", Status.DELETED, related=slot, before=whole(slot), row=slot)


def save_object_type(operation: SaveObjectType, context: Context) -> Status | Rejection:
    """Create or change an object type."""
    number = operation.number
    existing = None if number is None else context.workspace.types.get(number)
    if existing is not None:
        context.type_number = existing.number
        if operation.when is When.NEW:
            return Status.SKIPPED
        return _change_type(existing, operation, context)
    if operation.when is When.EXISTING:
        return Status.SKIPPED
    if operation.name is None:
        return context.reject(Reason.REQUIRED, "name", "name is required for a new object type")
    number = number or context.workspace.next_type_number
    if number in context.workspace.retired_type_numbers:
        return context.reject(Reason.CONFLICT, "object_type_id", _retired(number))
    if number > OBJECT_TYPE_NUMBER_MAX:
        message = f"there is no number left below {OBJECT_TYPE_NUMBER_MAX}; name a free one"
        return context.reject(Reason.TOO_MANY, "object_type_id", message)
    slot = _create_type(
        number,
        operation.name,
        operation.singular_name or operation.name,
        context,
    )
    slot.icon = operation.icon or _DEFAULT_ICON
    slot.enabled = True if operation.enabled is None else operation.enabled
    context.type_number = slot.number
    _record_type(slot, Status.CREATED, context, after=_type_values(slot))
    return Status.CREATED


def delete_object_type(operation: DeleteObjectType, context: Context) -> Status | Rejection:
    """Delete an object type with its objects and their relationships."""
    slot = context.workspace.types.get(operation.number)
    if slot is None:
        return Status.UNCHANGED
    context.type_number = slot.number
    for row in [row for row in context.state.objects if row.object_type is slot]:
        if not row.is_deleted:
            remove_object(row, context)
    context.state.journal.keep(slot)
    context.state.journal.keep(context.workspace)
    slot.is_deleted = True
    context.workspace.retired_type_numbers |= {slot.number}
    context.workspace.is_changed = True
    context.state.journal.drop(context.workspace.types, slot.number)
    _record_type(slot, Status.DELETED, context, before=_type_values(slot))
    return Status.DELETED


def _find_by_cio_object_id(
    key: ObjectKey, context: Context
) -> ObjectSlot | Rejection | Status | None:
    value = key.cio_object_id or ""
    found = context.state.by_cio_object_id.get((context.workspace.pk, value))
    if found is not None:
        return _agreeing(found, key, context)
    handling = context.call.rules.unknown_cio_object_id
    if handling is Handling.CREATE and _WELL_FORMED.fullmatch(value):
        return _place_for_given_id(key, context)
    message = f"no object has the cio_object_id {shown(value)}; leave it out to create one"
    rejection = context.reject(Reason.NOT_FOUND, "cio_object_id", message)
    refused = context.handle(
        Handling.REFUSE if handling is Handling.CREATE else handling, rejection
    )
    return refused or Status.SKIPPED


def _agreeing(found: ObjectSlot, key: ObjectKey, context: Context) -> ObjectSlot | Rejection:
    if key.object_id is None:
        return found
    if found.object_type.number != key.object_type_id:
        message = (
            f"The object with this cio_object_id has object_type_id {found.object_type.number}, "
            f"not {key.object_type_id}"
        )
        return context.reject(Reason.CONFLICT, "object_type_id", message)
    if found.object_id != key.object_id:
        message = (
            f"The object with this cio_object_id has the object_id {shown(found.object_id)}, "
            f"not {shown(key.object_id)}; an object_id cannot be changed"
        )
        return context.reject(Reason.CONFLICT, "object_id", message)
    return found


def _place_for_given_id(key: ObjectKey, context: Context) -> ObjectSlot | Rejection | None:
    object_type = find_type(key.object_type_id, context)
    if isinstance(object_type, Rejection):
        return object_type
    object_id = key.object_id or key.cio_object_id or ""
    taken = None
    if object_type is not None:
        taken = context.state.by_object_id.get((object_type, object_id))
    if taken is None:
        message = f"no object had the cio_object_id {shown(key.cio_object_id)}; one was created"
    else:
        message = (
            f"no object has the cio_object_id {shown(key.cio_object_id)}; "
            f"the one with the object_id {shown(object_id)} was taken"
        )
    context.state.warnings.append(context.reject(Reason.NOT_FOUND, "cio_object_id", message))
    return taken


def _merge(slot: ObjectSlot, operation: IdentifyObject, context: Context) -> Status | Rejection:
    change = change_attributes(context, slot, operation.attributes, at=operation.at)
    if change is None:
        return Status.UNCHANGED
    if isinstance(change, Rejection):
        return change
    before, after = change
    if "name" in after:
        slot.name = name_of(slot.read_attributes())
    context.record(
        "object",
        Status.UPDATED,
        related=slot,
        before={"attributes": before},
        after={"attributes": after},
        row=slot,
    )
    return Status.UPDATED


def _create_automatic_type(number: int, context: Context) -> TypeSlot:
    suffix = "" if number == 1 else f" {number}"
    slot = _create_type(
        number, f"{_DEFAULT_NAME}{suffix}", f"{_DEFAULT_SINGULAR_NAME}{suffix}", context
    )
    context.workspace.automatic_types += 1  # _create_type has kept the workspace
    _record_type(slot, Status.CREATED, context, after=_type_values(slot))
    return slot


def _create_type(number: int, name: str, singular_name: str, context: Context) -> TypeSlot:
    workspace, journal = context.workspace, context.state.journal
    slot = TypeSlot(
        workspace=workspace.pk,
        pk=None,
        number=number,
        name=name,
        singular_name=singular_name,
        slug=_free_slug(name, number, context),
        enabled=True,
        icon=_DEFAULT_ICON,
        created_at=context.received_at,
        updated_at=context.received_at,
    )
    journal.keep(workspace)
    workspace.next_type_number = max(workspace.next_type_number, number + 1)
    workspace.is_changed = True
    journal.put(workspace.types, number, slot)
    journal.append(context.state.types, slot)
    return slot


def _free_slug(name: str, number: int, context: Context) -> str:
    taken = {slot.slug for slot in context.workspace.types.values()}
    slug = slugify(name)[:80] or f"type-{number}"
    while slug in taken:
        slug = f"{slug}-{number}"
    return slug


def _change_type(
    slot: TypeSlot, operation: SaveObjectType, context: Context
) -> Status | Rejection:
    wanted = {
        "name": operation.name,
        "singular_name": operation.singular_name,
        "icon": operation.icon,
        "enabled": operation.enabled,
    }
    values = _type_values(slot)
    after: dict[str, Json] = {
        field: value
        for field, value in wanted.items()
        if value is not None and value != values[field]
    }
    if not after:
        return Status.UNCHANGED
    context.state.journal.keep(slot)
    for field, value in after.items():
        setattr(slot, field, value)
    slot.is_changed, slot.updated_at = True, context.received_at
    before = {field: values[field] for field in after}
    _record_type(slot, Status.UPDATED, context, before=before, after=after)
    return Status.UPDATED


def _record_type(
    slot: TypeSlot,
    status: Status,
    context: Context,
    *,
    before: dict[str, Json] | None = None,
    after: dict[str, Json] | None = None,
) -> None:
    context.record("object_type", status, before=before, after=after)
    context.state.recorded[-1].object = (slot.number, None, None)  # type: ignore[assignment]


def _type_values(slot: TypeSlot) -> dict[str, Json]:
    return {
        "name": slot.name,
        "singular_name": slot.singular_name,
        "slug": slot.slug,
        "icon": slot.icon,
        "enabled": slot.enabled,
    }


def _retired(number: int) -> str:
    return f"object_type_id {number} belonged to a deleted object type; numbers are not used again"


def _unknown_type(number: int, context: Context) -> str:
    known = sorted(context.workspace.types.items())[:10]
    types = ", ".join(f"{number} ({slot.name})" for number, slot in known)
    there = f"there are {types}" if types else "there are none yet: create one first"
    return f"object_type_id {number} is not an object type of this workspace; {there}"
