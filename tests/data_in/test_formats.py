"""The formats of the import pages: every value survives JSON and Excel, and bad files are told."""

import io
import json
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tablib import Dataset

from data_in.formats.encodings import UnusableFile
from data_in.formats.json_rows import json_rows
from data_in.formats.upload import FORMATS, CsvFormat, JsonFormat, TsvFormat, XlsxFormat
from data_in.formats.xlsx import write_xlsx, xlsx_rows
from operations.errors import Rejection
from operations.wire.cells import parse_cell, render_cell

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(
    allow_nan=False, allow_infinity=False
).filter(lambda value: 0 < abs(value) < 1e16)
VALUES = st.recursive(
    st.booleans() | NUMBERS | TEXTS.filter(bool),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.lists(st.tuples(TEXTS.filter(str.strip), VALUES), min_size=1, max_size=5)
HEADER = ["object_id", "plan"]


def dataset_of(rows: list[tuple[str, object]]) -> Dataset:
    dataset = Dataset(headers=HEADER)
    for object_id, value in rows:
        dataset.append([object_id, render_cell(value)])
    return dataset


def is_same(first: object, second: object) -> bool:
    return type(first) is type(second) and json.dumps(first, sort_keys=True) == json.dumps(
        second, sort_keys=True
    )


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_every_value_comes_back_from_every_format(kind: type, rows: list) -> None:
    written = kind().export_data(dataset_of(rows))
    read = kind().create_dataset(written)
    assert not read.problem
    assert read.headers == HEADER
    for (_, cells), (object_id, value) in zip(read.rows, rows, strict=True):
        assert cells[0] == object_id
        assert is_same(parse_cell(cells[1]), value)


@pytest.mark.parametrize(
    ("name", "start", "expected"),
    [
        ("a.csv", b"id\n", CsvFormat),
        ("A.TSV", b"id\n", TsvFormat),
        ("a.jsonl", b"{", JsonFormat),
        ("a.xlsx", b"PK\x03\x04", XlsxFormat),
        ("export", b"\xef\xbb\xbf [", JsonFormat),
        ("export", b"PK\x03\x04", XlsxFormat),
        ("export.txt", b"id;name", None),
        ("a.csv", b"PK\x03\x04", CsvFormat),
    ],
)
def test_a_file_tells_its_format(name: str, start: bytes, expected: type | None) -> None:
    found = [each for each in FORMATS if each.is_format_of(name, start)]
    assert found == ([expected] if expected else [])


def test_json_lines_and_lists_are_read_with_the_names_of_all_objects() -> None:
    lines = b'{"id": "ann", "plan": "gold"}\n\n{"id": "bob", "age": 7, "none": null}\n'
    header, rows = json_rows(lines)
    assert header == ["id", "plan", "age", "none"]
    assert list(rows) == [(1, ["ann", "gold", "", ""]), (3, ["bob", "", "7", ""])]
    header, rows = json_rows(b'[{"id": 7, "plan": "7"}, {"plan": ""}]')
    assert list(rows) == [(2, ["7", '"7"']), (3, ["", '""'])]


def test_a_line_of_an_export_gives_its_attributes() -> None:
    line = (
        b'{"cio_id": "a1", "created_at": 7, "attributes": {"plan": "x", "id": 3, "created_at": 7}}'
    )
    header, rows = json_rows(line)
    assert header == ["cio_id", "plan", "attributes.id", "created_at"]
    assert list(rows) == [(1, ["a1", "x", "3", "7"])]
    header, _ = json_rows(b'{"id": "ann", "plan": 1, "attributes": {"plan": "x"}}')
    assert header == ["id", "plan", "attributes"]


def test_a_bad_line_does_not_stop_the_others() -> None:
    _, rows = json_rows(b'{"id": "ann"}\n{"id": \n7\n{"id": "bob"}')
    found = list(rows)
    assert [line for line, _ in found] == [1, 2, 3, 4]
    assert [isinstance(cells, Rejection) for _, cells in found] == [False, True, True, False]
    assert "cannot be read as JSON" in found[1][1].message
    assert "JSON object" in found[2][1].message


@pytest.mark.parametrize("data", [b"", b"  \n", b"[", b"[]", b"7", b"[1, 2]", b"\xff\xfe["])
def test_a_json_file_without_objects_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        json_rows(data)


def workbook(*rows: list) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_sheet_of_a_spreadsheet_program_is_read() -> None:
    data = workbook(["id", "age", "ok", None], ["007", 7, True], [None], ["=1+1", 0.5, None])
    header, rows = xlsx_rows(data)
    assert header == ["id", "age", "ok"]
    # A formula has no value before a spreadsheet program has worked it out.
    assert list(rows) == [(2, ["007", "7", "true"]), (4, ["", "0.5", ""])]


def test_no_text_of_an_export_becomes_a_formula() -> None:
    data = write_xlsx([["object_id", "plan"], ["=1+1", "=HYPERLINK(1)"]])
    _, rows = xlsx_rows(data)
    assert list(rows) == [(2, ["=1+1", "=HYPERLINK(1)"])]


def test_a_cell_that_excel_would_cut_is_refused() -> None:
    assert write_xlsx([["plan"], ["x" * 32_767]])
    with pytest.raises(UnusableFile, match="32,768 characters"):
        write_xlsx([["plan"], ["x" * 32_768]])


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as part:
        for _ in range(201):
            part.write(b"0" * 1_000_000)
    with pytest.raises(UnusableFile, match="unpacks to 201,000,000 bytes"):
        xlsx_rows(out.getvalue())


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"", b"id,name\n1,2\n"])
def test_what_is_no_workbook_is_told(data: bytes) -> None:
    with pytest.raises(UnusableFile, match="Excel workbook"):
        xlsx_rows(data)


def test_a_workbook_with_an_entity_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><worksheet>&b;</worksheet>'
    source, out = io.BytesIO(workbook(["id"], ["ann"])), io.BytesIO()
    with ZipFile(source) as archive, ZipFile(out, "w") as mended:
        for entry in archive.namelist():
            is_sheet = entry == "xl/worksheets/sheet1.xml"
            mended.writestr(entry, bomb if is_sheet else archive.read(entry))
    with pytest.raises(UnusableFile, match="Excel workbook"):
        list(xlsx_rows(out.getvalue())[1])
