"""What every test of the App API may ask for."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from tests.make import make_workspace
from workspaces.credentials import create_credential
from workspaces.models import Credential, Role, Workspace


@dataclass
class App:
    """An App API key, and what it may call."""

    workspace: Workspace
    secret: str

    def call(self, method: str, path: str, body: Any = None) -> HttpResponse:
        """Send a body as JSON."""
        data = b"" if body is None else orjson.dumps(body)
        headers = {"authorization": f"Bearer {self.secret}"}
        return Client().generic(
            method, f"/v1/{path}", data, content_type="application/json", headers=headers
        )

    def get(self, path: str) -> Any:
        """Give the answer of a GET that succeeds."""
        response = self.call("GET", path)
        assert response.status_code == 200, response.content
        return response.json()

    def post(self, path: str, body: Any) -> Any:
        """Give the answer of a POST that succeeds."""
        response = self.call("POST", path, body)
        assert response.status_code == 200, response.content
        return response.json()


def app_caller(workspace: Workspace, *, role: Role = Role.ADMIN) -> App:
    """Make a key of the workspace and call with it."""
    kind = Credential.Kind.APP
    _, secret = create_credential(workspace=workspace, kind=kind, name="app", role=role)
    return App(workspace, secret)


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Give an empty workspace."""
    return make_workspace()


@pytest.fixture
def app(workspace: Workspace) -> App:
    """Call with a key of the workspace."""
    return app_caller(workspace)
