"""A file on its way in, refused as early as can be told, and the settings that are kept for it."""

import pytest

from data_in.files import Shelf, folder_path
from data_in.formats.encodings import UnusableFile
from data_in.importing import receive
from data_in.models import Import
from data_in.settings import Blanks, Mode, Settings, parse, render
from operations.wire.column_settings import CellType, ColumnSetting, DateFormat, Role
from operations.wire.columns import Identifier, Kind
from tests.data_in.uploading import ACTOR, upload
from tests.make import make_type, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    made = make_workspace()
    make_type(made, "Companies", number=1)
    return made


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\0" * 5_000, "NUL"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text"),
        (b"\x01\x02\x03", "not text"),
    ],
)
def test_refuses_what_is_no_csv_and_leaves_nothing_behind(data, says, workspace):
    root = folder_path(Shelf.IMPORTS, "x").parent
    before = set(root.iterdir())
    with pytest.raises(UnusableFile, match=says):
        upload(workspace, data)
    assert set(root.iterdir()) == before
    assert not Import.objects.for_workspace(workspace).exists()


def test_refuses_a_file_that_is_too_large_before_its_end(workspace, settings):
    settings.FILE_MAX_BYTES = 2_500
    asked = []

    def chunks():
        for number in range(10):
            asked.append(number)
            yield b"object_id\n" + b"a" * 990

    with pytest.raises(UnusableFile, match=r"2\.4.KB"):
        receive(
            workspace,
            kind=Kind.OBJECTS,
            object_type_number=1,
            actor=ACTOR,
            file_name="x.csv",
            chunks=chunks(),
        )
    assert asked == [0, 1, 2]


def test_settings_come_back_as_they_were_stored():
    columns = (
        ColumnSetting("A", Role.IDENTIFIER, "id"),
        ColumnSetting("B", Role.ATTRIBUTE, "b", CellType.DATE, DateFormat.UNIX_MILLISECONDS),
        ColumnSetting("C", Role.SKIP),
    )
    chosen = Settings(
        mode=Mode.ONLY_NEW,
        identifier=Identifier.CIO_ID,
        blanks=Blanks.CLEAR,
        removes=True,
        treats_null_as_empty=True,
        is_made_safe=True,
        encoding="utf-16-le",
        delimiter="\t",
        all_or_nothing=True,
        time_zone="Asia/Tokyo",
        columns=columns,
    )
    assert parse(render(chosen)) == chosen
    assert parse({}) == Settings()
    odd = {"mode": "x", "time_zone": "Mars", "columns": [{"header": "a", "type": "y"}]}
    assert parse(odd) == Settings(columns=(ColumnSetting("a"),))
