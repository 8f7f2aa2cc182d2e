"""Nasty files through the whole import: received, checked, imported, and the refused rows back."""

import csv
import io

import pytest

from data_in.check_report import Group
from data_in.formats.encodings import UnusableFile
from data_in.import_files import error_file
from data_in.importing import NotReady, start_check, start_import
from data_in.models import Import
from data_in.reading import open_reading
from objects.models import Object
from operations.doors import jobs
from tests.data_in.nasty_files import FILES, UNUSABLE
from tests.data_in.uploading import ACTOR, fresh, rows_of, upload
from tests.make import make_type, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace(monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 10**9)
    made = make_workspace()
    make_type(made, "Companies", number=1)
    return made


def chosen(options):
    """Read the options of the command as settings."""
    return {
        name.removeprefix("--"): value for name, value in zip(*[iter(options)] * 2, strict=True)
    }


def refusal_of(workspace, file):
    """Say why a file cannot be imported at all."""
    try:
        row = upload(workspace, file.content, **chosen(file.options))
        start_check(row, actor=ACTOR)
    except (UnusableFile, NotReady) as error:
        return str(error)
    row = fresh(row)
    assert row.state == Import.State.FAILED
    assert row.job is None
    return row.problem


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.code == UNUSABLE])
def test_an_unusable_file_says_why(name, workspace):
    assert FILES[name].says in refusal_of(workspace, FILES[name])
    assert not Object.objects.exists()


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.code != UNUSABLE])
def test_a_readable_file_is_imported_and_its_bad_rows_come_back(name, workspace):
    file = FILES[name]
    row = upload(workspace, file.content, **chosen(file.options))
    start_check(row, actor=ACTOR)
    row = fresh(row)
    assert row.state == Import.State.VALIDATED, row.problem
    refused = rows_of(row, Group.REFUSED)
    assert len(refused) == row.found["refused"] == file.refused
    assert file.says in "".join(reason.message for one in refused for reason in one.reasons)
    if file.objects:
        start_import(row, actor=ACTOR)
        row = fresh(row)
        assert row.state == Import.State.IMPORTED
        assert row.result["refused"] == file.refused
    stored = Object.objects.values_list("object_id", "attributes")
    assert {key: attributes.get("name") for key, attributes in stored} == file.objects
    layout = open_reading(row).layout
    text = b"".join(error_file(row)).decode(layout.encoding).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter))
    assert len(read) == 1 + file.refused
