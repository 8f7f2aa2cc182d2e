"""What can be asked of attributes, with the same answer on both databases.

A name is data: it is bound as a parameter and never becomes part of a lookup or of a JSON path,
because `a__b`, `0`, `$[0]` and `"` are names that people use.
"""

from typing import Any, TypeAlias

from django.db.models import BooleanField, F, TextField, Value
from django.db.models.expressions import Func

from operations.json import dump

Compiled: TypeAlias = tuple[str, tuple[Any, ...]]
Scalar: TypeAlias = str | int | float | bool


class HasAttribute(Func):
    """True for rows that have an attribute of this name."""

    output_field = BooleanField()

    def __init__(self, name: str, *, column: str = "attributes") -> None:
        super().__init__(F(column), Value(name, output_field=TextField()))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Walk the names of the row; a JSON path could not say every name."""
        template = "EXISTS (SELECT 1 FROM JSON_EACH({}) AS item WHERE item.key = {})"
        return _compile(self, compiler, template)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Ask for the name as a text, which may look like a number."""
        return _compile(self, compiler, "COALESCE({} ? {}::text, FALSE)")


class AttributeEquals(Func):
    """True for rows whose attribute is exactly this value: `true` is not `1`, nor `1` `1.0`."""

    output_field = BooleanField()

    def __init__(self, name: str, value: Scalar, *, column: str = "attributes") -> None:
        written = Value(dump(value).decode(), output_field=TextField())
        super().__init__(F(column), Value(name, output_field=TextField()), written)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Compare the JSON type besides the value, both read by the database."""
        template = (
            "EXISTS (SELECT 1 FROM JSON_EACH({0}) AS item WHERE item.key = {1}"
            " AND item.type = JSON_TYPE({2}) AND item.value = JSON_EXTRACT({2}, '$'))"
        )
        return _compile(self, compiler, template, order=(0, 1, 2, 2))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Compare as the database writes both: jsonb itself holds 1 and 1.0 for equal."""
        template = "COALESCE(({} -> {}::text)::text = ({}::jsonb)::text, FALSE)"
        return _compile(self, compiler, template)


def _compile(
    condition: Func, compiler: Any, template: str, *, order: tuple[int, ...] | None = None
) -> Compiled:
    parts = [compiler.compile(part) for part in condition.get_source_expressions()]
    parameters: list[Any] = []
    for position in order or range(len(parts)):
        parameters.extend(parts[position][1])
    return template.format(*[sql for sql, _ in parts]), tuple(parameters)
