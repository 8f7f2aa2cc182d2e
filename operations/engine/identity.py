"""Merge and suppress: the two operations that move or blot out what others wrote."""

from typing import Any

from operations.engine.context import (
    Context,
    by_primary_key,
    change_attributes,
    end_relationship,
    name_of_person,
    touch,
)
from operations.engine.merge import dump_text
from operations.engine.slots import MemberSlot, PersonSlot, RelationshipSlot
from operations.errors import Rejection
from operations.results import Status


def absorb(absorbed: PersonSlot, into: PersonSlot, context: Context) -> Rejection | None:
    """Merge one person into another, which wins where both have a value.

    What `into` lacks comes over: identifiers, attributes, relationships and their attributes,
    devices and memberships. Nothing is refused after the first change.
    """
    lacking = {
        name: value
        for name, value in absorbed.read_attributes().items()
        if name not in into.read_attributes()
    }
    change = change_attributes(context, into, lacking, at=None)
    if isinstance(change, Rejection):
        return change
    before: dict[str, Any] = {
        "person": dict(zip(_KEYS, absorbed.keys(), strict=True)),
        "attributes": absorbed.read_attributes(),
        "attribute_times": absorbed.read_times(),
    }
    _move_relationships(absorbed, into, context)
    _move_devices(absorbed, into, context)
    _move_memberships(absorbed, into, context)
    context.state.journal.keep(absorbed)
    absorbed.is_deleted = True
    context.state.forget_person(absorbed)
    _take_identifiers(absorbed, into, context)
    after = {"attributes": {} if change is None else change[1]}
    context.record("merge", Status.UPDATED, person=into, before=before, after=after, row=into)
    return None


_KEYS = ("id", "email", "cio_id", "anonymous_id")


def _take_identifiers(absorbed: PersonSlot, into: PersonSlot, context: Context) -> None:
    context.state.journal.keep(into)
    if into.person_id is None:
        into.person_id = absorbed.person_id
    if into.email is None:
        into.email, into.email_key = absorbed.email, absorbed.email_key
    if into.anonymous_id is None:
        into.anonymous_id = absorbed.anonymous_id
    into.name = name_of_person(into.read_attributes())
    touch(context, into)
    context.state.name_person(into)


def _move_relationships(absorbed: PersonSlot, into: PersonSlot, context: Context) -> None:
    for row in sorted(absorbed.related.values(), key=by_primary_key):
        present = into.related.get(row.object)
        end_relationship(context, row)
        if present is None:
            _move_relationship(row, into, context)
            continue
        lacking = {
            name: value
            for name, value in row.read_attributes().items()
            if name not in present.read_attributes()
        }
        change = change_attributes(context, present, lacking, at=None)
        if isinstance(change, Rejection):
            context.state.warnings.append(change)
        elif change is not None:
            context.record(
                "relationship",
                Status.UPDATED,
                person=into,
                related=row.object,
                before={"attributes": change[0]},
                after={"attributes": change[1]},
                row=present,
            )


def _move_relationship(row: RelationshipSlot, into: PersonSlot, context: Context) -> None:
    raw = dump_text(row.read_attributes())
    moved = RelationshipSlot(
        workspace=row.workspace,
        pk=None,
        object=row.object,
        person=into,
        raw=raw,
        raw_times=row.raw_times,
        size=len(raw.encode()),
        version=row.version,
        created_at=row.created_at,
        updated_at=context.received_at,
    )
    context.state.journal.keep(into)
    context.state.journal.keep(row.object)
    into.count_delta += 1
    row.object.count_delta += 1
    context.state.add_relationship(moved)
    context.record(
        "relationship",
        Status.CREATED,
        person=into,
        related=row.object,
        after={"attributes": moved.read_attributes()},
    )


def _move_devices(absorbed: PersonSlot, into: PersonSlot, context: Context) -> None:
    for device in context.state.devices.values():
        if device.person is absorbed:
            context.state.journal.keep(device)
            device.person, device.is_changed = into, True


def _move_memberships(absorbed: PersonSlot, into: PersonSlot, context: Context) -> None:
    state = context.state
    for key, member in list(state.members.items()):
        if member.person is not absorbed:
            continue
        state.journal.drop(state.members, key)
        state.journal.append(state.members_gone, member)
        if (member.segment, into) not in state.members:
            moved = MemberSlot(None, member.segment, into, context.received_at)
            state.journal.put(state.members, (member.segment, into), moved)
