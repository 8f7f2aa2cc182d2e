"""Makes and drops the databases of a run, so that no data of the user is touched."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg.sql import SQL, Identifier

LOCAL_SERVER: Final = "postgres://postgres@127.0.0.1:5432/postgres"
CONNECT_TIMEOUT_SECONDS: Final = 3


class Scratch(Protocol):
    """A database with the product's empty tables, which can be had fresh again and again."""

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that works in the scratch database."""

    def renew(self) -> None:
        """Go back to empty tables."""


@dataclass(frozen=True, slots=True)
class SqliteScratch:
    """A file in a temporary directory."""

    directory: Path

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that works in the scratch database."""
        return _environment(self.directory, url=f"sqlite:///{self.directory / 'db.sqlite3'}")

    def renew(self) -> None:
        """Go back to empty tables."""
        template, used = self.directory / "template.sqlite3", self.directory / "db.sqlite3"
        if not template.exists():
            migrate(self)
            used.rename(template)
        for suffix in ("", "-wal", "-shm"):
            used.with_name(used.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(template, used)


@dataclass(frozen=True, slots=True)
class PostgresScratch:
    """A database of its own, cloned from one that is migrated once."""

    directory: Path
    server_url: str

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that works in the scratch database."""
        return _environment(self.directory, url=_with_database(self.server_url, self._name()))

    def renew(self) -> None:
        """Go back to empty tables."""
        template = f"{self._name()}_template"
        with _administration(self.server_url) as server:
            names = server.execute("SELECT datname FROM pg_database").fetchall()
            if (template,) not in names:
                self._make_template(server, template=template)
            _drop(server, self._name())
            create = SQL("CREATE DATABASE {} TEMPLATE {}")
            server.execute(create.format(Identifier(self._name()), Identifier(template)))
            # A parallel worker ends with its statement, and its CPU time with it.
            alter = SQL("ALTER DATABASE {} SET max_parallel_workers_per_gather = 0")
            server.execute(alter.format(Identifier(self._name())))

    def drop(self) -> None:
        """Remove both databases."""
        with _administration(self.server_url) as server:
            _drop(server, self._name())
            _drop(server, f"{self._name()}_template")

    def _make_template(self, server: psycopg.Connection, *, template: str) -> None:
        create = SQL("CREATE DATABASE {}").format(Identifier(self._name()))
        server.execute(create)
        migrate(self)
        rename = SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(Identifier(self._name()), Identifier(template)))

    def _name(self) -> str:
        return f"bench_{os.getpid()}"


@contextmanager
def open_scratch(vendor: str) -> Iterator[Scratch]:
    """Make a scratch database of this vendor and remove it at the end."""
    with TemporaryDirectory(prefix="bench-", dir=settings.DATA_DIR) as name:
        directory = Path(name)
        if vendor == "sqlite":
            yield SqliteScratch(directory)
            return
        scratch = PostgresScratch(directory, server_url())
        try:
            yield scratch
        finally:
            scratch.drop()


def server_url() -> str:
    """Return the address of the PostgreSQL server: the configured one or that on this host."""
    configured = settings.DATABASE_URL
    if configured.startswith(("postgres", "psql")):
        return str(configured)
    return os.environ.get("CIO_TEST_DATABASE_URL", LOCAL_SERVER)


def why_not_postgresql() -> str:
    """Say why the PostgreSQL server cannot be used; empty when it can."""
    try:
        _administration(server_url()).close()
    except psycopg.Error as error:
        return str(error).strip()
    return ""


def migrate(scratch: Scratch) -> None:
    """Make the product's tables."""
    run_manage("migrate", "--verbosity", "0", environment=scratch.environment())


def run_manage(*arguments: str, environment: dict[str, str]) -> str:
    """Run a management command in a process of its own and return what it prints."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(  # noqa: S603, our own command
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def _environment(directory: Path, *, url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "CIO_DATA_DIR": str(directory)}


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _administration(url: str) -> psycopg.Connection:
    plain = urlunsplit(urlsplit(url)._replace(scheme="postgresql", query=""))
    return psycopg.connect(
        _with_database(plain, "postgres"),
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
    )


def _drop(server: psycopg.Connection, name: str) -> None:
    server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
