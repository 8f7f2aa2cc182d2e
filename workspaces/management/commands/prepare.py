"""Make an installation ready to start: tables, a first user, demo data, files and upkeep."""

import hashlib
import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from operations.tasks import schedule_maintenance

ADMIN_NAME = "admin"
DEMO_WORKSPACE = "Default"
PASSWORD_BYTES = 12
# A workspace that never held any of these has not been used.
SIGNS_OF_USE = (
    ("operations", "Activity"),
    ("objects", "ObjectType"),
    ("people", "Person"),
)


class Command(BaseCommand):
    """Do what is missing, and nothing twice: one process, so that a later start is quick."""

    help = "Migrate, make the first admin user, and collect static files, where still to be done."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the wish for demo data."""
        parser.add_argument(
            "--demo", action="store_true", help="fill an unused Default workspace with demo data"
        )

    def handle(self, *_: Any, demo: bool, **__: Any) -> None:
        """Run the steps in order."""
        self.check(tags=[Tags.security, Tags.database], databases=["default"])
        self._migrate()
        if demo and _is_unused(DEMO_WORKSPACE):
            self.stdout.write("Filling the workspace with demo data")
            call_command("seed_demo", "--workspace", DEMO_WORKSPACE)
        if settings.STATIC_IS_COLLECTED:
            self._collect_static()
        self._make_admin()
        schedule_maintenance()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database")
            call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        stamp = settings.DATA_DIR / "static.sha256"
        wanted = _hash_static_sources()
        if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
            return
        self.stdout.write("Collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted, encoding="ascii")

    def _make_admin(self) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        given = os.environ.get("CIO_ADMIN_PASSWORD")
        password = given or secrets.token_urlsafe(PASSWORD_BYTES)
        users.create_superuser(ADMIN_NAME, password=password)
        shown = "the one in CIO_ADMIN_PASSWORD" if given else f"{password} (shown this once)"
        self.stdout.write(f"User: {ADMIN_NAME}  Password: {shown}")


def _is_unused(workspace_name: str) -> bool:
    return not any(
        apps.get_model(app, model).objects.filter(workspace__name=workspace_name).exists()
        for app, model in SIGNS_OF_USE
    )


def _hash_static_sources() -> str:
    """Hash what static files come from: the pinned packages and our own files."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for path in sorted(_own_static_files()):
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _own_static_files() -> list[Path]:
    return [
        path
        for directory in settings.BASE_DIR.glob("*/static")
        if directory != settings.STATIC_ROOT
        for path in directory.rglob("*")
        if path.is_file()
    ]
