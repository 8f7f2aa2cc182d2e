"""What a list says about its bulk actions, and where their pages belong."""

import pytest
from django.test import Client

from operations.engine import apply
from operations.engine.maintenance import fold_counts
from operations.types import Call, IdentifyPerson, PersonKey
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.bulk.choosing import page_of, prepare
from tests.make import make_object, make_person, make_type, origin, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_can_be_selected_is_counted_with_separators(
    author: Client, workspace: Workspace
) -> None:
    calls = [
        Call(origin(workspace), (IdentifyPerson(PersonKey(id=f"person-{number}")),))
        for number in range(1_200)
    ]
    apply(calls)
    fold_counts()
    page = author.get(list_of(PEOPLE)).content.decode()
    assert "Select all 1,200 people" in page
    assert "All 1,200 selected" in page


@pytest.mark.parametrize("name", [PEOPLE, OBJECTS, RELATIONSHIPS])
def test_the_pages_before_an_action_belong_to_the_list(
    author: Client, workspace: Workspace, name: str
) -> None:
    company = make_object(make_type(workspace, "Companies"), "acme")
    ann = make_person(workspace, "ann")
    rows = {PEOPLE: ann, OBJECTS: company, RELATIONSHIPS: relate(ann, company)}
    query = f"object_type={company.object_type.number}" if name == OBJECTS else ""
    job = prepare(author, name, "delete_selected", rows[name], query=query)
    active = [
        entry["link"]
        for group in author.get(page_of(job)).context["sidebar_navigation"]
        for entry in group["items"]
        if entry["active"]
    ]
    assert active == [f"{list_of(name)}?{query}" if query else list_of(name)]
