"""Runs the suite on every database of this machine, then says what could not be run."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import psycopg

DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
CONNECT_TIMEOUT_SECONDS = 3
KEPT_VARIABLES = ("CIO_CHROMIUM", "CIO_TEST_DATABASE_URL")
# These two run by name only: dev.py test -m scale
NOT_BY_NAME = "not scale and not soak"
NOT_FAST = f"{NOT_BY_NAME} and not browser and not sdk and not slow and not races"
NOT_TWICE = "not once and not browser and not sdk"
NO_TESTS_COLLECTED = 5
# A test that lacks something skips with: left out: WHAT; COMMAND
LEFT_OUT = "left out: "


@dataclass
class Outcome:
    """What one run of pytest came to."""

    database: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    gaps: tuple[str, ...] = ()


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for, print the sum and give the exit status of the whole."""
    is_fast = "--fast" in arguments
    is_strict = "--all" in arguments or os.environ.get("CI") in ("true", "1")
    chosen = [argument for argument in arguments if argument not in ("--all", "--fast")]
    if is_fast:
        outcomes, gaps = run_fast(chosen), ["all but the quick tests on SQLite; dev.py test"]
    else:
        outcomes, gaps = run_on_both(chosen)
    gaps = list(dict.fromkeys([*gaps, *(gap for outcome in outcomes for gap in outcome.gaps)]))
    return summarise(outcomes, gaps=gaps, is_strict=is_strict and not is_fast)


def run_fast(chosen: Sequence[str]) -> list[Outcome]:
    """Run the quick tests."""
    return [run_pytest("SQLite", spread(narrow(chosen, NOT_FAST)))]


def run_on_both(chosen: Sequence[str]) -> tuple[list[Outcome], list[str]]:
    """Run everything on SQLite, and what asks the database for something on PostgreSQL too."""
    on_sqlite = list(chosen) if "-m" in chosen else narrow(chosen, NOT_BY_NAME)
    outcomes = [run_pytest("SQLite", on_sqlite if chosen else spread(on_sqlite))]
    url = os.environ.get("CIO_TEST_DATABASE_URL") or DATABASE_URL
    reason = why_no_postgresql(url)
    if reason:
        gap = f"PostgreSQL, {reason}; start one, or name one in CIO_TEST_DATABASE_URL"
        return outcomes, [gap]
    on_postgresql = narrow(on_sqlite, NOT_TWICE)
    outcome = run_pytest(
        "PostgreSQL", on_postgresql if chosen else spread(on_postgresql), DATABASE_URL=url
    )
    if chosen and outcome.code == NO_TESTS_COLLECTED:
        outcome.code = 0  # all that was chosen runs once
    return [*outcomes, outcome], []


def narrow(arguments: Sequence[str], marks: str) -> list[str]:
    """Add these marks to the choice of pytest's -m."""
    if "-m" not in arguments:
        return ["-m", marks, *arguments]
    at = list(arguments).index("-m") + 1
    return [*arguments[:at], f"({arguments[at]}) and {marks}", *arguments[at + 1 :]]


def spread(arguments: Sequence[str]) -> list[str]:
    """Use every core; not for a few chosen tests, where starting the processes takes longer."""
    return ["-n", "auto", *arguments]


def run_pytest(database: str, arguments: Sequence[str], **environment: str) -> Outcome:
    """Run pytest apart from the settings and the data of this installation."""
    print(f"\n{database}: pytest {' '.join(arguments)}", flush=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT_VARIABLES or not name.startswith(("CIO_", "DATABASE_URL", "DJANGO_"))
    }
    with tempfile.TemporaryDirectory(prefix="cio-test-") as directory:
        report = Path(directory) / "report.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments]
        kept.update(environment, CIO_DATA_DIR=directory)
        code = subprocess.run(command, env=kept, check=False).returncode
        return read_report(report, database=database, code=code)


def read_report(report: Path, *, database: str, code: int) -> Outcome:
    """Count what pytest wrote down; a run that broke off has nothing to count."""
    if not report.exists():
        return Outcome(database, code)
    root = ElementTree.parse(report).getroot()
    total, skipped, failures, errors = (
        sum(int(suite.get(name, 0)) for suite in root.iter("testsuite"))
        for name in ("tests", "skipped", "failures", "errors")
    )
    failed = failures + errors
    reasons = sorted({element.get("message", "") for element in root.iter("skipped")})
    gaps = tuple(text.removeprefix(LEFT_OUT) for text in reasons if text.startswith(LEFT_OUT))
    return Outcome(database, code, total - failed - skipped, failed, skipped, gaps)


def why_no_postgresql(url: str) -> str:
    """Sign in as the tests will, and give the reason when that fails."""
    try:
        psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1]
    return ""


def summarise(outcomes: Sequence[Outcome], *, gaps: Sequence[str], is_strict: bool) -> int:
    """Print the sum of the runs and give the exit status of the whole."""
    print()
    for outcome in outcomes:
        print(
            f"{outcome.database}: {outcome.passed} passed, {outcome.failed} failed,"
            f" {outcome.skipped} skipped, pytest status {outcome.code}"
        )
    for gap in gaps:
        print(f"Left out: {gap}")
    code = next((outcome.code for outcome in outcomes if outcome.code), 0)
    if gaps and is_strict and not code:
        print("CI=true and --all allow nothing to be left out.")
        code = 1
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"{passed} passed, {failed} failed")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
