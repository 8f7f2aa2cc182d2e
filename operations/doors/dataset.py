"""The data set of an uploaded file, with its rows as they stand there."""

from collections.abc import Sequence
from typing import Any

from tablib import Dataset

from operations.wire.rows import Row


class FileDataset(Dataset):
    """A data set that keeps the rows as they stand in the file, or says why there are none."""

    def __init__(self, rows: Sequence[Row] = (), *, problem: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.rows = rows
        self.problem = problem

    def __bool__(self) -> bool:
        """Be true without rows too, so that the library asks the resource, which says why."""
        return True
