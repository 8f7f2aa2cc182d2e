"""Runs the import and export commands, as a person at a terminal would."""

import io
from dataclasses import dataclass
from pathlib import Path

from django.core.management import CommandError, call_command


@dataclass
class Run:
    """How a command ended, and what it said."""

    code: int
    out: str
    problems: str
    error: str

    def count(self, name: str) -> int:
        """Give a number of the table of rows."""
        for line in self.out.splitlines():
            words = line.split()
            if words[:1] == [name] and len(words) == 2:
                return int(words[1].replace(",", ""))
        raise AssertionError(f"no {name} in {self.out!r}")

    def counts(self) -> dict[str, int]:
        """Give the numbers of the table that are not zero."""
        names = ("created", "updated", "unchanged", "skipped", "refused", "warnings")
        return {name: count for name in names if (count := self.count(name))}


def import_csv(path: Path, *options: str) -> Run:
    """Import a file."""
    return _run("import_csv", str(path), *options)


def import_text(folder: Path, text: str | bytes, *options: str) -> Run:
    """Import a file of this content."""
    path = folder / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_csv(path, *options)


def export_csv(*options: str) -> str:
    """Give what an export writes to standard output."""
    return run_export(*options).out


def run_export(*options: str) -> Run:
    """Run an export, which may be refused."""
    return _run("export_csv", *options)


def _run(command: str, *options: str) -> Run:
    out, problems = io.StringIO(newline=""), io.StringIO()
    code, error = 0, ""
    try:
        call_command(command, *options, stdout=out, stderr=problems)
    except CommandError as caught:
        code, error = caught.returncode, str(caught)
    return Run(code, out.getvalue(), problems.getvalue(), error)
