"""Who asks, through which door, and when: the one place where doors read the clock."""

from datetime import datetime

from django.utils import timezone

from operations.masking import hidden_names
from operations.types import Door, Origin


def origin_from(*, workspace_id: int, door: Door, actor: str, reason: str = "") -> Origin:
    """Make the origin of a request, a command or a job, once."""
    return Origin(
        workspace=workspace_id,
        door=door,
        actor=actor,
        received_at=timezone.now(),
        reason=reason,
        hidden=hidden_names(),
    )


def read_clock() -> datetime:
    """Read the clock for a job or a view that needs the instant itself."""
    return timezone.now()
