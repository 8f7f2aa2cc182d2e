"""Ask for thousands of keys or texts at once, bound as one parameter whatever their number."""

from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, F, TextField, Value
from django.db.models.expressions import Func

from operations.conditions import Compiled
from operations.json import dump


class KeyIsAmong(Func):
    """True for rows whose column is one of these integers."""

    output_field = BooleanField()
    postgresql_cast = "::bigint"

    def __init__(self, column: str, wanted: Collection[int] | Collection[str]) -> None:
        written = Value(dump(sorted(wanted)).decode(), output_field=TextField())
        super().__init__(F(column), written)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Let SQLite read the list and start from the index of the column."""
        return self._compile(compiler, "{} IN (SELECT value FROM JSON_EACH({}))")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Compiled:
        """Read the list once into an array, which an index can be asked with."""
        listed = "SELECT JSONB_ARRAY_ELEMENTS_TEXT({}::jsonb)" + self.postgresql_cast
        return self._compile(compiler, "{} = ANY(ARRAY(" + listed + "))")

    def _compile(self, compiler: Any, template: str) -> Compiled:
        column, listed = (compiler.compile(part) for part in self.get_source_expressions())
        return template.format(column[0], listed[0]), (*column[1], *listed[1])


class TextIsAmong(KeyIsAmong):
    """True for rows whose column is one of these texts, byte for byte.

    PostgreSQL cannot read a NUL in a text: whoever asks leaves such texts out.
    """

    postgresql_cast = ""
