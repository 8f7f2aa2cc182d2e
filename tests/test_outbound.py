"""Calls to other servers never reach an internal address, however it is written."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from operations.doors.outbound import OutboundError, check_url, is_internal, open_url

INTERNAL = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
    "198.18.0.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
SPELLINGS = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "①②⑦.0.0.1",
    "127。0。0。1",
]


@pytest.mark.parametrize("address", INTERNAL)
def test_knows_internal_addresses(address: str) -> None:
    assert is_internal(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_knows_public_addresses(address: str) -> None:
    assert not is_internal(ipaddress.ip_address(address))


class Canary(BaseHTTPRequestHandler):
    """Answers by the path, and counts who came."""

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/file.csv")
        elif self.path == "/missing":
            self.send_response(404)
        else:
            self.send_response(200)
        self.end_headers()
        self.wfile.write(b"object_id,name\n1,One\n")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def canary() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Canary)
    server.hosts = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("host", SPELLINGS)
def test_does_not_call_an_internal_address(host: str, canary: HTTPServer, settings) -> None:
    for scheme in ("http", "https"):
        url = f"{scheme}://{host}:{canary.server_port}/file.csv"
        with pytest.raises(OutboundError), open_url(url):
            pass
    settings.OUTBOUND_ALLOW = []
    with (
        pytest.raises(OutboundError, match=r"internal|no server named"),
        open_url(f"https://{host}/"),
    ):
        pass
    assert canary.hosts == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com/a.csv", "https://"),
        ("http://1.1.1.1/a.csv", "https://"),
        ("https://user:secret@1.1.1.1/a.csv", "user name"),
        ("https://1.1.1.1:22/a.csv", "not 22"),
        ("https://", "name a server"),
        ("https://[::1/", "no address"),
        ("file:///etc/passwd", "https://"),
    ],
)
def test_says_what_is_wrong_with_an_address(url: str, said: str) -> None:
    with pytest.raises(OutboundError, match=said):
        check_url(url)


def test_calls_what_is_allowed_by_name_and_tells_the_server_its_name(canary, settings) -> None:
    settings.OUTBOUND_ALLOW = ["localhost"]
    with open_url(f"http://localhost:{canary.server_port}/file.csv") as response:
        assert response.read() == b"object_id,name\n1,One\n"
    assert canary.hosts == [f"localhost:{canary.server_port}"]


@pytest.mark.parametrize(("path", "said"), [("/redirect", "redirect"), ("/missing", "404")])
def test_refuses_a_redirect_and_an_error(path: str, said: str, canary, settings) -> None:
    settings.OUTBOUND_ALLOW = ["localhost"]
    url = f"http://localhost:{canary.server_port}{path}"
    with pytest.raises(OutboundError, match=said), open_url(url):
        pass
    assert len(canary.hosts) == 1


def test_never_calls_where_a_cloud_keeps_its_secrets(settings) -> None:
    settings.OUTBOUND_ALLOW = ["169.254.0.0/16", "169.254.169.254"]
    with pytest.raises(OutboundError, match="internal"):
        check_url("https://169.254.169.254/latest")
    assert check_url("https://169.254.1.1/").address == "169.254.1.1"


def test_checks_every_address_of_a_name_and_connects_to_the_one_it_checked(monkeypatch) -> None:
    answers = iter([["93.184.216.34", "127.0.0.1"], ["93.184.216.34"], ["127.0.0.1"]])

    def resolve(host: str, port: int, **_: object) -> list[tuple]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in next(answers)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(OutboundError, match="internal"):
        check_url("https://rebinding.example/")
    assert check_url("https://rebinding.example/").address == "93.184.216.34"
