"""What the head of a file shows: how it is written, its columns, and what to make of them."""

from dataclasses import replace

import pytest

from data_in.formats.encodings import UnusableFile
from data_in.glimpses import glimpse, problems_of
from data_in.settings import Mode, Settings
from operations.masking import reading_for
from operations.models import AttributeKind, AttributeName
from operations.types import HiddenNames
from operations.wire.column_settings import CellType, ColumnSetting, Role
from operations.wire.columns import Kind
from tests.data_in.uploading import upload
from tests.make import make_object, make_type, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    made = make_workspace()
    make_object(make_type(made, "Companies", number=1), "a", {"Plan Name": "x", "seats": 1})
    return made


def test_tells_how_a_file_is_written_and_shows_its_first_rows(workspace):
    text = "object_id;name\n" + "".join(f"o{number};n{number}\n" for number in range(20))
    seen = glimpse(upload(workspace, text.encode("utf-16")))
    assert (seen.encoding, seen.delimiter) == ("utf-16-le", ";")
    assert seen.rows[0] == (2, ("o0", "n0"))
    assert len(seen.rows) == 10
    assert seen.columns[1].samples == ("n0", "n1", "n2", "n3", "n4")
    assert seen.problems == ()


def test_another_way_of_reading_shows_other_cells(workspace):
    row = upload(workspace, "object_id,name;x\na,Zoë;y\n".encode("windows-1252"))
    with pytest.raises(UnusableFile, match="read it as windows-1252"):
        glimpse(row)
    seen = glimpse(row, Settings(encoding="windows-1252", delimiter=";"))
    assert [column.header for column in seen.columns] == ["object_id,name", "x"]
    assert seen.rows == ((2, ("a,Zoë", "y")),)


def test_proposes_keys_attributes_and_what_to_leave_out(workspace):
    seen = glimpse(upload(workspace, "objectId,seats,attributes.object_id2,error_row\na,1,2,3\n"))
    assert seen.proposed.columns == (
        ColumnSetting("objectId", Role.IDENTIFIER, "object_id"),
        ColumnSetting("seats", Role.ATTRIBUTE, "seats"),
        ColumnSetting("attributes.object_id2", Role.ATTRIBUTE, "object_id2"),
        ColumnSetting("error_row", Role.SKIP, ""),
    )
    assert [column.is_new for column in seen.columns] == [False, False, True, False]


@pytest.mark.parametrize("header", ["plan_name", "PLAN NAME", "planName", "Plan-Name"])
def test_points_out_a_name_that_is_spelled_nearly_as_a_known_one(header, workspace):
    seen = glimpse(upload(workspace, f"object_id,{header}\na,x\n"))
    assert (seen.columns[1].is_new, seen.columns[1].similar) == (True, "Plan Name")
    assert "Plan Name" in seen.known_names


def test_a_known_name_is_neither_new_nor_similar(workspace):
    AttributeName.objects.create(
        workspace=workspace,
        kind=AttributeKind.OBJECTS,
        object_type_number=1,
        name="old",
        row_count=3,
    )
    seen = glimpse(upload(workspace, "object_id,Plan Name,old\na,x,y\n"))
    assert [(column.is_new, column.similar) for column in seen.columns[1:]] == [(False, "")] * 2


def test_tells_columns_that_hold_only_dates_and_reads_them_as_text_all_the_same(workspace):
    text = "object_id,since,until\na,2026-01-31,2026-01-31\nb,,soon\nc,2026-02-01T10:00:00Z,\n"
    seen = glimpse(upload(workspace, text))
    assert [column.has_only_dates for column in seen.columns] == [False, True, False]
    assert {column.type for column in seen.proposed.columns} == {CellType.AUTOMATIC}


def test_settings_of_another_file_are_fitted_by_header(workspace):
    chosen = Settings(
        mode=Mode.ONLY_NEW,
        columns=(
            ColumnSetting("since", Role.ATTRIBUTE, "began", CellType.DATE),
            ColumnSetting("gone", Role.SKIP),
        ),
    )
    seen = glimpse(upload(workspace, "object_id,new,since\na,1,2\n"), chosen)
    assert seen.proposed == replace(
        chosen,
        columns=(
            ColumnSetting("object_id", Role.IDENTIFIER, "object_id"),
            ColumnSetting("new", Role.ATTRIBUTE, "new"),
            ColumnSetting("since", Role.ATTRIBUTE, "began", CellType.DATE),
        ),
    )


def test_a_head_that_ends_inside_a_quoted_cell_shows_what_is_before_it(workspace):
    text = 'object_id,name\na,x\nb,"' + "line\n" * 20_000 + '"\n'
    seen = glimpse(upload(workspace, text))
    assert seen.rows == ((2, ("a", "x")),)
    assert seen.problems == ()


def test_sees_a_header_that_is_longer_than_the_usual_head(workspace):
    names = [f"a rather long name of a column, number {number}" for number in range(3_000)]
    text = "object_id," + ",".join(f'"{name}"' for name in names) + "\n"
    seen = glimpse(upload(workspace, text))
    assert (len(seen.columns), seen.columns[-1].header) == (3_001, names[-1])


def test_a_header_that_cannot_be_read_is_a_problem_without_columns(workspace):
    seen = glimpse(upload(workspace, '"object_id"x,name\na,b\n'))
    assert (seen.columns, seen.proposed.columns) == ((), ())
    assert "name the columns" in seen.problems[0].message


def test_a_column_that_is_hidden_from_the_reader_is_a_problem(workspace):
    row = upload(workspace, "object_id,salary\na,1\n")
    with reading_for(lambda: HiddenNames(objects=frozenset({"salary"}))):
        (problem,) = problems_of(row, glimpse(row).proposed)
    assert (problem.column, "sensitive" in problem.message) == (1, True)


def test_settings_for_another_header_are_a_problem(workspace):
    row = upload(workspace, "object_id,name\na,b\n")
    (problem,) = problems_of(row, Settings(columns=(ColumnSetting("id", Role.SKIP),)))
    assert "another header" in problem.message


def test_relationships_know_the_two_ends(workspace):
    seen = glimpse(
        upload(workspace, "objectTypeId,objectId,userId\n1,a,b\n", kind=Kind.RELATIONSHIPS)
    )
    assert [column.name for column in seen.proposed.columns] == [
        "object_type_id",
        "object_id",
        "id",
    ]
