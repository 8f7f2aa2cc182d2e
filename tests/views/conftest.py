"""Clients with each role, and helpers to open lists and read their cells."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import sign_in
from tests.make import make_workspace
from workspaces.models import Role, Workspace


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


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


def shown(answer: Any) -> list[str]:
    """Name the columns that a list shows."""
    return [column.code for column in answer.context["columns"].shown]
