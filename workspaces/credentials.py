"""The keys that open a workspace: made here, shown once, and checked here."""

import logging
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import OperationalError
from django.utils.crypto import constant_time_compare

from workspaces.models import Credential, Role, Workspace

logger = logging.getLogger(__name__)

PREFIX_CHARS: Final = 8
SITE_ID_BYTES: Final = 12  # 16 characters: with the key under 57, where `base64` wraps lines
SECRET_BYTES: Final = 24  # 32 characters
API_TOKEN_BYTES: Final = 32
SITE_ID_MAX_CHARS: Final = 64
SECRET_MAX_CHARS: Final = 200
USE_RECORDED_EVERY: Final = timedelta(minutes=1)

_SENDABLE: Final = re.compile(r"[!-9;-~]+", re.ASCII)  # printable, no blank, no colon
_NO_HASH: Final = "0" * 64


class CredentialError(ValueError):
    """A key that cannot be given to a workspace; the message says why."""


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """Keys that a person chose; what is None is generated where the workspace has none."""

    site_id: str | None = None
    api_key: str | None = None
    app_key: str | None = None
    write_key: str | None = None
    api_token: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A generated secret, to be shown this once."""

    credential: Credential
    secret: str


def create_credential(
    *,
    workspace: Workspace,
    kind: Credential.Kind,
    name: str,
    secret: str | None = None,
    site_id: str = "",
    role: Role = Role.ADMIN,
) -> tuple[Credential, str]:
    """Make a key and give it with its secret, which cannot be read again.

    A secret that is given and already opens this workspace is made valid again.
    """
    if kind == Credential.Kind.TRACK and not site_id:
        site_id = secrets.token_urlsafe(SITE_ID_BYTES)
    if secret is None:
        secret = _generate_secret(kind)
    _check_sendable("site id", site_id or "-", max_chars=SITE_ID_MAX_CHARS)
    _check_sendable("key", secret, max_chars=SECRET_MAX_CHARS)
    credential, is_made = Credential.objects.get_or_create(
        secret_hash=_hash(kind, site_id=site_id, secret=secret),
        defaults={
            "workspace": workspace,
            "kind": kind,
            "name": name,
            "site_id": site_id,
            "prefix": _prefix(secret),
            "role": role,
        },
    )
    if not is_made:
        _make_valid_again(credential, workspace=workspace)
    return credential, secret


def find_credential(
    *, kind: Credential.Kind, secret: str, site_id: str = "", at: datetime | None = None
) -> Credential | None:
    """Find the valid key with this secret; an unknown one takes as long as a wrong one.

    A key that was rotated and works for a while is found only by those who give the instant.
    """
    wanted = _hash(kind, site_id=site_id, secret=secret)
    candidates = Credential.objects.select_related("workspace").filter(
        kind=kind, prefix=_prefix(secret)
    )
    found = None
    is_equal = constant_time_compare(wanted, _NO_HASH)
    for candidate in candidates:
        is_equal = constant_time_compare(wanted, candidate.secret_hash)
        is_valid = candidate.is_valid_at(at) if at else candidate.revoked_at is None
        if is_equal and is_valid and candidate.workspace.removal_started_at is None:
            found = candidate
    return found


def rotate_credential(old: Credential, *, until: datetime) -> tuple[Credential, str]:
    """Make a key with another secret and the same limits; the old one works until then."""
    made, secret = create_credential(
        workspace=old.workspace,
        kind=Credential.Kind(old.kind),
        name=old.name,
        site_id=old.site_id,
        role=Role(old.role),
    )
    made.allowed_networks = old.allowed_networks
    made.sees_sensitive = old.sees_sensitive
    made.save(update_fields=["allowed_networks", "sees_sensitive"])
    revoke_credential(old, at=until)
    return made, secret


def revoke_credential(credential: Credential, *, at: datetime) -> None:
    """Make a key useless from this moment on, which may lie ahead."""
    credential.revoked_at = at
    credential.save(update_fields=["revoked_at"])


def record_use(credential: Credential, *, at: datetime) -> None:
    """Remember that a key was used, at most once a minute, so that reads stay reads."""
    last_used_at = credential.last_used_at
    if last_used_at is not None and at - last_used_at < USE_RECORDED_EVERY:
        return
    try:
        Credential.objects.filter(pk=credential.pk).update(last_used_at=at)
    except OperationalError:
        # A full disk or a busy writer must not stop a read.
        logger.warning("use of key %s was not recorded", credential.pk)


def ensure_workspace(
    name: str, *, limits: Workspace.Limits | None = None
) -> tuple[Workspace, bool]:
    """Give the workspace of this name and whether it was made; an existing one keeps its data."""
    defaults = {"limits": limits or Workspace.Limits.STANDARD}
    workspace, is_made = Workspace.objects.get_or_create(name=name, defaults=defaults)
    if limits is not None and workspace.limits != limits:
        workspace.limits = limits
        workspace.save(update_fields=["limits"])
    return workspace, is_made


def ensure_credentials(workspace: Workspace, keys: KnownKeys) -> list[IssuedKey]:
    """Make the given keys valid, generate one of each kind that is missing, and give those."""
    issued = [_ensure_track_key(workspace, keys)]
    others = (
        (Credential.Kind.PIPELINES, keys.write_key),
        (Credential.Kind.APP, keys.app_key),
        (Credential.Kind.API, keys.api_token),
    )
    for kind, secret in others:
        issued.append(_ensure_key(workspace, kind=kind, secret=secret))
    return [key for key in issued if key is not None]


def _ensure_track_key(workspace: Workspace, keys: KnownKeys) -> IssuedKey | None:
    if keys.site_id is None and keys.api_key is None:
        return _ensure_key(workspace, kind=Credential.Kind.TRACK, secret=None)
    if keys.site_id is None:
        raise CredentialError("an API key of the Track API goes with a site id; give both")
    site_id = keys.site_id
    if keys.api_key is None and _has_valid(workspace, Credential.Kind.TRACK, site_id=site_id):
        return None
    credential, secret = create_credential(
        workspace=workspace,
        kind=Credential.Kind.TRACK,
        name=str(Credential.Kind.TRACK.label),
        secret=keys.api_key,
        site_id=site_id,
    )
    return IssuedKey(credential, secret) if keys.api_key is None else None


def _ensure_key(
    workspace: Workspace, *, kind: Credential.Kind, secret: str | None
) -> IssuedKey | None:
    if secret is None and _has_valid(workspace, kind):
        return None
    credential, made_secret = create_credential(
        workspace=workspace, kind=kind, name=str(kind.label), secret=secret
    )
    return IssuedKey(credential, made_secret) if secret is None else None


def _has_valid(workspace: Workspace, kind: Credential.Kind, *, site_id: str = "") -> bool:
    valid = workspace.credentials.filter(kind=kind, revoked_at=None)
    return (valid.filter(site_id=site_id) if site_id else valid).exists()


def _make_valid_again(credential: Credential, *, workspace: Workspace) -> None:
    if credential.workspace_id != workspace.pk:
        raise CredentialError("this key already opens another workspace; choose another one")
    if credential.revoked_at is not None:
        credential.revoked_at = None
        credential.save(update_fields=["revoked_at"])


def _generate_secret(kind: Credential.Kind) -> str:
    is_token = kind == Credential.Kind.API
    return secrets.token_urlsafe(API_TOKEN_BYTES if is_token else SECRET_BYTES)


def _prefix(secret: str) -> str:
    # Of a short key that a person chose, the prefix must not tell the larger part.
    return secret[: min(PREFIX_CHARS, len(secret) // 4)]


def _hash(kind: Credential.Kind, *, site_id: str, secret: str) -> str:
    # Kind and site id are part of it, so that one secret may serve several of our APIs.
    return sha256(f"{kind}:{site_id}:{secret}".encode(errors="surrogatepass")).hexdigest()


def _check_sendable(what: str, value: str, *, max_chars: int) -> None:
    if len(value) > max_chars:
        message = f"the {what} is {len(value)} characters long; the limit is {max_chars}"
        raise CredentialError(message)
    if not _SENDABLE.fullmatch(value):
        message = f"the {what} may hold printable ASCII characters without blanks and colons only"
        raise CredentialError(message)
