"""Apply operations on relationships to the slots."""

from operations.engine.context import (
    Context,
    change_attributes,
    end_relationship,
    fill_new,
    start_attributes,
)
from operations.engine.fold_objects import create_object, find_object
from operations.engine.fold_people import (
    create_person,
    is_blocked,
    unknown_cio_id,
)
from operations.engine.slots import ObjectSlot, PersonSlot, RelationshipSlot
from operations.errors import Rejection
from operations.results import Status
from operations.types import Identifiers, Relate, Unrelate, When

_NONE = Identifiers()


def relate(operation: Relate, context: Context) -> Status | Rejection:
    """Relate a person to an object, or merge attributes into their relationship."""
    if is_blocked(operation.person, _NONE, context):
        return Status.SKIPPED
    person = context.state.find_person(context.workspace.pk, operation.person)
    if person is None:
        missing = _missing_person(operation, context)
        if missing is not None:
            return missing
    related = find_object(operation.object, context)
    if isinstance(related, (Rejection, Status)):
        return related
    existing = None
    if person is not None and related is not None:
        existing = person.related.get(related)
    context.person, context.object = person, related
    if existing is None:
        return create_relationship(operation, person, related, context)
    if operation.when is When.NEW:
        return Status.SKIPPED
    stale = context.refuse_stale(existing, operation.expected_version)
    return stale or _merge(existing, operation, context)


def unrelate(operation: Unrelate, context: Context) -> Status | Rejection:
    """End a relationship; nothing happens when there is none."""
    person = context.state.find_person(context.workspace.pk, operation.person)
    related = find_object(operation.object, context)
    if isinstance(related, (Rejection, Status)):
        return related
    context.person, context.object = person, related
    if person is None or related is None or related not in person.related:
        return Status.UNCHANGED
    existing = person.related[related]
    stale = context.refuse_stale(existing, operation.expected_version)
    if stale is not None:
        return stale
    end_relationship(context, existing)
    return Status.DELETED


def create_relationship(
    operation: Relate, person: PersonSlot | None, related: ObjectSlot | None, context: Context
) -> Status | Rejection:
    """Relate two that are not related, and create whichever of them is missing."""
    if operation.when is When.EXISTING:
        return Status.SKIPPED
    stale = context.refuse_stale(None, operation.expected_version)
    if stale is not None:
        return stale
    started = start_attributes(
        context, operation.attributes, at=operation.at, stamps_creation=False
    )
    if isinstance(started, Rejection):
        return started
    holder = person or create_person(context, operation.person, _NONE, attributes={}, at=None)
    target = related or create_object(context, operation.object, attributes={}, at=None)
    if isinstance(holder, Rejection):
        return holder
    if isinstance(target, Rejection):
        return target
    slot = RelationshipSlot(workspace=context.workspace.pk, pk=None, object=target, person=holder)
    fill_new(slot, started, context)
    journal = context.state.journal
    journal.keep(holder)
    journal.keep(target)
    holder.count_delta += 1
    target.count_delta += 1
    context.state.add_relationship(slot)
    context.record(
        "relationship",
        Status.CREATED,
        person=holder,
        related=target,
        after={"attributes": started[0]},
        after_text=f'{{"attributes":{slot.raw}}}',
    )
    return Status.CREATED


def _missing_person(operation: Relate, context: Context) -> Status | Rejection | None:
    """Tell what becomes of a call whose person is not there; None when it is to be created."""
    missing = unknown_cio_id(operation.person, context)
    if missing is None and not context.call.rules.creates_people:
        return Status.SKIPPED
    return missing


def _merge(slot: RelationshipSlot, operation: Relate, context: Context) -> Status | Rejection:
    change = change_attributes(context, slot, operation.attributes, at=operation.at)
    if change is None:
        return Status.UNCHANGED
    if isinstance(change, Rejection):
        return change
    context.record(
        "relationship",
        Status.UPDATED,
        person=slot.person,
        related=slot.object,
        before={"attributes": change[0]},
        after={"attributes": change[1]},
        row=slot,
    )
    return Status.UPDATED
