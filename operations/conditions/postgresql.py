"""The questions of filters in the words of PostgreSQL, over values of jsonb."""

from typing import Any, Final, TypeAlias

from operations.json import dump
from operations.types import Json
from operations.wire.filter_tree import Path, Scalar
from operations.wire.value_tests import (
    Begins,
    Holds,
    InRange,
    IsInstant,
    OneOf,
    Present,
    ValueTest,
)

Sql: TypeAlias = tuple[str, tuple[Any, ...]]
# More values than this are compared without the help of an index.
_CONTAINED_MAX: Final = 20


def attribute_on_postgresql(column: str, path: Path, test: ValueTest) -> Sql:
    """Ask whether any value at the path passes the test.

    A text after `->` never counts through an array, so that `0` is a name.
    """
    arrays: list[str] = []
    parameters: tuple[Any, ...] = ()
    value: Sql = (column, ())
    for step in path:
        if step is not None:
            value = (f"({value[0]} -> %s::text)", (*value[1], step))
            continue
        parameters = (*parameters, *value[1], *value[1])
        arrays.append(f"{_elements(value[0])} AS step{len(arrays)} (item)")
        value = (f"step{len(arrays) - 1}.item", ())
    question, asked = _ask(test, value)
    sql = f"COALESCE({question}, FALSE)"
    if arrays:
        sql = f"EXISTS (SELECT 1 FROM {', '.join(arrays)} WHERE {question})"
    contained, containers = _contained(column, path, test)
    return f"({contained}{sql})", (*containers, *parameters, *asked)


def text_on_postgresql(column: str, test: ValueTest) -> Sql:
    """Ask a column of texts, which may be null."""
    question, parameters = _ask(test, (f"TO_JSONB({column})", ()))
    return f"COALESCE({question}, FALSE)", parameters


def _elements(value: str) -> str:
    array = f"CASE WHEN JSONB_TYPEOF({value}) = 'array' THEN {value} ELSE '[]'::jsonb END"
    return f"JSONB_ARRAY_ELEMENTS({array})"


def _contained(column: str, path: Path, test: ValueTest) -> Sql:
    """Ask first for what an index of jsonb_path_ops answers, though it takes 1 for 1.0."""
    if not isinstance(test, OneOf) or len(test.values) > _CONTAINED_MAX:
        return "", ()
    containers = tuple(dump(_wrap(value, path)).decode() for value in test.values)
    each = " OR ".join([f"{column} @> %s::jsonb"] * len(containers))
    return f"({each}) AND ", containers


def _wrap(value: Scalar, path: Path) -> Json:
    wrapped: Json = value
    for step in reversed(path):
        wrapped = [wrapped] if step is None else {step: wrapped}
    return wrapped


def _ask(test: ValueTest, value: Sql) -> Sql:
    item, path = value
    match test:
        case Present():
            return f"JSONB_TYPEOF({item}) <> 'null'", path
        case OneOf():
            return _is_one_of(test.values, value)
        case Holds():
            text = f"JSONB_TYPEOF({item}) = 'string' AND STRPOS({item} #>> '{{}}', %s::text) > 0"
            return f"({text})", (*path, *path, test.text)
        case Begins():
            text = f"JSONB_TYPEOF({item}) = 'string' AND STARTS_WITH({item} #>> '{{}}', %s::text)"
            return f"({text})", (*path, *path, test.text)
        case InRange():
            return _is_in_range(test, value)
        case IsInstant():
            return _is_instant(test, value)


def _is_one_of(values: tuple[Scalar, ...], value: Sql) -> Sql:
    """Compare as the database writes both: jsonb itself holds 1 and 1.0 for equal."""
    item, path = value
    written = [dump(each).decode() for each in values]
    wanted = ", ".join(["(%s::jsonb)::text"] * len(written))
    return f"({item}::text IN ({wanted}))", (*path, *written)


def _is_in_range(test: InRange, value: Sql) -> Sql:
    """Compare numbers as jsonb, which is exact, and texts by code points."""
    item, path = value
    kind = "string" if test.is_of_texts else "number"
    compared = f"({item} #>> '{{}}') COLLATE \"C\"" if test.is_of_texts else item
    cast = "text" if test.is_of_texts else "jsonb"
    conditions, parameters = [f"JSONB_TYPEOF({item}) = '{kind}'"], [*path]
    for bound, sign, takes_equal in (
        (test.low, ">", test.takes_low),
        (test.high, "<", test.takes_high),
    ):
        if bound is not None:
            conditions.append(f"{compared} {sign}{'=' if takes_equal else ''} %s::{cast}")
            written = bound if isinstance(bound, str) else dump(bound).decode()
            parameters += [*path, written]
    return f"({' AND '.join(conditions)})", tuple(parameters)


def _is_instant(test: IsInstant, value: Sql) -> Sql:
    item, path = value
    conditions = (
        f"JSONB_TYPEOF({item}) = 'number'",
        f"{item}::text ~ '^-?[0-9]+$'",
        f"{item} >= %s::jsonb",
        f"{item} <= %s::jsonb",
    )
    bounds = (str(test.low), str(test.high))
    return f"({' AND '.join(conditions)})", (*path, *path, *path, bounds[0], *path, bounds[1])
