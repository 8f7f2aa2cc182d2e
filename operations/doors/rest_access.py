"""Who calls the REST API: a bearer token of a workspace, or a member who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from operations.doors.key_addresses import check_address
from operations.doors.origin import read_clock
from operations.doors.rest_throttle import FailedTokens
from workspaces.credentials import find_credential
from workspaces.models import Credential, Role, Workspace
from workspaces.permissions import active_workspace, role_of, role_permits, sees_sensitive

BEARER_PARTS = 2


@dataclass(frozen=True, slots=True)
class Caller:
    """For which workspace somebody calls, with which role, and under which name."""

    workspace: Workspace
    role: Role
    name: str
    credential: Credential | None = None
    sees_sensitive: bool = True


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`; with this header cookies do not count."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Credential] | None:
        """Find the token, or refuse the call; a call without the header is left to the session."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != BEARER_PARTS:
            raise AuthenticationFailed("send the header as: Authorization: Bearer TOKEN")
        secret = parts[1].decode("latin-1")
        failures = FailedTokens(request._request, secret)
        failures.check()
        credential = find_credential(kind=Credential.Kind.API, secret=secret, at=read_clock())
        if credential is None:
            failures.note_failure()
            raise AuthenticationFailed("this token is not known or was revoked")
        failures.note_success()
        check_address(credential, request._request)
        return AnonymousUser(), credential

    def authenticate_header(self, request: Request) -> str:
        """Tell a caller without a key which one is wanted."""
        return 'Bearer realm="api"'


class MemberAuthentication(SessionAuthentication):
    """The session of a member who is signed in; writes need the CSRF token."""


class WorkspacePermission(BasePermission):
    """Ask the caller's role in the workspace for what the view needs."""

    message = "your role in this workspace does not include this"

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the role includes the permission of this method."""
        caller = find_caller(request)
        return caller is not None and role_permits(caller.role, view.permission_for(request))


def find_caller(request: Request) -> Caller | None:
    """Find who calls; None for somebody without a role in any workspace."""
    credential = request.auth
    if isinstance(credential, Credential):
        return caller_of(credential)
    workspace = active_workspace(request._request)
    role_in_session = role_of(request.user, workspace)
    if workspace is None or role_in_session is None:
        return None
    sees = sees_sensitive(request.user, workspace)
    return Caller(workspace, role_in_session, request.user.get_username(), sees_sensitive=sees)


def caller_of(credential: Credential) -> Caller:
    """Tell who calls with a key."""
    role = Role(credential.role)
    sees = role == Role.ADMIN or credential.sees_sensitive
    return Caller(credential.workspace, role, str(credential), credential, sees)
