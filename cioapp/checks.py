"""System checks: what an installation must not start with, and what slows or endangers it."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

SECRET_KEY_MIN_CHARS = 50
SECRET_KEY_MIN_DIFFERENT_CHARS = 5
SAMPLE_KEY_STARTS = ("django-insecure-", "change-me", "changeme", "secret")
POSTGRESQL_OLDEST = (15, 0)
POSTGRESQL_ONLY = ("CIO_POOL_MAX_CONNECTIONS",)


def register_checks() -> None:
    """Register every check of this file."""
    checks.register(check_production_settings, checks.Tags.security)
    checks.register(check_proxy, checks.Tags.security, deploy=True)
    checks.register(check_settings_fit_database, checks.Tags.compatibility)
    checks.register(check_databases, checks.Tags.database)


def refuse_unsafe_settings() -> None:
    """Stop the web server, which runs no checks of its own, where manage.py would stop."""
    messages = [error.msg for error in check_production_settings()]
    if messages:
        raise ImproperlyConfigured(" ".join(messages))


def check_production_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse debug pages, a sample key and any host on a server that others can reach."""
    found: list[checks.CheckMessage] = []
    if settings.DEBUG and settings.IS_HTTPS:
        message = "CIO_DEBUG=1 shows settings to everyone and CIO_PUBLIC_URL is https."
        found.append(checks.Error(message, hint="Remove CIO_DEBUG.", id="cioapp.E001"))
    if settings.DEBUG:
        return found
    if _is_weak(settings.SECRET_KEY):
        message = (
            f"CIO_SECRET_KEY is a sample, has fewer than {SECRET_KEY_MIN_CHARS} characters or"
            " repeats a few."
        )
        hint = "Remove it and one is made in CIO_DATA_DIR, or set 50 random characters."
        found.append(checks.Error(message, hint=hint, id="cioapp.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        message = "CIO_ALLOWED_HOSTS holds *, so any host name would be believed."
        hint = "Name the hosts, or set CIO_PUBLIC_URL."
        found.append(checks.Error(message, hint=hint, id="cioapp.E003"))
    return found


def check_proxy(**_: Any) -> list[checks.CheckMessage]:
    """Warn of the redirect loop of a server that does not know that https ends before it."""
    if not settings.IS_HTTPS or settings.IS_BEHIND_PROXY:
        return []
    message = "CIO_PUBLIC_URL is https and CIO_BEHIND_PROXY is not set."
    hint = "Set CIO_BEHIND_PROXY=1 when a proxy ends https and sets X-Forwarded-Proto itself."
    return [checks.Info(message, hint=hint, id="cioapp.I001")]


def check_settings_fit_database(**_: Any) -> list[checks.CheckMessage]:
    """Warn of a setting that has no effect on SQLite."""
    if not settings.IS_SQLITE:
        return []
    return [
        checks.Warning(f"{name} has no effect on SQLite.", id="cioapp.W001")
        for name in POSTGRESQL_ONLY
        if name in os.environ
    ]


def check_databases(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Ask each database whether it keeps what it acknowledged; run by migrate."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor == "postgresql":
            found += _check_postgresql(connection)
        else:
            found += _check_sqlite(connection)
    return found


def _check_postgresql(connection: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        synchronous_commit, fsync = cursor.fetchone()
    if "off" in (synchronous_commit, fsync):
        message = (
            f"PostgreSQL runs with synchronous_commit={synchronous_commit} and fsync={fsync}:"
            " an acknowledged call can be lost."
        )
        found.append(checks.Error(message, hint="Set both to on.", id="cioapp.E004"))
    if connection.get_database_version() < POSTGRESQL_OLDEST:
        message = "PostgreSQL 15 is the oldest that is tested."
        found.append(checks.Warning(message, id="cioapp.W002"))
    return found


def _check_sqlite(connection: Any) -> list[checks.CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pragma_journal_mode(), pragma_synchronous()")
        journal_mode, synchronous = cursor.fetchone()
    if (journal_mode, synchronous) == ("wal", 2):
        return []
    message = (
        f"SQLite runs with journal_mode={journal_mode} and synchronous={synchronous}: an"
        " acknowledged call can be lost, and readers wait for writers."
    )
    hint = "Keep the data directory on a local disk: write-ahead logging fails on network disks."
    return [checks.Warning(message, hint=hint, id="cioapp.W003")]


def _is_weak(key: str) -> bool:
    return (
        len(key) < SECRET_KEY_MIN_CHARS
        or len(set(key)) < SECRET_KEY_MIN_DIFFERENT_CHARS
        or key.lower().startswith(SAMPLE_KEY_STARTS)
    )
