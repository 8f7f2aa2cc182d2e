"""Read the rows of a batch into slots: one SELECT for each table, locked in key order."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from operations.engine.carry import Carried
from operations.engine.database import LostRace
from operations.engine.locks import lock_totals
from operations.engine.logged import load_logged, read_instants
from operations.engine.names import group_names, name_of
from operations.engine.needs import Needs, collect_needs
from operations.engine.slots import (
    DeviceSlot,
    MemberSlot,
    ObjectSlot,
    PersonSlot,
    RelationshipSlot,
    TypeSlot,
    WorkspaceSlot,
)
from operations.engine.sql import (
    Row,
    select_devices,
    select_manual_segments,
    select_members,
    select_objects,
    select_objects_by_primary_key,
    select_objects_of_types,
    select_people,
    select_people_by_primary_key,
    select_relationships,
    select_seen,
    select_segments,
    select_suppressions,
    select_suppressions_of,
    select_types,
    select_workspaces,
)
from operations.engine.state import State
from operations.json import load_stored
from operations.types import Call, PersonKey

# The column that only whole rows bring along.
_CREATED_AT: Final = 6


def load(
    calls: Sequence[Call], state: State, *, lock: bool, carried: Carried | None = None
) -> None:
    """Fill the state with every row that the calls can touch.

    With what earlier batches of a preview have changed, the rows are put as those left them, and
    what hangs on rows that go is not read.
    """
    needs = collect_needs(calls)
    if carried is not None:
        needs.whole_people, needs.whole_objects = [], []
    load_workspaces(needs, state)
    load_logged(needs, state)
    state.seen = {(row[0], row[1]) for row in select_seen(needs.dedup_keys)}
    _load_suppressions(needs, state)
    _Loader(needs, state, lock=lock, carried=carried).run()


def load_workspaces(needs: Needs, state: State) -> None:
    """Read the workspaces of a batch, and their types where it needs any."""
    keys = sorted(needs.workspaces)
    for pk, limits, next_number, automatic_types, retired, suppresses in select_workspaces(keys):
        state.workspaces[pk] = WorkspaceSlot(
            pk=pk,
            limits=limits,
            next_type_number=next_number,
            automatic_types=automatic_types,
            has_suppressions=bool(suppresses),
            retired_type_numbers=frozenset(load_stored(retired)),
            loaded_numbers=(next_number, automatic_types),
        )
    if not needs.types:
        return
    for pk, workspace, number, name, singular_name, slug, enabled, icon in select_types(keys):
        slot = TypeSlot(workspace, pk, number, name, singular_name, slug, bool(enabled), icon)
        state.types.append(slot)
        state.workspaces[workspace].types[number] = slot


def _load_suppressions(needs: Needs, state: State) -> None:
    pairs = [
        pair
        for pair in (*needs.people["person_id"], *needs.people["email_key"])
        if needs.suppresses or state.workspaces[pair[0]].has_suppressions
    ]
    rows = select_suppressions(pairs)
    if needs.suppresses:
        # Identifiers blocked together are freed together, whichever of them is named.
        ties = {(row[0], row[3]) for row in rows} | needs.people["cio_id"]
        rows = [*rows, *select_suppressions_of(ties)]
    for workspace, kind, value, cio_id in rows:
        state.suppressed[workspace, kind, value] = cio_id


class _Loader:
    """Loads people, objects and what hangs on them, in that order."""

    def __init__(self, needs: Needs, state: State, *, lock: bool, carried: Carried | None) -> None:
        self.needs, self.state, self.lock, self.carried = needs, state, lock, carried
        self.people: dict[int, PersonSlot] = {}
        self.objects: dict[int, ObjectSlot] = {}
        self.types = {slot.pk: slot for slot in state.types}

    def run(self) -> None:
        """Load everything."""
        self._load_people()
        self._load_objects()
        if self.carried is not None:
            self.carried.restore_ends(
                self.needs, self.state, people=self.people, objects=self.objects
            )
        whole_people = sorted({slot.pk for slot in self._whole_people() if slot.pk is not None})
        whole_objects = sorted({slot.pk for slot in self._whole_objects() if slot.pk is not None})
        if self.lock and self.needs.counts_relationships:
            lock_totals(
                people=sorted(self.people),
                objects=sorted(self.objects),
                whole_people=whole_people,
                whole_objects=whole_objects,
            )
        self._load_relationships(whole_people, whole_objects)
        if self.carried is not None:
            self.carried.restore_relationships(self._ends(), self.state)
        holders = self._keys_of(self.needs.holders)
        self._load_devices([*whole_people, *holders])
        self._load_members([*whole_people, *holders])
        if self.needs.activities:
            read_instants(self.state)

    def _load_people(self) -> None:
        keys, with_state = self.needs.people, self.needs.with_person_state
        self._add_people(select_people(keys, with_state=with_state, lock=self.lock))

    def _load_objects(self) -> None:
        self._add_objects(
            select_objects(
                self._typed_keys(),
                self.needs.cio_object_ids,
                with_state=self.needs.with_object_state,
                lock=self.lock,
            )
        )
        types = [slot.pk for slot in self._types_to_delete() if slot.pk is not None]
        if types:
            self._add_objects(select_objects_of_types(types, lock=self.lock))

    def _typed_keys(self) -> Iterable[tuple[int, str]]:
        for workspace, number, object_id in self.needs.object_ids:
            slot = self.state.workspaces[workspace].types.get(number)
            if slot is not None and slot.pk is not None:
                yield slot.pk, object_id

    def _types_to_delete(self) -> list[TypeSlot]:
        found = (
            self.state.workspaces[workspace].types.get(number)
            for workspace, number in self.needs.whole_types
        )
        return [slot for slot in found if slot is not None]

    def _whole_people(self) -> list[PersonSlot]:
        found = (
            self.state.find_person(workspace, key) for workspace, key in self.needs.whole_people
        )
        whole = [slot for slot in found if slot is not None]
        return [*whole, *self._renamed_people()] if self.needs.follows_names else whole

    def _renamed_people(self) -> Iterable[PersonSlot]:
        """Find the people whom a key may name by the time that its call is folded.

        A call can give a person another identifier. Whoever is named by it further on is loaded
        whole, unless nobody else could be meant.
        """
        needs, find = self.needs, self.state.find_person
        groups = group_names(needs.together)
        candidates: dict[int, list[PersonSlot]] = {}
        done: set[int] = set()
        used = [
            *needs.whole_people,
            *((workspace, key) for workspace, key, _ in needs.pairs),
            *((workspace, key) for workspace, _, key in needs.segments),
        ]
        for workspace, key in used:
            group = groups.get(name_of(workspace, key))
            if group is None or id(group) in done:
                continue
            if id(group) not in candidates:
                people = {find(*name) for name in group}
                candidates[id(group)] = [slot for slot in people if slot is not None]
            if candidates[id(group)] != [find(workspace, key)]:
                done.add(id(group))
                yield from candidates[id(group)]

    def _keys_of(self, named: Iterable[tuple[int, PersonKey]]) -> list[int]:
        found = (self.state.find_person(workspace, key) for workspace, key in named)
        return [slot.pk for slot in found if slot is not None and slot.pk is not None]

    def _whole_objects(self) -> list[ObjectSlot]:
        doomed = {id(slot) for slot in self._types_to_delete()}
        whole = [slot for slot in self.state.objects if id(slot.object_type) in doomed]
        for workspace, key in self.needs.whole_objects:
            slot = self.find_object(workspace, key)
            if slot is not None:
                whole.append(slot)
        return whole

    def find_object(self, workspace: int, key: Any) -> ObjectSlot | None:
        """Find a loaded object by its key."""
        if key.cio_object_id is not None:
            found = self.state.by_cio_object_id.get((workspace, key.cio_object_id))
            if found is not None:
                return found
        # An unknown cio_object_id may be taken for that of the object with the object_id.
        slot = self.state.workspaces[workspace].types.get(key.object_type_id)
        object_id = key.object_id or key.cio_object_id
        return None if slot is None else self.state.by_object_id.get((slot, object_id))

    def _load_relationships(self, whole_people: list[int], whole_objects: list[int]) -> None:
        pairs = sorted(set(self._pairs()))
        if not (pairs or whole_people or whole_objects):
            return
        rows = select_relationships(
            pairs, objects=whole_objects, people=whole_people, lock=self.lock
        )
        if whole_people or whole_objects:
            self._load_other_sides(rows)
        for row in rows:
            self._add_relationship(row)

    def _pairs(self) -> Iterable[tuple[int, int]]:
        for person, related in self._ends():
            # Only what was carried over from an earlier batch of a preview has no key.
            if related.pk is not None and person.pk is not None:
                yield related.pk, person.pk

    def _ends(self) -> Iterable[tuple[PersonSlot, ObjectSlot]]:
        for workspace, person_key, object_key in self.needs.pairs:
            person = self.state.find_person(workspace, person_key)
            related = self.find_object(workspace, object_key)
            if person is not None and related is not None:
                yield person, related

    def _load_other_sides(self, rows: list[Row]) -> None:
        people = sorted({row[2] for row in rows} - self.people.keys())
        if people:
            self._add_other_people(people)
        objects = sorted({row[1] for row in rows} - self.objects.keys())
        if objects:
            self._add_other_objects(objects)

    def _add_other_people(self, keys: list[int]) -> None:
        """Add people without their state.

        One who has gone since, or whom the batch names and did not find, is a lost race.
        """
        rows = select_people_by_primary_key(keys)
        if len(rows) < len(keys):
            raise LostRace
        self._add_people(rows)
        named = self.needs.people
        for slot in map(self.people.__getitem__, keys):
            identifiers = (slot.person_id, slot.email_key, slot.cio_id, slot.anonymous_id)
            for keys_in_use, value in zip(named.values(), identifiers, strict=True):
                if (slot.workspace, value) in keys_in_use:
                    raise LostRace

    def _add_other_objects(self, keys: list[int]) -> None:
        """Add objects without their state, in the same way."""
        rows = select_objects_by_primary_key(keys)
        if len(rows) < len(keys):
            raise LostRace
        self._add_objects(rows)
        needs = self.needs
        for slot in map(self.objects.__getitem__, keys):
            number, object_id, cio_object_id = slot.keys()
            is_named = (slot.workspace, number, object_id) in needs.object_ids
            if is_named or (slot.workspace, cio_object_id) in needs.cio_object_ids:
                raise LostRace

    def _add_people(self, rows: list[Row]) -> None:
        for row in rows:
            slot = PersonSlot(
                workspace=row[1],
                pk=row[0],
                person_id=row[2],
                email=row[3],
                email_key=row[4],
                anonymous_id=row[5],
                cio_id=row[6],
                version=row[7],
                loaded_version=row[7],
                raw=row[8],
                raw_times=row[9],
            )
            self.people[row[0]] = slot
            self.state.add_person(slot)

    def _add_objects(self, rows: list[Row]) -> None:
        for row in rows:
            if row[0] in self.objects:
                continue
            object_type = self.types.get(row[2])
            if object_type is None:
                raise LostRace  # the type was made after the types were read
            slot = ObjectSlot(
                workspace=row[1],
                pk=row[0],
                object_type=object_type,
                object_id=row[3],
                cio_object_id=row[4],
                version=row[5],
                loaded_version=row[5],
                raw=row[6],
                raw_times=row[7],
            )
            self.objects[row[0]] = slot
            self.state.add_object(slot)

    def _add_relationship(self, row: Row) -> None:
        related, person = self.objects[row[1]], self.people[row[2]]
        slot = RelationshipSlot(
            workspace=related.workspace,
            pk=row[0],
            object=related,
            person=person,
            version=row[3],
            loaded_version=row[3],
            raw=row[4],
            raw_times=row[5],
            created_at=row[6] if len(row) > _CREATED_AT else None,
        )
        self.state.add_relationship(slot)

    def _load_devices(self, whole_people: list[int]) -> None:
        if not self.needs.tokens and not whole_people:
            return
        rows = select_devices(self.needs.tokens, whole_people)
        missing = sorted({row[2] for row in rows} - self.people.keys())
        if missing:
            self._add_other_people(missing)
        for pk, workspace, person, token, platform, raw, created_at, last_used_at in rows:
            self.state.devices[workspace, token] = DeviceSlot(
                workspace, pk, self.people[person], token, platform, raw, created_at, last_used_at
            )

    def _load_members(self, whole_people: list[int]) -> None:
        if self.needs.segment_keys:
            keys, owners = sorted(self.needs.segment_keys), sorted(self.needs.workspaces)
            self.state.manual_segments = {row[0] for row in select_manual_segments(owners, keys)}
        if not self.needs.segments and not whole_people:
            return
        wanted = {(workspace, number) for workspace, number, _ in self.needs.segments}
        for pk, workspace, number in select_segments(wanted) if wanted else ():
            self.state.segments[workspace, number] = pk
        pairs = []
        for workspace, number, person_key in self.needs.segments:
            person = self.state.find_person(workspace, person_key)
            segment = self.state.segments.get((workspace, number))
            if person is not None and person.pk is not None and segment is not None:
                pairs.append((segment, person.pk))
        for pk, segment, person_pk, created_at in select_members(pairs, whole_people):
            holder = self.people[person_pk]
            self.state.members[segment, holder] = MemberSlot(pk, segment, holder, created_at)
