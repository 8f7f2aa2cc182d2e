"""`manage.py create_workspace`: make a workspace and the keys that open it."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from operations.doors.audit import BY_COMMAND, record
from workspaces.credentials import (
    CredentialError,
    IssuedKey,
    KnownKeys,
    ensure_credentials,
    ensure_workspace,
)
from workspaces.models import AuditEntry, Workspace

# 128 random bits are 22 URL-safe characters.
GUESSABLE_CHARS = 22


class Command(BaseCommand):
    """Make a workspace; run again, it keeps what is there and adds the keys that are given."""

    help = (
        "Make a workspace and its keys. Repeatable: an existing workspace keeps its data and its "
        "keys, and given keys are made valid. Generated secrets are printed once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--name", required=True, help="name of the workspace")
        parser.add_argument("--site-id", help="Track API site id")
        parser.add_argument("--api-key", help="Track API key")
        parser.add_argument("--app-key", help="App API key")
        parser.add_argument("--write-key", help="Pipelines write key")
        parser.add_argument("--api-token", help="bearer token of the REST API under /api/")
        parser.add_argument("--limits", choices=Workspace.Limits.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing and print what was generated."""
        limits = Workspace.Limits(options["limits"]) if options["limits"] else None
        keys = KnownKeys(**{name: options[name] for name in KnownKeys.__slots__})
        _check_name(options["name"])
        try:
            with transaction.atomic():
                workspace, is_made = ensure_workspace(options["name"], limits=limits)
                known = set(workspace.credentials.values_list("pk", flat=True))
                issued = ensure_credentials(workspace, keys)
                _record(workspace, is_made=is_made, known=known)
        except CredentialError as error:
            raise CommandError(str(error)) from None
        state = "made" if is_made else "was there already; its data is kept"
        self.stdout.write(f'Workspace "{workspace.name}" {state} ({workspace.limits} limits).')
        self._print_issued(issued)
        for name in KnownKeys.__slots__:
            given = options[name]
            if name != "site_id" and given and len(given) < GUESSABLE_CHARS:
                option = name.replace("_", "-")
                self.stderr.write(
                    f"--{option} is short enough to be guessed; use it for tests only"
                )

    def _print_issued(self, issued: list[IssuedKey]) -> None:
        if not issued:
            return
        self.stdout.write("Generated keys, shown this once:")
        for key in issued:
            site_id = f"{key.credential.site_id}:" if key.credential.site_id else ""
            label = key.credential.get_kind_display()
            self.stdout.write(f"  {label}: {site_id}{key.secret}")


def _record(workspace: Workspace, *, is_made: bool, known: set[int]) -> None:
    if is_made:
        said = f"Made the workspace {workspace}"
        record(BY_COMMAND, AuditEntry.Kind.WORKSPACE_CREATED, said, workspace=workspace)
    for key in workspace.credentials.exclude(pk__in=known).order_by("pk"):
        record(
            BY_COMMAND,
            AuditEntry.Kind.KEY_CREATED,
            f"Made the key {key}",
            workspace=workspace,
            details={"key": key.pk, "kind": key.kind},
        )


def _check_name(name: str) -> None:
    try:
        Workspace(name=name).clean_fields()
    except ValidationError as error:
        raise CommandError(f"--name: {error.message_dict['name'][0]}") from None
