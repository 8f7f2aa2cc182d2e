"""Two workspaces with the same ids: one never sees or touches the rows of the other."""

import pytest
from django.core.serializers import serialize

from objects.models import Object
from people.models import Person
from tests.api.caller import Caller, errors_of, token_caller
from tests.api.resources import RESOURCES, Resource
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = [pytest.mark.django_db]
each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)


@pytest.fixture
def other(workspace: Workspace) -> Workspace:
    """Give a second workspace in which there is what the first one has, and a canary."""
    theirs = make_workspace()
    company = make_object(make_type(theirs, "Canary"), "company-0", {"secret": "canary"})
    relate(make_person(theirs, "person-0", {"secret": "canary"}), company, {"secret": "canary"})
    return theirs


# A number names a type in every workspace, so there is no type of another one to find.
@pytest.mark.parametrize("resource", RESOURCES[1:], ids=lambda each: each.name)
def test_rows_of_another_workspace_are_not_found(
    resource: Resource, other: Workspace, workspace: Workspace
):
    path = resource.make(other, 0)
    before = _everything(resource, other)
    caller = token_caller(workspace)
    assert caller.get(path).status_code == 404
    assert caller.patch(path, resource.change).status_code == 404
    assert caller.delete(path).status_code == 404
    assert b"canary" not in caller.get(resource.name).content
    assert _everything(resource, other) == before


@each_resource
def test_writing_in_one_workspace_leaves_the_other_as_it_is(
    resource: Resource, other: Workspace, workspace: Workspace
):
    before = _everything(resource, other)
    if resource.name == "object-types":
        path = resource.make(workspace, 0)
    else:
        make_type(workspace, "Companies")
        answer = token_caller(workspace).post(resource.name, resource.new)
        assert answer.status_code == 201
        path = answer.headers["Location"].partition("/api/")[2]
    caller = token_caller(workspace)
    assert caller.patch(path, resource.change).status_code == 200
    assert caller.delete(path).status_code == 204
    assert _everything(resource, other) == before


def test_a_relationship_cannot_name_rows_of_another_workspace(
    other: Workspace, workspace: Workspace, companies: object
):
    theirs = Object.objects.for_workspace(other).get()
    person = Person.objects.for_workspace(other).get()
    body = {
        "object": {"cio_object_id": theirs.cio_object_id},
        "person": {"cio_id": person.cio_id},
    }
    response = token_caller(workspace).post("relationships", body)
    assert response.status_code == 400
    assert "canary" not in str(errors_of(response))


@pytest.mark.parametrize(
    "query",
    [
        "objects?cio_object_id={object}",
        "objects?related_person={person}",
        "objects?object_id=company-0",
        "people?cio_id={person}",
        "people?related_object={object}",
        "people?related_type=1",
        "people?attribute=secret:%22canary%22",
        "relationships?cio_object_id={object}",
        "relationships?cio_id={person}",
        "relationships?object_type=1",
    ],
)
def test_filters_do_not_reach_another_workspace(
    query: str, other: Workspace, workspace: Workspace, api: Caller
):
    theirs = Object.objects.for_workspace(other).get()
    person = Person.objects.for_workspace(other).get()
    path = query.format(object=theirs.cio_object_id, person=person.cio_id)
    assert api.get(path).json()["results"] == []
    assert token_caller(other).get(path).json()["results"] != []


def _everything(resource: Resource, workspace: Workspace) -> str:
    rows = resource.model.objects.for_workspace(workspace).order_by("pk")
    return serialize("json", rows)


@each_resource
def test_no_cache_keeps_an_answer(resource: Resource, workspace: Workspace, api: Caller):
    path = resource.make(workspace, 0)
    answers = [api.get(path), api.get(resource.name), api.get("nothing-like-this"), api.get("")]
    answers += [api.patch(path, resource.change), token_caller(make_workspace()).get(path)]
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}
