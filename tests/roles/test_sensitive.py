"""Sensitive attributes: no page, export or answer tells their values to who may not see them."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from objects.models import Object
from operations.engine import apply_stream, open_change_set
from operations.models import Activity, AttributeName, ChangeSet, Job
from operations.types import (
    Call,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    PersonKey,
    Relate,
)
from people.models import Person
from tests.make import RECEIVED_AT, api_token, make_person, make_superuser, member, origin
from tests.roles.addresses import every_address, path_of
from tests.roles.test_every_action import choice, every_action
from tests.roles.test_every_page import body
from workspaces.models import Credential, Membership, Role, SavedView, Workspace

pytestmark = pytest.mark.slow

SECRET = "canary"
MASK = "••••"
ASKED = frozenset(
    f"admin:{name}_{page}"
    for name in ("people_person", "objects_object", "relationships_relationship")
    for page in ("change", "changelist")
)
GROUPS = ("people", "objects-1", "relationships-1")
QUERIES = (
    "?tab=attributes",
    "?tab=relationships",
    "?tab=activity",
    "?tab=manage",
    "?tab=neighbourhood&hops=2",
    "?q=ann",
    "?object_type=1",
)


@pytest.fixture
def rows(rows: dict[str, Any], first: Workspace) -> dict[str, Any]:
    """Give every row of the walk a sensitive attribute, an earlier value of it, and a twin."""
    company = Object.objects.get(pk=rows["objects_object.object_id"])
    person = Person.objects.get(pk=rows["people_person.object_id"])
    keys = PersonKey(cio_id=person.cio_id), ObjectKey(cio_object_id=company.cio_object_id)
    change_set = open_change_set(origin(first))
    for turn in ("old", "new"):
        operations = (
            IdentifyPerson(key=keys[0], attributes={"salary": f"{SECRET}-person-{turn}"}),
            IdentifyObject(key=keys[1], attributes={"revenue": {"is": f"{SECRET}-object-{turn}"}}),
            Relate(*keys, attributes={"bonus": f"{SECRET}-relationship-{turn}"}),
        )
        call = Call(origin=origin(first), operations=operations)
        apply_stream([call], change_set=change_set)
    twin = make_person(first, "ann-2", {"salary": f"{SECRET}-twin"})
    job = Job.objects.create(
        workspace=first,
        kind="edit",
        actor="test",
        created_at=RECEIVED_AT,
        total=1,
        parameters={
            "selection": {
                "kind": "people",
                "workspace": first.pk,
                "keys": [person.pk],
                "query": None,
                "up_to": None,
            },
            "label": "1 person",
            "names": "People",
            "removes": False,
            "attributes": {"salary": f"{SECRET}-planned"},
        },
    )
    for kind, name in (("people", "salary"), ("objects", "revenue"), ("relationships", "bonus")):
        AttributeName.objects.create(
            workspace=first, kind=kind, object_type_number=1, name=name, is_sensitive=True
        )
    view = SavedView.objects.create(
        workspace=first,
        owner=make_superuser(),
        kind="people",
        name="By pay",
        columns=["title", "attribute:salary"],
        is_shared=True,
    )
    more = {"twin": twin.pk, "draft_job": job.pk, "view": view.pk}
    return rows | more | {"kind": "people", "key": view.pk, "object_id": view.pk}


@pytest.fixture
def hidden_from(first: Workspace) -> dict[str, Client]:
    """Give browsers of members who may not see sensitive attributes."""
    found = {}
    for role in (Role.VIEWER, Role.AUTHOR):
        user = member(role, first)
        Membership.objects.filter(user=user).update(sees_sensitive=False)
        found[role.value] = Client(raise_request_exception=False)
        found[role.value].force_login(user)
    return found


@pytest.fixture
def blind_token(first: Workspace, rows: dict[str, Any]) -> str:
    token = api_token(first, Role.AUTHOR)
    newest = Credential.objects.latest("pk").pk
    Credential.objects.filter(pk=newest).update(sees_sensitive=False)
    return token


def every_path(rows: dict[str, Any]) -> list[str]:
    """Name every address, with every question the pages of rows, and each page of the log."""
    addresses = [each for each in every_address() if each.name != "admin:logout"]
    found = [path_of(address, rows) for address in addresses]
    found += [
        path_of(address, rows) + query
        for address in addresses
        if address.name in ASKED
        for query in QUERIES
    ]
    merge = reverse("admin:people_person_merge", args=[rows["people_person.object_id"]])
    found += [f"{merge}?other={rows['twin']}", f"{merge}?other={rows['twin']}&keep=other"]
    found += [f"{reverse('admin:data_index')}?of={of}" for of in GROUPS]
    for name, of_attribute in (
        ("people_person", "salary"),
        ("objects_object", "revenue.is"),
        ("relationships_relationship", "bonus"),
    ):
        address = reverse(f"admin:{name}_changelist")
        columns = json.dumps(["title", f"attribute:{of_attribute}"])
        found.append(f"{address}?{urlencode({'columns': columns})}")
    found.append(f"{reverse('admin:people_person_changelist')}?view={rows['view']}")
    for model, keys in (
        ("activity", Activity.objects.values_list("pk", flat=True)),
        ("changeset", ChangeSet.objects.values_list("pk", flat=True)),
        ("job", [rows["draft_job"]]),
    ):
        found += [reverse(f"admin:operations_{model}_change", args=[key]) for key in keys]
    return found


def test_no_page_tells_the_value(hidden_from: dict[str, Client], rows: dict[str, Any]) -> None:
    paths = every_path(rows)
    for role, client in hidden_from.items():
        told = [path for path in paths if SECRET.encode() in told_by(client, path)]
        assert not told, f"{role} reads the value on {told}"


def test_the_same_pages_tell_it_to_who_may_see_it(
    callers: dict[str, Client], rows: dict[str, Any]
) -> None:
    paths = every_path(rows)
    told = {path for path in paths if SECRET.encode() in told_by(callers["author"], path)}
    assert len(told) > 20, told


def test_no_form_gives_the_value_back(
    hidden_from: dict[str, Client], rows: dict[str, Any]
) -> None:
    liquid = "{{ customer.salary }} {{ object.revenue.is }} {{ people[0].relationship.bonus }}"
    forms = ({}, {"template": liquid}, {"post": "yes", "attributes": '{"salary": 1}'})
    for address in every_address():
        if address.name in ("admin:logout", "admin:login"):
            continue
        for form in forms:
            answer = hidden_from["author"].post(path_of(address, rows), form)
            assert answer.status_code != 500, address.name
            assert SECRET.encode() not in body(answer), f"{address.name} {form}"


def test_no_action_tells_the_value(
    callers: dict[str, Client], hidden_from: dict[str, Client], rows: dict[str, Any]
) -> None:
    for name, address, key, action in every_action(callers["superuser"], rows):
        answer = hidden_from["author"].post(address, choice(key, action), follow=True)
        assert SECRET.encode() not in body(answer), f"{name}.{action}"


def test_the_api_answers_a_mask_to_a_key_without_the_right(
    blind_token: str, rows: dict[str, Any], first: Workspace
) -> None:
    seeing = api_token(first, Role.AUTHOR)
    for path in ("/api/people", "/api/objects", "/api/relationships"):
        hidden = Client().get(path, headers={"authorization": f"Bearer {blind_token}"})
        assert SECRET not in hidden.content.decode() and MASK in hidden.content.decode()
        shown = Client().get(path, headers={"authorization": f"Bearer {seeing}"})
        assert SECRET in shown.content.decode() and MASK not in shown.content.decode()


def told_by(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code < 500, path
    return body(answer)
