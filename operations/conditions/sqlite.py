"""The questions of filters in the words of SQLite.

A value of JSON stands there as the two columns `type` and `value` of JSON_EACH.
"""

from typing import Any, Final, TypeAlias

from operations.json import dump
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
_NUMBER: Final = "IN ('integer', 'real')"


def attribute_on_sqlite(column: str, path: Path, test: ValueTest) -> Sql:
    """Ask whether any value at the path passes the test; the column stands in once."""
    tables, conditions, parameters = [], [], []
    for position, step in enumerate(path):
        table = f"step{position}"
        tables.append(f"JSON_EACH({_source(column, position, step)}) AS {table}")
        if step is not None:
            conditions.append(f"{table}.key = %s")
            parameters.append(step)
    last = f"step{len(path) - 1}"
    question, bound = _ask(test, kind=f"{last}.type", value=f"{last}.value")
    conditions.append(question)
    where = " AND ".join(conditions)
    return f"EXISTS (SELECT 1 FROM {', '.join(tables)} WHERE {where})", (*parameters, *bound)


def text_on_sqlite(column: str, test: ValueTest) -> Sql:
    """Ask a column of texts, which may be null."""
    item = f"(SELECT 'text' AS type, {column} AS value) AS item"
    question, bound = _ask(test, kind="item.type", value="item.value")
    return f"EXISTS (SELECT 1 FROM {item} WHERE item.value IS NOT NULL AND {question})", bound


def _source(column: str, position: int, step: str | None) -> str:
    """Give what a step goes into: nothing where it is no object, or no array."""
    if position == 0:
        return column
    before = f"step{position - 1}"
    kind, empty = ("array", "[]") if step is None else ("object", "{}")
    return f"CASE WHEN {before}.type = '{kind}' THEN {before}.value ELSE '{empty}' END"


def _ask(test: ValueTest, *, kind: str, value: str) -> Sql:
    match test:
        case Present():
            return f"{kind} <> 'null'", ()
        case OneOf():
            return _is_one_of(test.values, kind=kind, value=value)
        case Holds():
            return f"({kind} = 'text' AND INSTR({value}, %s) > 0)", (test.text,)
        case Begins():
            begins = f"SUBSTR({value}, 1, LENGTH(%s)) = %s"
            return f"({kind} = 'text' AND {begins})", (test.text, test.text)
        case InRange():
            return _is_in_range(test, kind=kind, value=value)
        case IsInstant():
            within = f"{kind} = 'integer' AND {value} BETWEEN %s AND %s"
            return f"({within})", (test.low, test.high)


def _is_one_of(values: tuple[Scalar, ...], *, kind: str, value: str) -> Sql:
    """Compare the JSON type besides the value, both read by the database."""
    wanted = dump(list(values)).decode()
    same = f"wanted.type = {kind} AND wanted.value = {value}"
    return f"EXISTS (SELECT 1 FROM JSON_EACH(%s) AS wanted WHERE {same})", (wanted,)


def _is_in_range(test: InRange, *, kind: str, value: str) -> Sql:
    conditions = [f"{kind} = 'text'" if test.is_of_texts else f"{kind} {_NUMBER}"]
    parameters = []
    for bound, sign, takes_equal in (
        (test.low, ">", test.takes_low),
        (test.high, "<", test.takes_high),
    ):
        if bound is not None:
            conditions.append(f"{value} {sign}{'=' if takes_equal else ''} JSON_EXTRACT(%s, '$')")
            parameters.append(dump(bound).decode())
    return f"({' AND '.join(conditions)})", tuple(parameters)
