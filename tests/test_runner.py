"""How the runs of pytest are chosen and summed up."""

import pytest

from tests import runner
from tests.runner import Outcome

pytestmark = pytest.mark.once

REPORT = """<testsuites><testsuite tests="5" failures="1" errors="1" skipped="2">
<testcase><skipped message="left out: Chromium; apt-get install chromium"/></testcase>
<testcase><skipped message="about sqlite only"/></testcase>
</testsuite></testsuites>"""


def test_a_choice_of_marks_is_narrowed_for_the_second_database():
    assert runner.narrow(["-m", "races", "-x"], "not once") == ["-m", "(races) and not once", "-x"]
    assert runner.narrow(["-x"], "not once") == ["-m", "not once", "-x"]


def test_a_report_is_counted_with_what_was_left_out(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    outcome = runner.read_report(report, database="SQLite", code=1)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 2, 2)
    assert outcome.gaps == ("Chromium; apt-get install chromium",)


def test_a_run_without_a_report_counts_nothing_and_keeps_its_status(tmp_path):
    outcome = runner.read_report(tmp_path / "none.xml", database="SQLite", code=3)
    assert (outcome.code, outcome.passed, outcome.failed) == (3, 0, 0)


@pytest.mark.parametrize(
    ("codes", "gaps", "is_strict", "status"),
    [
        ((0, 0), [], True, 0),
        ((0, 0), ["Chromium"], False, 0),
        ((0, 0), ["Chromium"], True, 1),
        ((0, 1), [], False, 1),
        ((5, 0), [], False, 5),
        ((2, 1), ["Chromium"], True, 2),
    ],
)
def test_the_status_of_the_whole(codes, gaps, is_strict, status, capsys):
    outcomes = [Outcome("SQLite", codes[0], passed=2), Outcome("PostgreSQL", codes[1], passed=1)]
    assert runner.summarise(outcomes, gaps=gaps, is_strict=is_strict) == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 passed, 0 failed"
    assert all(f"Left out: {gap}" in lines for gap in gaps)


@pytest.fixture
def ran(monkeypatch):
    """Record the runs in place of running them; a test sets the status of each database."""
    monkeypatch.delenv("CI", raising=False)
    recorded = {"SQLite": 0, "PostgreSQL": 0}

    def run_pytest(database, arguments, **environment):
        recorded[f"{database} arguments"] = arguments
        return Outcome(database, recorded[database])

    monkeypatch.setattr(runner, "run_pytest", run_pytest)
    monkeypatch.setattr(runner, "why_no_postgresql", lambda url: "")
    return recorded


def test_the_whole_suite_runs_on_both_and_the_second_leaves_out_what_runs_once(ran):
    assert runner.main([]) == 0
    assert "not once" not in " ".join(ran["SQLite arguments"])
    assert "not once and not browser and not sdk" in " ".join(ran["PostgreSQL arguments"])


def test_no_test_for_the_second_database_is_fine_only_for_a_choice(ran):
    ran["PostgreSQL"] = runner.NO_TESTS_COLLECTED
    assert runner.main(["tests/test_dev.py"]) == 0
    assert runner.main([]) == runner.NO_TESTS_COLLECTED


def test_no_test_at_all_is_a_failure(ran):
    ran["SQLite"] = ran["PostgreSQL"] = runner.NO_TESTS_COLLECTED
    assert runner.main(["-k", "nothing"]) == runner.NO_TESTS_COLLECTED


def test_a_missing_postgresql_is_a_gap(ran, monkeypatch, capsys):
    monkeypatch.setattr(runner, "why_no_postgresql", lambda url: "connection refused")
    assert runner.main([]) == 0
    assert runner.main(["--all"]) == 1
    assert "Left out: PostgreSQL, connection refused" in capsys.readouterr().out


def test_fast_is_one_run_without_the_slow_marks(ran):
    assert runner.main(["--fast"]) == 0
    assert runner.NOT_FAST in ran["SQLite arguments"]
    assert "PostgreSQL arguments" not in ran
