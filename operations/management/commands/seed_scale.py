"""`seed_scale`: a workspace with as many rows as are asked for."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from objects.models import ObjectType
from operations.bench.scale import SCALE_WORKSPACE, Scale
from operations.doors.days import count_days, counted_to, newest_activity
from operations.doors.origin import origin_from
from operations.engine import apply_stream, open_change_set
from operations.results import Status
from operations.types import Door
from people.models import Person
from workspaces.models import Workspace

ROWS = 100_000


class Command(BaseCommand):
    """Write made-up rows through the engine, as one change set."""

    help = "Fill an empty workspace with so many made-up objects, people and relationships."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the numbers and the name of the workspace."""
        parser.add_argument("--objects", type=int, default=ROWS)
        parser.add_argument("--people", type=int, default=ROWS)
        parser.add_argument("--relationships", type=int, default=3 * ROWS)
        parser.add_argument(
            "--workspace", default=SCALE_WORKSPACE, help="made when it is not there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a workspace that has something in it, else fill it."""
        sizes = [options[name] for name in ("objects", "people", "relationships")]
        if min(sizes) < 0:
            raise CommandError("a number of rows is 0 or more")
        workspace, _ = Workspace.objects.get_or_create(name=options["workspace"])
        if _has_rows(workspace):
            raise CommandError(f'the workspace "{workspace.name}" is not empty')
        began_at = monotonic()
        origin = origin_from(
            workspace_id=workspace.pk, door=Door.SYSTEM, actor="seed_scale", reason="Scale data"
        )
        calls = Scale(*sizes).calls(origin)
        totals = apply_stream(calls, change_set=open_change_set(origin))
        seconds, created = monotonic() - began_at, totals[Status.CREATED]
        settle()
        self.stdout.write(
            f"{created:,} rows in {seconds:,.0f} s ({created / seconds:,.0f} a second),"
            f" {totals[Status.REFUSED]} refused, {totals[Status.UNCHANGED]} twice."
        )


def settle() -> None:
    """Bring statistics and the counts of days up to date, as a server does some minutes later."""
    newest = newest_activity()
    while counted_to() < newest:
        count_days(up_to=newest)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _has_rows(workspace: Workspace) -> bool:
    return (
        ObjectType.objects.for_workspace(workspace).exists()
        or Person.objects.for_workspace(workspace).exists()
    )
