"""Two workspaces, a caller for each role, and a row of the first workspace for each address."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client

from tests.make import api_token, make_superuser, make_workspace, member
from tests.roles.rows import make_rows
from workspaces.models import Role, Workspace


@pytest.fixture
def first(db: None) -> Workspace:
    return make_workspace("First")


@pytest.fixture
def second(db: None) -> Workspace:
    return make_workspace("Second")


@pytest.fixture
def callers(first: Workspace, second: Workspace) -> dict[str, Client]:
    """Give a browser for each column of the table."""
    users = {
        "viewer": member(Role.VIEWER, first),
        "author": member(Role.AUTHOR, first),
        "admin": member(Role.ADMIN, first),
        "stranger": member(Role.ADMIN, second),
        "superuser": make_superuser(),
    }
    clients = {name: Client(raise_request_exception=False) for name in ("anonymous", *users)}
    for name, user in users.items():
        clients[name].force_login(user)
    session = clients["superuser"].session
    session["workspace_id"] = first.pk
    session.save()
    return clients


@pytest.fixture
def tokens(first: Workspace, second: Workspace) -> dict[str, str]:
    """Give a token for each column of the table; a superuser has none of its own."""
    return {
        "viewer": api_token(first, Role.VIEWER),
        "author": api_token(first, Role.AUTHOR),
        "admin": api_token(first, Role.ADMIN),
        "stranger": api_token(second, Role.ADMIN),
    }


@pytest.fixture
def rows(first: Workspace, second: Workspace, settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.DATA_DIR = tmp_path
    return make_rows(first, second)


def everything(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Give all rows of a workspace, and who may do what anywhere."""
    found = {
        model._meta.label: model._default_manager.order_by("pk").filter(workspace=workspace)
        for model in apps.get_models()
        if any(field.name == "workspace" for field in model._meta.fields)
    }
    found["workspaces.Workspace"] = Workspace.objects.filter(pk=workspace.pk)
    # Every member has columns and views of their own; what is shared is not theirs to change.
    del found["workspaces.ColumnChoice"]
    found["workspaces.SavedView"] = found["workspaces.SavedView"].filter(is_shared=True)
    users = User.objects.order_by("pk").values("username", "password", "is_superuser", "is_staff")
    kept = {label: list(rows.values()) for label, rows in found.items()}
    return kept | {"auth.User": list(users)}
