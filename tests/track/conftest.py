"""What every test of the Track API may ask for."""

import pytest

from tests.make import make_workspace
from tests.track.caller import Track, track_caller
from workspaces.models import Workspace


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Give an empty workspace with the limits of the specification."""
    return make_workspace()


@pytest.fixture
def track(workspace: Workspace) -> Track:
    """Call with a key of the workspace."""
    return track_caller(workspace)


@pytest.fixture
def strict(db: None) -> Track:
    """Call a workspace that follows the real service to the letter."""
    return track_caller(make_workspace(limits="customerio"))
