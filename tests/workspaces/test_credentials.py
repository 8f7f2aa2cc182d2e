"""Keys: random enough, kept as hashes, found by their secret, useless once revoked."""

import pytest
from django.core.serializers import serialize

from tests.make import RECEIVED_AT, make_workspace
from workspaces.credentials import (
    CredentialError,
    create_credential,
    find_credential,
    revoke_credential,
)
from workspaces.models import Credential

pytestmark = pytest.mark.django_db
Kind = Credential.Kind


@pytest.mark.parametrize("kind", Kind)
def test_finds_a_key_by_its_secret(kind: Credential.Kind):
    workspace = make_workspace()
    made, secret = create_credential(workspace=workspace, kind=kind, name="key")
    found = find_credential(kind=kind, secret=secret, site_id=made.site_id)
    assert found == made
    assert found.workspace == workspace
    assert (found.prefix, found.role) == (secret[:8], "admin")


@pytest.mark.parametrize("kind", Kind)
def test_no_secret_is_stored(kind: Credential.Kind):
    _, secret = create_credential(workspace=make_workspace(), kind=kind, name="key")
    stored = serialize("json", Credential.objects.all())
    assert secret not in stored
    assert secret[8:] not in stored


def test_generated_track_keys_fit_on_one_line_of_base64():
    made, secret = create_credential(workspace=make_workspace(), kind=Kind.TRACK, name="key")
    assert (len(made.site_id), len(secret)) == (16, 32)


def test_a_secret_has_more_than_128_random_bits():
    workspace = make_workspace()
    secrets = {
        create_credential(workspace=workspace, kind=Kind.API, name="key")[1] for _ in range(50)
    }
    assert len(secrets) == 50
    assert all(len(secret) == 43 for secret in secrets)


@pytest.mark.parametrize("wrong", ["", "x", "ä", "\ud800", "x" * 10_000])
def test_does_not_find_a_wrong_secret(wrong: str):
    _, secret = create_credential(workspace=make_workspace(), kind=Kind.API, name="key")
    assert find_credential(kind=Kind.API, secret=wrong) is None
    assert find_credential(kind=Kind.API, secret=secret[:8] + wrong) is None
    assert find_credential(kind=Kind.API, secret=secret.swapcase()) is None


def test_a_key_opens_one_api_only():
    made, secret = create_credential(workspace=make_workspace(), kind=Kind.TRACK, name="key")
    assert find_credential(kind=Kind.TRACK, secret=secret) is None
    for kind in (Kind.APP, Kind.API, Kind.PIPELINES):
        assert find_credential(kind=kind, secret=secret, site_id=made.site_id) is None


def test_a_revoked_key_is_not_found():
    made, secret = create_credential(workspace=make_workspace(), kind=Kind.API, name="key")
    revoke_credential(made, at=RECEIVED_AT)
    assert find_credential(kind=Kind.API, secret=secret) is None


def test_a_known_secret_is_made_valid_again():
    workspace = make_workspace()
    made, _ = create_credential(workspace=workspace, kind=Kind.API, name="key", secret="known")
    revoke_credential(made, at=RECEIVED_AT)
    again, secret = create_credential(
        workspace=workspace, kind=Kind.API, name="key", secret="known"
    )
    assert (again, secret) == (made, "known")
    assert find_credential(kind=Kind.API, secret="known") == made


def test_a_secret_opens_one_workspace_only():
    create_credential(workspace=make_workspace(), kind=Kind.API, name="key", secret="known")
    with pytest.raises(CredentialError, match="another workspace"):
        create_credential(workspace=make_workspace(), kind=Kind.API, name="key", secret="known")


def test_one_secret_may_serve_several_apis_of_a_workspace():
    workspace = make_workspace()
    for kind in Kind:
        create_credential(
            workspace=workspace, kind=kind, name="key", secret="known", site_id="site"
        )
    assert Credential.objects.count() == 4


@pytest.mark.parametrize("secret", ["", "a b", "a:b", "ä", "a\n", "a" * 201])
def test_refuses_a_secret_that_cannot_be_sent(secret: str):
    with pytest.raises(CredentialError):
        create_credential(workspace=make_workspace(), kind=Kind.API, name="key", secret=secret)


def test_the_prefix_of_a_short_key_does_not_tell_it():
    made, _ = create_credential(
        workspace=make_workspace(), kind=Kind.API, name="key", secret="short"
    )
    assert made.prefix == "s"


def test_an_unknown_prefix_takes_the_same_statements(django_assert_num_queries):
    _, secret = create_credential(workspace=make_workspace(), kind=Kind.API, name="key")
    for wrong in (secret[:8] + "x", "unknown-prefix"):
        with django_assert_num_queries(1):
            assert find_credential(kind=Kind.API, secret=wrong) is None
