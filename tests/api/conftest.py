"""What every test of the REST API may ask for."""

import pytest

from objects.models import ObjectType
from tests.api.caller import Caller, token_caller
from tests.make import make_type, make_workspace
from workspaces.models import Workspace


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Give an empty workspace."""
    return make_workspace()


@pytest.fixture
def companies(workspace: Workspace) -> ObjectType:
    """Give a type with the number 1."""
    return make_type(workspace, "Companies")


@pytest.fixture
def api(workspace: Workspace) -> Caller:
    """Call with an admin's token of the workspace."""
    return token_caller(workspace)
