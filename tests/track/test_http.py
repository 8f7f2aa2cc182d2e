"""Keys, bodies and failures of the Track API: always JSON, never half of anything."""

import gzip
from typing import Any

import pytest
from django.db import OperationalError

from people.models import Person
from tests.make import make_workspace
from tests.track.caller import Track, basic, track_caller
from workspaces.credentials import create_credential
from workspaces.models import Credential

PATHS = [("PUT", "/api/v1/customers/ann"), ("POST", "/api/v2/entity"), ("POST", "/api/v2/batch")]
BODY = {"type": "person", "action": "identify", "identifiers": {"id": "ann"}, "attributes": {}}


def is_json(response: Any) -> bool:
    return response["Content-Type"] == "application/json; charset=utf-8" and response.json()


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", "Basic Og==", "Bearer x", basic("nobody", "wrong")]
)
def test_a_call_without_a_good_key_is_refused(
    track: Track, method: str, path: str, header: str
) -> None:
    response = track.call(method, path, BODY, authorization=header)
    assert response.status_code == 401
    assert response.json() == {"meta": {"error": "Unauthorized request"}}
    assert not Person.objects.exists()


def test_keys_of_other_apis_and_revoked_ones_open_nothing(track: Track) -> None:
    for kind in (Credential.Kind.API, Credential.Kind.APP, Credential.Kind.PIPELINES):
        credential, secret = create_credential(workspace=track.workspace, kind=kind, name="other")
        header = basic(credential.site_id or "x", secret)
        assert track.call(*PATHS[1], BODY, authorization=header).status_code == 401
    Credential.objects.filter(kind=Credential.Kind.TRACK).delete()
    assert track.call(*PATHS[1], BODY).status_code == 401


def test_a_key_reaches_its_workspace_only(track: Track) -> None:
    other = track_caller(make_workspace())
    other.entity(**BODY)
    track.entity(**BODY)
    assert Person.objects.for_workspace(track.workspace).count() == 1
    track.call("DELETE", "/api/v1/customers/ann")
    assert Person.objects.get().workspace_id == other.workspace.pk


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": 1e400}',
        b'{"a": "\\ud800"}',
        b'{"a": NaN}',
        b"[" * 1_000 + b"]" * 1_000,
        b"\xff\xfe\x00",
        b'{"a": ' + b"9" * 400 + b"}",
    ],
)
def test_a_broken_body_is_400(track: Track, method: str, path: str, body: bytes) -> None:
    response = track.call(method, path, body)
    assert response.status_code == 400
    assert is_json(response)
    assert not Person.objects.exists()


def test_a_nul_character_is_named(track: Track) -> None:
    for value in ({"a": "\0"}, {"\0": 1}):
        response = track.put("/api/v1/customers/ann", value)
        assert response.status_code == 400
        assert "NUL" in response.json()["meta"]["error"]
    assert track.put("/api/v1/customers/an%00n", {}).status_code == 400


def test_a_body_may_be_packed_and_begin_with_a_mark(track: Track) -> None:
    packed = gzip.compress(b'{"plan": "gold"}')
    response = track.call("PUT", "/api/v1/customers/ann", packed, **{"content-encoding": "gzip"})
    assert response.status_code == 200
    assert track.put("/api/v1/customers/bob", b"\xef\xbb\xbf{}").status_code == 200
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"{}", "gzip", 400),
        (gzip.compress(b"{}", mtime=0)[:-3], "gzip", 400),
        (gzip.compress(b"{}", mtime=0) * 2, "gzip", 400),
        (gzip.compress(b" " * 600_000, mtime=0), "gzip", 413),
        (b" " * 512_001, "identity", 413),
        (b"{}", "br", 415),
    ],
)
def test_a_body_that_is_packed_badly_or_too_long(
    track: Track, body: bytes, encoding: str, status: int
) -> None:
    for method, path in PATHS:
        headers = {"content-encoding": encoding}
        response = track.call(method, path, body, **headers)
        assert response.status_code == status
        assert is_json(response)


def test_other_methods_are_refused_in_json(track: Track) -> None:
    response = track.call("GET", "/api/v2/entity")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert is_json(response)


def test_a_database_that_is_away_is_503_with_a_time_to_try_again(
    track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("data_in.track.apply", fail)
    for method, path in PATHS[:2]:
        response = track.call(method, path, BODY)
        assert (response.status_code, response["Retry-After"]) == (503, "1")
        assert is_json(response)


def test_too_many_unknown_keys_have_to_wait(track: Track, settings: Any) -> None:
    settings.FAILED_TOKENS_PER_MINUTE = 3
    wrong = basic("nobody", "wrong")
    answers = [track.call(*PATHS[1], BODY, authorization=wrong) for _ in range(4)]
    assert [each.status_code for each in answers] == [401, 401, 401, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert track.call(*PATHS[1], BODY).status_code == 429
