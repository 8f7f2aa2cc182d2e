"""The statement that logs what a bulk deletion takes away, with what an undo needs of it."""

from collections.abc import Collection
from typing import Final

from operations.engine.database import is_postgresql

_COLUMNS: Final = (
    "workspace_id, received_at, change_set_id, door, actor, status, kind, call_id, "
    "object_type_number, object_id, cio_object_id, person_id, email, cio_id, anonymous_id, "
    "before, before_row"
)
_KEYS: Final = (
    *("number", "object_id", "cio_object_id"),
    *("person_id", "email", "cio_id", "anonymous_id"),
)
# What a row has of itself; `VALUES_OF` lists it from an alias.
_HELD: Final = ("attributes", "attribute_times", "version", "created_at", "updated_at")
VALUES_OF: Final = ", ".join(f"{{0}}.{name}" for name in _HELD)
# PostgreSQL has to be told the type of each parameter behind SELECT.
_SHARED: Final = "%s::bigint, %s::timestamptz, %s::bigint, %s::text, %s::text"
_CALL_ID: Final = "%s::text || lpad(to_hex(%s::bigint + position), 12, '0')"
_BEFORE: Final = "jsonb_build_object('attributes', attributes, 'attribute_times', attribute_times)"
_BEFORE_ROW: Final = (
    "jsonb_build_object('id', id, 'version', version, 'created_at', {created_at}, "
    "'updated_at', {updated_at}) || devices || segments"
)
_SQLITE_SHARED: Final = "%s, %s, %s, %s, %s"
_SQLITE_CALL_ID: Final = "%s || printf('%%012x', %s + position)"
_SQLITE_BEFORE: Final = (
    """'{"attributes":' || attributes || ',"attribute_times":' || attribute_times || '}'"""
)
_SQLITE_BEFORE_ROW: Final = (
    """'{"id":' || id || ',"version":' || version || ',"created_at":"' || created_at """
    """|| '","updated_at":"' || updated_at || '"' || devices || segments || '}'"""
)
_DEVICE: Final = ("token", "platform", "attributes", "created_at", "last_used_at")
_INSTANTS: Final = frozenset({"created_at", "last_used_at"})


def log_cleared(kind: str | None, keys: Collection[str], *, keeps_rows: bool) -> str:
    """Write what ended, and behind it the row that it belonged to, in the order of the calls.

    It reads `ended` and, where a kind is given, `gone` with these keys of its rows.
    """
    before_row = _before_row() if keeps_rows else "NULL"
    nothing = "'{}'::jsonb" if is_postgresql() else "''"
    rows = (
        f"SELECT position, id AS place, id, 'relationship' AS kind, {', '.join(_KEYS + _HELD)}, "
        f"{nothing} AS devices, {nothing} AS segments FROM ended"
    )
    if kind is not None:
        named = tuple(name if name in keys else "NULL" for name in _KEYS)
        has_more = kind == "person" and keeps_rows
        devices, segments = _went_along() if has_more else (nothing, nothing)
        rows += (
            f" UNION ALL SELECT position, NULL, id, '{kind}', {', '.join(named + _HELD)}, "
            f"{devices}, {segments} FROM gone"
        )
    if is_postgresql():
        shared, call_id, before = _SHARED, _CALL_ID, _BEFORE
    else:
        shared, call_id, before = _SQLITE_SHARED, _SQLITE_CALL_ID, _SQLITE_BEFORE
    return (
        f"INSERT INTO operations_activity ({_COLUMNS}) SELECT {shared}, 'deleted', kind, "
        f"{call_id}, {', '.join(_KEYS)}, {before}, {before_row} "
        f"FROM ({rows}) AS cleared ORDER BY position, place NULLS LAST"
    )


def _before_row() -> str:
    if not is_postgresql():
        return _SQLITE_BEFORE_ROW
    return _BEFORE_ROW.format(created_at=_instant("created_at"), updated_at=_instant("updated_at"))


def _instant(column: str) -> str:
    """Write an instant as the engine does: without a fraction where it is zero."""
    text = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"replace({text}, '.000000', '')"


def _went_along() -> tuple[str, str]:
    """List the devices and the memberships of a person who goes, one JSON object for each."""
    device = {name: name for name in _DEVICE}
    member = {"segment": "segment_id", "created_at": "created_at"}
    return (
        _list_of("devices", "people_device", device),
        _list_of("segments", "people_segmentmember", member),
    )


def _list_of(name: str, table: str, columns: dict[str, str]) -> str:
    pairs = ", ".join(f"'{key}', {_in_json(column)}" for key, column in columns.items())
    owned = f"FROM {table} WHERE person_id = gone.id"
    if is_postgresql():
        listed = f"jsonb_agg(jsonb_build_object({pairs}) ORDER BY id)"
        found = f"SELECT jsonb_build_object('{name}', {listed}) {owned} HAVING count(*) > 0"
        return f"COALESCE(({found}), '{{}}'::jsonb)"
    ordered = f"SELECT * {owned} ORDER BY id"
    listed = f"json_group_array(json_object({pairs}))"
    found = f"""SELECT ',"{name}":' || {listed} FROM ({ordered}) HAVING count(*) > 0"""
    return f"COALESCE(({found}), '')"


def _in_json(column: str) -> str:
    if column == "attributes" and not is_postgresql():
        return "json(attributes)"
    return _instant(column) if column in _INSTANTS and is_postgresql() else column
