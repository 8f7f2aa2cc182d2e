"""Fill an empty workspace with made-up companies, courses, people and relationships."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from data_in.demo import demo_calls, demo_types
from objects.models import ObjectType
from operations.doors.origin import origin_from
from operations.engine import apply, open_change_set
from operations.results import Status
from operations.types import Door
from people.models import Person
from workspaces.models import Workspace


class Command(BaseCommand):
    """Write the demo data through the engine, as one change set."""

    help = "Fill an empty workspace with made-up companies, courses and people to look at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name of the workspace."""
        parser.add_argument("--workspace", default="Default", help="its name (default: Default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a workspace that has something in it, else fill it."""
        name = options["workspace"]
        workspace = Workspace.objects.filter(name=name).first()
        if workspace is None:
            raise CommandError(f'there is no workspace "{name}"; create_workspace makes one')
        if _has_rows(workspace):
            raise CommandError(f'the workspace "{name}" is not empty; demo data stays out of it')
        origin = origin_from(
            workspace_id=workspace.pk, door=Door.SYSTEM, actor="seed_demo", reason="Demo data"
        )
        change_set = open_change_set(origin)
        # One transaction: a start that is interrupted here finds the workspace empty again.
        calls = [*demo_types(origin), *demo_calls(origin)]
        totals = apply(calls, change_set=change_set).counts()
        refused = totals[Status.REFUSED]
        self.stdout.write(f"Demo data: {totals[Status.CREATED]:,} rows, {refused} refused.")


def _has_rows(workspace: Workspace) -> bool:
    return (
        ObjectType.objects.for_workspace(workspace).exists()
        or Person.objects.for_workspace(workspace).exists()
    )
