"""The audit log: written by the door where something of security or operations happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from axes.helpers import get_client_ip_address
from django.http import HttpRequest

from operations.doors.origin import read_clock
from operations.types import Door, Json
from workspaces.models import AuditEntry, Credential, Workspace
from workspaces.networks import clean_address

SYSTEM: Final = "System"
COMMAND_LINE: Final = "command line"
_DESCRIPTION_CHARS: Final = AuditEntry._meta.get_field("description").max_length or 0
_ACTOR_CHARS: Final = AuditEntry._meta.get_field("actor").max_length or 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, from which address and through which door; the system where nobody is named."""

    name: str = SYSTEM
    user: int | None = None
    address: str = ""
    door: Door = Door.SYSTEM


By: TypeAlias = HttpRequest | Actor
BY_COMMAND: Final = Actor(name=COMMAND_LINE)


def record(
    by: By,
    kind: AuditEntry.Kind,
    description: str,
    *,
    workspace: Workspace | None,
    details: Mapping[str, Json] | None = None,
) -> AuditEntry:
    """Write one entry: who did what; without a workspace it concerns the whole installation.

    Call it in the transaction of the act where there is one. Secrets, and identifiers of people
    whom the product must be able to forget, do not belong into the details.
    """
    actor = by if isinstance(by, Actor) else actor_of(by)
    return AuditEntry.objects.create(
        workspace_id=workspace.pk if workspace else None,
        workspace_name=workspace.name if workspace else "",
        user_id=actor.user,
        actor=actor.name[:_ACTOR_CHARS],
        happened_at=read_clock(),
        kind=kind,
        description=description[:_DESCRIPTION_CHARS],
        details=dict(details or {}),
        address=actor.address,
        door=actor.door,
    )


def actor_of(request: HttpRequest) -> Actor:
    """Say who is signed in; nobody is the system."""
    user = request.user
    address = address_of(request)
    if not user.is_authenticated:
        return Actor(address=address, door=Door.ADMIN)
    return Actor(user.get_username(), user=user.pk, address=address, door=Door.ADMIN)


def actor_of_key(request: HttpRequest, credential: Credential) -> Actor:
    """Say which key calls."""
    return Actor(str(credential), address=address_of(request), door=Door.REST)


def address_of(request: HttpRequest) -> str:
    """Give the address of the caller, found as the settings say; nothing where it is none."""
    return clean_address(get_client_ip_address(request))


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Keep what differs, as details of an entry."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }


def recorded_lately(
    kind: AuditEntry.Kind, *, address: str, within: timedelta, **lookups: Any
) -> int:
    """Count the entries of a kind from an address, so that nobody fills the log by repeating."""
    since = read_clock() - within
    found = AuditEntry.objects.filter(kind=kind, address=address, happened_at__gt=since)
    return found.filter(**lookups).count()


def forget_entries(*, now: datetime, days: int) -> None:
    """Let go of entries older than the retention; 0 keeps them for ever."""
    if days:
        AuditEntry.objects.filter(happened_at__lt=now - timedelta(days=days)).delete()
