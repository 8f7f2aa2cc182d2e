"""What holds for every resource of the REST API: read, make, change, delete."""

import pytest

from tests.api.caller import Caller, errors_of
from tests.api.resources import RESOURCES, Resource
from tests.make import make_type
from workspaces.models import Workspace

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name),
]


def test_lists_rows_newest_first(resource: Resource, workspace: Workspace, api: Caller):
    paths = [resource.make(workspace, number) for number in range(3)]
    answer = api.get(resource.name).json()
    assert [_path(resource, row) for row in answer["results"]] == paths[::-1]
    assert answer["next"] is None
    assert answer["previous"] is None


def test_reads_one_row_as_the_list_has_it(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    response = api.get(path)
    assert response.status_code == 200
    assert response.json() == api.get(resource.name).json()["results"][0]


def test_makes_a_row(resource: Resource, workspace: Workspace, api: Caller):
    _prepare(resource, workspace)
    response = api.post(resource.name, resource.new)
    assert response.status_code == 201, response.content
    assert response.json() == api.get(_path(resource, response.json())).json()
    assert response.headers["Location"].endswith(f"/api/{_path(resource, response.json())}")


def test_refuses_to_make_a_row_twice(resource: Resource, workspace: Workspace, api: Caller):
    _prepare(resource, workspace)
    api.post(resource.name, resource.new)
    before = api.get(resource.name).json()
    response = api.post(resource.name, {**resource.new, **resource.change})
    assert response.status_code == 409
    assert errors_of(response)[0]["code"] == "conflict"
    assert api.get(resource.name).json() == before


def test_changes_a_row(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    response = api.patch(path, resource.change)
    assert response.status_code == 200, response.content
    assert response.json() == api.get(path).json()
    if "attributes" in resource.change:
        attributes = response.json()["attributes"]
        assert attributes["seats"] == 5
        assert {"plan", "role"}.isdisjoint(attributes)


def test_an_empty_change_changes_nothing(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    before = api.get(path).json()
    assert api.patch(path, {}).json() == before


def test_deletes_a_row(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    response = api.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert api.get(path).status_code == 404
    assert not resource.model.objects.exists()


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_answers_404_for_a_row_that_is_not_there(
    resource: Resource, api: Caller, workspace: Workspace, method: str
):
    path = "/".join([resource.name, *["999" for _ in resource.keys]])
    response = getattr(api, method)(path, *([{}] if method == "patch" else []))
    assert response.status_code == 404
    assert errors_of(response)[0]["code"] == "not_found"


def test_answers_with_and_without_a_slash(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    assert api.get(f"{path}/").json() == api.get(path).json()
    assert api.get(f"{resource.name}/").json() == api.get(resource.name).json()
    assert api.patch(f"{path}/", resource.change).status_code == 200
    assert api.delete(f"{path}/").status_code == 204


def test_does_not_offer_put(resource: Resource, workspace: Workspace, api: Caller):
    response = api.send("PUT", resource.make(workspace, 0), resource.change)
    assert response.status_code == 405
    assert errors_of(response)[0]["code"] == "method_not_allowed"


def test_refuses_unknown_fields_by_name(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    for response in (
        api.post(resource.name, {**resource.new, "workspace_id": 7}),
        api.patch(path, {**resource.change, "workspace_id": 7}),
    ):
        assert response.status_code == 400
        assert errors_of(response)[0]["field"] == "workspace_id"


def test_no_column_can_be_set_by_its_name(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    known = {"id", "email", "attributes", "name", "singular_name", "icon", "enabled"}
    for field in resource.model._meta.get_fields():
        if field.name not in known:
            assert api.patch(path, {field.name: 1}).status_code == 400, field.name


def test_a_list_is_made_at_once(resource: Resource, workspace: Workspace, api: Caller):
    _prepare(resource, workspace)
    response = api.post(resource.name, [resource.new])
    assert response.status_code == 201
    outcome = response.json()["outcomes"][0]
    assert (outcome["index"], outcome["status"]) == (0, "created")
    path = "/".join([resource.name, *[str(outcome[key]) for key in resource.keys]])
    assert api.get(path).status_code == 200


def test_a_list_goes_on_after_a_refused_item(
    resource: Resource, workspace: Workspace, api: Caller
):
    _prepare(resource, workspace)
    response = api.post(resource.name, [{"x": 1}, resource.new, resource.new, 5])
    assert response.status_code == 207
    statuses = [outcome["status"] for outcome in response.json()["outcomes"]]
    assert statuses == ["refused", "created", "skipped", "refused"]
    assert [(error["index"], error["field"]) for error in errors_of(response)] == [
        (0, "x"),
        (2, None),
        (3, None),
    ]


def test_a_list_of_which_nothing_is_taken_is_refused(
    resource: Resource, workspace: Workspace, api: Caller
):
    response = api.post(resource.name, [{"x": 1}, 5])
    assert response.status_code == 400
    assert [error["index"] for error in errors_of(response)] == [0, 1]
    assert not resource.model.objects.exists()


def _prepare(resource: Resource, workspace: Workspace) -> None:
    if resource.name in {"objects", "relationships"}:
        make_type(workspace, "Companies")


def _path(resource: Resource, row: dict) -> str:
    flat = {**row, **row.get("object", {}), **row.get("person", {})}
    return "/".join([resource.name, *[str(flat[key]) for key in resource.keys]])
