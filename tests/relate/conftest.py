"""A workspace with people and objects of two types, and members with each role."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from objects.models import Object, ObjectType
from people.models import Person
from relationships.models import Draft
from tests.make import make_object, make_person, make_type, make_workspace, member
from workspaces.models import Role, Workspace


@dataclass(frozen=True)
class World:
    """What the tests choose from."""

    workspace: Workspace
    companies: ObjectType
    people: list[Person]
    objects: list[Object]


def make_world(*, people: int = 3, objects: int = 2) -> World:
    workspace = make_workspace()
    companies = make_type(workspace, "Companies")
    make_type(workspace, "Courses")
    return World(
        workspace=workspace,
        companies=companies,
        people=[
            make_person(workspace, f"p{n}", {"name": f"Person {n}"}, email=f"p{n}@example.com")
            for n in range(people)
        ],
        objects=[
            make_object(companies, f"c{n}", {"name": f"Company {n}"}) for n in range(objects)
        ],
    )


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def author(world: World) -> Client:
    return sign_in(world.workspace, Role.AUTHOR)


def sign_in(workspace: Workspace, role: Role = Role.AUTHOR) -> Client:
    client = Client()
    client.force_login(member(role, workspace))
    return client


def start(**given: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in given.items())
    return reverse("admin:relate_start") + (f"?{query}" if query else "")


def step(draft: Draft, name: str) -> str:
    return reverse("admin:relate_step", args=[draft.pk, name])


def begin(client: Client, rows: list, **given: object) -> Draft:
    """Choose people on the first page, which makes the draft."""
    keys = [row.pk for row in rows]
    client.post(start(**given), {"step": "people", "shown": listed(keys), "chosen": keys})
    return Draft.objects.latest("pk")


def choose(client: Client, draft: Draft, name: str, rows: list, *, go: str = "next") -> object:
    keys = [row.pk for row in rows]
    posted = {"shown": listed(keys), "chosen": keys, "go": go}
    return client.post(step(draft, name), posted)


def listed(keys: list[int]) -> str:
    return ",".join(map(str, keys))


def ready(client: Client, world: World, attributes: str = "{}") -> Draft:
    """Go through every step up to the review."""
    draft = begin(client, world.people)
    client.post(step(draft, "type"), {"type": world.companies.number, "go": "next"})
    choose(client, draft, "objects", world.objects)
    client.post(step(draft, "attributes"), {"attributes": attributes, "go": "next"})
    draft.refresh_from_db()
    return draft


def confirm(client: Client, draft: Draft, **typed: object) -> object:
    posted = {"go": "confirm", "version": draft.version, "reason": "", **typed}
    return client.post(step(draft, "review"), posted)
