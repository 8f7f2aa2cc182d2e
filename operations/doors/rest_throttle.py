"""How often an address may be wrong about a token before it has to wait."""

import logging
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from operations.doors.origin import read_clock

logger = logging.getLogger(__name__)

_WINDOW_SECONDS: Final = 60
_KNOWN_SECONDS: Final = 24 * 60 * 60
_IPV6_NETWORK_BITS: Final = 64


class FailedTokens:
    """Counts the unknown tokens of one address in the last minute.

    The library's throttles count calls, and only after it has authenticated them. A token that has
    worked from the address goes on working, so that one forgotten client does not shut out the
    others behind the same proxy.
    """

    def __init__(self, request: HttpRequest, secret: str) -> None:
        self.limit: int = settings.FAILED_TOKENS_PER_MINUTE
        self.address = _group(get_client_ip_address(request) or "")
        self.now = read_clock().timestamp()
        digest = sha256(secret.encode()).hexdigest()
        self._known = f"known_token_{self.address}_{digest}"
        self._failed = f"failed_tokens_{self.address}"

    def check(self) -> None:
        """Refuse to look at the token when too many were wrong."""
        if self.limit <= 0 or cache.get(self._known):
            return
        failures = self._recent()
        if len(failures) >= self.limit:
            wait = _WINDOW_SECONDS - (self.now - failures[-self.limit])
            raise Throttled(wait, "too many unknown tokens came from this address")

    def note_success(self) -> None:
        """Remember that the token has worked from here."""
        if self.limit > 0:
            cache.add(self._known, True, _KNOWN_SECONDS)

    def note_failure(self) -> None:
        """Count an unknown token."""
        if self.limit <= 0:
            return
        failures = [*self._recent(), self.now]
        cache.set(self._failed, failures, _WINDOW_SECONDS)
        cache.delete(self._known)
        if len(failures) == self.limit:
            logger.warning("%s sent %s unknown tokens in a minute", self.address, self.limit)

    def _recent(self) -> list[float]:
        found: list[float] = cache.get(self._failed, [])
        return [moment for moment in found if moment > self.now - _WINDOW_SECONDS]


def _group(address: str) -> str:
    """Take the network of an IPv6 address, in which one customer may choose any address."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _IPV6_NETWORK_BITS), strict=False))
