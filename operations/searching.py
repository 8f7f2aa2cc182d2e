"""The words that a search is made of, and the condition that asks the index for them."""

import re
from typing import Any, Final

from django.db.models import BooleanField, F, Q
from django.db.models.expressions import Func

from operations.search_index import FIELD_MARK, SearchIndex

# An index knows three characters at a time; shorter words are looked for at the start of a field.
PART_MIN_CHARS: Final = 3
WORDS_MAX_CHARS: Final = 300
_GENERATED_ID: Final = re.compile(r"(?:ob)?[0-9a-f]{24}", re.ASCII)
_LIKE_SIGNS: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class WordsMatch(Func):
    """True for rows of which a field has these words in it, in any case of letters."""

    output_field = BooleanField()

    def __init__(self, index: SearchIndex, words: str) -> None:
        is_part = len(words) >= PART_MIN_CHARS
        self.index = index
        self.looked_for = words if is_part else f"{FIELD_MARK}{words}"
        columns = [F(name) for name in ("pk", *index.columns)]
        super().__init__(*columns)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Ask the table of trigrams for the phrase."""
        key, parameters = compiler.compile(self.get_source_expressions()[0])
        table = f'"{self.index.words}"'
        quoted = self.looked_for.replace('"', '""')
        # The name is ours, the words are bound.
        found = f"{key} IN (SELECT rowid FROM {table} WHERE {table} MATCH %s)"  # noqa: S608
        return found, (*parameters, f'"{quoted}"')

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Compare the very expression that is indexed."""
        _, *columns = (compiler.compile(part)[0] for part in self.get_source_expressions())
        expression = self.index.expression("postgresql", columns=columns)
        pattern = f"%{self.looked_for.translate(_LIKE_SIGNS)}%"
        return f"({expression}) ILIKE %s", (pattern,)


def clean_words(text: str) -> str | None:
    """Trim what was typed; None stands for what no row can have in it."""
    words = text.strip()
    if "\0" in words or len(words) > WORDS_MAX_CHARS or not words.isprintable():
        return None
    return words


def matches(index: SearchIndex, words: str, *, generated_id: str) -> Q:
    """Ask for a part of a field, or for a whole generated id where the words look like one."""
    found = Q(WordsMatch(index, words))
    return found | Q((generated_id, words)) if _GENERATED_ID.fullmatch(words) else found
