"""The reads of a batch that the ORM cannot say: rows by many keys at once, locked in key order.

Each function says the statement for PostgreSQL and SQLite side by side. PostgreSQL gets arrays
and locks with NO KEY, which does not block new rows that refer to the locked ones; SQLite gets
JSON, and holds its one write lock already.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from operations.engine.database import (
    among,
    among_parameter,
    fetch,
    is_postgresql,
    json_parameter,
)

Row = tuple[Any, ...]
# A table, its name in the statement, and what finds its rows.
Probe = tuple[str, str, str]

_STATE = "raw.attributes, raw.attribute_times"
_NO_STATE = "NULL, NULL"
_PERSON = (
    "raw.id, raw.workspace_id, raw.person_id, raw.email, raw.email_key, raw.anonymous_id, "
    "raw.cio_id, raw.version, {state}"
)
_OBJECT = (
    "raw.id, raw.workspace_id, raw.object_type_id, raw.object_id, raw.cio_object_id, "
    "raw.version, {state}"
)
_RELATIONSHIP = "raw.id, raw.object_id, raw.person_id, raw.version, {state}"


_SUPPRESSION = "raw.workspace_id, raw.kind, raw.value, raw.cio_id"
_SQLITE_PAIRS = (
    "(SELECT CAST(outer_keys.key AS INTEGER) AS owner, inner_keys.value AS value "
    "FROM json_each(%s) AS outer_keys, json_each(outer_keys.value) AS inner_keys) "
    "AS given"
)


def select_workspaces(keys: Sequence[int]) -> list[Row]:
    """Read the workspaces of a batch, and whether each has blocked identifiers."""
    return fetch(
        "SELECT id, limits, next_type_number, automatic_types, retired_type_numbers, "
        "EXISTS (SELECT 1 FROM people_suppression WHERE workspace_id = workspaces_workspace.id) "
        f"FROM workspaces_workspace WHERE id {among()}",
        [among_parameter(keys)],
    )


def select_types(workspaces: Sequence[int]) -> list[Row]:
    """Read the object types of the workspaces of a batch."""
    return fetch(
        "SELECT id, workspace_id, number, name, singular_name, slug, enabled, icon "
        f"FROM objects_objecttype WHERE workspace_id {among()}",
        [among_parameter(workspaces)],
    )


def select_people(
    keys: Mapping[str, Iterable[tuple[int, str]]], *, with_state: bool, lock: bool
) -> list[Row]:
    """Read people by pairs of workspace and value; `keys` is by column."""
    owned = {("workspace_id", column): list(pairs) for column, pairs in keys.items()}
    columns = _columns(_PERSON, with_state=with_state)
    return _select_by_keys("people_person", columns, owned, lock=lock)


def select_objects(
    by_object_id: Iterable[tuple[int, str]],
    by_cio_object_id: Iterable[tuple[int, str]],
    *,
    with_state: bool,
    lock: bool,
) -> list[Row]:
    """Read objects by pairs of type and object_id, or of workspace and cio_object_id."""
    owned = {
        ("object_type_id", "object_id"): list(by_object_id),
        ("workspace_id", "cio_object_id"): list(by_cio_object_id),
    }
    columns = _columns(_OBJECT, with_state=with_state)
    return _select_by_keys("objects_object", columns, owned, lock=lock)


def select_objects_of_types(types: Sequence[int], *, lock: bool) -> list[Row]:
    """Read every object of the types that are to be deleted."""
    columns = _columns(_OBJECT, with_state=True)
    statement = f"SELECT {columns} FROM objects_object raw WHERE raw.object_type_id {among()}"
    return _locked(statement, [among_parameter(types)], lock=lock)


def select_people_by_primary_key(keys: Sequence[int]) -> list[Row]:
    """Read the other sides of relationships that go away."""
    columns = _columns(_PERSON, with_state=False)
    return fetch(
        f"SELECT {columns} FROM people_person raw WHERE raw.id {among()}",
        [among_parameter(keys)],
    )


def select_objects_by_primary_key(keys: Sequence[int]) -> list[Row]:
    """Read the other sides of relationships that go away."""
    columns = _columns(_OBJECT, with_state=False)
    return fetch(
        f"SELECT {columns} FROM objects_object raw WHERE raw.id {among()}",
        [among_parameter(keys)],
    )


def select_relationships(
    pairs: Sequence[tuple[int, int]],
    *,
    objects: Sequence[int],
    people: Sequence[int],
    lock: bool,
) -> list[Row]:
    """Read relationships by pairs of object and person, and all of some objects and people.

    Only the latter can move to another row and so bring their instant of creation.
    """
    columns = _columns(_RELATIONSHIP, with_state=True)
    if objects or people:
        columns += ", raw.created_at"
    table = "relationships_relationship"
    on = "raw.object_id = given.owner AND raw.person_id = given.value"
    if not objects and not people:
        source = f"{_number_pairs()} {_probe(table, on, lock=lock)}"
        return _locked(f"SELECT {columns} FROM {source}", _pair_parameters(pairs), lock=lock)
    statement = (
        f"SELECT {columns} FROM {table} raw WHERE raw.id IN ("
        f"SELECT raw.id FROM {_number_pairs()} {_probe(table, on)} "
        f"UNION SELECT id FROM {table} WHERE object_id {among()} "
        f"UNION SELECT id FROM {table} WHERE person_id {among()})"
    )
    parameters = [
        *_pair_parameters(pairs),
        among_parameter(objects),
        among_parameter(people),
    ]
    return _locked(statement, parameters, lock=lock)


def select_same_objects(keys: Sequence[tuple[int | None, str]], texts: Sequence[str]) -> list[Row]:
    """Read which objects, by type and object_id, have all the values of a JSON text.

    PostgreSQL compares, and gives the position in `keys`, NULL and the cio_object_id; SQLite
    gives the stored text in place of the NULL for every object that is there.
    """
    columns, kinds = "{stored}, raw.cio_object_id", ("bigint", "text")
    probe = ("objects_object", "raw", "raw.object_type_id = {} AND raw.object_id = {}")
    return _select_same(columns, keys, texts, kinds=kinds, probes=(probe,))


def select_same_people(
    keys: Sequence[tuple[str]], texts: Sequence[str], *, workspace: int, column: str
) -> list[Row]:
    """Read which people have all the values of a JSON text; `column` is what finds them.

    The rows are those of `select_same_objects`, with person_id, email and cio_id.
    """
    columns, kinds = "{stored}, raw.person_id, raw.email, raw.cio_id", ("text",)
    probe = ("people_person", "raw", f"raw.workspace_id = {workspace:d} AND raw.{column} = {{}}")
    return _select_same(columns, keys, texts, kinds=kinds, probes=(probe,))


def select_same_relationships(
    keys: Sequence[tuple[str, int | None, str]],
    texts: Sequence[str],
    *,
    workspace: int,
    column: str,
) -> list[Row]:
    """Read which relationships, by person, type and object_id, have all the values.

    The rows are those of `select_same_objects`, with the cio_id and the cio_object_id.
    """
    columns = "{stored}, person.cio_id, related.cio_object_id"
    person = f"person.workspace_id = {workspace:d} AND person.{column} = {{}}"
    both = "raw.object_id = related.id AND raw.person_id = person.id"
    probes = (
        ("people_person", "person", person),
        ("objects_object", "related", "related.object_type_id = {} AND related.object_id = {}"),
        ("relationships_relationship", "raw", both),
    )
    return _select_same(columns, keys, texts, kinds=("text", "bigint", "text"), probes=probes)


def select_ends(
    keys: Sequence[tuple[str, int | None, str]], *, workspace: int, column: str
) -> list[Row]:
    """Read who and what is to be related, by person, type and object_id.

    A row gives the position in `keys`, the person's key and identifiers, the object's key and
    cio_object_id, and the key of the relationship that there is already.
    """
    person = f"person.workspace_id = {workspace:d} AND person.{column} = {{}}"
    related = "related.object_type_id = {} AND related.object_id = {}"
    if is_postgresql():
        given = (
            "unnest(%b::text[], %b::bigint[], %b::text[]) "
            "WITH ORDINALITY AS given (key_0, key_1, key_2, position)"
        )
        position, parts = "given.position - 1", [f"given.key_{place}" for place in range(3)]
        parameters: list[Any] = [*map(list, zip(*keys, strict=True))]
    else:
        given = "JSON_EACH(%s) AS given"
        position = "given.key"
        parts = [f"JSON_EXTRACT(given.value, '$[{place}]')" for place in range(3)]
        parameters = [json_parameter(keys)]
    return fetch(
        f"SELECT {position}, person.id, person.person_id, person.email, person.cio_id, "
        "person.anonymous_id, related.id, related.cio_object_id, ("
        "SELECT raw.id FROM relationships_relationship raw "
        "WHERE raw.object_id = related.id AND raw.person_id = person.id) "
        f"FROM {given} {_probe('people_person', person.format(parts[0]), alias='person')} "
        f"{_probe('objects_object', related.format(*parts[1:]), alias='related')}",
        parameters,
    )


def select_suppressions(pairs: Iterable[tuple[int, str]]) -> list[Row]:
    """Read which values are blocked, as id or as e-mail."""
    return _select_by_keys("people_suppression", _SUPPRESSION, {("workspace_id", "value"): pairs})


def select_suppressions_of(pairs: Iterable[tuple[int, str]]) -> list[Row]:
    """Read what is blocked together with a cio_id."""
    return _select_by_keys("people_suppression", _SUPPRESSION, {("workspace_id", "cio_id"): pairs})


def select_seen(pairs: Iterable[tuple[int, str]]) -> list[Row]:
    """Read which dedup keys were applied before."""
    owned = {("workspace_id", "key"): pairs}
    return _select_by_keys("operations_seenmessage", "raw.workspace_id, raw.key", owned)


def select_devices(tokens: Iterable[tuple[int, str]], people: Sequence[int]) -> list[Row]:
    """Read devices by workspace and token, and all devices of some people."""
    given = list(tokens)
    probe = _probe("people_device", "raw.workspace_id = given.owner AND raw.token = given.value")
    return fetch(
        "SELECT raw.id, raw.workspace_id, raw.person_id, raw.token, raw.platform, "
        "raw.attributes, raw.created_at, raw.last_used_at FROM people_device raw WHERE raw.id IN ("
        f"SELECT raw.id FROM {_pairs()} {probe} "
        f"UNION SELECT id FROM people_device WHERE person_id {among()})",
        [*_pair_parameters(given), among_parameter(people)],
    )


def select_segments(pairs: Iterable[tuple[int, int]]) -> list[Row]:
    """Read manual segments by workspace and number; nobody is put into a dynamic one."""
    given = list(pairs)
    on = "raw.workspace_id = given.owner AND raw.number = given.value AND raw.condition IS NULL"
    return fetch(
        "SELECT raw.id, raw.workspace_id, raw.number "
        f"FROM {_number_pairs()} {_probe('people_segment', on)}",
        _pair_parameters(given),
    )


def select_manual_segments(workspaces: Sequence[int], keys: Sequence[int]) -> list[Row]:
    """Read which of some segments are still there, and manual."""
    return fetch(
        f"SELECT id FROM people_segment WHERE id {among()} AND workspace_id {among()} "
        "AND condition IS NULL",
        [among_parameter(keys), among_parameter(workspaces)],
    )


def select_members(pairs: Sequence[tuple[int, int]], people: Sequence[int]) -> list[Row]:
    """Read memberships by pairs of segment and person, and all of some people."""
    on = "raw.segment_id = given.owner AND raw.person_id = given.value"
    return fetch(
        "SELECT raw.id, raw.segment_id, raw.person_id, raw.created_at "
        "FROM people_segmentmember raw WHERE raw.id IN ("
        f"SELECT raw.id FROM {_number_pairs()} {_probe('people_segmentmember', on)} "
        f"UNION SELECT id FROM people_segmentmember WHERE person_id {among()})",
        [*_pair_parameters(pairs), among_parameter(people)],
    )


def _select_by_keys(
    table: str,
    columns: str,
    owned: Mapping[tuple[str, str], Iterable[tuple[int, str]]],
    *,
    lock: bool = False,
) -> list[Row]:
    """Read rows by pairs of owner and value, under any of several pairs of columns."""
    sources, parameters = [], []
    for (owner, column), given in owned.items():
        pairs = list(given)
        if pairs:
            on = f"raw.{owner} = given.owner AND raw.{column} = given.value"
            sources.append(f"{_pairs()} {_probe(table, on, lock=lock)}")
            parameters += _pair_parameters(pairs)
    if len(sources) == 1:
        return _locked(f"SELECT {columns} FROM {sources[0]}", parameters, lock=lock)
    union = " UNION ".join(f"SELECT raw.id FROM {source}" for source in sources)
    statement = f"SELECT {columns} FROM {table} raw WHERE raw.id IN ({union})"
    return _locked(statement, parameters, lock=lock) if sources else []


def _select_same(
    columns: str,
    keys: Sequence[tuple[Any, ...]],
    texts: Sequence[str],
    *,
    kinds: tuple[str, ...],
    probes: Sequence[Probe],
) -> list[Row]:
    joins = " ".join(_probe(table, on, alias=alias) for table, alias, on in probes)
    if not is_postgresql():
        parts = [f"JSON_EXTRACT(given.value, '$[{place}]')" for place in range(len(kinds))]
        return fetch(
            f"SELECT given.key, {columns.format(stored='raw.attributes')} "
            f"FROM JSON_EACH(%s) AS given {joins.format(*parts)}",
            [json_parameter(keys)],
        )
    names = [f"key_{place}" for place in range(len(kinds))]
    arrays = ", ".join(f"%b::{kind}[]" for kind in (*kinds, "text"))
    return fetch(
        f"SELECT given.position - 1, {columns.format(stored='NULL')} FROM unnest({arrays}) "
        f"WITH ORDINALITY AS given ({', '.join(names)}, incoming, position) "
        f"{joins.format(*[f'given.{name}' for name in names])} "
        # Compared byte for byte: by value 1 and 1.0 were the same.
        "WHERE record_image_eq(ROW(raw.attributes || given.incoming::jsonb), ROW(raw.attributes))",
        [*map(list, zip(*keys, strict=True)), list(texts)],
    )


def _probe(table: str, on: str, *, alias: str = "raw", lock: bool = False) -> str:
    """Join the rows that each given key finds.

    OFFSET keeps PostgreSQL from turning the join round: with statistics of a table that was
    empty it would read the whole table instead, and again for every key. Rows of a sub-select
    cannot be locked, so reruns go without.
    """
    if is_postgresql() and not lock:
        rows = f"SELECT {alias}.* FROM {table} AS {alias} WHERE {on} OFFSET 0"
        return f"CROSS JOIN LATERAL ({rows}) AS {alias}"
    # CROSS JOIN keeps SQLite from starting at the table instead of at the given keys.
    join = "JOIN" if is_postgresql() else "CROSS JOIN"
    return f"{join} {table} AS {alias} ON {on}"


def _locked(statement: str, parameters: Sequence[Any], *, lock: bool) -> list[Row]:
    if lock and is_postgresql():
        statement = f"{statement} ORDER BY raw.id FOR NO KEY UPDATE OF raw"
    return fetch(statement, parameters)


def _columns(columns: str, *, with_state: bool) -> str:
    return columns.format(state=_STATE if with_state else _NO_STATE)


def _pairs() -> str:
    if is_postgresql():
        return "unnest(%b::bigint[], %b::text[]) AS given (owner, value)"
    return _SQLITE_PAIRS


def _number_pairs() -> str:
    if is_postgresql():
        return "unnest(%b::bigint[], %b::bigint[]) AS given (owner, value)"
    return _SQLITE_PAIRS


def _pair_parameters(pairs: Sequence[tuple[int, Any]]) -> list[Any]:
    if is_postgresql():
        return [[owner for owner, _ in pairs], [value for _, value in pairs]]
    return [_grouped(pairs)]


def _grouped(pairs: Sequence[tuple[int, Any]]) -> str:
    groups: dict[str, list[Any]] = {}
    for owner, value in pairs:
        groups.setdefault(str(owner), []).append(value)
    return json_parameter(groups)
