"""Look through all rows for contradictions; exit status 1 when there are any."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from operations.doors.integrity import find_problems


class Command(BaseCommand):
    """Print every contradiction found."""

    help = "Check all rows: orphans, counts, sizes, broken JSON. Exit status 1 when one is found."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the problems, or that there are none."""
        problems = 0
        for problem in find_problems():
            problems += 1
            self.stdout.write(self.style.ERROR(problem))
        if problems:
            self.stdout.write(f"{problems} problems found.")
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("No problems found."))
