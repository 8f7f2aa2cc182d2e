"""Which addresses may use a key: networks as a person writes them, and who is inside."""

from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

NETWORKS_MAX: Final = 100


class NetworkError(ValueError):
    """A line that is no network; the message says which, and what is allowed."""


def parse_networks(text: str) -> str:
    """Write the networks of a text one a line, each as the standard library writes it."""
    found = [_parse(line) for line in text.replace(",", "\n").split()]
    if len(found) > NETWORKS_MAX:
        raise NetworkError(f"these are {len(found)} networks; the limit is {NETWORKS_MAX}")
    return "\n".join(dict.fromkeys(map(_written, found)))


def is_allowed(address: str, networks: str) -> bool:
    """Tell whether an address is in one of the networks; without any, everybody is allowed."""
    if not networks:
        return True
    found = _address_of(address)
    return found is not None and any(found in network for network in _networks(networks))


def clean_address(text: str | None) -> str:
    """Write an address as the standard library does; nothing for what is none."""
    found = _address_of(text or "")
    return "" if found is None else str(found)


@lru_cache(maxsize=1_000)
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(line) for line in text.split())


def _address_of(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    # A server that listens on both sees IPv4 callers as ::ffff:203.0.113.7.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _parse(line: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(line)
    except ValueError:
        pass
    try:
        wider = ip_network(line, strict=False)
    except ValueError:
        message = f"{line} is no address and no network; write 203.0.113.7 or 203.0.113.0/24"
        raise NetworkError(message) from None
    single = line.partition("/")[0]
    raise NetworkError(f"{line} is an address within a network; write {wider} or {single}")


def _written(network: IPv4Network | IPv6Network) -> str:
    is_single = network.num_addresses == 1
    return str(network.network_address) if is_single else str(network)
