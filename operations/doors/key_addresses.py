"""From where a key may call: refused calls are answered 403 and audited, but not each of them."""

import logging
from datetime import timedelta
from typing import Final

from django.db import OperationalError
from django.http import HttpRequest
from rest_framework import status

from operations.doors.audit import actor_of_key, address_of, record, recorded_lately
from operations.doors.rest_errors import refuse
from workspaces.models import AuditEntry, Credential
from workspaces.networks import is_allowed

logger = logging.getLogger(__name__)

# One entry for a key and an address in this time; the others say nothing new.
RECORDED_EVERY: Final = timedelta(minutes=10)


def check_address(credential: Credential, request: HttpRequest) -> None:
    """Refuse a call from outside of the networks of the key and of its workspace."""
    rules = (credential.allowed_networks, credential.workspace.allowed_networks)
    if not any(rules):
        return
    address = address_of(request)
    if all(is_allowed(address, networks) for networks in rules):
        return
    _record(credential, request, address)
    message = (
        f"this key may not be used from {address or 'an unknown address'}; "
        "a workspace admin can add the address under API credentials or Workspace"
    )
    raise refuse("address_not_allowed", message, status_code=status.HTTP_403_FORBIDDEN)


def _record(credential: Credential, request: HttpRequest, address: str) -> None:
    kind = AuditEntry.Kind.KEY_REFUSED
    try:
        if recorded_lately(
            kind, address=address, within=RECORDED_EVERY, details__key=credential.pk
        ):
            return
        record(
            actor_of_key(request, credential),
            kind,
            f"Refused the key {credential} from {address or 'an unknown address'}",
            workspace=credential.workspace,
            details={"key": credential.pk, "path": request.path},
        )
    except OperationalError:
        # A busy database must not turn a refusal into an error.
        logger.warning("a refused call of key %s was not audited", credential.pk)
