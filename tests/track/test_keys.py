"""Every address for programs asks for a key of its own kind, and cookies open none of them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

import cioapp.app_urls
import data_in.track_urls
from tests.make import make_superuser, make_workspace
from tests.track.caller import basic
from workspaces.credentials import create_credential
from workspaces.models import Credential, Workspace

VALUES = {
    "(?P<identifier>.+)": "ann",
    "(?P<token>.+)": "t1",
    "(?P<form_id>.+)": "f1",
    "(?P<object_id>.+)": "acme",
    "(?P<segment>[0-9]{1,9})": "1",
    "(?P<number>[0-9]{1,10})": "1",
    "(?P<number>[0-9]{1,9})": "1",
    "(?P<action>add|remove)": "add",
    "(?:api/v1/)?": "",
}
METHODS = ("GET", "POST", "PUT", "DELETE")
# It carries no key: the link stands in a message that anybody may forward.
OPEN = "/unsubscribe/"


def paths() -> list[str]:
    """List the addresses, with something in the place of each key."""
    found = []
    for module, prefix in ((data_in.track_urls, "/"), (cioapp.app_urls, "/v1/")):
        for pattern in module.urlpatterns:
            route = str(pattern.pattern).strip("^$")
            for key, value in VALUES.items():
                route = route.replace(key, value)
            found.append(prefix + route)
    return [path for path in found if not path.startswith(OPEN)]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


def refused(client: Client, path: str, header: str = "") -> bool:
    """Tell whether no method gets further than to the question for a key."""
    headers = {"authorization": header} if header else {}
    statuses = {
        client.generic(method, path, b"{}", headers=headers).status_code for method in METHODS
    }
    return statuses <= {401, 405} and 401 in statuses


def test_no_address_answers_without_its_key(workspace: Workspace) -> None:
    superuser: User = make_superuser()
    signed_in = Client()
    signed_in.force_login(superuser)
    found = paths()
    assert len(found) > 35
    for path in found:
        assert refused(Client(), path), path
        assert refused(signed_in, path), path


def test_keys_of_another_kind_open_nothing(workspace: Workspace, settings) -> None:
    settings.FAILED_TOKENS_PER_MINUTE = 0
    headers = {}
    for kind in Credential.Kind:
        credential, secret = create_credential(workspace=workspace, kind=kind, name=kind)
        headers[kind] = (basic(credential.site_id or secret, secret), f"Bearer {secret}")
    for path in paths():
        own = Credential.Kind.APP if path.startswith("/v1/") else Credential.Kind.TRACK
        for kind, both in headers.items():
            if kind != own:
                assert all(refused(Client(), path, header) for header in both), (path, kind)
