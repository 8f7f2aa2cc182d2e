"""A worker of its own process with small steps, so that a test can kill it between two of them."""

import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cioapp.settings")
django.setup()

from django.core.management import call_command  # noqa: E402, Django has to be set up before

from operations.doors import bulk_rows  # noqa: E402
from operations.engine import batch  # noqa: E402

STEP_ROWS = 50


def main() -> None:
    """Work until nothing is left, or die in the transaction of the step that is named."""
    bulk_rows.STEP_ROWS = STEP_ROWS  # type: ignore[misc]
    if len(sys.argv) > 1:
        _die_at(int(sys.argv[1]))
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)


def _die_at(step: int) -> None:
    store, steps = batch.store_checkpoint, iter(range(1, step + 1))

    def die(checkpoint: Any) -> None:
        store(checkpoint)
        if next(steps) == step:
            os.kill(os.getpid(), 9)

    batch.store_checkpoint = die


if __name__ == "__main__":
    main()
