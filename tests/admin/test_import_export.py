"""The Import and Export buttons: a preview by the engine, bad rows left out, roles asked."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from data_in.models import Import
from data_in.settings import Blanks, Mode, parse
from objects.models import Object
from operations.models import ChangeSet
from people.models import Person
from relationships.models import Relationship
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.make import make_object
from workspaces.models import Workspace


def upload(
    client: Client, name: str, text: str | bytes, *, ending: str = "csv", **choices: object
) -> object:
    data = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile(f"rows.{ending}", data)
    typed = {"import_file": file, "format": "0", "resource": "0"} | choices
    return client.post(f"{list_of(name)}import/", typed)


def confirm(client: Client, name: str, response: object) -> object:
    form = response.context["confirm_form"]
    typed = {field: form[field].value() or "" for field in form.fields}
    return client.post(f"{list_of(name)}process_import/", typed, follow=True)


def test_lists_have_both_buttons(admin: Client, company: Object, person: Person) -> None:
    for name in (OBJECTS, PEOPLE, RELATIONSHIPS):
        body = admin.get(list_of(name)).content
        assert f"{list_of(name)}import/".encode() in body
        assert b"/admin/exports/add/" in body
        assert admin.get(f"{list_of(name)}import/").status_code == 200
        assert admin.get(f"{list_of(name)}export/").status_code == 200


def test_previews_then_imports_the_good_rows(admin: Client, workspace: Workspace) -> None:
    text = f"id,plan\nann,gold\n{'x' * 151},free\nbob,free\n"

    response = upload(admin, PEOPLE, text)
    preview = response.context["preview"]
    assert (preview["created"], preview["refused"]) == (2, 1)
    assert not Person.objects.exists()

    confirm(admin, PEOPLE, response)
    assert set(Person.objects.values_list("person_id", flat=True)) == {"ann", "bob"}
    assert ChangeSet.objects.get().rows_created == 2


def test_imports_objects_of_the_chosen_type(admin: Client, company: Object) -> None:
    chosen = {"object_type": company.object_type_id}
    response = upload(admin, OBJECTS, "object_id,name\nglobex,Globex\n", **chosen)
    confirm(admin, OBJECTS, response)
    assert Object.objects.get(object_id="globex").object_type_id == company.object_type_id


def test_preselects_the_type_of_the_list(admin: Client, company: Object) -> None:
    response = admin.get(f"{list_of(OBJECTS)}import/?object_type=1")
    assert response.context["form"]["object_type"].value() == company.object_type_id


def test_a_file_of_1001_rows_goes_on_in_the_import_pages(
    admin: Client, company: Object, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    text = "object_id,plan\n" + "\n".join(f"o{number}," for number in range(1001))
    chosen = {"object_type": company.object_type_id, "when": "new", "blanks": "clear"}
    response = upload(admin, OBJECTS, text, **chosen)
    row = Import.objects.get()
    assert response["Location"] == reverse("admin:import_setup", args=[row.pk])
    assert (row.kind, row.object_type_number, row.file_name) == ("objects", 1, "rows.csv")
    kept = parse(row.settings)
    assert (kept.mode, kept.blanks) == (Mode.ONLY_NEW, Blanks.CLEAR)
    assert [column.name for column in kept.columns] == ["object_id", "plan"]


def test_a_file_of_more_than_20_mb_goes_on_there_too(
    admin: Client, workspace: Workspace, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    response = upload(admin, PEOPLE, "id,note\n" + "ann,x\n" * 3_400_000)
    assert response["Location"] == reverse("admin:import_setup", args=[Import.objects.get().pk])


def test_a_file_name_that_was_not_given_out_is_not_read(
    admin: Client, workspace: Workspace
) -> None:
    typed = {"import_file_name": "/etc/passwd", "original_file_name": "x", "format": "0"}
    response = admin.post(f"{list_of(PEOPLE)}process_import/", typed)
    assert b"upload it again" in response.content
    assert not Person.objects.exists()


def test_a_file_that_is_gone_has_to_be_uploaded_again(admin: Client, workspace: Workspace) -> None:
    response = upload(admin, PEOPLE, "id\nann\n")
    confirm(admin, PEOPLE, response)
    again = confirm(admin, PEOPLE, response)
    assert b"upload it again" in again.content


@pytest.mark.parametrize("text", ["", "\x00\x01", "id\n", "name\nNobody\n"])
def test_a_useless_file_is_explained(admin: Client, workspace: Workspace, text: str) -> None:
    assert upload(admin, PEOPLE, text or "\n").status_code == 200
    assert not Person.objects.exists()


def test_an_export_is_scoped_and_filtered(
    admin: Client, relationship: Relationship, stranger: Client
) -> None:
    make_object(relationship.object.object_type, "lonely")
    response = admin.post(
        f"{list_of(OBJECTS)}export/?without_relationships=true", {"format": "0", "resource": "0"}
    )
    assert b"lonely" in response.content
    assert b"acme" not in response.content
    foreign = stranger.post(f"{list_of(OBJECTS)}export/", {"format": "0", "resource": "0"})
    assert b"lonely" not in foreign.content


@pytest.mark.parametrize(("number", "ending"), list(enumerate(["csv", "tsv", "json", "xlsx"])))
def test_an_export_imported_again_changes_nothing(
    admin: Client, relationship: Relationship, number: int, ending: str
) -> None:
    for name in (PEOPLE, OBJECTS, RELATIONSHIPS):
        typed = {"format": str(number), "resource": "0"}
        exported = admin.post(f"{list_of(name)}export/", typed)
        response = upload(admin, name, exported.content, ending=ending)
        preview = response.context["preview"]
        assert (preview["changing"], preview["refused"]) == (0, 0)
