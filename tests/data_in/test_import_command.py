"""manage.py import_csv: its options, its table, its error file and its exit status."""

import csv

import pytest

from objects.models import Object, ObjectType
from operations.engine import apply_stream
from operations.models import Activity, ChangeSet
from people.models import Person
from relationships.models import Relationship
from tests.data_in.importing import import_csv, import_text
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return Workspace.objects.get(name="Default")


def attributes(object_id):
    stored = Object.objects.get(object_id=object_id)
    return {name: value for name, value in stored.attributes.items() if name != "created_at"}


def test_makes_a_missing_type(workspace, tmp_path):
    options = ("--kind", "objects", "--type", "4", "--type-name", "Courses")
    run = import_text(tmp_path, "object_id,name\na,A\n", *options)
    assert (run.code, run.counts()) == (0, {"created": 1})
    object_type = ObjectType.objects.for_workspace(workspace).get()
    assert (object_type.number, object_type.name) == (4, "Courses")


def test_leaves_the_name_of_a_type_that_is_there(workspace, tmp_path):
    make_type(workspace, "Courses", number=2)
    options = ("--kind", "objects", "--type", "2", "--type-name", "Other")
    import_text(tmp_path, "object_id\na\n", *options)
    assert ObjectType.objects.for_workspace(workspace).get().name == "Courses"


def test_refuses_rows_of_a_type_that_is_not_there(workspace, tmp_path):
    run = import_text(tmp_path, "object_type_id,object_id\n7,a\n", "--kind", "objects")
    assert (run.code, run.counts()) == (1, {"refused": 1})
    assert "line 2, object_type_id: refused: object_type_id 7" in run.problems
    assert not ObjectType.objects.exists()


def test_merges_and_says_what_changed(workspace, tmp_path):
    companies = make_type(workspace)
    make_object(companies, "a", {"name": "A", "seats": 1})
    make_object(companies, "b", {"name": "B"})
    text = "object_id,name,seats\na,A,2\nb,B,\nc,C,3\n"
    run = import_text(tmp_path, text, "--kind", "objects", "--type", "1")
    assert run.counts() == {"created": 1, "updated": 1, "unchanged": 1}
    assert attributes("a") == {"name": "A", "seats": 2}


def test_a_blank_cell_clears_only_when_told(workspace, tmp_path):
    make_object(make_type(workspace), "a", {"name": "A"})
    options = ("--kind", "objects", "--type", "1")
    assert import_text(tmp_path, "object_id,name\na,\n", *options).counts() == {"unchanged": 1}
    import_text(tmp_path, "object_id,name\na,\n", *options, "--blank", "clear")
    assert attributes("a") == {}


@pytest.mark.parametrize(
    ("mode", "counts"),
    [
        ("all", {"created": 1, "updated": 1}),
        ("only_new", {"created": 1, "skipped": 1}),
        ("only_existing", {"updated": 1, "skipped": 1}),
    ],
)
def test_touches_the_rows_of_the_mode(mode, counts, workspace, tmp_path):
    make_object(make_type(workspace), "a", {"name": "A"})
    options = ("--kind", "objects", "--type", "1", "--mode", mode)
    run = import_text(tmp_path, "object_id,name\na,x\nb,x\n", *options)
    assert (run.code, run.counts()) == (0, counts)


@pytest.mark.parametrize("kind", ["objects", "relationships"])
def test_an_unknown_cio_object_id_takes_the_object_that_has_it_as_object_id(
    kind, workspace, tmp_path
):
    make_object(make_type(workspace), "ob1234", {"name": "A"})
    text = "cio_object_id,id,plan\nob1234,ada,gold\n"
    run = import_text(tmp_path, text, "--kind", kind, "--type", "1")
    assert (run.code, run.count("warnings"), Object.objects.count()) == (0, 1, 1)


def test_relationships_create_both_sides(workspace, tmp_path):
    make_type(workspace)
    text = "object_type_id,object_id,id,role\n1,acme,7,owner\n1,acme,8,\n"
    assert import_text(tmp_path, text, "--kind", "relationships").counts() == {"created": 2}
    assert Object.objects.get().relationship_count == 2
    assert set(Person.objects.values_list("person_id", flat=True)) == {"7", "8"}


def test_relationships_of_existing_pairs_only(workspace, tmp_path):
    acme = make_object(make_type(workspace), "acme")
    relate(make_person(workspace, "7"), acme)
    make_person(workspace, "8")
    text = "object_id,id,role\nacme,7,owner\nacme,8,x\nother,7,x\n"
    options = ("--kind", "relationships", "--mode", "only_existing")
    assert import_text(tmp_path, text, *options).counts() == {"updated": 1, "skipped": 2}
    assert Relationship.objects.get().attributes == {"role": "owner"}


def test_a_relationship_by_an_unknown_cio_id_is_refused(workspace, tmp_path):
    make_type(workspace)
    text = "object_id,cio_id\nacme,0123456789abcdef01234567\n"
    run = import_text(tmp_path, text, "--kind", "relationships")
    assert (run.code, run.counts()) == (1, {"refused": 1})
    assert not Object.objects.exists()


def test_people_get_their_other_identifier(workspace, tmp_path):
    text = "id,email,plan\n7,a@example.com,pro\n,b@example.com,free\n"
    assert import_text(tmp_path, text, "--kind", "people").counts() == {"created": 2}
    found = set(Person.objects.values_list("person_id", "email"))
    assert found == {("7", "a@example.com"), (None, "b@example.com")}


def test_an_unknown_cio_object_id_is_created_and_kept(workspace, tmp_path):
    make_type(workspace)
    given = "ob0123456789abcdef01234567"
    run = import_text(tmp_path, f"cio_object_id,name\n{given},A\n", "--kind", "objects")
    assert (run.code, run.count("created"), run.count("warnings")) == (0, 1, 1)
    assert Object.objects.get().cio_object_id == given


def test_turns_dates_into_unix_seconds(workspace, tmp_path):
    options = ("--kind", "people", "--dates", "created_at", "--dates", "since")
    text = "id,created_at,since,born\n7,2023-05-18T22:58:45Z,2023-05-18,1970-01-01\n"
    assert import_text(tmp_path, text, *options).code == 0
    assert Person.objects.get().attributes == {
        "created_at": 1684450725,
        "since": 1684368000,
        "born": "1970-01-01",
    }


def test_a_dry_run_counts_and_writes_nothing(workspace, tmp_path):
    text = "object_id,n\na,1\nb,1e400\nc,2\n"
    options = ("--kind", "objects", "--type", "1", "--dry-run")
    run = import_text(tmp_path, text, *options)
    assert (run.code, run.counts()) == (1, {"created": 2, "refused": 1})
    assert not (ObjectType.objects.exists() or ChangeSet.objects.exists())
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_refused_rows_go_to_a_file_in_their_order(workspace, tmp_path):
    text = "object_id,n,m\na,1,x\n,2,x\nb,1e400,x\nc,3\nd,4,x,y\ne,5,x\n"
    run = import_text(tmp_path, text, "--kind", "objects", "--type", "1")
    assert run.counts() == {"created": 2, "refused": 4}
    with (tmp_path / "rows.errors.csv").open(newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == ["object_id", "n", "m"] + [
        f"error_{name}" for name in ("row", "code", "column", "message")
    ]
    assert [row[:6] for row in found[1:]] == [
        ["", "2", "x", "3", "required", "object_id"],
        ["b", "1e400", "x", "4", "invalid", "n"],
        ["c", "3", "", "5", "invalid", ""],
        ["d", "4", "x", "6", "invalid", ""],
    ]
    assert found[4][7:] == ["y"]


def test_a_corrected_error_file_is_imported_as_it_is(workspace, tmp_path):
    options = ("--kind", "objects", "--type", "1")
    content = "object_id;n\nZoë;1e400\nb;[1e400]\n".encode("windows-1252")
    extra = ("--encoding", "windows-1252", "--delimiter", ";")
    import_text(tmp_path, content, *options, *extra)
    errors = tmp_path / "rows.errors.csv"
    corrected = errors.read_bytes().replace(b"1e400", b"14", 1)
    errors.write_bytes(corrected)
    run = import_csv(errors, *options, *extra)
    assert run.counts() == {"created": 1, "refused": 1}
    assert attributes("Zoë") == {"n": 14}
    again = (tmp_path / "rows.errors.errors.csv").read_text("windows-1252")
    assert again.splitlines()[0] == "object_id;n;error_row;error_code;error_column;error_message"
    assert again.splitlines()[1].startswith("b;[1e400];3;invalid;n;")


def test_many_unreadable_rows_stay_in_order_with_the_others(workspace, tmp_path):
    rows = [f"{n},x" if n % 5 else f"{n}" for n in range(1, 40)]
    rows[10:25] = ["broken"] * 15
    text = "object_id,name\n" + "\n".join(rows) + "\n"
    run = import_text(tmp_path, text, "--kind", "objects", "--type", "1")
    with (tmp_path / "rows.errors.csv").open(newline="") as file:
        lines = [int(row["error_row"]) for row in csv.DictReader(file)]
    assert lines == sorted(lines)
    assert len(lines) == run.count("refused")
    assert run.count("created") + len(lines) == 39


def test_names_an_error_file_of_its_own(workspace, tmp_path):
    errors = tmp_path / "elsewhere.csv"
    options = ("--kind", "objects", "--type", "1", "--errors", str(errors))
    run = import_text(tmp_path, 'object_id\n""\n', *options)
    assert errors.exists()
    assert str(errors) in run.error


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--kind", "people", "--type", "1"), "people have no type"),
        (("--kind", "objects", "--identifier", "id"), "--identifier goes with"),
        (("--kind", "objects", "--type-name", "X"), "--type-name goes with"),
        (("--kind", "objects", "--workspace", "None"), 'no workspace "None"'),
        (("--kind", "objects", "--dates", "when"), 'no attribute column "when"'),
        (("--kind", "objects", "--errors", "{file}"), "write over the file"),
        (("--kind", "objects", "--errors", "/no/such/folder/x"), "not a folder"),
    ],
)
def test_says_what_is_wrong_with_the_options(options, says, workspace, tmp_path):
    path = str(tmp_path / "rows.csv")
    run = import_text(tmp_path, "object_id\na\n", *(o.format(file=path) for o in options))
    assert run.code == 2
    assert says in run.error
    assert not Object.objects.exists()


def test_a_file_that_is_not_there_cannot_be_used(tmp_path):
    run = import_csv(tmp_path / "none.csv", "--kind", "people")
    assert run.code == 2
    assert "No such file" in run.error


def test_imports_into_the_workspace_named(workspace, tmp_path):
    other = make_workspace("Other")
    import_text(tmp_path, "id\n7\n", "--kind", "people", "--workspace", "Other")
    assert Person.objects.for_workspace(other).count() == 1
    assert not Person.objects.for_workspace(workspace).exists()


def test_is_one_change_set_with_the_name_of_the_file(workspace, tmp_path):
    import_text(tmp_path, "id\n7\n8\n", "--kind", "people")
    change_set = ChangeSet.objects.get()
    assert (change_set.door, change_set.reason) == ("csv", "Import of rows.csv")
    assert Activity.objects.filter(change_set=change_set).count() == 2


def test_a_second_import_writes_no_activity(workspace, tmp_path):
    import_text(tmp_path, "id,plan\n7,pro\n", "--kind", "people")
    before = Activity.objects.count()
    run = import_text(tmp_path, "id,plan\n7,pro\n", "--kind", "people")
    assert run.counts() == {"unchanged": 1}
    assert Activity.objects.count() == before


def test_statements_do_not_grow_with_the_rows(workspace, tmp_path, statements):
    counts = []
    for start, size in ((0, 500), (1_000, 1_000)):
        text = "id,plan\n" + "".join(f"{n},pro\n" for n in range(start, start + size))
        with statements() as run:
            import_text(tmp_path, text, "--kind", "people")
        counts.append(len(run))
    assert counts[1] <= counts[0]


def test_reads_the_rows_of_a_chunk_only(workspace, tmp_path, monkeypatch):
    waiting = []

    def watch(calls, *, change_set, progress):
        def after(chunk, result):
            progress(chunk, result)
            waiting.append(len(chunk))

        return apply_stream(calls, change_set=change_set, progress=after)

    monkeypatch.setattr("data_in.imports.apply_stream", watch)
    text = "id\n" + "".join(f"{n}\n" for n in range(6_000))
    assert import_text(tmp_path, text, "--kind", "people").counts() == {"created": 6_000}
    assert max(waiting) <= 5_000


def test_keeps_what_was_imported_when_it_is_stopped(workspace, tmp_path, monkeypatch):
    def stop(calls, *, change_set, progress):
        raise KeyboardInterrupt

    monkeypatch.setattr("data_in.imports.apply_stream", stop)
    run = import_text(tmp_path, "id\n7\n", "--kind", "people")
    assert (run.code, run.error.split(";")[0]) == (130, "stopped after line 0")


def test_refuses_a_folder_as_errors_file_before_anything_is_written(workspace, tmp_path):
    run = import_text(tmp_path, "id,n\na,1\n,2\n", "--kind", "people", "--errors", str(tmp_path))
    assert run.code == 2
    assert "folder" in run.error
    assert not Person.objects.filter(person_id="a").exists()


def test_says_what_is_imported_when_the_errors_file_cannot_be_written(workspace, tmp_path):
    text = "id,n\na,1\n,2\n"
    run = import_text(tmp_path, text, "--kind", "people", "--errors", "/dev/full")
    assert run.code == 130
    assert "the rows up to there are imported" in run.error
