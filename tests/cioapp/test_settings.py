"""The settings as an installation meets them: what is refused, and which headers go out."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = [pytest.mark.once, pytest.mark.slow]

HTTPS = {"CIO_PUBLIC_URL": "https://objects.example.com", "CIO_BEHIND_PROXY": "1"}


@pytest.fixture
def run_python(tmp_path):
    """Run Python in an installation of its own, with these variables."""

    def run(*arguments, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CIO_")}
        kept.pop("DATABASE_URL", None)
        kept |= {"CIO_DATA_DIR": str(tmp_path), **environment}
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=settings.BASE_DIR, env=kept, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("command", [("manage.py", "check"), ("-c", "import cioapp.wsgi")])
def test_neither_a_command_nor_the_server_starts_with_a_sample_key(run_python, command):
    started = run_python(*command, CIO_SECRET_KEY="change-me")
    assert started.returncode != 0
    assert "CIO_SECRET_KEY is a sample" in started.stderr


def test_the_deployment_check_has_nothing_to_say_about_https(run_python):
    checked = run_python("manage.py", "check", "--deploy", "--fail-level", "INFO", **HTTPS)
    assert checked.returncode == 0, checked.stderr


VISIT = """
import cioapp.wsgi
from django.test import Client
client = Client(headers={"host": "objects.example.com"})
plain, api = client.get("/admin/login/"), client.get("/api/objects")
page = client.get("/admin/login/", headers={"x-forwarded-proto": "https"})
print(plain.status_code, plain.url, api.status_code, page.status_code)
print(api.json()["errors"][0]["code"])
print(*[cookie.OutputString() for cookie in page.cookies.values()], sep="|")
for name in ("Strict-Transport-Security", "X-Frame-Options", "Content-Security-Policy"):
    print(page[name])
"""


def test_https_turns_on_the_production_headers_and_cookies(run_python):
    answer = run_python("-c", VISIT, **HTTPS)
    statuses, code, cookies, transport, frames, policy = answer.stdout.splitlines()
    assert statuses == "301 https://objects.example.com/admin/login/ 403 200", answer.stderr
    assert code == "https_required"
    assert "__Host-csrftoken=" in cookies
    assert "Secure" in cookies
    assert transport == "max-age=31536000"
    assert frames == "DENY"
    assert "frame-ancestors 'none'" in policy
