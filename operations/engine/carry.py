"""Previews of many batches, each seeing what the earlier ones would have changed.

Made for calls of one workspace that have one operation each, all of the same kind, as the rows
of a file are. What hangs on deleted rows is left out: only what the calls name is compared.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from msgspec import msgpack

from operations.engine.carry_names import names_of_object, names_of_pair, names_of_person
from operations.engine.carry_store import CarryStore
from operations.engine.needs import Needs
from operations.engine.slots import ObjectSlot, PersonSlot, RelationshipSlot, Slot, TypeSlot
from operations.engine.state import State

MayReturn: TypeAlias = Callable[[str], bool]

_STATE: Final = ("pk", "version", "raw", "raw_times", "is_deleted")
_PERSON: Final = (*_STATE, "person_id", "email", "email_key", "anonymous_id", "cio_id")
_OBJECT: Final = (*_STATE, "object_id", "cio_object_id")
_TYPE: Final = ("number", "name", "singular_name", "slug", "enabled", "icon")


class Carried:
    """What the batches before this one have changed, as far as later calls may name it.

    `may_return` tells whether a name stands in more than one call; it may say so too often.
    """

    def __init__(self, store: CarryStore, *, may_return: MayReturn) -> None:
        self._store = store
        self._may_return = may_return
        self._restored: set[str] = set()

    def restore_ends(
        self,
        needs: Needs,
        state: State,
        *,
        people: dict[int, PersonSlot],
        objects: dict[int, ObjectSlot],
    ) -> None:
        """Put people and objects, with new types, as the earlier batches left them.

        `people` and `objects` are the loaded rows by primary key; what is put is entered.
        """
        self._restored = set()
        for workspace in needs.workspaces:
            self._restore_types(workspace, state)
            self._restore_people(workspace, needs, state, people)
            self._restore_objects(workspace, needs, state, objects)

    def restore_relationships(
        self, pairs: Iterable[tuple[PersonSlot, ObjectSlot]], state: State
    ) -> None:
        """Put relationships as the earlier batches left them, once both ends are there."""
        wanted = {_pair_key(person, related): (person, related) for person, related in pairs}
        for key, values in self._read(wanted).items():
            person, related = wanted[key]
            slot = person.related.get(related)
            is_new = slot is None
            if slot is None:
                slot = RelationshipSlot(person.workspace, None, object=related, person=person)
            _put(slot, _STATE, values)
            if slot.is_deleted and not is_new:
                state.forget_relationship(slot)
            elif is_new and not slot.is_deleted:
                state.add_relationship(slot)

    def keep(self, state: State) -> None:
        """Keep what this batch has changed and a later call may name."""
        entries: dict[str, Any] = {}
        for object_type in state.types:
            if object_type.pk is None:
                entries[_type_key(object_type.number)] = _values(object_type, _TYPE)
        for person in state.people:
            self._keep_person(person, entries)
        for row in state.objects:
            self._keep_object(row, entries)
        for related in state.relationships:
            key = _pair_key(related.person, related.object)
            names = names_of_pair(related.person, related.object)
            if _differs(related) and self._is_wanted(key, names):
                entries[key] = _values(related, _STATE)
        self._store.write({key: msgpack.encode(values) for key, values in entries.items()})

    def _keep_person(self, slot: PersonSlot, entries: dict[str, Any]) -> None:
        key, names = _person_key(slot.cio_id), names_of_person(slot)
        if not _differs(slot):
            return
        if not (slot.gave_up_identifier or self._is_wanted(key, names)):
            return
        entries[key] = _values(slot, _PERSON)
        entries.update(dict.fromkeys(names, slot.cio_id))

    def _keep_object(self, slot: ObjectSlot, entries: dict[str, Any]) -> None:
        key, names = _object_key(slot.cio_object_id), names_of_object(slot)
        if not _differs(slot) or not self._is_wanted(key, names):
            return
        entries[key] = [slot.object_type.number, *_values(slot, _OBJECT)]
        entries.update(dict.fromkeys(names, slot.cio_object_id))

    def _is_wanted(self, key: str, names: Iterable[str]) -> bool:
        return key in self._restored or any(map(self._may_return, names))

    def _restore_types(self, workspace: int, state: State) -> None:
        types = state.workspaces[workspace].types
        for values in self._store.read_prefix(_type_key("")):
            made = dict(zip(_TYPE, msgpack.decode(values), strict=True))
            if made["number"] not in types:
                slot = TypeSlot(workspace=workspace, pk=None, **made)
                types[slot.number] = slot
                state.types.append(slot)

    def _restore_people(
        self, workspace: int, needs: Needs, state: State, people: dict[int, PersonSlot]
    ) -> None:
        named = {
            *(f"i:{value}" for _, value in needs.people["person_id"]),
            *(f"e:{value}" for _, value in needs.people["email_key"]),
        }
        cio_ids = {value for _, value in needs.people["cio_id"]}
        cio_ids |= set(self._read(named).values())
        cio_ids |= {slot.cio_id for slot in state.people}
        found = []
        for values in self._read(map(_person_key, cio_ids)).values():
            slot = state.by_cio_id.get((workspace, values[_PERSON.index("cio_id")]))
            if slot is None:
                slot = PersonSlot(workspace, None)
                state.people.append(slot)
            else:
                # All of them first: an identifier that one gave up may be another's by now.
                state.forget_person(slot)
            found.append((slot, values))
        for slot, values in found:
            _put(slot, _PERSON, values)
            if slot.pk is not None:
                people[slot.pk] = slot
            if not slot.is_deleted:
                state.name_person(slot)

    def _restore_objects(
        self, workspace: int, needs: Needs, state: State, objects: dict[int, ObjectSlot]
    ) -> None:
        named = {f"o:{number}:{value}" for _, number, value in needs.object_ids}
        cio_object_ids = {value for _, value in needs.cio_object_ids}
        cio_object_ids |= set(self._read(named).values())
        cio_object_ids |= {slot.cio_object_id for slot in state.objects}
        types = state.workspaces[workspace].types
        for number, *values in self._read(map(_object_key, cio_object_ids)).values():
            cio_object_id = values[_OBJECT.index("cio_object_id")]
            slot = state.by_cio_object_id.get((workspace, cio_object_id))
            if slot is None:
                slot = ObjectSlot(workspace, None, object_type=types[number])
                _put(slot, _OBJECT, values)
                state.objects.append(slot)
            else:
                state.forget_object(slot)
                _put(slot, _OBJECT, values)
            if not slot.is_deleted:
                state.by_object_id[slot.object_type, slot.object_id] = slot
                state.by_cio_object_id[workspace, slot.cio_object_id] = slot
            if slot.pk is not None:
                objects[slot.pk] = slot

    def _read(self, keys: Iterable[str]) -> Mapping[str, Any]:
        found = {key: msgpack.decode(data) for key, data in self._store.read(list(keys)).items()}
        self._restored.update(found)
        return found


def _differs(slot: Slot) -> bool:
    return slot.is_deleted or slot.version != slot.loaded_version


def _values(slot: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(slot, name) for name in names]


def _put(slot: Slot, names: Sequence[str], values: Sequence[Any]) -> None:
    for name, value in zip(names, values, strict=True):
        setattr(slot, name, value)
    slot.attributes = slot.times = None
    slot.loaded_version = slot.version


def _person_key(cio_id: str) -> str:
    return f"P:{cio_id}"


def _object_key(cio_object_id: str) -> str:
    return f"O:{cio_object_id}"


def _pair_key(person: PersonSlot, related: ObjectSlot) -> str:
    return f"R:{person.cio_id}|{related.cio_object_id}"


def _type_key(number: int | str) -> str:
    return f"T:{number}"
