"""ETag and If-Match: nobody overwrites what somebody else saved in between."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from tests.api.caller import Caller, errors_of, token_caller
from tests.api.resources import RESOURCES, Resource
from tests.make import api_token, make_person, make_workspace
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
VERSIONED = [each for each in RESOURCES if each.name != "object-types"]
versioned = pytest.mark.parametrize("resource", VERSIONED, ids=lambda each: each.name)
OTHER = {"attributes": {"plan": "silver"}}


@versioned
def test_every_answer_with_a_row_names_its_version(
    resource: Resource, workspace: Workspace, api: Caller
):
    path = resource.make(workspace, 0)
    etag = api.get(path).headers["ETag"]
    assert api.get(path).headers["ETag"] == etag
    changed = api.patch(path, OTHER)
    assert changed.headers["ETag"] == api.get(path).headers["ETag"] != etag
    assert api.patch(path, OTHER).headers["ETag"] == changed.headers["ETag"]


@versioned
def test_a_new_row_has_an_etag(resource: Resource, workspace: Workspace, api: Caller):
    api.delete(resource.make(workspace, 0))
    response = api.post(resource.name, resource.new)
    path = "/".join([resource.name, *[_key(response.json(), key) for key in resource.keys]])
    assert response.headers["ETag"] == api.get(path).headers["ETag"]


@versioned
def test_changes_the_version_that_was_read(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    etag = api.get(path).headers["ETag"]
    assert api.patch(path, OTHER, if_match=etag).status_code == 200
    assert api.get(path).json()["attributes"]["plan"] == "silver"


@versioned
def test_refuses_to_change_another_version(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    etag = api.get(path).headers["ETag"]
    api.patch(path, OTHER)
    response = api.patch(path, {"attributes": {"plan": "mine"}}, if_match=etag)
    assert response.status_code == 412
    (error,) = errors_of(response)
    assert (error["code"], error["field"]) == ("stale", "If-Match")
    assert "read it again" in error["message"]
    assert api.get(path).json()["attributes"]["plan"] == "silver"


@versioned
def test_refuses_to_delete_another_version(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    etag = api.get(path).headers["ETag"]
    latest = api.patch(path, OTHER).headers["ETag"]
    assert api.delete(path, if_match=etag).status_code == 412
    assert api.get(path).status_code == 200
    assert api.delete(path, if_match=latest).status_code == 204


def test_one_of_several_versions_is_enough(workspace: Workspace, api: Caller):
    path = f"people/{make_person(workspace).cio_id}"
    etag = api.get(path).headers["ETag"]
    assert api.patch(path, OTHER, if_match=f'"other", {etag}').status_code == 200
    assert api.patch(path, OTHER, if_match="*").status_code == 200


def test_a_version_that_a_proxy_marked_as_weak_still_counts(workspace: Workspace, api: Caller):
    path = f"people/{make_person(workspace).cio_id}"
    etag = api.get(path).headers["ETag"]
    assert api.patch(path, OTHER, if_match=f"W/{etag}").status_code == 200
    assert api.patch(path, OTHER, if_match=f"W/{etag}").status_code == 412


@pytest.mark.parametrize("sent", ["", "x", '"', "1-1", '"1-1', "\u00e9"])
def test_what_is_no_etag_matches_nothing(sent: str, workspace: Workspace, api: Caller):
    path = f"people/{make_person(workspace).cio_id}"
    response = api.patch(path, OTHER, if_match=sent)
    assert response.status_code == 412
    assert errors_of(response)[0]["code"] == "stale"


def test_a_wrong_body_is_told_before_the_version(workspace: Workspace, api: Caller):
    path = f"people/{make_person(workspace).cio_id}"
    assert api.patch(path, {"x": 1}, if_match='"other"').status_code == 400
    assert api.patch("people/nobody", OTHER, if_match='"other"').status_code == 404


def test_a_person_who_was_made_again_has_another_etag(workspace: Workspace, api: Caller):
    first = api.post("people", {"id": "ada"})
    api.delete(f"people/{first.json()['cio_id']}")
    assert api.post("people", {"id": "ada"}).headers["ETag"] != first.headers["ETag"]


def test_object_types_have_no_version(workspace: Workspace, api: Caller):
    api.post("object-types", {"name": "Firms"})
    assert "ETag" not in api.get("object-types/1").headers
    response = api.patch("object-types/1", {"name": "Companies"}, if_match='"1-1"')
    assert response.status_code == 412
    assert "leave If-Match out" in errors_of(response)[0]["message"]
    assert api.patch("object-types/1", {"name": "Companies"}, if_match="*").status_code == 200


def test_the_schema_describes_the_headers():
    paths = Caller().get("schema?format=json").json()["paths"]
    for name in ("people/{cio_id}", "objects/{cio_object_id}"):
        read, change = paths[f"/api/{name}"]["get"], paths[f"/api/{name}"]["patch"]
        assert "ETag" in read["responses"]["200"]["headers"]
        assert "If-Match" in {found["name"] for found in change["parameters"]}
        assert "412" in change["responses"]
        assert "412" in paths[f"/api/{name}"]["delete"]["responses"]
    assert "412" not in paths["/api/object-types/{object_type_id}"]["patch"]["responses"]


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_told():
    """Both have the same ETag: the engine compares again under its lock."""
    workspace = make_workspace()
    token = api_token(workspace)
    path = f"people/{make_person(workspace).cio_id}"
    for turn in range(5):
        etag = token_caller(workspace).get(path).headers["ETag"]
        barrier, codes = Barrier(2), []

        def change(who: int, *, etag: str = etag, turn: int = turn) -> None:
            body = {"attributes": {"who": who, "turn": turn}}
            barrier.wait(timeout=30)  # noqa: B023 - the threads of a turn end before the next
            codes.append(Caller(token).patch(path, body, if_match=etag).status_code)  # noqa: B023
            connection.close()

        threads = [Thread(target=change, args=(who,)) for who in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [200, 412]


def _key(row: dict[str, str], key: str) -> str:
    if key in row:
        return row[key]
    return row["person" if key == "cio_id" else "object"][key]  # type: ignore[index]
