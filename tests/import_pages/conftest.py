"""A workspace, an admin of it, and a folder of their own for the files."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from operations.doors import jobs
from tests.import_pages.walking import sign_in
from tests.make import make_workspace
from workspaces.models import Workspace


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def client(workspace: Workspace) -> Client:
    return sign_in(workspace)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every job to a worker."""
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
