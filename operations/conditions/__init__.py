"""What can be asked of attributes, with the same answer on both databases.

A name is data: it is bound as a parameter and never becomes part of a lookup or of a JSON path,
because `a__b`, `0`, `$[0]` and `"` are names that people use. `operations/wire/value_tests.py`
answers the same questions in Python.
"""

from typing import Any, TypeAlias

from django.db.models import BooleanField, F
from django.db.models.expressions import Func

from operations.conditions.postgresql import attribute_on_postgresql, text_on_postgresql
from operations.conditions.sqlite import attribute_on_sqlite, text_on_sqlite
from operations.wire.filter_tree import Path, Scalar
from operations.wire.value_tests import OneOf, Present, ValueTest

Compiled: TypeAlias = tuple[str, tuple[Any, ...]]


class AttributeMatches(Func):
    """True for rows of which a value at this path passes a test; never null."""

    output_field = BooleanField()

    def __init__(self, path: Path, test: ValueTest, *, column: str = "attributes") -> None:
        super().__init__(F(column))
        self.path = path
        self.test = test

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Walk the names of the row; a JSON path could not say every name."""
        return attribute_on_sqlite(_column(self, compiler), self.path, self.test)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Ask for containment first, which an index can answer."""
        return attribute_on_postgresql(_column(self, compiler), self.path, self.test)


class TextMatches(Func):
    """True for rows of which a text column passes a test; never null."""

    output_field = BooleanField()

    def __init__(self, column: str, test: ValueTest) -> None:
        super().__init__(F(column))
        self.test = test

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Ask as if the column were a value of JSON."""
        return text_on_sqlite(_column(self, compiler), self.test)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Ask as if the column were a value of JSON."""
        return text_on_postgresql(_column(self, compiler), self.test)


class HasAttribute(AttributeMatches):
    """True for rows that have an attribute of this name."""

    def __init__(self, name: str, *, column: str = "attributes") -> None:
        super().__init__((name,), Present(), column=column)


class AttributeEquals(AttributeMatches):
    """True for rows whose attribute is exactly this value: `true` is not `1`, nor `1` `1.0`."""

    def __init__(self, name: str, value: Scalar, *, column: str = "attributes") -> None:
        super().__init__((name,), OneOf((value,)), column=column)


def _column(condition: Func, compiler: Any) -> str:
    """Write the column, which has no parameters and so may stand in a statement often."""
    sql: str = compiler.compile(condition.get_source_expressions()[0])[0]
    return sql
