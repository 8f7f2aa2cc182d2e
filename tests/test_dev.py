"""The one command of a fresh machine, and the ordinary Django way beside it."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from urllib.request import urlopen

import pytest

import dev

pytestmark = pytest.mark.once


def run_dev(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev.py", *arguments],
        cwd=dev.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command():
    shown = run_dev("--help")
    assert shown.returncode == 0
    for command in dev.COMMANDS:
        assert f"dev.py {command}" in shown.stdout


@pytest.mark.parametrize("arguments", [(), ("start",), ("run", "--fast"), ("lint", "cioapp")])
def test_a_wrong_call_shows_the_help_and_ends_with_2(arguments):
    refused = run_dev(*arguments)
    assert refused.returncode == 2
    assert "python3 dev.py run" in refused.stderr


def test_an_old_python_is_told_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(dev, "OLDEST_PYTHON", (99, 0))
    assert dev.main(["run"]) == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().out


def test_a_port_in_use_names_the_variable_to_set():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run_dev("run", CIO_PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "CIO_PORT" in refused.stdout


@pytest.mark.parametrize("port", ["http", "99999", ""])
def test_a_port_that_is_none_is_refused(port):
    refused = run_dev("run", CIO_PORT=port)
    assert refused.returncode == 1
    assert "Cannot listen on" in refused.stdout


@pytest.mark.parametrize(
    ("url", "workers"), [("", 1), ("sqlite:////tmp/x.sqlite3", 1), ("postgres://x/y", 3)]
)
def test_sqlite_gets_one_web_process_and_postgresql_one_for_each_core(monkeypatch, url, workers):
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    command = dev.web_command("127.0.0.1", 8000)
    assert command[command.index("--workers") + 1] == str(workers)


def test_an_install_that_is_up_to_date_does_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(dev, "PYTHON", sys.executable)
    calls = []
    monkeypatch.setattr(dev, "call", lambda *command: calls.append(command) or 0)
    (tmp_path / "requirements.txt").write_text("django==5.2.19")
    dev.install("requirements.txt")
    assert calls
    calls.clear()
    dev.install("requirements.txt")
    assert calls == []


@pytest.mark.slow
def test_the_ordinary_django_way_needs_no_variables(tmp_path):
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CIO_", "DATABASE_URL", "DJANGO_"))
    }
    environment["CIO_DATA_DIR"] = str(tmp_path / "data")  # only to leave the real one alone

    def manage(*arguments: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=dev.ROOT,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    manage("migrate", "--verbosity", "0")
    manage("check", "--fail-level", "WARNING")
    manage(
        *("createsuperuser", "--no-input", "--username", "ada", "--email", "ada@example.com"),
        DJANGO_SUPERUSER_PASSWORD="a long enough phrase",
    )
    assert manage("shell", "--no-imports", "-c", VISIT).split() == ["302", "/admin/", "200", "200"]
    key = Path(environment["CIO_DATA_DIR"]) / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600


VISIT = """
from django.contrib.auth.models import User
from django.test import Client
client = Client(headers={"host": "localhost"})
home = client.get("/")
client.force_login(User.objects.get(username="ada"))
admin, style = client.get("/admin/"), client.get("/static/unfold/css/styles.css")
print(home.status_code, home.url, admin.status_code, style.status_code)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.executable != dev.PYTHON, reason="python3 dev.py test runs it")
def test_run_serves_the_pages_and_stops_on_a_signal_with_all_its_processes(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {"CIO_PORT": str(port), "CIO_DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    environment["CIO_STATIC_COLLECTED"] = "0"  # compressing them takes longer than all the rest
    started = subprocess.Popen(
        [sys.executable, "dev.py", "run", "--no-demo"],
        cwd=dev.ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        shown = "".join(takewhile(lambda line: not line.startswith("Ready"), started.stdout))
        assert "User: admin  Password: " in shown
        with urlopen(f"http://127.0.0.1:{port}/") as page:
            assert page.url.endswith("/admin/login/?next=/admin/")
        started.terminate()
        assert started.wait(timeout=30) == 0
        with pytest.raises(ProcessLookupError):
            os.killpg(started.pid, 0)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
