"""Create the rows of a batch in which every call makes one that is not there yet.

A file that is imported for the first time is mostly such batches. One look at the keys tells:
there is nothing to find again, to merge or to take back, so each call goes straight to where the
fold would have sent it. Any doubt about a single call sends the whole batch the long way.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from operations.engine.context import Context
from operations.engine.fold import context_of, outcome_of, refused
from operations.engine.fold_objects import create_object
from operations.engine.fold_people import create_person
from operations.engine.fold_relationships import create_relationship
from operations.engine.form import Checked, Form, Key, sample_of
from operations.engine.load import load_workspaces
from operations.engine.needs import Needs
from operations.engine.slots import ObjectSlot, PersonSlot
from operations.engine.sql import Row, select_ends, select_objects, select_people
from operations.engine.state import State
from operations.errors import Rejection
from operations.results import Outcome, Status
from operations.types import Call, Identifiers, IdentifyObject, IdentifyPerson, Relate, When

_NONE: Final = Identifiers()
_Ends: TypeAlias = list[tuple[PersonSlot, ObjectSlot]]
_Make: TypeAlias = Callable[[Any, Context], object]


def create_all(checked: Sequence[Checked], form: Form, state: State) -> list[Outcome] | None:
    """Fill the state with the new row of each call.

    Returns None, and leaves a state that is of no use, where a batch is not of this kind.
    """
    keys = _keys_of(checked, form)
    sample = _keys_of(sample_of(checked), form)
    if not keys or not sample or len(set(keys)) < len(keys):
        return None
    if form.kind is IdentifyObject:
        is_fresh = _are_free_objects(sample) and _are_free_objects(keys)
        return _create(checked, state, _make_object) if is_fresh and _begin(form, state) else None
    if form.kind is IdentifyPerson:
        is_fresh = _are_free_people(sample_of(checked), form) and _are_free_people(checked, form)
        return _create(checked, state, _make_person) if is_fresh and _begin(form, state) else None
    rows = _read_ends(sample, form) and _read_ends(keys, form)
    if not rows or not _begin(form, state):
        return None
    return _create(checked, state, _relating(rows, keys, state))


def _begin(form: Form, state: State) -> bool:
    """Load the workspace and its types; False where identifiers are blocked in it.

    So it is where another writer has made or deleted a type since the form was told.
    """
    load_workspaces(Needs(workspaces={form.workspace}, types=True), state)
    workspace = state.workspaces[form.workspace]
    if {number: slot.pk for number, slot in workspace.types.items()} != form.types:
        return False
    return not workspace.has_suppressions or form.kind is IdentifyObject


def _keys_of(checked: Sequence[Checked], form: Form) -> list[Key] | None:
    """Name the row of each call; None when a call might do anything but create it."""
    keys: list[Key] = []
    for call, checker in checked:
        if checker.rejections:
            continue
        key = form.key_of(call)
        if key is None or None in key or not _may_create(call):
            return None
        keys.append(key)
    return keys


def _may_create(call: Call) -> bool:
    operation: Any = call.operations[0]
    return (
        call.dedup_key is None
        and operation.when is not When.EXISTING
        and operation.expected_version is None
    )


def _are_free_objects(keys: Sequence[Key]) -> bool:
    return not select_objects(keys, (), with_state=False, lock=False)


def _are_free_people(checked: Sequence[Checked], form: Form) -> bool:
    """Tell whether nobody has an identifier of these calls, and no two of them share one."""
    ids: list[str] = []
    emails: list[str] = []
    for call, checker in checked:
        if checker.rejections:
            continue
        operation: Any = call.operations[0]
        for named in (operation.key, operation.identifiers or _NONE):
            if named.id is not None:
                ids.append(named.id)
            if named.email is not None:
                emails.append(named.email.lower())
    if len(set(ids)) < len(ids) or len(set(emails)) < len(emails):
        return False
    pairs = {
        "person_id": [(form.workspace, value) for value in ids],
        "email_key": [(form.workspace, value) for value in emails],
    }
    return not select_people(pairs, with_state=False, lock=False)


def _read_ends(keys: Sequence[Key], form: Form) -> list[Row]:
    """Read the people and objects of all pairs; nothing when one is missing or related already."""
    rows = select_ends(keys, workspace=form.workspace, column=form.person_column)
    is_complete = len(rows) == len(keys) and not any(row[-1] is not None for row in rows)
    return sorted(rows) if is_complete else []


def _relating(rows: Sequence[Row], keys: Sequence[Key], state: State) -> _Make:
    """Make what relates the two of each row in turn."""
    ends = iter(_slots_of(rows, keys, state))

    def make(operation: Relate, context: Context) -> object:
        context.person, context.object = next(ends)
        return create_relationship(operation, context.person, context.object, context)

    return make


def _slots_of(rows: Sequence[Row], keys: Sequence[Key], state: State) -> _Ends:
    types = {slot.pk: slot for slot in state.types}
    people: dict[int, PersonSlot] = {}
    objects: dict[int, ObjectSlot] = {}
    ends: _Ends = []
    for position, pk, person_id, email, cio_id, anonymous_id, object_pk, cio_object_id, _ in rows:
        _, type_pk, object_id = keys[position]
        object_type = types[type_pk]
        person = people.get(pk)
        if person is None:
            person = people[pk] = PersonSlot(
                workspace=object_type.workspace,
                pk=pk,
                person_id=person_id,
                email=email,
                anonymous_id=anonymous_id,
                cio_id=cio_id,
            )
        related = objects.get(object_pk)
        if related is None:
            related = objects[object_pk] = ObjectSlot(
                workspace=object_type.workspace,
                pk=object_pk,
                object_type=object_type,
                object_id=object_id,
                cio_object_id=cio_object_id,
            )
        ends.append((person, related))
    state.people, state.objects = [*people.values()], [*objects.values()]
    return ends


def _make_object(operation: IdentifyObject, context: Context) -> object:
    return create_object(context, operation.key, attributes=operation.attributes, at=operation.at)


def _make_person(operation: IdentifyPerson, context: Context) -> object:
    wanted = operation.identifiers or _NONE
    attributes, at = operation.attributes, operation.at
    return create_person(context, operation.key, wanted, attributes=attributes, at=at)


def _create(checked: Sequence[Checked], state: State, make: _Make) -> list[Outcome]:
    outcomes: list[Outcome] = []
    context = context_of(checked[0][0], state)
    for index, (call, checker) in enumerate(checked):
        if checker.rejections:
            outcomes.append(Outcome(Status.REFUSED, tuple(checker.rejections)))
            continue
        if call.origin is not context.call.origin:
            context = context_of(call, state)
        context.begin(index, call, checker.raw)
        state.warnings = checker.warnings
        made = make(call.operations[0], context)
        if isinstance(made, Rejection):
            outcomes.append(refused(made, context))
        else:
            outcomes.append(outcome_of(Status.CREATED, context))
    return outcomes
