"""Imports in the REST API: a file or its address, what it would do, and having it done."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from data_in.models import Import
from objects.models import Object
from operations.models import ChangeSet
from tests.api.caller import Caller, token_caller
from tests.make import make_workspace
from workspaces.models import Role

pytestmark = pytest.mark.django_db(transaction=True)


def send(api: Caller, text: str, **fields):
    file = SimpleUploadedFile("rows.csv", text.encode(), content_type="text/csv")
    body = {"file": file, "kind": "objects", "object_type_id": "1", **fields}
    return api.client.post("/api/imports", body)


def test_a_file_is_checked_then_imported(api, companies):
    answer = send(api, "object_id,name\na,A\n,B\n", name="Two")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["state"], made["name"], made["rows_to_import"]) == ("validated", "Two", 2)
    assert (made["found"]["created"], made["found"]["refused"]) == (1, 1)
    assert not Object.objects.exists()
    done = api.post(f"imports/{made['id']}/start", {}).json()
    assert (done["state"], done["rows_imported"]) == ("imported", 2)
    assert (done["result"]["created"], done["result"]["refused"]) == (1, 1)
    assert Object.objects.get().object_id == "a"
    assert ChangeSet.objects.get().actor == Import.objects.get().actor
    errors = api.client.get(done["errors_url"])
    assert b"object_id must not be empty" in b"".join(errors.streaming_content)
    assert done["warnings_url"] is None


def test_lists_the_newest_first(api, companies):
    for name in ("first", "second"):
        send(api, "object_id\na\n", name=name)
    listed = api.get("imports").json()["results"]
    assert [row["name"] for row in listed] == ["second", "first"]


def test_takes_the_settings_of_a_form(api, companies):
    answer = send(
        api,
        "object_id;name\na;A\n",
        mode="only_existing",
        all_or_nothing="true",
        delimiter=";",
        blanks="clear",
    )
    stored = Import.objects.get(pk=answer.json()["id"]).settings
    assert (stored["mode"], stored["all_or_nothing"], stored["blanks"]) == (
        "only_existing",
        True,
        "clear",
    )
    assert answer.json()["found"]["skipped"] == 1


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"kind": "events"}, "kind", "is not one of people, objects, relationships"),
        ({"kind": "people"}, "object_type_id", "people have no object type"),
        ({"mode": "some"}, "mode", "is not one of all, only_new"),
        ({"object_type_id": "x"}, "object_type_id", "must be a whole number"),
        ({"removes": "perhaps"}, "removes", "must be true or false"),
        ({"colour": "red"}, "colour", "is not known here"),
        ({"encoding": "klingon"}, "file", "no encoding that we know"),
    ],
)
def test_refuses_what_it_cannot_take(fields, field, says, api, companies):
    answer = send(api, "object_id\na\n", **fields)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], says in error["message"]) == (field, True), error
    assert not Import.objects.exists()


def test_refuses_a_file_that_is_none(api, companies):
    answer = send(api, "PK\x03\x04")
    assert answer.status_code == 400
    assert "Excel workbook" in answer.json()["errors"][0]["message"]


def test_wants_a_file_or_an_address(api, companies):
    answer = api.post("imports", {"kind": "people"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")


def test_an_address_inside_is_not_fetched(api, companies):
    answer = api.post("imports", {"kind": "people", "url": "https://127.0.0.1/rows.csv"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "url")


def test_says_what_keeps_a_file_from_being_checked(api, companies):
    made = send(api, "name\nA\n").json()
    assert made["state"] == "failed"
    assert "object_id" in made["problem"]
    assert api.post(f"imports/{made['id']}/start", {}).status_code == 409


def test_begins_once(api, companies):
    made = send(api, "object_id\na\n").json()
    assert api.post(f"imports/{made['id']}/start", {}).status_code == 200
    again = api.post(f"imports/{made['id']}/start", {})
    assert again.status_code == 409
    assert "begun already" in again.json()["errors"][0]["message"]


def test_another_workspace_knows_nothing_of_it(api, companies):
    made = send(api, "object_id\na\n").json()
    stranger = token_caller(make_workspace())
    assert stranger.get(f"imports/{made['id']}").status_code == 404
    assert stranger.post(f"imports/{made['id']}/start", {}).status_code == 404
    assert stranger.get("imports").json()["results"] == []


def test_a_viewer_may_not_import(workspace, companies):
    assert send(token_caller(workspace, Role.VIEWER), "object_id\na\n").status_code == 403
    assert not Import.objects.exists()
