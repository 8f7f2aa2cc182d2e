"""The command that makes a workspace and its keys."""

import pytest
from django.core.management import CommandError, call_command

from tests.make import make_person
from workspaces.credentials import find_credential
from workspaces.models import Credential, Workspace

pytestmark = pytest.mark.django_db
Kind = Credential.Kind
KEYS = {
    "site_id": "site",
    "api_key": "track-key",
    "app_key": "app-key",
    "write_key": "write-key",
    "api_token": "api-token",
}


def test_makes_a_workspace_and_prints_generated_keys_once(capsys):
    call_command("create_workspace", name="Acme")
    printed = capsys.readouterr().out
    lines = dict(line.strip().split(": ") for line in printed.splitlines() if ": " in line)
    assert len(lines) == 4
    workspace = Workspace.objects.get(name="Acme")
    token = lines["REST API token"]
    assert find_credential(kind=Kind.API, secret=token).workspace == workspace
    site_id, secret = lines["Track API site id and key"].split(":")
    assert find_credential(kind=Kind.TRACK, secret=secret, site_id=site_id) is not None
    call_command("create_workspace", name="Acme")
    assert "Generated" not in capsys.readouterr().out
    assert Credential.objects.count() == 4


def test_given_keys_are_valid_and_not_printed(capsys):
    call_command("create_workspace", name="Acme", **KEYS)
    printed = capsys.readouterr().out
    assert not [secret for secret in KEYS.values() if secret in printed]
    assert find_credential(kind=Kind.TRACK, secret="track-key", site_id="site") is not None
    for kind, secret in (
        (Kind.APP, "app-key"),
        (Kind.PIPELINES, "write-key"),
        (Kind.API, "api-token"),
    ):
        assert find_credential(kind=kind, secret=secret) is not None


def test_run_again_it_keeps_the_data_and_adds_keys():
    call_command("create_workspace", name="Acme", **KEYS)
    make_person(Workspace.objects.get(name="Acme"), "ada")
    call_command("create_workspace", name="Acme", **KEYS)
    assert Credential.objects.count() == 4
    call_command("create_workspace", name="Acme", api_token="second")
    assert Credential.objects.count() == 5
    assert Workspace.objects.filter(name="Acme").count() == 1
    assert find_credential(kind=Kind.API, secret="api-token") is not None


def test_limits_stay_unless_they_are_given():
    call_command("create_workspace", name="Acme")
    assert Workspace.objects.get(name="Acme").limits == "standard"
    call_command("create_workspace", name="Acme", limits="customerio")
    call_command("create_workspace", name="Acme")
    assert Workspace.objects.get(name="Acme").limits == "customerio"


def test_a_site_id_gets_a_generated_key_once(capsys):
    call_command("create_workspace", name="Acme", site_id="site")
    assert "Track API site id and key: site:" in capsys.readouterr().out
    call_command("create_workspace", name="Acme", site_id="site")
    assert Credential.objects.filter(kind=Kind.TRACK).count() == 1


@pytest.mark.parametrize(
    "options",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "Acme", "api_key": "key"},
        {"name": "Acme", "api_token": "two words"},
    ],
)
def test_refuses_what_it_cannot_keep(options: dict[str, str]):
    with pytest.raises(CommandError):
        call_command("create_workspace", **options)
    assert not Workspace.objects.filter(name="Acme").exists()


def test_refuses_a_key_of_another_workspace():
    call_command("create_workspace", name="Acme", api_token="token")
    with pytest.raises(CommandError, match="another workspace"):
        call_command("create_workspace", name="Other", api_token="token")
    assert not Workspace.objects.filter(name="Other").exists()
