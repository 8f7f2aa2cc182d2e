"""The CSV format of the import pages: the product's own reader in the library's clothes."""

import io
from itertools import islice
from typing import Any

from import_export.formats.base_formats import CSV
from tablib import Dataset

from data_in.formats.csv import examine, rows
from data_in.formats.encodings import UnusableFile
from operations.doors.dataset import FileDataset
from operations.limits import PAGE_IMPORT_MAX_ROWS


class CsvFormat(CSV):
    """Reads bytes, because text from the library's temporary file has lost its line ends."""

    def is_binary(self) -> bool:
        """Tell the library to hand over bytes."""
        return True

    def get_read_mode(self) -> str:
        """Tell the library to read its temporary file as bytes."""
        return "rb"

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Read the header and as many rows as a page takes, and one more where there is one."""
        file = io.BytesIO(in_stream)
        try:
            read = rows(file, examine(file))
            _, header = next(read, (0, []))
            if not isinstance(header, list) or not header:
                raise UnusableFile("the first row, which has to name the columns, cannot be read")
        except UnusableFile as error:
            return FileDataset(problem=str(error))
        found = list(islice(read, PAGE_IMPORT_MAX_ROWS + 1))
        dataset = FileDataset(found, headers=header)
        blank = [""] * len(header)
        for _, cells in found:
            shown = cells if isinstance(cells, list) else []
            dataset.append([*shown, *blank][: len(header)])
        return dataset

    def export_data(self, dataset: Dataset, **options: Any) -> bytes:
        """Write UTF-8 bytes, as `is_binary` promises."""
        return str(super().export_data(dataset, **options)).encode()
