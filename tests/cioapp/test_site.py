"""Signing in, sessions and headers, through the pages."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from cioapp.client_address import find_client_address

LOGIN = "/admin/login/"
PASSWORD = "a long enough phrase"


@pytest.fixture
def ada(db):
    return User.objects.create_superuser("ada", password=PASSWORD)


def sign_in(client, password):
    return client.post(LOGIN, {"username": "ada", "password": password})


def test_the_root_leads_to_the_admin(client):
    response = client.get("/")
    assert (response.status_code, response.url) == (302, "/admin/")


def test_the_sixth_try_with_a_wrong_password_is_locked_out_and_others_are_not(ada, client):
    User.objects.create_superuser("bob", password=PASSWORD)
    for _ in range(4):
        assert sign_in(client, "wrong").status_code == 200
    assert sign_in(client, "wrong").status_code == 429
    assert sign_in(client, PASSWORD).status_code == 429
    other = client.post(LOGIN, {"username": "bob", "password": PASSWORD})
    assert other.status_code == 302


@pytest.mark.parametrize(("is_behind_proxy", "address"), [(False, "10.0.0.1"), (True, "9.9.9.9")])
def test_a_forwarded_address_is_believed_only_behind_a_proxy(
    rf, settings, is_behind_proxy, address
):
    settings.IS_BEHIND_PROXY = is_behind_proxy
    headers = {"x-forwarded-for": "1.1.1.1, 9.9.9.9"}
    assert find_client_address(rf.get("/", headers=headers, REMOTE_ADDR="10.0.0.1")) == address


def test_a_good_password_forgets_the_wrong_ones(ada, client):
    for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong", "wrong"):
        client.logout()
        assert sign_in(client, password).status_code != 429


def test_a_session_is_renewed_once_an_hour_and_not_for_every_page(ada, client, statements):
    client.force_login(ada)
    client.get("/admin/")
    first = Session.objects.get().expire_date
    with statements() as run:
        client.get("/admin/")
    assert not [entry for entry in run if "UPDATE" in entry["sql"]]
    session = client.session
    session["renewed_at"] -= 3601
    session.save()
    client.get("/admin/")
    assert Session.objects.get().expire_date > first


def test_an_anonymous_visitor_gets_no_session(client, db):
    client.get(LOGIN)
    assert not Session.objects.exists()


@pytest.mark.parametrize("path", [LOGIN, "/static/unfold/css/styles.css", "/nothing-here"])
def test_every_answer_carries_the_security_headers(client, db, path):
    response = client.get(path)
    assert "script-src 'self' 'unsafe-eval'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
