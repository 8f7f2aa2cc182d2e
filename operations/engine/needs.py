"""Which rows a batch has to see: every key that its operations name."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from operations.engine.names import Name, name_of
from operations.types import (
    AddDevice,
    AddToSegment,
    Call,
    DeleteDevice,
    DeleteObject,
    DeleteObjectType,
    DeletePerson,
    Handling,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    MergePeople,
    ObjectKey,
    Operation,
    PersonKey,
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


def _people() -> dict[str, set[tuple[int, str]]]:
    return {"person_id": set(), "email_key": set(), "cio_id": set(), "anonymous_id": set()}


@dataclass(slots=True)
class Needs:
    """Keys by table. Whole people, objects and types come with all that hangs on them."""

    workspaces: set[int] = field(default_factory=set)
    types: bool = False
    people: dict[str, set[tuple[int, str]]] = field(default_factory=_people)
    with_person_state: bool = False
    object_ids: set[tuple[int, int, str]] = field(default_factory=set)
    cio_object_ids: set[tuple[int, str]] = field(default_factory=set)
    with_object_state: bool = False
    pairs: list[tuple[int, PersonKey, ObjectKey]] = field(default_factory=list)
    whole_people: list[tuple[int, PersonKey]] = field(default_factory=list)
    whole_objects: list[tuple[int, ObjectKey]] = field(default_factory=list)
    whole_types: set[tuple[int, int]] = field(default_factory=set)
    tokens: set[tuple[int, str]] = field(default_factory=set)
    segments: list[tuple[int, int, PersonKey]] = field(default_factory=list)
    dedup_keys: set[tuple[int, str]] = field(default_factory=set)
    together: list[tuple[Name, ...]] = field(default_factory=list)
    suppresses: bool = False
    creates_given_ids: bool = False  # whether the call at hand creates under a cio_object_id
    activities: set[tuple[int, int]] = field(default_factory=set)
    segment_keys: set[int] = field(default_factory=set)
    holders: list[tuple[int, PersonKey]] = field(default_factory=list)  # of devices, of segments

    @property
    def counts_relationships(self) -> bool:
        """Tell whether relationships can come or go, and their counts with them."""
        whole = self.whole_people or self.whole_objects or self.whole_types
        return bool(self.pairs or whole or self.activities)

    @property
    def follows_names(self) -> bool:
        """Tell whether it matters who comes to have which identifier within the batch."""
        return bool(self.together and (self.pairs or self.whole_people or self.segments))

    def person(self, workspace: int, key: PersonKey) -> None:
        """Need the person that a key names."""
        people = self.people
        if key.id is not None:
            people["person_id"].add((workspace, key.id))
        elif key.email is not None:
            people["email_key"].add((workspace, key.email.lower()))
        elif key.cio_id is not None:
            people["cio_id"].add((workspace, key.cio_id))
        elif key.anonymous_id is not None:
            people["anonymous_id"].add((workspace, key.anonymous_id))

    def identifiers(self, workspace: int, key: PersonKey, wanted: Identifiers) -> None:
        """Need whoever has one of the identifiers now; an anonymous one may have to be merged."""
        keys = []
        if wanted.id is not None:
            keys.append(PersonKey(id=wanted.id))
        if wanted.email is not None:
            keys.append(PersonKey(email=wanted.email))
        if keys:
            names = (name_of(workspace, each) for each in (key, *keys))
            self.together.append(tuple(names))
        if wanted.anonymous_id is not None:
            keys += [key, PersonKey(anonymous_id=wanted.anonymous_id)]
            for either in keys:
                self.whole_person(workspace, either)
            return
        for either in keys:
            self.person(workspace, either)

    def object(self, workspace: int, key: ObjectKey) -> None:
        """Need the object that a key names."""
        self.types = True
        if key.cio_object_id is not None:
            self.cio_object_ids.add((workspace, key.cio_object_id))
        if key.object_id is not None:
            self.object_ids.add((workspace, key.object_type_id, key.object_id))
        elif key.cio_object_id is not None and self.creates_given_ids:
            # Without an object_id of its own the new object would take the cio_object_id for it.
            self.object_ids.add((workspace, key.object_type_id, key.cio_object_id))

    def whole_person(self, workspace: int, key: PersonKey) -> None:
        """Need a person with relationships, devices and memberships."""
        self.person(workspace, key)
        self.whole_people.append((workspace, key))
        self.with_person_state = self.types = True


def collect_needs(calls: Sequence[Call]) -> Needs:
    """Go through a batch and collect every key."""
    needs = Needs()
    for call in calls:
        workspace = call.origin.workspace
        needs.workspaces.add(workspace)
        needs.creates_given_ids = call.rules.unknown_cio_object_id is Handling.CREATE
        if call.dedup_key is not None:
            needs.dedup_keys.add((workspace, call.dedup_key))
        for operation in call.operations:
            _collect(operation, workspace, needs)
    needs.types = needs.types or needs.follows_names
    return needs


def _collect(operation: Operation, workspace: int, needs: Needs) -> None:  # noqa: C901, PLR0912, PLR0915
    # One flat case for each operation reads better than a chain of smaller functions.
    match operation:
        case IdentifyObject():
            needs.object(workspace, operation.key)
            needs.with_object_state = True
        case IdentifyPerson():
            needs.person(workspace, operation.key)
            needs.with_person_state = True
            if operation.identifiers is not None:
                needs.identifiers(workspace, operation.key, operation.identifiers)
        case Relate() | Unrelate():
            needs.person(workspace, operation.person)
            needs.object(workspace, operation.object)
            needs.pairs.append((workspace, operation.person, operation.object))
        case DeleteObject():
            needs.object(workspace, operation.key)
            needs.whole_objects.append((workspace, operation.key))
            needs.with_object_state = True
        case DeletePerson():
            needs.whole_person(workspace, operation.key)
        case Suppress() | Unsuppress():
            needs.whole_person(workspace, operation.key)
            needs.suppresses = True
        case MergePeople():
            needs.whole_person(workspace, operation.into)
            needs.whole_person(workspace, operation.absorbed)
        case SaveObjectType():
            needs.types = True
        case DeleteObjectType():
            needs.types = True
            needs.whole_types.add((workspace, operation.number))
            needs.with_object_state = True
        case AddDevice() | DeleteDevice():
            needs.person(workspace, operation.person)
            needs.tokens.add((workspace, operation.token))
        case AddToSegment() | RemoveFromSegment():
            needs.person(workspace, operation.person)
            needs.segments.append((workspace, operation.segment, operation.person))
        case RecordEvent():
            needs.person(workspace, operation.person)
        case RecordCall():
            if operation.person is not None:
                needs.person(workspace, operation.person)
        case UndoChange():
            needs.types = True
            needs.activities.add((workspace, operation.activity))
