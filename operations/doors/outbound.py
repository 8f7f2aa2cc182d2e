"""Calls to other servers: the one guard that keeps them away from what is internal.

A name is resolved once, every address of it is checked, and the connection goes to a checked
address while TLS still asks for the name: a name server that answers differently the second time
changes nothing. Redirects are not followed and the environment's proxies are not used.
"""

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS: Final = {"http": 80, "https": 443}
_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 15.0
# RFC 6052: an IPv4 address within NAT64; RFC 4291: the deprecated form ::127.0.0.1.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
# Protocol assignments, RFC 6890; some versions of Python take parts of them for public.
_ASSIGNMENTS: Final = ipaddress.IPv4Network("192.0.0.0/24")
# Where clouds tell a machine its own secrets: no setting opens these.
_NEVER: Final = tuple(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254")))
_OK: Final = 200


class OutboundError(ValueError):
    """An address that is not called, or a call that failed; the message is for people."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: a checked address, and the name that TLS and the server are told."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def check_url(url: str) -> Target:
    """Resolve the server of an address and check all that it could mean."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise OutboundError(_("This is no address: %(url)s") % {"url": url[:200]}) from None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host:
        raise OutboundError(_("The address has to begin with https:// and name a server."))
    if parts.username is not None or parts.password is not None:
        raise OutboundError(_("The address may not hold a user name or a password."))
    is_listed = host.lower() in _allowed_hosts()
    if parts.scheme != "https" and not is_listed:
        raise OutboundError(_("The address has to begin with https://."))
    if port not in (None, _PORTS[parts.scheme]) and not is_listed:
        raise OutboundError(
            _("Only the usual port of https is called, not %(port)s.") % {"port": port}
        )
    port = port or _PORTS[parts.scheme]
    address = check_host(host, port)
    path = parts.path or "/"
    return Target(
        parts.scheme, host, port, address, f"{path}?{parts.query}" if parts.query else path
    )


def check_host(host: str, port: int) -> str:
    """Resolve a server's name and give an address of it; raise where any is internal."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutboundError(_("There is no server named %(host)s.") % {"host": host}) from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    is_listed = host.lower() in _allowed_hosts()
    for address in addresses:
        if not _may_call(address, is_listed=is_listed):
            message = _(
                "%(host)s is an internal address, which is not called; whoever runs this server "
                "can allow it with CIO_OUTBOUND_ALLOW."
            )
            raise OutboundError(message % {"host": host})
    return str(addresses[0])


@contextmanager
def open_url(url: str) -> Iterator[httpx.Response]:
    """Get an address; the response is read piece by piece while this is open."""
    target = check_url(url)
    shown = f"[{target.address}]" if ":" in target.address else target.address
    limits = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    request = {
        "headers": {"Host": _host_header(target), "Accept-Encoding": "identity"},
        "extensions": {"sni_hostname": target.host},
    }
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=limits) as client,
            client.stream(
                "GET",
                f"{target.scheme}://{shown}:{target.port}{target.path}",
                **request,  # type: ignore[arg-type]  # the two are typed apart
            ) as response,
        ):
            _check_answer(response, target)
            yield response
    except httpx.TimeoutException:
        message = _("%(host)s did not answer in time.") % {"host": target.host}
        raise OutboundError(message) from None
    except httpx.HTTPError:
        message = _("The connection to %(host)s failed.") % {"host": target.host}
        raise OutboundError(message) from None


def _check_answer(response: httpx.Response, target: Target) -> None:
    if response.is_redirect:
        message = _(
            "%(host)s answers with a redirect, which is not followed; give the address that it "
            "leads to."
        )
        raise OutboundError(message % {"host": target.host})
    if response.status_code != _OK:
        message = _("%(host)s answers with status %(status)s instead of 200.")
        raise OutboundError(message % {"host": target.host, "status": response.status_code})


def is_internal(address: Address) -> bool:
    """Tell whether an address, or one that is wrapped in it, is not of the public network."""
    return any(
        not each.is_global or each.is_multicast or each in _ASSIGNMENTS
        for each in _unwrap(address)
    )


def _may_call(address: Address, *, is_listed: bool) -> bool:
    meant = _unwrap(address)
    if any(each in _NEVER for each in meant):
        return False
    if is_listed or not is_internal(address):
        return True
    return any(meant[-1] in network for network in _allowed_networks())


def _unwrap(address: Address) -> Sequence[Address]:
    """Give an address and the ones that it carries within, innermost last."""
    inner = _inner(address)
    return (address,) if inner is None else (address, *_unwrap(inner))


def _inner(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    is_plain = address.is_loopback or address.is_unspecified
    if address in _NAT64 or (address in _COMPATIBLE and not is_plain):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _allowed_hosts() -> frozenset[str]:
    return frozenset(entry.lower() for entry in settings.OUTBOUND_ALLOW if not _network(entry))


def _allowed_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [found for entry in settings.OUTBOUND_ALLOW if (found := _network(entry))]


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == _PORTS[target.scheme] else f"{host}:{target.port}"
