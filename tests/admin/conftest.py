"""Clients that are signed in with each role, and a workspace with a few rows."""

from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from people.models import Person
from relationships.models import Relationship
from tests.make import make_object, make_person, make_type, make_workspace, member, relate
from workspaces.models import Role, Workspace


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Passwords are not what is tested here, and a real hash takes most of a test's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def company(workspace: Workspace) -> Object:
    companies = make_type(workspace, "Companies")
    return make_object(companies, "acme", {"name": "Acme", "plan": "gold", "seats": 3})


@pytest.fixture
def person(workspace: Workspace) -> Person:
    return make_person(workspace, "ann", {"name": "Ann Lee"}, email="ann@example.com")


@pytest.fixture
def relationship(person: Person, company: Object) -> Relationship:
    return relate(person, company, {"role": "owner"})


def sign_in(workspace: Workspace | None, role: Role | str = Role.ADMIN) -> Client:
    client = Client()
    client.force_login(member(role, workspace))
    return client


@pytest.fixture
def admin(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.ADMIN)


@pytest.fixture
def author(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.AUTHOR)


@pytest.fixture
def viewer(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> Client:
    return sign_in(make_workspace(), Role.ADMIN)
