"""manage.py import_csv: columns, removal, all or nothing, and a dry run of the whole file."""

import pytest

from objects.models import Object
from people.models import Person
from tests.data_in.importing import import_text
from tests.make import make_object, make_person, make_type
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
OBJECTS = ("--kind", "objects", "--type", "1")


@pytest.fixture
def workspace():
    return Workspace.objects.get(name="Default")


def attributes(object_id):
    stored = Object.objects.get(object_id=object_id)
    return {name: value for name, value in stored.attributes.items() if name != "created_at"}


def test_columns_become_what_the_options_say(workspace, tmp_path):
    text = "Company,Since,Zip,Notes\na,31/01/2026 09:30,00123,x\n"
    columns = ["Company=object_id", "Since=since:date(DD/MM/YYYY)", "Zip=:text"]
    options = [option for column in columns for option in ("--column", column)]
    run = import_text(
        tmp_path, text, *OBJECTS, *options, "--skip", "Notes", "--time-zone", "Europe/Berlin"
    )
    assert (run.code, run.counts()) == (0, {"created": 1})
    assert attributes("a") == {"since": 1769848200, "Zip": "00123"}
    assert "not imported: Notes" in run.out


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("Since", "HEADER=NAME"),
        ("Since=x:moment", "a type is one of automatic, text"),
        ("Since=x:date(YY)", "a format is one of iso"),
    ],
)
def test_refuses_a_column_option_that_says_nothing(option, says, workspace, tmp_path):
    run = import_text(tmp_path, "a\n", *OBJECTS, "--column", option)
    assert run.code == 1
    assert says in run.error


def test_refuses_a_column_that_is_not_there(workspace, tmp_path):
    run = import_text(tmp_path, "object_id\na\n", *OBJECTS, "--skip", "b")
    assert run.code == 2
    assert 'no column "b"' in run.error


def test_null_is_an_empty_cell_when_told(workspace, tmp_path):
    make_object(make_type(workspace), "a", {"plan": "x"})
    text = "object_id,plan\na,NULL\n"
    import_text(tmp_path, text, *OBJECTS, "--null", "--blank", "clear")
    assert attributes("a") == {}


def test_removes_what_the_rows_name(workspace, tmp_path):
    for name in ("ada", "bob"):
        make_person(workspace, name)
    options = ("--kind", "people", "--remove")
    run = import_text(tmp_path, "id,plan\nada,x\ncyd,y\nada,z\n", *options)
    assert (run.code, run.count("deleted"), run.count("unchanged")) == (0, 1, 2)
    assert [person.person_id for person in Person.objects.all()] == ["bob"]


def test_all_or_nothing_imports_nothing_when_a_row_is_refused(workspace, tmp_path):
    text = "object_id,name\na,A\n,B\n"
    run = import_text(tmp_path, text, *OBJECTS, "--all-or-nothing")
    assert (run.code, run.counts()) == (1, {"created": 1, "refused": 1})
    assert "nothing was written" in run.out
    assert not Object.objects.exists()
    assert (tmp_path / "rows.errors.csv").exists()


def test_all_or_nothing_imports_all(workspace, tmp_path):
    run = import_text(tmp_path, "object_id,name\na,A\nb,B\n", *OBJECTS, "--all-or-nothing")
    assert (run.code, run.counts()) == (0, {"created": 2})
    assert "dry run" not in run.out
    assert Object.objects.count() == 2


def test_a_dry_run_sees_what_earlier_rows_would_do(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr("data_in.imports.PREVIEW_CHUNK_ROWS", 2)
    text = "object_id,name\na,A\nb,B\nc,C\na,A\na,A2\n"
    foreseen = import_text(tmp_path, text, *OBJECTS, "--dry-run")
    assert foreseen.counts() == {"created": 3, "unchanged": 1, "updated": 1}
    assert not Object.objects.exists()
    assert import_text(tmp_path, text, *OBJECTS).counts() == foreseen.counts()
