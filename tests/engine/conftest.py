"""What the tests of the engine share."""

import pytest

from tests.make import make_type, make_workspace
from workspaces.models import Workspace


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Make a workspace with the object type 1, Companies."""
    made = make_workspace()
    make_type(made, "Companies", number=1)
    return made
