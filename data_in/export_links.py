"""Links to the file of an export: signed, for one workspace, and good for a quarter of an hour."""

from datetime import timedelta
from typing import Final

from django.core.signing import BadSignature, TimestampSigner

from data_in.models import Export

LINK_LASTS: Final = timedelta(minutes=15)
_signer: Final = TimestampSigner(salt="data_in.export")


def make_token(export: Export) -> str:
    """Sign which export a link is for, and when it was given out."""
    return _signer.sign_object([export.workspace_id, export.pk])


def read_token(token: str) -> tuple[int, int] | None:
    """Give the keys of the workspace and the export; None for a link that is old or not ours."""
    try:
        workspace, export = _signer.unsign_object(token, max_age=LINK_LASTS)
    except (BadSignature, ValueError, TypeError):
        return None
    return workspace, export
