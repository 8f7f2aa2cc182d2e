"""Take the changed rows of a batch into SQLite's table of searched words."""

from django.db import connection

from operations.engine.database import fetch, is_postgresql
from operations.search_index import SEARCH_INDEXES


def fold_words() -> None:
    """Fold what the triggers have noted; PostgreSQL keeps its index by itself."""
    if is_postgresql():
        return
    noted = ", ".join(f'EXISTS (SELECT 1 FROM "{index.queue}")' for index in SEARCH_INDEXES)
    for index, has_changed in zip(SEARCH_INDEXES, fetch(f"SELECT {noted}")[0], strict=True):
        if has_changed:
            with connection.cursor() as opened:
                for statement in index.folding():
                    opened.execute(statement)
