"""An import from the upload to the result: check, groups, import, files, and what it refuses."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from data_in.check_report import Group, read_group
from data_in.files import Shelf, folder_path
from data_in.glimpses import glimpse, problems_of
from data_in.import_files import error_file, original_file, template_file, warning_file
from data_in.importing import (
    NotReady,
    correct,
    keep_settings,
    like,
    remove,
    same_file,
    start_check,
    start_import,
)
from data_in.models import Import
from data_in.settings import Blanks, Mode, Settings, parse, render
from data_in.upkeep import forget_files
from objects.models import Object
from operations.masking import MASK, reading_for
from operations.models import Activity, ChangeSet
from operations.types import Door, HiddenNames
from operations.wire.column_settings import CellType, ColumnSetting, DateFormat, Role
from operations.wire.columns import Identifier, Kind
from people.models import Person
from relationships.models import Relationship
from tests.data_in.uploading import (
    ACTOR,
    check,
    check_and_import,
    counts,
    fitted,
    fresh,
    rows_of,
    upload,
)
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace():
    made = make_workspace()
    make_type(made, "Companies", number=1)
    return made


def attributes(workspace, object_id):
    stored = Object.objects.for_workspace(workspace).get(object_id=object_id)
    return {name: value for name, value in stored.attributes.items() if name != "created_at"}


def test_a_check_counts_and_writes_nothing(workspace):
    companies = workspace.object_types.get()
    make_object(companies, "a", {"name": "A", "seats": 1})
    make_object(companies, "b", {"name": "B"})
    before = Activity.objects.count()
    row = check(upload(workspace, f"object_id,name,seats\na,A,2\nb,B,\nc,C,3\n{'x' * 151},,\n"))
    assert row.state == Import.State.VALIDATED
    assert counts(row.found) == {"created": 1, "updated": 1, "unchanged": 1, "refused": 1}
    assert row.rows == 4
    assert (Activity.objects.count(), ChangeSet.objects.count()) == (before, 0)
    (updated,) = rows_of(row, Group.UPDATED)
    assert (updated.line, updated.key, updated.cells) == (2, "a", ("a", "A", "2"))
    (change,) = updated.changes
    assert (change.name, change.column, change.before, change.after) == ("seats", 2, 1, 2)
    (refused,) = rows_of(row, Group.REFUSED)
    assert refused.reasons[0].column == "object_id"
    assert "151 characters" in refused.reasons[0].message


def test_an_import_does_what_the_check_said(workspace):
    row = check_and_import(upload(workspace, "object_id,name\na,A\nb,B\na,A2\n"))
    assert row.state == Import.State.IMPORTED
    assert counts(row.found) == {"created": 2, "updated": 1, "warnings": 1}
    assert counts(row.result) == {"created": 2, "updated": 1}
    assert attributes(workspace, "a") == {"name": "A2"}
    changes = ChangeSet.objects.get(pk=row.job.change_set_id)
    assert (changes.door, changes.actor, changes.reason) == (Door.CSV, ACTOR, row.job.title)
    entry = AuditEntry.objects.get(kind=AuditEntry.Kind.IMPORTED)
    assert (entry.actor, entry.details["file"], entry.details["created"]) == (
        ACTOR,
        "rows.csv",
        2,
    )


def test_a_repeated_key_is_worth_a_warning_that_names_the_lines(workspace):
    row = check(upload(workspace, "object_id,name\na,1\nb,1\na,2\na,3\n"))
    warned = rows_of(row, Group.WARNINGS)
    assert [(each.line, each.reasons[0].code) for each in warned] == [
        (4, "repeated"),
        (5, "repeated"),
    ]
    assert warned[0].reasons[0].message.startswith("line 2 of the file")
    assert warned[1].reasons[0].message.startswith("lines 2, 4 of the file")


def test_refused_rows_leave_in_a_file_that_can_be_corrected_and_imported(workspace):
    text = 'object_id;name\na;=1+1\n;"x;y"\nb;B;more\n'
    row = check_and_import(upload(workspace, b"\xef\xbb\xbf" + text.encode()))
    data = b"".join(error_file(row))
    assert data.startswith(b"\xef\xbb\xbfobject_id;name;error_row")
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert found[0] == [
        "object_id",
        "name",
        "error_row",
        "error_code",
        "error_column",
        "error_message",
    ]
    assert found[1][:5] == ["", "x;y", "3", "required", "object_id"]
    assert found[2][:4] == ["b", "B", "4", "invalid"]
    assert found[2][6:] == ["more"]
    found[1][0] = "c"
    corrected = io.StringIO()
    csv.writer(corrected, delimiter=";").writerows(cells[:6] for cells in found)
    again = check_and_import(upload(workspace, corrected.getvalue()))
    assert counts(again.result) == {"created": 2}
    assert attributes(workspace, "c") == {"name": "x;y"}


def test_failing_cells_can_be_corrected_without_a_file(workspace):
    row = check(upload(workspace, "object_id,name\na,A\n,B\n,C\n"))
    corrected = correct(row, {3: {"object_id": "b"}}, actor=ACTOR)
    assert corrected.file_name == "rows corrected.csv"
    corrected = check_and_import(corrected)
    assert counts(corrected.result) == {"created": 1, "refused": 1}
    assert attributes(workspace, "b") == {"name": "B"}


def test_warnings_leave_in_a_file_of_their_own(workspace):
    text = "cio_object_id,object_id\nob00ff,a\nob00ff,a\n"
    row = check_and_import(upload(workspace, text))
    found = list(csv.reader(io.StringIO(b"".join(warning_file(row)).decode())))
    assert [cells[2:4] for cells in found[1:]] == [["2", "not_found"], ["3", "repeated"]]


def test_gives_the_file_back_as_it_came(workspace):
    data = "object_id,name\r\na,Zoë\r\n".encode("utf-16")
    assert b"".join(original_file(upload(workspace, data))) == data


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.ALL, {"created": 1, "updated": 1}),
        (Mode.ONLY_NEW, {"created": 1, "skipped": 1}),
        (Mode.ONLY_EXISTING, {"updated": 1, "skipped": 1}),
    ],
)
def test_touches_the_rows_of_the_mode(mode, expected, workspace):
    make_object(workspace.object_types.get(), "a", {"name": "A"})
    row = check_and_import(upload(workspace, "object_id,name\na,x\nb,x\n", mode=mode))
    assert counts(row.found) == expected
    assert counts(row.result) == expected


def test_blank_cells_and_null_clear_when_told(workspace):
    make_object(workspace.object_types.get(), "a", {"name": "A", "plan": "x"})
    chosen = {"blanks": Blanks.CLEAR, "treats_null_as_empty": True}
    check_and_import(upload(workspace, "object_id,name,plan\na,,NULL\n", **chosen))
    assert attributes(workspace, "a") == {}


def test_rows_delete_what_they_name_when_told(workspace):
    companies = workspace.object_types.get()
    for name in ("a", "b"):
        make_object(companies, name)
    relate(make_person(workspace, "ada"), Object.objects.get(object_id="a"))
    text = "object_id,name\na,A\nc,C\na,A\n"
    row = check_and_import(upload(workspace, text, removes=True))
    assert counts(row.found) == {"deleted": 1, "unchanged": 2, "warnings": 1}
    assert counts(row.result) == {"deleted": 1, "unchanged": 2}
    assert [each.object_id for each in Object.objects.for_workspace(workspace)] == ["b"]
    assert not Relationship.objects.for_workspace(workspace).exists()


def test_rows_end_relationships_when_told(workspace):
    related = make_object(workspace.object_types.get(), "a")
    relate(make_person(workspace, "ada"), related)
    row = upload(workspace, "object_id,id\na,ada\na,bob\n", kind=Kind.RELATIONSHIPS, removes=True)
    assert counts(check_and_import(row).result) == {"deleted": 1, "unchanged": 1}
    assert Person.objects.for_workspace(workspace).count() == 1


def test_columns_are_what_somebody_chose(workspace):
    columns = (
        ColumnSetting("Company", Role.IDENTIFIER, "object_id"),
        ColumnSetting("Since", Role.ATTRIBUTE, "since", CellType.DATE, DateFormat.DAY_FIRST),
        ColumnSetting("Zip", Role.ATTRIBUTE, "zip", CellType.TEXT),
        ColumnSetting("Notes", Role.SKIP),
        ColumnSetting("Seats", Role.ATTRIBUTE, "seats", CellType.NUMBER),
    )
    text = "Company,Since,Zip,Notes,Seats\na,31/01/2026,123,x,007\nb,01/31/2026,1,x,1\n"
    row = upload(workspace, text, columns=columns, time_zone="Europe/Berlin")
    row = check_and_import(row)
    assert counts(row.result) == {"created": 1, "refused": 1}
    assert attributes(workspace, "a") == {"since": 1769814000, "zip": "123", "seats": 7}
    (refused,) = rows_of(row, Group.REFUSED)
    assert (refused.key, refused.reasons[0].column) == ("b", "Since")
    assert "DD/MM/YYYY" in refused.reasons[0].message


def test_a_hundred_rows_of_a_group_are_two_pages(workspace):
    text = "object_id\n" + "".join(f"o{number}\n" for number in range(101))
    row = check(upload(workspace, text))
    second = read_group(row, Group.CREATED, page=2)
    assert (second.total, second.pages, len(second.rows)) == (101, 3, 50)
    assert second.rows[0].key == "o50"
    last = read_group(row, Group.CREATED, page=9)
    assert (last.page, len(last.rows)) == (3, 1)
    assert read_group(row, Group.SKIPPED, page=1).rows == ()


def test_an_import_waits_for_a_check_with_the_same_settings(workspace):
    row = upload(workspace, "object_id,name\na,A\n")
    with pytest.raises(NotReady, match="checked first"):
        start_import(row, actor=ACTOR)
    start_check(row, actor=ACTOR)
    keep_settings(row, fitted(row, mode=Mode.ONLY_EXISTING))
    assert fresh(row).state == Import.State.PREPROCESSED
    with pytest.raises(NotReady, match="checked first"):
        start_import(row, actor=ACTOR)
    with pytest.raises(NotReady, match="nothing to import"):
        check_and_import(row)


def test_an_import_begins_once(workspace):
    row = check_and_import(upload(workspace, "object_id,name\na,A\n"))
    with pytest.raises(NotReady, match="begun already"):
        start_import(row, actor=ACTOR)
    with pytest.raises(NotReady, match="begun already"):
        keep_settings(row, Settings())


def test_all_or_nothing_does_not_begin_with_refused_rows(workspace):
    row = upload(workspace, "object_id,name\na,A\n,B\n", all_or_nothing=True)
    with pytest.raises(NotReady, match="All or nothing"):
        check_and_import(row)
    assert not Object.objects.for_workspace(workspace).exists()


def test_all_or_nothing_stops_at_a_row_that_became_bad_after_the_check(workspace):
    text = "id,email,name\nada,,Ada\nbob,bob@example.com,Bob\n"
    row = upload(workspace, text, kind=Kind.PEOPLE, all_or_nothing=True)
    start_check(row, actor=ACTOR)
    make_person(workspace, "bob", email="other@example.com")
    start_import(row, actor=ACTOR)
    row = fresh(row)
    assert row.state == Import.State.FAILED
    assert row.job.message.startswith("Line 3 was refused")
    assert not Person.objects.for_workspace(workspace).filter(person_id="ada").exists()


def test_a_file_that_turns_out_unusable_says_why(workspace):
    text = b"object_id,name\na,A\n" + b"b" * 70_000 + b"\n\xe9,x\n"
    row = check(upload(workspace, text))
    assert row.state == Import.State.FAILED
    assert "read it as windows-1252" in row.problem
    with pytest.raises(NotReady, match="windows-1252"):
        start_import(row, actor=ACTOR)
    keep_settings(row, fitted(row, encoding="windows-1252"))
    assert counts(check(row).found) == {"created": 2, "refused": 1}


def test_finds_the_same_file_and_its_settings(workspace):
    first = upload(workspace, "object_id,Name\na,A\n", mode=Mode.ONLY_NEW)
    second = upload(workspace, "object_id,Name\na,A\n")
    assert same_file(second) == first
    assert same_file(first) is None
    assert same_file(upload(make_workspace(), "object_id,Name\na,A\n")) is None
    assert like(first).mode is Mode.ONLY_NEW


def test_says_what_keeps_a_file_from_being_checked(workspace):
    row = upload(workspace, "name,name,\nA,B,C\n")
    problems = problems_of(row, parse(row.settings))
    assert [problem.column for problem in problems] == [2, 1, None]
    assert "object_id" in problems[2].message
    with pytest.raises(NotReady, match="no name"):
        start_check(row, actor=ACTOR)


def test_an_object_type_that_is_gone_is_a_problem(workspace):
    row = upload(workspace, "object_id\na\n", number=9)
    (problem,) = problems_of(row, parse(row.settings))
    assert "object type" in problem.message


def test_people_are_named_by_the_chosen_identifier(workspace):
    make_person(workspace, "ada", email="ada@example.com")
    text = "email,id\nada@example.com,\nbob@example.com,\n"
    row = upload(workspace, text, kind=Kind.PEOPLE, identifier=Identifier.EMAIL)
    assert counts(check_and_import(row).result) == {"created": 1, "unchanged": 1}


def test_a_removed_import_leaves_no_files(workspace):
    row = check_and_import(upload(workspace, "object_id\na\n"))
    folder = folder_path(Shelf.IMPORTS, row.folder)
    assert folder.exists()
    remove(row)
    assert not folder.exists()
    assert not Import.objects.filter(pk=row.pk).exists()
    assert Object.objects.for_workspace(workspace).exists()


def test_files_go_after_their_days_and_the_import_stays(workspace, settings):
    row = check_and_import(upload(workspace, "object_id\na\n"))
    settings.IMPORT_FILE_DAYS = 30
    forget_files(now=row.created_at + timedelta(days=29))
    assert folder_path(Shelf.IMPORTS, row.folder).exists()
    forget_files(now=row.created_at + timedelta(days=31))
    assert not folder_path(Shelf.IMPORTS, row.folder).exists()
    row = fresh(row)
    assert (row.state, row.files_gone_at is None) == (Import.State.IMPORTED, False)


def test_a_file_that_is_gone_has_to_be_uploaded_again(workspace):
    row = check(upload(workspace, "object_id\na\n"))
    forget_files(now=row.created_at + timedelta(days=31))
    with pytest.raises(NotReady, match="upload it again"):
        start_import(row, actor=ACTOR)


def test_what_is_hidden_from_a_reader_is_masked_and_its_files_are_refused(workspace):
    make_object(workspace.object_types.get(), "a", {"salary": 1})
    row = check(upload(workspace, "object_id,salary\na,2\n,3\n"))
    with reading_for(lambda: HiddenNames(objects=frozenset({"salary"}))):
        (updated,) = rows_of(row, Group.UPDATED)
        assert updated.cells == ("a", MASK)
        assert (updated.changes[0].before, updated.changes[0].after) == (MASK, MASK)
        assert glimpse(row).columns[1].samples == (MASK,)
        for file in (original_file, error_file, warning_file):
            with pytest.raises(PermissionDenied):
                file(row)


def test_who_may_not_see_an_attribute_can_not_import_it(workspace):
    text = "object_id,pay\na,2\nb,\n"
    with reading_for(lambda: HiddenNames(objects=frozenset({"salary"}))):
        row = upload(workspace, text)
        columns = (row_columns := parse(row.settings).columns)[:1]
        hidden = replace(row_columns[1], name="salary")
        Import.objects.filter(pk=row.pk).update(
            settings=render(Settings(columns=(*columns, hidden)))
        )
        with pytest.raises(NotReady, match="sensitive"):
            start_check(fresh(row), actor=ACTOR)


def test_a_template_can_be_imported_as_it_is(workspace):
    make_object(workspace.object_types.get(), "a", {"plan": "x", "object id": 1})
    data = template_file(workspace, Kind.OBJECTS, 1)
    assert data.splitlines()[0] == b"object_id,created_at,object id,plan"
    assert counts(check(upload(workspace, data)).found) == {"created": 1}
