#!/usr/bin/env python3
"""One command for each thing a developer does; Python 3.11 and a package index are enough.

  python3 dev.py run [--no-demo]     install, migrate, fill with demo data, start server and worker
  python3 dev.py test                the whole suite, on SQLite and on PostgreSQL
  python3 dev.py test --fast         the quick part, on SQLite only, under a minute
  python3 dev.py test --all          the whole suite; what this machine lacks is a failure
  python3 dev.py test ARGUMENTS      pytest with these, on both databases; also: test -m scale
  python3 dev.py lint                every tool that has an opinion
  python3 dev.py bench ARGUMENTS     measure: manage.py bench
  python3 dev.py manage ARGUMENTS    manage.py inside the environment

Variables: CIO_HOST (127.0.0.1), CIO_PORT (8000), CIO_DATA_DIR (var), DATABASE_URL (SQLite),
CIO_ADMIN_PASSWORD (one is made), CIO_TEST_DATABASE_URL, CIO_CHROMIUM.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = str(ENVIRONMENT / "bin" / "python")
OLDEST_PYTHON = (3, 11)
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30
POSTGRESQL_CONNECTIONS = 80  # of the 100 that it allows by itself; the worker needs some too
WRONG_USAGE = 2
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run the command named first."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"Python 3.11 or newer is needed; this is {found}. Try: python3.11 dev.py run")
        return 1
    name, *rest = arguments or [""]
    if name in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    command = COMMANDS.get(name)
    if command is None:
        return refuse(f"Unknown command: {name}" if name else "A command is missing.")
    try:
        return command(rest)
    except KeyboardInterrupt:
        return INTERRUPTED


def refuse(message: str) -> int:
    """Say what was wrong with the call, and what would be right."""
    print(message, __doc__, sep="\n\n", file=sys.stderr)
    return WRONG_USAGE


def run(arguments: list[str]) -> int:
    """Start the product: the web server and one worker, until either ends or a signal comes."""
    if set(arguments) & {"-h", "--help"}:
        print(__doc__)
        return 0
    if set(arguments) - {"--no-demo"}:
        return refuse(f"Unknown arguments: {' '.join(arguments)}")
    host, port = os.environ.get("CIO_HOST", "127.0.0.1"), os.environ.get("CIO_PORT", "8000")
    reason = why_not_listening(host, port)
    if reason:
        print(f"Cannot listen on {host}:{port}: {reason}. Choose another port with CIO_PORT.")
        return 1
    install("requirements.txt")
    os.environ.setdefault("CIO_STATIC_COLLECTED", "1")
    if not is_on_sqlite():
        share = max(4, POSTGRESQL_CONNECTIONS // web_processes())
        os.environ.setdefault("CIO_POOL_MAX_CONNECTIONS", str(share))
    code = call(PYTHON, "manage.py", "prepare", *([] if arguments else ["--demo"]))
    return code or serve(host, int(port))


def test(arguments: list[str]) -> int:
    """Run the tests on both databases."""
    install("requirements-dev.txt")
    return call(PYTHON, "-m", "tests.runner", *arguments)


def lint(arguments: list[str]) -> int:
    """Ask every tool, also after one has complained."""
    if arguments:
        return refuse(f"Unknown arguments: {' '.join(arguments)}")
    install("requirements-dev.txt")
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    failed = []
    for name, *options in LINT_COMMANDS:
        is_for_templates = name in ("djade", "djlint")
        if is_for_templates and not templates:
            continue
        print(f"--- {name} {' '.join(options)}", flush=True)
        program = str(Path(PYTHON).with_name(name)) if name != "manage.py" else PYTHON
        script = [name] if name == "manage.py" else []
        if call(program, *script, *options, *(templates if is_for_templates else [])):
            failed.append(f"{name} {options[0]}")
    print(f"Complaints from: {', '.join(failed)}" if failed else "No complaints.")
    return 1 if failed else 0


LINT_COMMANDS = (
    ("ruff", "format", "--check"),
    ("ruff", "check"),
    ("lint-imports", "--no-logo"),
    ("mypy", "."),
    ("djade", "--check", "--target-version", "5.2"),
    ("djlint", "--check", "--lint"),
    ("manage.py", "check", "--fail-level", "WARNING"),
    ("manage.py", "makemigrations", "--check", "--dry-run"),
)


def bench(arguments: list[str]) -> int:
    """Pass on to the command that measures."""
    return manage(["bench", *arguments])


def manage(arguments: list[str]) -> int:
    """Become manage.py, in the folder of the caller, so that file names keep their meaning."""
    install("requirements.txt")
    os.execv(PYTHON, [PYTHON, str(ROOT / "manage.py"), *arguments])  # noqa: S606


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "test": test,
    "lint": lint,
    "bench": bench,
    "manage": manage,
}


def install(requirements: str) -> None:
    """Bring .venv up to the pins of a requirements file; at once when it already is."""
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    stamp = ENVIRONMENT / f"{requirements}.sha256"
    if Path(PYTHON).exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {requirements} into .venv", flush=True)
    if not install_with_uv(requirements) and not install_with_pip(requirements):
        sys.exit("The packages could not be installed; the reason stands above.")
    stamp.write_text(wanted)


def install_with_uv(requirements: str) -> bool:
    """Install quickly where uv is on the path."""
    uv = shutil.which("uv")
    if not uv:
        return False
    if not Path(PYTHON).exists():
        call(sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT))
    options = ["--quiet", "--python", PYTHON, "--require-hashes", "-r", requirements]
    return call(uv, "pip", "install", *options) == 0


def install_with_pip(requirements: str) -> bool:
    """Install with what every Python brings; also when uv did not find the package index."""
    if not Path(PYTHON).with_name("pip").exists():
        call(sys.executable, "-m", "venv", str(ENVIRONMENT))
    options = ["-qq", "--disable-pip-version-check", "--require-hashes", "-r", requirements]
    return call(PYTHON, "-m", "pip", "install", *options) == 0


def call(*command: str) -> int:
    """Run a command at the root of the repository and return its exit status.

    A request to stop is passed on, so that no child goes on alone.
    """
    child = subprocess.Popen(command, cwd=ROOT)
    before = signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number))
    try:
        return child.wait()
    finally:
        signal.signal(signal.SIGTERM, before)


def why_not_listening(host: str, port: str) -> str:
    """Try the address first, since two servers of this kind can share a port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, int(port)), family=family):
            return ""
    except (OSError, ValueError, OverflowError) as error:
        return str(error)


def serve(host: str, port: int) -> int:
    """Run server and worker side by side; the end of one ends the other."""
    stop = threading.Event()
    received: list[int] = []

    def ask_to_stop(number: int, _: object) -> None:
        received.append(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    server = subprocess.Popen(web_command(host, port), cwd=ROOT)
    children = {"web server": server}
    try:
        if wait_until_answering(host, port, server, stop):
            # The worker comes second, so that the first page does not wait for its start.
            worker = [PYTHON, "manage.py", "db_worker", "--no-startup-delay", "--no-reload"]
            children["worker"] = subprocess.Popen(worker, cwd=ROOT)
            shown = os.environ.get("CIO_PUBLIC_URL") or f"http://{host}:{port}/"
            print(f"\nReady: {shown}   (Ctrl+C stops it)\n", flush=True)
        return watch(children, stop)
    finally:
        told_by_terminal = received[:1] == [signal.SIGINT] and sys.stdin.isatty()
        stop_children(list(children.values()), is_to_be_told=not told_by_terminal)


def is_on_sqlite() -> bool:
    """Tell whether the product runs on its embedded database."""
    return (os.environ.get("DATABASE_URL") or "sqlite").startswith("sqlite")


def web_processes() -> int:
    """Give SQLite one, since it has one writer, and PostgreSQL one for each core."""
    return 1 if is_on_sqlite() else os.cpu_count() or 1


def web_command(host: str, port: int) -> list[str]:
    """Spell out the web server with its processes and threads."""
    threads = 16 if is_on_sqlite() else 32
    return [
        *(PYTHON, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", host, "--port", str(port), "--workers", str(web_processes())),
        *("--blocking-threads", str(threads)),
        *("--workers-kill-timeout", str(STOP_TIMEOUT_SECONDS - 5), "cioapp.wsgi:application"),
    ]


def wait_until_answering(
    host: str, port: int, server: subprocess.Popen[bytes], stop: threading.Event
) -> bool:
    """Wait for the first page, while the server lives and nobody stops it."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and server.poll() is None and not stop.wait(0.05):
        connection = HTTPConnection(host, port, timeout=START_TIMEOUT_SECONDS)
        with suppress(OSError, HTTPException):
            connection.request("HEAD", "/", headers={"Host": "localhost"})
            connection.getresponse()
            return True
        connection.close()
    return False


def watch(children: dict[str, subprocess.Popen[bytes]], stop: threading.Event) -> int:
    """Wait for a signal, or for the first child that ends by itself, which is a failure."""
    while not stop.wait(0.2):
        for name, child in children.items():
            if child.poll() is not None:
                print(f"The {name} ended with status {child.returncode}; stopping.", flush=True)
                return max(child.returncode, 1)
    return 0


def stop_children(children: list[subprocess.Popen[bytes]], *, is_to_be_told: bool) -> None:
    """Let each finish what it is doing; on Ctrl+C the terminal has told them already."""
    for child in children:
        if is_to_be_told and child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    for child in children:
        try:
            child.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
