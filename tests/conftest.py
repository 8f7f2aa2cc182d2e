"""What every test may ask for."""

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# A busy machine is slow; a generated example that takes long is no failure.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")


def pytest_configure() -> None:
    """Hash passwords quickly: a strong hash takes a third of a second for each sign-in."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that is about the other database."""
    for vendor in ("sqlite", "postgresql"):
        if item.get_closest_marker(f"{vendor}_only") and connection.vendor != vendor:
            pytest.skip(f"about {vendor} only")


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Forget the unknown tokens that earlier tests sent from the same address."""
    cache.clear()


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[CaptureQueriesContext]]:
    """Count statements: with statements() as run: ...; assert len(run) == 3."""
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data that may lie beside the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("left out: real data; put it in ../shared/data")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of the browser."""
    path = os.environ.get("CIO_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("left out: Chromium; apt-get install chromium, or name it in CIO_CHROMIUM")
    return path
