"""How many statements a call takes: the number must not depend on the number of rows."""

import pytest

from tests.api.caller import Caller
from tests.api.resources import RESOURCES, Resource
from tests.make import make_type
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)


@each_resource
def test_a_list_takes_as_many_statements_for_30_rows_as_for_one(
    resource: Resource, workspace: Workspace, api: Caller, django_assert_num_queries
):
    resource.make(workspace, 0)
    api.get(resource.name)
    with django_assert_num_queries(resource.statements):
        assert len(api.get(resource.name).json()["results"]) == 1
    for number in range(1, 30):
        resource.make(workspace, number)
    with django_assert_num_queries(resource.statements):
        assert len(api.get(resource.name).json()["results"]) == 30


@each_resource
def test_a_row_takes_few_statements(
    resource: Resource, workspace: Workspace, api: Caller, django_assert_num_queries
):
    path = resource.make(workspace, 0)
    api.get(path)
    with django_assert_num_queries(resource.statements):
        api.get(path)


def test_a_list_of_new_rows_takes_as_many_statements_as_one(
    workspace: Workspace, api: Caller, statements
):
    make_type(workspace)
    api.get("objects")
    counts = []
    for size in (1, 30):
        items = [{"object_id": f"{size}-{number}"} for number in range(size)]
        with statements() as run:
            assert api.post("objects", items).status_code == 201
        counts.append(len(run))
    assert counts[0] == counts[1]
