"""The first steps of an import: the file, the set-up and the columns."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from data_in.models import Import
from data_in.settings import Mode, parse
from operations.models import AttributeName
from operations.wire.column_settings import CellType, DateFormat, Role
from people.models import Person
from tests.import_pages.walking import (
    ADD,
    PEOPLE,
    check,
    columns_of,
    page,
    send,
    set_up,
    sign_in,
    upload,
)
from tests.make import make_type
from workspaces.models import Workspace

# The file


def test_a_file_is_kept_and_its_set_up_comes_next(client: Client, workspace: Workspace) -> None:
    response = send(client, PEOPLE, name="Spring", description="From the shop")
    row = Import.objects.get()
    assert response["Location"] == page(row, "import_setup")
    assert (row.workspace, row.kind, row.object_type_number) == (workspace, "people", None)
    assert (row.name, row.description, row.file_name) == ("Spring", "From the shop", "rows.csv")


def test_kinds_are_people_each_type_and_relationships(
    client: Client, workspace: Workspace
) -> None:
    make_type(workspace, "Courses")
    body = client.get(f"{ADD}?kind=objects&object_type=1").content.decode()
    assert 'value="objects-1" checked' in body
    row = upload(client, "object_id,name\nmath,Math\n", what="objects-1")
    assert (row.kind, row.object_type_number) == ("objects", 1)
    row = upload(client, "id,object_id\nann,math\n", what="relationships", related_type="1")
    assert (row.kind, row.object_type_number) == ("relationships", 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"x" * 5_000_000, "save it as CSV first"),
        (b"\x00" * 100, "NUL"),
        (b"\x1f\x8b" + b"x" * 9_000_000, "unpack it first"),
    ],
)
def test_a_file_that_is_no_csv_leaves_nothing_behind(
    client: Client, data_dir: Path, content: bytes, reason: str
) -> None:
    response = send(client, content, name="Spring", file_name="rows.csv")
    assert response.status_code == 200
    assert reason in str(response.context["form"].errors["file"])
    assert b'value="Spring"' in response.content
    assert not Import.objects.exists()
    assert not [*(data_dir / "imports").glob("*")]


def test_a_file_beyond_the_limit_is_refused(client: Client, settings: Any) -> None:
    settings.FILE_MAX_BYTES = len(PEOPLE)
    upload(client, PEOPLE)
    response = send(client, PEOPLE + "x")
    assert "larger than" in str(response.context["form"].errors["file"])
    assert Import.objects.count() == 1


def test_a_file_that_is_announced_as_too_large_is_not_read(client: Client, settings: Any) -> None:
    settings.FILE_MAX_BYTES = len(PEOPLE)
    response = send(client, PEOPLE * 5_000, name="Spring")
    assert "larger than" in str(response.context["form"].errors["file"])
    assert b'value="Spring"' in response.content


def test_without_a_file_or_a_kind_what_was_typed_stays(client: Client) -> None:
    response = client.post(ADD, {"name": "Spring"})
    assert {"what", "file"} <= response.context["form"].errors.keys()
    assert b'value="Spring"' in response.content


def test_the_script_is_answered_with_the_address_or_the_problems(client: Client) -> None:
    file = SimpleUploadedFile("rows.csv", PEOPLE.encode())
    accept = {"Accept": "application/json"}
    sent = client.post(ADD, {"what": "people", "file": file}, headers=accept)
    assert sent.json() == {"address": page(Import.objects.get(), "import_setup")}
    assert list(client.post(ADD, {"what": "x"}, headers=accept).json()["problems"]) == [
        "what",
        "file",
    ]


def test_an_internal_address_is_not_fetched(client: Client) -> None:
    response = client.post(ADD, {"what": "people", "url": "https://127.0.0.1/rows.csv"})
    assert "internal address" in str(response.context["form"].errors["url"])
    assert not Import.objects.exists()


def test_a_form_of_another_site_is_refused(workspace: Workspace) -> None:
    client = sign_in(workspace, enforce_csrf_checks=True)
    assert send(client, PEOPLE).status_code == 403
    assert not Import.objects.exists()


def test_an_example_file_has_the_key_columns(client: Client) -> None:
    response = client.get(reverse("admin:import_template"), {"what": "people"})
    header = response.content.decode("utf-8-sig").splitlines()[0].split(",")
    assert {"id", "email"} <= set(header)
    assert 'filename="people-template.csv"' in response["Content-Disposition"]


def test_the_same_file_again_is_noticed(client: Client) -> None:
    earlier = upload(client, PEOPLE)
    assert b"very same file" not in client.get(page(earlier, "import_setup")).content
    response = client.get(send(client, PEOPLE)["Location"])
    assert b"very same file came in before" in response.content
    assert f'href="{page(earlier)}"'.encode() in response.content


def test_the_forms_for_one_row_lead_here_with_the_kind_chosen(
    client: Client, workspace: Workspace
) -> None:
    make_type(workspace, "Courses")
    body = client.get("/admin/people/person/add/").content
    assert b"/admin/imports/add/?kind=people" in body
    body = client.get("/admin/objects/object/add/?object_type=1").content.decode()
    assert "/admin/imports/add/?kind=objects&amp;object_type=1" in body


# The set-up


def test_another_delimiter_finds_other_columns(client: Client) -> None:
    row = upload(client, "id;plan,x\nann;gold,y\n")
    assert set_up(client, row, delimiter=",", go="redraw")["Location"].endswith("/setup/")
    seen = client.get(page(row, "import_setup")).context["seen"]
    assert [column.header for column in seen.columns] == ["id;plan", "x"]
    assert set_up(client, row, delimiter=";")["Location"] == page(row, "import_columns")
    row.refresh_from_db()
    assert [column.header for column in parse(row.settings).columns] == ["id", "plan,x"]


def test_text_that_is_not_in_the_encoding_says_how_to_go_on(client: Client) -> None:
    row = upload(client, "id,name\nann,Jos\xe9\n".encode("cp1252"))
    response = client.get(page(row, "import_setup"))
    assert b"windows-1252" in response.content
    assert set_up(client, row, encoding="cp1252")["Location"] == page(row, "import_columns")
    check(client, row)
    client.post(page(row, "import_start"))
    assert Person.objects.get().attributes == {"name": "José"}


def test_every_choice_is_kept(client: Client) -> None:
    row = upload(client, PEOPLE)
    choices = {"blanks": "clear", "identifier": "id", "does": "only_new", "is_made_safe": "on"}
    set_up(client, row, treats_null_as_empty="on", all_or_nothing="on", **choices)
    row.refresh_from_db()
    found = parse(row.settings)
    assert (found.mode, found.blanks, found.identifier) == (Mode.ONLY_NEW, "clear", "id")
    assert found.treats_null_as_empty and found.all_or_nothing and found.is_made_safe
    set_up(client, row, does="remove")
    row.refresh_from_db()
    assert parse(row.settings).removes


def test_a_choice_that_is_none_is_refused(client: Client) -> None:
    row = upload(client, PEOPLE)
    response = set_up(client, row, does="everything")
    assert "does" in response.context["form"].errors


# The columns


def test_a_column_without_a_row_that_names_it_is_a_new_attribute(client: Client) -> None:
    row = upload(client, PEOPLE)
    lines = client.get(page(row, "import_columns")).context["lines"]
    assert [(line.becomes, line.is_new) for line in lines] == [
        ("key:id", False),
        ("attribute", True),
        ("attribute", True),
    ]
    assert lines[1].seen.samples == ("gold", "free")


def test_a_name_spelled_nearly_so_is_taken_with_one_click(
    client: Client, workspace: Workspace
) -> None:
    AttributeName.objects.create(workspace=workspace, kind="people", name="plan_name", row_count=1)
    row = upload(client, "id,Plan Name\nann,gold\n")
    assert client.get(page(row, "import_columns")).context["lines"][1].similar == "plan_name"
    typed = columns_of(client, row) | {"go": "use:1"}
    client.post(page(row, "import_columns"), typed)
    row.refresh_from_db()
    assert parse(row.settings).columns[1].name == "plan_name"
    line = client.get(page(row, "import_columns")).context["lines"][1]
    assert (line.name, line.similar) == ("plan_name", "")


def test_without_an_identifier_the_check_names_the_required_column(client: Client) -> None:
    row = upload(client, PEOPLE)
    response = check(client, row, becomes_0="skip", name_1="kept")
    assert "id" in response.context["problems"][0]["message"]
    assert b'value="kept"' in response.content
    row.refresh_from_db()
    assert row.check_job is None
    assert parse(row.settings).columns[0].role is Role.SKIP


def test_the_same_name_twice_is_told_beside_its_column(client: Client) -> None:
    row = upload(client, PEOPLE)
    response = check(client, row, name_2="plan")
    wrong = [line.number for line in response.context["lines"] if line.problems]
    assert wrong == [2]
    assert b'href="#becomes-2"' in response.content


def test_a_zone_that_is_none_is_refused_and_stays_typed(client: Client) -> None:
    row = upload(client, PEOPLE)
    typed = columns_of(client, row) | {"time_zone": "Mars/North", "go": "check"}
    response = client.post(page(row, "import_columns"), typed)
    assert "Mars/North" in response.context["problems"][0]["message"]
    assert b'value="Mars/North"' in response.content


def test_types_and_dates_are_read_as_chosen(client: Client) -> None:
    row = upload(client, "id,seats,since,note\nann,3,31/01/2026,007\n")
    check(client, row, type_1="text", type_2="date:DD/MM/YYYY", becomes_3="skip")
    row.refresh_from_db()
    columns = parse(row.settings).columns
    assert (columns[1].type, columns[2].date_format) == (CellType.TEXT, DateFormat.DAY_FIRST)
    client.post(page(row, "import_start"))
    assert Person.objects.get().attributes == {"seats": "3", "since": 1769817600}


def test_a_thousand_columns_come_in_pages_and_all_are_kept(client: Client) -> None:
    names = [f"a{number}" for number in range(1_000)]
    row = upload(client, f"id,{','.join(names)}\nann,{','.join('1' * 1_000)}\n")
    typed = columns_of(client, row) | {"name-1": "first", "go": "page:5"}
    response = client.post(page(row, "import_columns"), typed)
    last = client.get(response["Location"]).context["lines"][-1]
    assert last.seen.header == "a999"
    row.refresh_from_db()
    columns = parse(row.settings).columns
    assert (columns[1].name, columns[1_000].name) == ("first", "a999")
