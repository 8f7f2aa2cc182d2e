"""The import and export pages' resource: the same rows as import_csv, through the library."""

import csv
import io

import pytest
from tablib import Dataset

from data_in.formats.upload import CsvFormat
from objects.models import Object
from objects.resources import ObjectResource
from operations.models import Activity, ChangeSet
from people.models import Person
from people.resources import PersonResource
from relationships.models import Relationship
from relationships.resources import RelationshipResource
from tests.make import make_object, make_person, make_type, make_workspace, relate

pytestmark = pytest.mark.django_db


@pytest.fixture
def companies():
    return make_type(make_workspace())


@pytest.fixture
def resource(companies):
    return ObjectResource(workspace=companies.workspace, object_type=companies, actor="ann")


def dataset(text):
    return CsvFormat().create_dataset(text.encode() if isinstance(text, str) else text)


def messages(result):
    return [str(error.error) for _, errors in result.row_errors() for error in errors]


def test_previews_without_writing(companies, resource):
    make_object(companies, "a", {"name": "A <b>", "n": 1})
    before = Activity.objects.count()
    result = resource.import_data(dataset("object_id,name,n\na,New,1\nb,B,2\n"), dry_run=True)
    assert not result.has_errors()
    assert [row.import_type for row in result.rows] == ["update", "new"]
    assert result.diff_headers == ["object_id", "name", "n"]
    assert result.rows[0].diff[1] == "<del>A &lt;b&gt;</del> <ins>New</ins>"
    assert result.rows[0].diff[2] == "1"
    assert Object.objects.count() == 1
    assert Activity.objects.count() == before


def test_applies_and_keeps_line_ends(companies, resource):
    result = resource.import_data(dataset('object_id,name\na,"A\r\nB"\n'), file_name="x.csv")
    assert result.totals["new"] == 1
    assert Object.objects.get().attributes["name"] == "A\r\nB"
    change_set = ChangeSet.objects.get()
    assert (change_set.actor, change_set.reason) == ("ann", "Import of x.csv")


def test_shows_refused_rows_with_their_lines_and_takes_the_others(companies, resource):
    text = 'object_id,n\n,1\n"b\n",2\nc,1e400\nd\ne,"x"y\nf,3\n'
    result = resource.import_data(dataset(text))
    assert [line for line, _ in result.row_errors()] == [2, 5, 6, 7]
    assert messages(result)[0] == "object_id must not be empty or only white space"
    assert "2 columns" in messages(result)[2]
    assert set(Object.objects.values_list("object_id", flat=True)) == {"b\n", "f"}
    assert result.totals["error"] == 4


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name\nx\n", "need a column object_id"),
        (b"object_id\n\xff\n", "not UTF-8"),
        (b"", "empty"),
        ("object_id\n" + "\n".join(map(str, range(1_001))), "under Imports"),
    ],
)
def test_says_why_a_file_cannot_be_used(content, says, resource):
    result = resource.import_data(dataset(content), dry_run=True)
    assert says in str(result.base_errors[0].error)
    assert not Object.objects.exists()


def test_takes_a_thousand_rows_in_constant_statements(companies, resource, statements):
    counts = []
    for prefix, size in (("a", 500), ("b", 1_000)):
        text = "object_id\n" + "".join(f"{prefix}{n}\n" for n in range(size))
        with statements() as run:
            result = resource.import_data(dataset(text))
        assert result.totals["new"] == size
        counts.append(len(run))
    assert counts[0] == counts[1]


def test_reads_a_plain_data_set_too(companies, resource):
    result = resource.import_data(Dataset(("a", 5), headers=["object_id", "n"]))
    assert result.totals["new"] == 1
    assert Object.objects.get().attributes["n"] == 5


def test_reads_utf_16_and_semicolons(companies, resource):
    resource.import_data(dataset("object_id;name\na;Zoë\n".encode("utf-16")))
    assert Object.objects.get().attributes["name"] == "Zoë"


def test_exports_what_it_imports(companies):
    workspace = companies.workspace
    relate(make_person(workspace, "7", {"plan": "42"}), make_object(companies, "a", {"n": 1}))
    for kind in (PersonResource, ObjectResource, RelationshipResource):
        resource = kind(workspace=workspace, actor="ann")
        exported = CsvFormat().export_data(resource.export())
        result = resource.import_data(dataset(exported))
        assert result.totals["skip"] == 1, kind
    header = next(csv.reader(io.StringIO(exported.decode())))
    assert header[:2] == ["object_type_id", "object_id"]


def test_stays_in_its_workspace(companies):
    other = make_workspace()
    make_person(other, "7", {"secret": 1})
    assert len(PersonResource(workspace=companies.workspace).export()) == 0
    PersonResource(workspace=companies.workspace).import_data(dataset("id,secret\n7,2\n"))
    assert Person.objects.for_workspace(other).get().attributes["secret"] == 1
    assert not Relationship.objects.exists()


def test_describes_its_columns_without_a_workspace():
    fields = ObjectResource().get_user_visible_fields()
    assert [field.column_name for field in fields][:3] == [
        "cio_object_id",
        "object_type_id",
        "object_id",
    ]
