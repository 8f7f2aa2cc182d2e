"""Apply the operations of a batch to the slots, in order; a refused call leaves no trace."""

from collections.abc import Sequence

from operations.engine.context import Context
from operations.engine.fold_objects import (
    delete_object,
    delete_object_type,
    identify_object,
    save_object_type,
)
from operations.engine.fold_other import (
    add_device,
    add_to_segment,
    delete_device,
    merge_people,
    record_call,
    record_event,
    remove_from_segment,
    suppress,
    unsuppress,
)
from operations.engine.fold_people import delete_person, identify_person
from operations.engine.fold_relationships import relate, unrelate
from operations.engine.fold_undo import undo_change
from operations.engine.state import State
from operations.engine.validate import Checker
from operations.errors import Reason, Rejection
from operations.results import Outcome, Status
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteDevice,
    DeleteObject,
    DeleteObjectType,
    DeletePerson,
    Handling,
    IdentifyObject,
    IdentifyPerson,
    MergePeople,
    Operation,
    RecordCall,
    RecordEvent,
    Relate,
    RemoveFromSegment,
    SaveObjectType,
    Suppress,
    UndoChange,
    Unrelate,
    Unsuppress,
)

_STRONGEST_FIRST = (
    Status.CREATED,
    Status.UPDATED,
    Status.DELETED,
    Status.UNCHANGED,
    Status.SKIPPED,
)


def fold(calls: Sequence[tuple[Call, Checker]], state: State) -> list[Outcome]:
    """Apply every call that was not refused; returns an outcome for each."""
    outcomes: list[Outcome] = []
    context: Context | None = None
    for index, (call, checker) in enumerate(calls):
        if checker.rejections:
            outcomes.append(Outcome(Status.REFUSED, tuple(checker.rejections)))
            continue
        if context is None or call.origin is not context.call.origin:
            context = context_of(call, state)
        context.begin(index, call, checker.raw if len(call.operations) == 1 else b"")
        state.warnings = checker.warnings
        outcomes.append(_fold_call(call, context))
    return outcomes


def context_of(call: Call, state: State) -> Context:
    """Begin with the calls of an origin."""
    received_at = call.origin.received_at
    workspace = state.workspaces[call.origin.workspace]
    return Context(state, 0, call, workspace, received_at, int(received_at.timestamp()))


def _fold_call(call: Call, context: Context) -> Outcome:
    state, operations = context.state, call.operations
    key = (call.origin.workspace, call.dedup_key)
    if key in state.seen:
        return Outcome(Status.DUPLICATE)
    journal = state.journal
    journal.start(is_on=len(operations) > 1 or may_merge(operations[0]))
    status = Status.UNCHANGED
    statuses = []
    for context.position, operation in enumerate(operations):
        folded = _fold_operation(operation, context)
        if isinstance(folded, Rejection):
            journal.take_back()
            return refused(folded, context)
        status = folded
        statuses.append(status)
    if call.dedup_key is not None:
        state.seen.add((call.origin.workspace, call.dedup_key))
        state.seen_new.append((call.origin.workspace, call.dedup_key))
    if len(statuses) > 1:
        status = next((known for known in _STRONGEST_FIRST if known in statuses), status)
    return outcome_of(status, context)


def may_merge(operation: Operation) -> bool:
    """Tell whether an identify may merge people: it can be refused after its first change."""
    return (
        isinstance(operation, IdentifyPerson)
        and operation.identifiers is not None
        and operation.identifiers.anonymous_id is not None
    )


def refused(rejection: Rejection, context: Context) -> Outcome:
    """Refuse the call, or skip it where the rules of its door say so."""
    skips = context.call.rules.too_large is Handling.SKIP
    if skips and rejection.reason is Reason.TOO_LARGE:
        return Outcome(Status.SKIPPED, (), (*context.state.warnings, rejection))
    return Outcome(Status.REFUSED, (rejection,), tuple(context.state.warnings))


def outcome_of(status: Status, context: Context) -> Outcome:
    """Say what became of the call, and of which rows."""
    person, row = context.person, context.object
    return Outcome(
        status,
        (),
        tuple(context.state.warnings),
        None if person is None else person.cio_id,
        None if row is None else row.cio_object_id,
        context.type_number,
    )


def _fold_operation(operation: Operation, context: Context) -> Status | Rejection:  # noqa: C901, PLR0912
    # One flat case for each operation reads better than a chain of smaller functions.
    match operation:
        case IdentifyObject():
            return identify_object(operation, context)
        case IdentifyPerson():
            return identify_person(operation, context)
        case Relate():
            return relate(operation, context)
        case Unrelate():
            return unrelate(operation, context)
        case DeleteObject():
            return delete_object(operation, context)
        case DeletePerson():
            return delete_person(operation, context)
        case SaveObjectType():
            return save_object_type(operation, context)
        case DeleteObjectType():
            return delete_object_type(operation, context)
        case MergePeople():
            return merge_people(operation, context)
        case Suppress():
            return suppress(operation, context)
        case Unsuppress():
            return unsuppress(operation, context)
        case AddDevice():
            return add_device(operation, context)
        case DeleteDevice():
            return delete_device(operation, context)
        case AddToSegment():
            return add_to_segment(operation, context)
        case RemoveFromSegment():
            return remove_from_segment(operation, context)
        case RecordEvent():
            return record_event(operation, context)
        case RecordCall():
            return record_call(operation, context)
        case UndoChange():
            return undo_change(operation, context)
