"""What the checks say about the settings and the database."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from cioapp import checks

GOOD_KEY = "k9Vw3xQ7zT1pLm5rYb8nHd2sGf4jCa6eUo0iKt-QqWwEeRrTtY"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SECRET_KEY": "change-me"}, "cioapp.E002"),
        ({"SECRET_KEY": "django-insecure-" + GOOD_KEY}, "cioapp.E002"),
        ({"SECRET_KEY": GOOD_KEY[:49]}, "cioapp.E002"),
        ({"SECRET_KEY": "ab" * 40}, "cioapp.E002"),
        ({"ALLOWED_HOSTS": ["*"]}, "cioapp.E003"),
        ({"DEBUG": True, "IS_HTTPS": True}, "cioapp.E001"),
    ],
)
def test_an_unsafe_installation_is_refused(settings, changed, code):
    for name, value in changed.items():
        setattr(settings, name, value)
    assert [message.id for message in checks.check_production_settings()] == [code]


@pytest.mark.parametrize("changed", [{}, {"IS_HTTPS": True}, {"SECRET_KEY": GOOD_KEY}])
def test_a_safe_installation_is_not(settings, changed):
    for name, value in changed.items():
        setattr(settings, name, value)
    assert checks.check_production_settings() == []


def test_a_sample_key_is_enough_for_debugging(settings):
    settings.SECRET_KEY, settings.DEBUG = "change-me", True
    assert checks.check_production_settings() == []


def test_https_without_a_proxy_names_the_variable(settings):
    settings.IS_HTTPS = True
    assert "CIO_BEHIND_PROXY" in checks.check_proxy()[0].hint
    settings.IS_BEHIND_PROXY = True
    assert checks.check_proxy() == []


@pytest.mark.sqlite_only
def test_a_pool_on_sqlite_is_pointed_out(monkeypatch):
    monkeypatch.setenv("CIO_POOL_MAX_CONNECTIONS", "5")
    assert [message.id for message in checks.check_settings_fit_database()] == ["cioapp.W001"]


@pytest.fixture
def found(db):
    """Run the checks of the databases and give the codes of what they found."""
    return lambda: [message.id for message in run_checks(tags=["database"], databases=["default"])]


def test_the_database_as_set_up_keeps_what_it_acknowledges(found):
    assert found() == []


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_sqlite_that_may_lose_a_commit_is_pointed_out(found):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
    try:
        assert found() == ["cioapp.W003"]
    finally:
        connection.close()


@pytest.mark.postgresql_only
def test_postgresql_that_may_lose_a_commit_is_refused(found):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert found() == ["cioapp.E004"]


@pytest.mark.postgresql_only
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TimeZone", "UTC"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "1min"),
    ],
)
def test_a_postgresql_session_has_its_limits(db, name, value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        assert cursor.fetchone() == (value,)
