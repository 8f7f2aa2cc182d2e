"""Sensitive attributes: no form loses one, no filter tells one, keys are treated alike."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from objects.models import Object
from operations.engine import apply
from operations.json import JsonError, dump, normalise_attributes
from operations.masking import MASK, Masked, each_read_for, hidden_names, reading_for
from operations.models import Activity, AttributeName
from operations.types import Call, Door, HiddenNames, IdentifyPerson, Origin, PersonKey
from people.models import Person
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of, manage, page, rows
from tests.make import RECEIVED_AT, api_token, make_person
from workspaces.models import Credential, Membership, Role, Workspace

PAY = "canary-pay"


@pytest.fixture
def paid(workspace: Workspace, person: Person) -> Person:
    """Give a person with a salary, which is sensitive."""
    mark(workspace, "people", "salary")
    return make_person(workspace, "ann", {"salary": PAY, "plan": "gold"})


@pytest.fixture
def blind(workspace: Workspace) -> Client:
    """Sign in an author from whom sensitive attributes are hidden."""
    client = sign_in(workspace, Role.AUTHOR)
    newest = Membership.objects.latest("pk").pk
    Membership.objects.filter(pk=newest).update(sees_sensitive=False)
    return client


def mark(workspace: Workspace, kind: str, name: str) -> None:
    AttributeName.objects.create(workspace=workspace, kind=kind, name=name, is_sensitive=True)


def stored(person: Person) -> dict[str, Any]:
    return dict(Person.objects.get(pk=person.pk).attributes)


def form(person: Person, *cells: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    typed = {"person_id": "ann", "email": "ann@example.com", "version": person.version}
    return typed | {"attributes": "", "attributes_rows": rows(*cells)} | more


def test_a_save_keeps_what_the_form_did_not_show(blind: Client, paid: Person) -> None:
    assert PAY not in blind.get(manage(PEOPLE, paid)).content.decode()
    cells = ("name", "text", "Ann Lee"), ("plan", "text", "blue"), ("salary", "text", MASK)
    answer = blind.post(page(PEOPLE, paid), form(paid, *cells))
    assert answer.status_code == 302
    assert (stored(paid)["plan"], stored(paid)["salary"]) == ("blue", PAY)


@pytest.mark.parametrize("cells", [(("salary", "text", "more"),), ()])
def test_who_cannot_see_a_value_can_neither_replace_nor_remove_it(
    blind: Client, paid: Person, cells: Any
) -> None:
    answer = blind.post(page(PEOPLE, paid), form(paid, ("name", "text", "Ann Lee"), *cells))
    text = answer.content.decode()
    assert "salary is sensitive and hidden from you" in text and PAY not in text
    assert stored(paid)["salary"] == PAY


def test_who_sees_it_replaces_and_removes_it(author: Client, paid: Person) -> None:
    kept = ("name", "text", "Ann Lee")
    author.post(page(PEOPLE, paid), form(paid, kept, ("salary", "text", "more")))
    assert stored(paid)["salary"] == "more"
    author.post(page(PEOPLE, paid), form(Person.objects.get(pk=paid.pk), kept))
    assert "salary" not in stored(paid)


def test_a_stale_form_does_not_tell_what_somebody_else_set(
    blind: Client, paid: Person, workspace: Workspace
) -> None:
    opened = blind.get(manage(PEOPLE, paid)).context["adminform"].form.initial["opened"]
    make_person(workspace, "ann", {"salary": "canary-raise", "plan": "red"})
    cells = ("name", "text", "Ann Lee"), ("plan", "text", "blue"), ("salary", "text", MASK)
    text = blind.post(page(PEOPLE, paid), form(paid, *cells, opened=opened)).content.decode()
    assert "canary" not in text and "red" in text


def test_a_workspace_admin_sees_it_whatever_the_box_says(
    workspace: Workspace, paid: Person
) -> None:
    client = sign_in(workspace, Role.ADMIN)
    Membership.objects.filter(role=Role.ADMIN).update(sees_sensitive=False)
    assert PAY in client.get(page(PEOPLE, paid)).content.decode()


def test_only_a_mark_hides_and_only_from_who_lacks_the_right(
    paid: Person, author: Client, blind: Client
) -> None:
    assert PAY in author.get(page(PEOPLE, paid)).content.decode()
    AttributeName.objects.update(is_sensitive=False)
    assert PAY in blind.get(page(PEOPLE, paid)).content.decode()


ASKING = (
    {"f": json.dumps({"attribute": {"field": "salary", "operator": "eq", "value": PAY}})},
    {"f": json.dumps({"not": {"attribute": {"field": "salary", "operator": "exists"}}})},
    {"attribute": f'salary:"{PAY}"'},
    {"has_attribute": "salary"},
)


@pytest.mark.parametrize("asked", ASKING)
def test_a_list_cannot_be_asked_for_it(
    blind: Client, author: Client, paid: Person, asked: dict[str, str]
) -> None:
    text = blind.get(list_of(PEOPLE), asked).content.decode()
    assert "salary is sensitive" in text and "Ann Lee" not in text
    assert "salary is sensitive" not in author.get(list_of(PEOPLE), asked).content.decode()


def test_a_list_of_objects_cannot_be_asked_for_it_through_relationships(
    blind: Client, paid: Person, company: Object, relationship: Relationship
) -> None:
    inner = {"attribute": {"field": "salary", "operator": "eq", "value": PAY}}
    asked = {"f": json.dumps({"related": {"at_least": 1, "where": inner}})}
    text = blind.get(list_of(OBJECTS), asked).content.decode()
    assert "salary is sensitive" in text and "Acme" not in text


def test_a_bulk_action_cannot_choose_rows_by_it(blind: Client, paid: Person) -> None:
    query = urlencode({"has_attribute": "salary"})
    typed = {"action": "set_attributes", "_selected_action": [paid.pk], "index": 0}
    answer = blind.post(f"{list_of(PEOPLE)}?{query}", typed | {"select_across": "1"}, follow=True)
    assert "Ann Lee" not in answer.content.decode()


def test_the_builder_does_not_suggest_the_name(
    blind: Client, author: Client, paid: Person
) -> None:
    assert 'value="salary"' in author.get(list_of(PEOPLE)).content.decode()
    assert 'value="salary"' not in blind.get(list_of(PEOPLE)).content.decode()


def test_a_mark_on_relationships_hides_their_attributes_only(
    blind: Client, workspace: Workspace, relationship: Relationship
) -> None:
    mark(workspace, "relationships", "role")
    assert "owner" not in blind.get(page(RELATIONSHIPS, relationship)).content.decode()
    text = blind.get(f"{page(OBJECTS, relationship.object)}?tab=attributes").content.decode()
    assert "gold" in text


@pytest.fixture
def headers(workspace: Workspace) -> dict[str, str]:
    token = api_token(workspace, Role.AUTHOR)
    Credential.objects.update(sees_sensitive=False)
    return {"authorization": f"Bearer {token}"}


def test_a_key_without_the_right_reads_a_mask(headers: Any, paid: Person) -> None:
    found = Client().get(f"/api/people/{paid.cio_id}", headers=headers).json()
    assert found["attributes"] == {"name": "Ann Lee", "plan": "gold", "salary": "••••"}


@pytest.mark.parametrize("value", ["more", None, "••••", PAY])
def test_a_key_without_the_right_can_neither_set_nor_remove_it(
    headers: Any, paid: Person, value: str | None
) -> None:
    answer = Client().patch(
        f"/api/people/{paid.cio_id}",
        {"attributes": {"salary": value, "plan": "red"}},
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["code"], error["field"]) == ("sensitive", "attributes.salary")
    assert (stored(paid)["salary"], stored(paid)["plan"]) == (PAY, "gold")


@pytest.mark.parametrize("asked", ASKING)
def test_a_key_without_the_right_cannot_filter_by_it(
    headers: Any, paid: Person, asked: dict[str, str]
) -> None:
    answer = Client().get("/api/people", asked, headers=headers)
    assert answer.status_code == 400
    assert "salary is sensitive" in answer.json()["errors"][0]["message"]


def test_a_key_with_the_right_is_not_asked_for_marks(
    workspace: Workspace, paid: Person, statements: Any
) -> None:
    token = api_token(workspace, Role.AUTHOR)
    with statements() as run:
        Client().get("/api/people", headers={"authorization": f"Bearer {token}"})
    assert not [one for one in run if "operations_attributename" in one["sql"]]


def test_the_team_page_takes_the_right_away(
    admin: Client, workspace: Workspace, author: Client, paid: Person
) -> None:
    row = Membership.objects.get(role=Role.AUTHOR)
    admin.post(page("workspaces_membership", row), {"role": "author"})
    row.refresh_from_db()
    assert not row.sees_sensitive
    assert PAY not in author.get(page(PEOPLE, paid)).content.decode()
    assert "Sensitive hidden" in admin.get(list_of("workspaces_membership")).content.decode()


def test_the_engine_sees_everything_whoever_is_read_for(
    workspace: Workspace, paid: Person
) -> None:
    hidden = HiddenNames(people=frozenset({"salary"}))
    with reading_for(lambda: hidden):
        assert isinstance(Person.objects.get(pk=paid.pk).attributes["salary"], Masked)
        make_person(workspace, "ann", {"plan": "red"})
        latest = Activity.objects.latest("pk")
        assert latest.after == {"attributes": {"plan": "red"}}
    assert stored(paid) == {"name": "Ann Lee", "salary": PAY, "plan": "red"}


def test_the_engine_refuses_a_mask_as_a_value(workspace: Workspace, paid: Person) -> None:
    with pytest.raises(JsonError):
        normalise_attributes({"salary": MASK})
    assert dump({"salary": MASK}) == '{"salary":"••••"}'.encode()


def test_the_engine_names_each_hidden_attribute(workspace: Workspace) -> None:
    origin = Origin(
        workspace=workspace.pk,
        door=Door.REST,
        actor="test",
        received_at=RECEIVED_AT,
        hidden=HiddenNames(people=frozenset({"a", "b"}), objects=frozenset({"c"})),
    )
    operation = IdentifyPerson(PersonKey(id="x"), {"b": 1, "a": "", "c": 2})
    outcome = apply([Call(origin, (operation,))]).outcomes[0]
    assert [each.field for each in outcome.rejections] == ["attributes.a", "attributes.b"]


@pytest.mark.parametrize("lookup", ["attributes", "attributes__salary", "attributes__home__zip"])
def test_single_columns_are_masked_too(workspace: Workspace, lookup: str) -> None:
    person = make_person(workspace, "x", {"salary": PAY, "home": {"zip": PAY}, "open": "seen"})
    hidden = HiddenNames(people=frozenset({"salary", "home"}))
    with reading_for(lambda: hidden):
        assert PAY not in str(Person.objects.filter(pk=person.pk).values_list(lookup))
        opened = Person.objects.filter(pk=person.pk).values_list("attributes__open", flat=True)
        assert list(opened) == ["seen"]


def test_an_answer_that_is_made_while_it_is_sent_is_read_for_the_same_reader() -> None:
    hidden = HiddenNames(people=frozenset({"salary"}))
    made = each_read_for((hidden_names() for _piece in range(2)), lambda: hidden)
    assert next(made) == hidden
    assert not hidden_names()
    assert list(made) == [hidden]
