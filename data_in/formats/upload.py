"""The formats of the import pages: the product's own readers in the library's clothes."""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar, Final

from import_export.formats.base_formats import CSV, JSON, TSV, XLSX
from tablib import Dataset

from data_in.formats.csv import examine, rows
from data_in.formats.encodings import UnusableFile
from data_in.formats.json_rows import json_rows
from data_in.formats.values import parse_object_of
from data_in.formats.xlsx import write_xlsx, xlsx_rows
from operations.doors.dataset import FileDataset
from operations.json import dump
from operations.limits import PAGE_IMPORT_MAX_ROWS
from operations.wire.rows import Row

_EVERY_ENDING: Final = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".xlsx")
_Read = Callable[[bytes], tuple[list[str], Iterator[Row]]]


class _BytesFormat:
    """Reads bytes, because text from the library's temporary file has lost its line ends.

    A file without a name that tells is known by how it begins.
    """

    endings: ClassVar[Sequence[str]]
    starts: ClassVar[Sequence[bytes]] = ()

    @classmethod
    def is_format_of(cls, name: str, start: bytes) -> bool:
        """Tell whether a file is in this format."""
        if name.lower().endswith(_EVERY_ENDING):
            return name.lower().endswith(tuple(cls.endings))
        return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(tuple(cls.starts))

    def is_binary(self) -> bool:
        """Tell the library to hand over bytes."""
        return True

    def get_read_mode(self) -> str:
        """Tell the library to read its temporary file as bytes."""
        return "rb"


class CsvFormat(_BytesFormat, CSV):
    """Comma-separated values, or another delimiter that is found by looking."""

    endings = (".csv",)

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Read the header and as many rows as a page takes, and one more where there is one."""
        return _read(in_stream, _csv_rows)

    def export_data(self, dataset: Dataset, **options: Any) -> bytes:
        """Write UTF-8 bytes, as `is_binary` promises."""
        return str(super().export_data(dataset, **options)).encode()


class TsvFormat(_BytesFormat, TSV):
    """Tab-separated values."""

    endings = (".tsv", ".tab")

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Read the header and as many rows as a page takes, and one more where there is one."""
        return _read(in_stream, _tsv_rows)

    def export_data(self, dataset: Dataset, **options: Any) -> bytes:
        """Write UTF-8 bytes, as `is_binary` promises."""
        return str(super().export_data(dataset, **options)).encode()


class JsonFormat(_BytesFormat, JSON):
    """A list of JSON objects, or one object a line."""

    endings = (".json", ".jsonl", ".ndjson")
    starts = (b"[", b"{")

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Read the names of all objects, and as many rows as a page takes."""
        return _read(in_stream, json_rows)

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Write a list of objects with the values as they are."""
        header = dataset.headers or []
        found = [parse_object_of(zip(header, cells, strict=True)) for cells in dataset]
        return b"[" + b",\n ".join(map(dump, found)) + b"]\n"


class XlsxFormat(_BytesFormat, XLSX):
    """The first sheet of an Excel workbook."""

    endings = (".xlsx",)
    starts = (b"PK\x03\x04",)

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Read the header and as many rows as a page takes, and one more where there is one."""
        return _read(in_stream, xlsx_rows)

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Write one sheet."""
        return write_xlsx([list(dataset.headers or []), *map(list, dataset)])


FORMATS: Final = (CsvFormat, TsvFormat, JsonFormat, XlsxFormat)


def _read(data: bytes, read: _Read) -> FileDataset:
    try:
        header, found = read(data)
        kept = list(islice(found, PAGE_IMPORT_MAX_ROWS + 1))
    except UnusableFile as error:
        return FileDataset(problem=str(error))
    dataset = FileDataset(kept, headers=header)
    blank = [""] * len(header)
    for _, cells in kept:
        shown = cells if isinstance(cells, list) else []
        dataset.append([*shown, *blank][: len(header)])
    return dataset


def _csv_rows(data: bytes, *, delimiter: str | None = None) -> tuple[list[str], Iterator[Row]]:
    file = io.BytesIO(data)
    read = rows(file, examine(file, delimiter=delimiter))
    _, header = next(read, (0, []))
    if not isinstance(header, list) or not header:
        raise UnusableFile("the first row, which has to name the columns, cannot be read")
    return header, read


def _tsv_rows(data: bytes) -> tuple[list[str], Iterator[Row]]:
    return _csv_rows(data, delimiter="\t")
