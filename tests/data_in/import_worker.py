"""A worker of its own process whose imports have small steps, for tests that kill it."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cioapp.settings")
django.setup()

from django.core.management import call_command  # noqa: E402, Django has to be set up before

from data_in.check_job import check_steps  # noqa: E402
from data_in.import_job import import_steps  # noqa: E402


def main() -> None:
    """Work until nothing is left."""
    for steps in (check_steps, import_steps):
        assert steps.__kwdefaults__ is not None
        steps.__kwdefaults__["chunk_rows"] = int(sys.argv[1])
    call_command("db_worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)


if __name__ == "__main__":
    main()
