"""Calls the REST API as a program or as a member would."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from operations.json import dump, parse
from tests.make import api_token
from workspaces.models import Role, Workspace

JSON_TYPE = "application/json"


class Caller:
    """A client of the API; bodies are Python values, or bytes that are sent as they are."""

    def __init__(self, token: str | None = None, *, checks_csrf: bool = False) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        self.client = Client(headers=headers, enforce_csrf_checks=checks_csrf)
        self.client.raise_request_exception = False

    def get(self, path: str, query: Any = None, **headers: str) -> HttpResponse:
        """Read."""
        return self.client.get(f"/api/{path}", query, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """Create."""
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """Change."""
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        """Delete."""
        return self.client.delete(f"/api/{path}", headers=headers)

    def send(
        self, method: str, path: str, body: Any, *, content_type: str = JSON_TYPE, **headers: str
    ) -> HttpResponse:
        """Send a body of any kind."""
        data = body if isinstance(body, bytes) else dump(body)
        return self.client.generic(
            method, f"/api/{path}", data, content_type=content_type, headers=headers
        )


def token_caller(workspace: Workspace, role: Role | str = Role.ADMIN) -> Caller:
    """Call with a token of the workspace."""
    return Caller(api_token(workspace, role))


def member_caller(user: User, *, checks_csrf: bool = False) -> Caller:
    """Call with the session of somebody who is signed in."""
    caller = Caller(checks_csrf=checks_csrf)
    caller.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return caller


def errors_of(response: HttpResponse) -> list[dict[str, Any]]:
    """Give the errors of a refused call, which must have the one shape."""
    assert response.headers["Content-Type"] == JSON_TYPE, response.content[:200]
    answer: Any = parse(response.content)
    assert answer["errors"], answer
    for error in answer["errors"]:
        assert set(error) == {"index", "field", "code", "message"}
        assert error["message"]
    found: list[dict[str, Any]] = answer["errors"]
    return found
