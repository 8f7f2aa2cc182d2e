#!/usr/bin/env python3
"""Run Django's management commands."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cioapp.settings")
    # A migration or an import may take longer than a web request is allowed to.
    os.environ.setdefault("CIO_STATEMENT_TIMEOUT_SECONDS", "0")
    execute_from_command_line(sys.argv)
