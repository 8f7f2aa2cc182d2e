"""Whoever types a whole id finds its row first, in every picker as in the lists."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from operations.engine import apply
from operations.types import (
    Call,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
)
from people.models import Person
from tests.make import make_person, make_type, make_workspace, member, origin
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db
BEFORE, AFTER = 15, 60
EMAIL = "ada@example.com"


@pytest.fixture
def workspace() -> Workspace:
    """Make the one called "ada" between many whose ids and addresses have that in them."""
    workspace = make_workspace()
    make_type(workspace, number=1)
    everybody = [f"ada-{number:02}" for number in range(BEFORE + AFTER)]
    # A batch writes its rows in the order of their ids.
    for names in (everybody[:BEFORE], ["ada"], everybody[BEFORE:]):
        calls = [Call(origin(workspace), (one,)) for name in names for one in _both(name)]
        apply(calls)
    return workspace


@pytest.fixture
def author(workspace: Workspace) -> Client:
    client = Client()
    client.force_login(member(Role.AUTHOR, workspace))
    return client


@pytest.mark.parametrize("words", ["ada", EMAIL, f" {EMAIL.upper()} "])
def test_the_palette(author: Client, words: str) -> None:
    answer: Any = author.get(reverse("admin:search"), {"q": words}).json()
    groups = {
        group["title"]: [item["title"] for item in group["items"]] for group in answer["groups"]
    }
    assert groups["People"][0] == "ada"
    assert len(groups["People"]) == 11  # ten, and the way to the others
    assert len(set(groups["People"])) == 11
    if words == "ada":
        assert groups["Objects"][0] == "ada"


@pytest.mark.parametrize("field", ["person", "object"])
def test_the_pickers_of_forms(author: Client, field: str) -> None:
    asked = {"term": "ada", "app_label": "relationships", "model_name": "relationship"}
    answer = author.get(reverse("admin:autocomplete"), asked | {"field_name": field}).json()
    texts = [found["text"].partition(" ")[0] for found in answer["results"]]
    assert texts[0] == "ada"
    assert texts[1:] == [f"ada-{BEFORE + AFTER - number:02}" for number in range(1, len(texts))]
    assert answer["pagination"] == {"more": True}


@pytest.mark.parametrize(("given", "words"), [("", "ada"), ("person", "ada"), ("", EMAIL)])
def test_the_choosing_steps_of_adding_relationships(
    author: Client, workspace: Workspace, given: str, words: str
) -> None:
    someone = make_person(workspace, "someone")
    query = {"person": someone.pk} if given else {}
    response: Any = author.get(reverse("admin:relate_start"), {**query, "q": words})
    rows = [row.title for row in response.context["rows"]]
    assert (rows[0], len(rows)) == ("ada", 50)
    following = {**query, "q": words, "cursor": response.context["listing"].next_token}
    second: Any = author.get(reverse("admin:relate_start"), following)
    others = [row.title for row in second.context["rows"]]
    assert len(others) == BEFORE + AFTER + 1 - 50
    assert not set(rows) & set(others)


def test_the_people_to_merge_with(author: Client, workspace: Workspace) -> None:
    someone = make_person(workspace, "someone")
    address = reverse("admin:people_person_merge", args=[someone.pk])
    found: Any = author.get(address, {"q": "ada"}).context["found"]
    assert [str(person) for person, _ in found][:2] == ["ada", f"ada-{BEFORE + AFTER - 1}"]
    assert len(found) == 10
    assert Person.objects.count() == BEFORE + AFTER + 2


def _both(name: str) -> tuple[Operation, Operation]:
    email = EMAIL if name == "ada" else f"{name}.{EMAIL}"
    person = IdentifyPerson(PersonKey(id=name), {"name": name}, Identifiers(email=email))
    return person, IdentifyObject(ObjectKey(name), {"name": name})
