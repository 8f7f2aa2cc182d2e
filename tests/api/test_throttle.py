"""Whoever guesses tokens has to wait; whoever has one does not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.caller import Caller, errors_of, token_caller
from tests.make import api_token
from workspaces.models import Credential, Workspace

pytestmark = pytest.mark.django_db
LIMIT = 5


@pytest.fixture(autouse=True)
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    settings.FAILED_TOKENS_PER_MINUTE = LIMIT
    times = [1_000.0]
    read = "operations.doors.rest_throttle.read_clock"
    monkeypatch.setattr(read, lambda: datetime.fromtimestamp(times[0], UTC))
    return times


def guess(times: int = 1, *, address: str = "127.0.0.1") -> Any:
    response = None
    for number in range(times):
        caller = Caller(f"guess-{number}-of-a-token")
        caller.client.defaults["REMOTE_ADDR"] = address
        response = caller.get("people")
    return response


def test_after_too_many_unknown_tokens_an_address_has_to_wait(clock: list[float]):
    assert guess(LIMIT).status_code == 401
    response = guess()
    assert response.status_code == 429
    (error,) = errors_of(response)
    assert error["code"] == "throttled"
    assert "too many unknown tokens" in error["message"]
    assert int(response.headers["Retry-After"]) == 60
    clock[0] += 61
    assert guess().status_code == 401


def test_a_token_that_was_not_used_from_there_has_to_wait_too(workspace: Workspace):
    """Else the answer would tell a right guess from a wrong one."""
    caller = token_caller(workspace)
    guess(LIMIT)
    assert caller.get("people").status_code == 429


def test_a_token_that_has_worked_from_there_goes_on_working(workspace: Workspace):
    caller = token_caller(workspace)
    assert caller.get("people").status_code == 200
    guess(LIMIT + 1)
    assert caller.get("people").status_code == 200
    Credential.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert caller.get("people").status_code == 401
    assert caller.get("people").status_code == 429


def test_other_addresses_are_not_concerned(workspace: Workspace):
    guess(LIMIT + 1)
    assert guess(address="192.0.2.7").status_code == 401


def test_an_ipv6_network_counts_as_one_address():
    for number in range(LIMIT):
        assert guess(address=f"2001:db8::{number}").status_code == 401
    assert guess(address="2001:db8::ffff").status_code == 429
    assert guess(address="2001:db8:0:1::1").status_code == 401


def test_right_tokens_are_never_counted(workspace: Workspace):
    secret = api_token(workspace)
    codes = {Caller(secret).get("people").status_code for _ in range(3 * LIMIT)}
    assert codes == {200}


def test_no_limit_where_the_setting_says_so(settings: Any):
    settings.FAILED_TOKENS_PER_MINUTE = 0
    assert guess(3 * LIMIT).status_code == 401


def test_behind_a_proxy_the_address_is_the_one_that_it_added(settings: Any):
    settings.IS_BEHIND_PROXY = True
    for number in range(LIMIT + 1):
        forged = {"x-forwarded-for": f"198.51.100.{number}, 192.0.2.1"}
        code = Caller(f"guess-{number}-of-a-token").get("people", **forged).status_code
    assert code == 429


def test_the_schema_tells_that_it_can_happen():
    paths = Caller().get("schema?format=json").json()["paths"]
    assert "429" in paths["/api/people"]["get"]["responses"]
