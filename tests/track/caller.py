"""Calls the Track API as a client library does."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from workspaces.credentials import create_credential
from workspaces.models import Credential, Workspace


@dataclass
class Track:
    """A site id and a key, and what they may call."""

    workspace: Workspace
    authorization: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send a body as it is where it is bytes, else as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        headers = {"authorization": self.authorization} | headers
        return Client().generic(
            method, path, data, content_type="application/json", headers=headers
        )

    def put(self, path: str, body: Any = None) -> HttpResponse:
        """Send a PUT."""
        return self.call("PUT", path, body)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        """Send a POST."""
        return self.call("POST", path, body)

    def delete(self, path: str) -> HttpResponse:
        """Send a DELETE with the empty object that some clients add."""
        return self.call("DELETE", path, {})

    def entity(self, **item: Any) -> HttpResponse:
        """Send one item to v2."""
        return self.post("/api/v2/entity", item)

    def batch(self, *items: Any) -> HttpResponse:
        """Send items to v2."""
        return self.post("/api/v2/batch", {"batch": list(items)})


def track_caller(workspace: Workspace) -> Track:
    """Make a key of the workspace and call with it."""
    credential, secret = create_credential(
        workspace=workspace, kind=Credential.Kind.TRACK, name="track"
    )
    return Track(workspace, basic(credential.site_id, secret))


def basic(user: str, secret: str) -> str:
    """Write the header of basic authentication."""
    return f"Basic {b64encode(f'{user}:{secret}'.encode()).decode()}"
