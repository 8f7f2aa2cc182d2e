"""Networks as a person writes them, and who is inside."""

import pytest

from workspaces.networks import NetworkError, clean_address, is_allowed, parse_networks

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7/32", "203.0.113.7"),
        ("203.0.113.0/24, 2001:DB8::/32", "203.0.113.0/24\n2001:db8::/32"),
        ("  203.0.113.7\r\n203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_writes_networks_one_a_line(written: str, kept: str) -> None:
    assert parse_networks(written) == kept
    assert parse_networks(kept) == kept


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("office", "office is no address and no network"),
        ("203.0.113.0/33", "203.0.113.0/33 is no address"),
        ("203.0.113.7/24", "write 203.0.113.0/24 or 203.0.113.7"),
        ("203.0.113", "203.0.113 is no address"),
    ],
)
def test_says_what_is_no_network_and_what_would_be_one(written: str, message: str) -> None:
    with pytest.raises(NetworkError, match=r"no |write ") as caught:
        parse_networks(written)
    assert message in str(caught.value)


def test_takes_a_hundred_networks_and_not_one_more() -> None:
    many = [f"10.0.{number}.0/24" for number in range(101)]
    assert len(parse_networks("\n".join(many[:100])).split()) == 100
    with pytest.raises(NetworkError, match="101 networks; the limit is 100"):
        parse_networks("\n".join(many))


@pytest.mark.parametrize(
    ("address", "networks", "is_inside"),
    [
        ("198.51.100.1", "", True),
        ("", "", True),
        ("203.0.113.7", "203.0.113.0/24", True),
        ("203.0.114.7", "203.0.113.0/24", False),
        ("::ffff:203.0.113.7", "203.0.113.0/24", True),
        ("2001:db8::1", "203.0.113.0/24\n2001:db8::/32", True),
        ("2001:db9::1", "2001:db8::/32", False),
        ("", "203.0.113.0/24", False),
        ("unknown", "0.0.0.0/0", False),
        ("fe80::1%eth0", "fe80::/10", True),
    ],
)
def test_tells_who_is_inside(address: str, networks: str, is_inside: bool) -> None:
    assert is_allowed(address, networks) is is_inside


def test_writes_an_address_as_the_standard_library_does() -> None:
    assert clean_address("2001:DB8:0::1") == "2001:db8::1"
    assert clean_address("::ffff:203.0.113.7") == "203.0.113.7"
    assert clean_address("unknown, 203.0.113.7") == ""
    assert clean_address(None) == ""
