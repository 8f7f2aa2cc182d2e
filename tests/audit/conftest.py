"""A workspace with its admin, signed in, and the entries that were written."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.make import make_workspace, member
from workspaces.models import AuditEntry, Role, Workspace

Kind = AuditEntry.Kind


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace("First")


@pytest.fixture
def admin(workspace: Workspace) -> Client:
    return sign_in(workspace, Role.ADMIN, "ada")


@pytest.fixture
def entries() -> Callable[[], list[tuple[str, str, str]]]:
    """Give kind, actor and description of everything written so far, the oldest first."""
    return lambda: list(
        AuditEntry.objects.order_by("pk").values_list("kind", "actor", "description")
    )


def sign_in(workspace: Workspace, role: Role, username: str | None = None) -> Client:
    client = Client()
    client.force_login(member(role, workspace, username=username))
    return client
