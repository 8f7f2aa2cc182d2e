"""Cells of a column whose type somebody has chosen."""

from zoneinfo import ZoneInfo

import pytest

from operations.json import JsonError
from operations.wire.column_settings import CellType, ColumnSetting, DateFormat
from operations.wire.typed_cells import reader_of

pytestmark = pytest.mark.once
BERLIN = ZoneInfo("Europe/Berlin")


def read(text, read_as, date_format=DateFormat.ISO, *, zone=BERLIN):
    return reader_of(ColumnSetting("a", type=read_as, date_format=date_format), zone=zone)(text)


@pytest.mark.parametrize("text", ["007", "true", '{"a":1}', '"x"', " x ", "1e400"])
def test_text_is_taken_as_it_is(text):
    assert read(text, CellType.TEXT) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("007", 7),
        ("+7", 7),
        ("-0.50", -0.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (" 7 ", 7),
        ("9223372036854775807", 9223372036854775807),
        ("-9223372036854775808", -9223372036854775808),
    ],
)
def test_reads_numbers(text, value):
    found = read(text, CellType.NUMBER)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text", ["x", "1,234", "1.2.3", "-", ".", "e5", "0x10", "9223372036854775808", "1e400", "٣"]
)
def test_refuses_what_is_no_number(text):
    with pytest.raises(JsonError):
        read(text, CellType.NUMBER)


@pytest.mark.parametrize(("text", "value"), [("TRUE", True), ("0", False), ("false ", False)])
def test_reads_truth_values(text, value):
    assert read(text, CellType.BOOLEAN) is value


@pytest.mark.parametrize("text", ["yes", "2", "truth"])
def test_refuses_what_is_neither_true_nor_false(text):
    with pytest.raises(JsonError, match="neither true nor false"):
        read(text, CellType.BOOLEAN)


def test_reads_json_and_nothing_else():
    assert read('{"a":[1,null]}', CellType.JSON) == {"a": [1, None]}
    assert read("12", CellType.JSON) == 12
    with pytest.raises(JsonError):
        read("{a}", CellType.JSON)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31", 1769814000),
        ("2026-01-31T00:00:00Z", 1769817600),
        ("2026-01-31 09:30", 1769848200),
        ("2026-01-31T09:30:00.999+00:00", 1769851800),
        ("0001-01-01", -62135600008),
    ],
)
def test_reads_iso_dates_in_the_zone(text, seconds):
    assert read(text, CellType.DATE) == seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [("2026-01-31T09:30:00.1234Z", "2026-01-31T09:30:00.1234Z"), ("soon", "soon"), ("12", 12)],
)
def test_what_is_no_iso_instant_stays_as_it_would_be_by_itself(text, value):
    assert read(text, CellType.DATE) == value


@pytest.mark.parametrize(
    ("text", "date_format", "seconds"),
    [
        ("31/01/2026", DateFormat.DAY_FIRST, 1769814000),
        ("1/31/2026", DateFormat.MONTH_FIRST, 1769814000),
        ("31.01.2026 09:30", DateFormat.DAY_FIRST, 1769848200),
        ("01-31-2026 9:30:00 AM", DateFormat.MONTH_FIRST, 1769848200),
        ("1/31/2026 12:00 am", DateFormat.MONTH_FIRST, 1769814000),
        ("1/31/2026 12:30 PM", DateFormat.MONTH_FIRST, 1769859000),
        ("1769814000", DateFormat.UNIX_SECONDS, 1769814000),
        ("1769814000999", DateFormat.UNIX_MILLISECONDS, 1769814000),
        ("-1", DateFormat.UNIX_MILLISECONDS, -1),
        ("253402300799", DateFormat.UNIX_SECONDS, 253402300799),
    ],
)
def test_reads_dates_as_they_are_written(text, date_format, seconds):
    assert read(text, CellType.DATE, date_format) == seconds


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("13/31/2026", DateFormat.DAY_FIRST),
        ("31/01/2026", DateFormat.MONTH_FIRST),
        ("30/02/2026", DateFormat.DAY_FIRST),
        ("2026-01-31", DateFormat.DAY_FIRST),
        ("1/1/26", DateFormat.DAY_FIRST),
        ("1/1-2026", DateFormat.DAY_FIRST),
        ("1/1/2026 13:00 PM", DateFormat.DAY_FIRST),
        ("1/1/2026 25:00", DateFormat.DAY_FIRST),
        ("soon", DateFormat.UNIX_SECONDS),
        ("253402300800", DateFormat.UNIX_SECONDS),
        ("1.5", DateFormat.UNIX_MILLISECONDS),
    ],
)
def test_refuses_a_date_that_is_written_otherwise(text, date_format):
    with pytest.raises(JsonError):
        read(text, CellType.DATE, date_format)
