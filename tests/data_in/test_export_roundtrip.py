"""What is exported comes back: unedited it changes nothing, elsewhere it makes the same rows."""

import csv
import gzip
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_in import exporting
from objects.models import Object
from operations.engine import apply
from operations.results import Status
from operations.types import (
    Call,
    DeleteObject,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    PersonKey,
    Relate,
)
from people.models import Person
from relationships.models import Relationship
from tests.data_in.importing import export_csv, import_csv, import_text, run_export
from tests.make import make_object, make_person, make_type, make_workspace, origin, relate
from tests.wire.test_cells import texts, tricky_texts, values

pytestmark = pytest.mark.django_db

names = st.one_of(
    texts.filter(bool),
    st.sampled_from(["id", "email", "relationships", "error_row", "attributes.x", " ", "=a", "'"]),
).filter(lambda name: name not in {"relationship", "object_id", "objectId", "cio_object_id"})
kept_values = values.filter(lambda value: value not in ("", None))
attribute_sets = st.dictionaries(names, kept_values, max_size=5).map(
    lambda found: {k: v for k, v in found.items() if k not in {"created_at", "timezone"}}
)
object_ids = tricky_texts.filter(lambda text: 0 < len(text) <= 150 and bool(text.strip()))
many_objects = st.dictionaries(object_ids, attribute_sets, min_size=1, max_size=5)
quickly = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def fill(workspace, objects):
    calls = [
        Call(origin(workspace), (IdentifyObject(ObjectKey(key), attributes),))
        for key, attributes in objects.items()
    ]
    assert Status.REFUSED not in {outcome.status for outcome in apply(calls).outcomes}


def empty(workspace):
    keys = list(Object.objects.for_workspace(workspace).values_list("object_id", flat=True))
    apply([Call(origin(workspace), (DeleteObject(ObjectKey(key)),)) for key in keys])


def state(workspace):
    found = Object.objects.for_workspace(workspace)
    return {row.object_id: (row.cio_object_id, row.attributes) for row in found}


def round_trip(workspace, *, export_options=(), import_options=()):
    options = ("--kind", "objects", "--workspace", workspace.name)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "objects.csv"
        export_csv(*options, "--type", "1", "--out", str(path), *export_options)
        yield import_csv(path, *options, "--type", "1", *import_options)
        empty(workspace)
        yield import_csv(path, *options, "--type", "1", *import_options)


@quickly
@given(many_objects)
def test_objects_come_back_as_they_were(objects):
    workspace = make_workspace()
    make_type(workspace)
    fill(workspace, objects)
    before = state(workspace)
    runs = round_trip(workspace)
    assert next(runs).counts() == {"unchanged": len(objects)}
    assert next(runs).count("created") == len(objects)
    assert state(workspace) == before


@quickly
@given(many_objects)
def test_objects_made_safe_for_spreadsheets_come_back_too(objects):
    workspace = make_workspace()
    make_type(workspace)
    fill(workspace, objects)
    before = state(workspace)
    safe = ("--safe-for-spreadsheets",)
    undo = ("--made-safe-for-spreadsheets",)
    runs = round_trip(workspace, export_options=safe, import_options=undo)
    assert next(runs).counts() == {"unchanged": len(objects)}
    assert next(runs).count("created") == len(objects)
    assert state(workspace) == before


@pytest.fixture
def workspace():
    workspace = make_workspace("Round")
    acme = make_object(make_type(workspace), "acme", {"name": "Acme", "id": "kept", "n": 0})
    people = [
        make_person(workspace, "7", {"email": "attribute", "plan": "42"}, email="A@example.com"),
        make_person(workspace, email="b@example.com"),
        make_person(workspace, "8"),
    ]
    for person in people:
        relate(person, acme, {"id": "x", "role": "owner", "since": 1.0})
    make_object(make_type(workspace, "Courses"), "acme", {"tags": ["a", None]})
    return workspace


@pytest.mark.parametrize("kind", ["people", "objects", "relationships"])
@pytest.mark.parametrize("blank", ["ignore", "clear"])
def test_an_unedited_export_changes_nothing(kind, blank, workspace, tmp_path):
    options = ("--kind", kind, "--workspace", "Round")
    text = export_csv(*options)
    count = len(list(csv.reader(io.StringIO(text, newline="")))) - 1
    blank = ("--blank", blank) if kind != "objects" or blank == "ignore" else ()
    run = import_text(tmp_path, text, *options, *blank)
    assert (run.code, run.counts()) == (0, {"unchanged": count})


def test_an_export_can_be_imported_into_another_workspace_beside_its_originals(tmp_path):
    workspace = make_workspace()
    acme = make_object(make_type(workspace), "acme", {"name": "Acme"})
    relate(make_person(workspace, "ada"), acme, {"role": "owner"})
    other = make_workspace()
    make_type(other)
    for kind in ("objects", "people", "relationships"):
        path = tmp_path / f"{kind}.csv"
        options = ("--type", "1") if kind == "objects" else ()
        text = export_csv("--kind", kind, "--workspace", workspace.name, *options)
        path.write_bytes(text.encode())
        run = import_csv(path, "--kind", kind, "--workspace", other.name)
        assert run.code == 0, run.out + run.error
    assert state(other) == state(workspace)
    assert Relationship.objects.for_workspace(other).get().attributes == {"role": "owner"}


def test_has_our_columns_first_and_then_the_attributes_in_order(workspace):
    lines = export_csv("--kind", "people", "--workspace", "Round").splitlines()
    assert lines[0] == "cio_id,id,email,relationships,attributes.email,plan"
    person = Person.objects.get(person_id="7")
    assert lines[1] == f'{person.cio_id},7,A@example.com,1,attribute,"""42"""'


def test_relationships_name_both_sides(workspace):
    lines = export_csv("--kind", "relationships", "--workspace", "Round").splitlines()
    columns = "object_type_id,object_id,cio_object_id,cio_id,id,email,attributes.id,role,since"
    assert lines[0] == columns
    found = Relationship.objects.select_related("object", "person").get(person__person_id="8")
    row = f"1,acme,{found.object.cio_object_id},{found.person.cio_id},8,,x,owner,1.0"
    assert lines[3] == row


def test_exports_one_type_and_one_workspace(workspace):
    make_object(make_type(make_workspace("Other")), "secret")
    text = export_csv("--kind", "objects", "--type", "2", "--workspace", "Round")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["object_type_id"], row["object_id"]) for row in rows] == [("2", "acme")]


def test_no_text_of_a_safe_export_is_a_formula(workspace):
    make_object(make_type(workspace, "Sheets"), "=id", {"=n": "@x", "m": -5, "t": "\tx"})
    options = ("--kind", "objects", "--type", "3", "--workspace", "Round")
    text = export_csv(*options, "--safe-for-spreadsheets")
    header, row = csv.reader(io.StringIO(text, newline=""))
    found = dict(zip(header, row, strict=True))
    assert (found["object_id"], found["'=n"], found["m"], found["t"]) == (
        "'=id", "'@x", "-5", "'\tx",
    )  # fmt: skip


def test_a_failed_export_leaves_the_old_file(workspace, tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fill_the_disk(members, file, packing):
        yield file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "pack", fill_the_disk)
    run_options = ("--kind", "objects", "--workspace", "Round", "--out", str(path))
    assert export_csv(*run_options) == ""
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("size", [3, 300])
def test_statements_do_not_grow_with_the_rows(size, workspace, statements):
    fill(workspace, {f"object-{n}": {"n": n} for n in range(size)})
    with statements() as run:
        export_csv("--kind", "objects", "--workspace", "Round", "--type", "1")
    reading = [each["sql"] for each in run if "objects_object" in each["sql"]]
    assert len(run) <= 12
    assert len([sql for sql in reading if "objects_objecttotals" in sql]) <= 2


def test_the_command_has_the_choices_of_the_page(workspace, tmp_path):
    options = ("--kind", "people", "--workspace", "Round")
    text = export_csv(*options, "--filter", "id=7", "--attributes", "plan", "none")
    assert text.splitlines()[1].endswith(',7,A@example.com,1,"""42""",')
    assert len(text.splitlines()) == 2
    assert len(export_csv(*options, "--without-relationships").splitlines()) == 1
    lines = export_csv(*options, "--format", "jsonl").splitlines()
    assert json.loads(lines[0])["attributes"] == {"email": "attribute", "plan": "42"}
    packed = tmp_path / "people.csv.gz"
    assert export_csv(*options, "--gzip", "--out", str(packed)) == ""
    assert gzip.decompress(packed.read_bytes()).decode() == export_csv(*options)
    both = tmp_path / "both.zip"
    export_csv(*options, "--with-relationships", "--out", str(both))
    assert ZipFile(both).namelist() == ["people.csv", "relationships.csv"]


@pytest.mark.parametrize(
    "options",
    [
        ("--kind", "people", "--filter", "f=%7B"),
        ("--kind", "people", "--filter", "nothing__like=1&id__in=1"),
        ("--kind", "people", "--gzip"),
        ("--kind", "people", "--type", "1"),
        ("--kind", "relationships", "--with-relationships", "--out", "never"),
        ("--kind", "objects", "--type", "9"),
    ],
)
def test_options_that_cannot_be_are_refused(workspace, options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_export(*options, "--workspace", "Round")
    assert (run.code, run.out) == (1, "")
    assert run.error
    assert not list(tmp_path.iterdir())


person_names = names.filter(lambda name: name not in {"_relationship", "cio_id", "created_at"})
person_sets = st.dictionaries(person_names, kept_values, max_size=5).map(
    lambda found: {k: v for k, v in found.items() if k not in {"created_at", "timezone", "email"}}
)
ids = object_ids.filter(lambda text: "@" not in text)


@quickly
@given(st.dictionaries(ids, st.tuples(person_sets, attribute_sets), min_size=1, max_size=4))
def test_people_and_relationships_come_back_as_they_were(people):
    workspace, other = make_workspace(), make_workspace()
    for each in (workspace, other):
        make_type(each)
    calls = [Call(origin(workspace), (IdentifyObject(ObjectKey("acme"), {}),))]
    for key, (attributes, related) in people.items():
        person = PersonKey(key)
        calls.append(Call(origin(workspace), (IdentifyPerson(person, attributes),)))
        calls.append(Call(origin(workspace), (Relate(person, ObjectKey("acme"), related),)))
    outcomes = apply(calls).outcomes
    assert Status.REFUSED not in {outcome.status for outcome in outcomes}, outcomes
    with TemporaryDirectory() as folder:
        for kind in ("objects", "people", "relationships"):
            path = Path(folder) / f"{kind}.csv"
            export_csv("--kind", kind, "--workspace", workspace.name, "--out", str(path))
            again = import_csv(path, "--kind", kind, "--workspace", workspace.name)
            assert set(again.counts()) == {"unchanged"}, (again.out, again.problems)
            elsewhere = import_csv(path, "--kind", kind, "--workspace", other.name)
            assert elsewhere.code == 0, elsewhere.problems
    assert rows_in(other) == rows_in(workspace)


def rows_in(workspace):
    found = Relationship.objects.for_workspace(workspace).select_related("person", "object")
    people = Person.objects.for_workspace(workspace)
    return (
        {row.person_id: row.attributes for row in people},
        {(row.person.person_id, row.object.cio_object_id): row.attributes for row in found},
    )
