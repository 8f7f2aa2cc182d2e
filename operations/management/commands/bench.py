"""`bench`: what writing and bulk actions cost beside the raw floor, and how long pages take."""

import json
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.bench.bulk import Action, measure_bulk, render_bulk, run_bulk_part
from operations.bench.data import Kind
from operations.bench.exports import measure_exports, render_exports, run_export_part
from operations.bench.pages import measure_pages_at, measure_pages_of, render_pages
from operations.bench.report import render_report
from operations.bench.scratch import open_scratch, server_url, why_not_postgresql
from operations.bench.series import Line, Plan, parse_step_argument, run_plan
from operations.bench.steps import Way, run_step

VENDORS = ("postgresql", "sqlite")
BULK_SIZES = {Action.RELATE: 1_000, Action.DELETE: 100_000}


# What a measuring process asks for: a part of the work in a process of its own.
PARTS = {
    "bulk-part": run_bulk_part,
    "export-part": run_export_part,
    "pages-here": measure_pages_of,
}
EXPORT = "export"


class Command(BaseCommand):
    """Measure in databases made for the run, and drop them; no data of the user is touched."""

    help = (
        "Measure CPU microseconds per row of the engine (apply) or of a CSV import (import)"
        " beside the raw floor and django-import-export, of relating all pairs (relate) beside"
        " the floor, of a bulk deletion (delete) beside Django's, and of an export (export)"
        " beside COPY TO or a plain cursor; in databases of their own."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be chosen."""
        ways = parser.add_subparsers(dest="way", required=True)
        for way in Way:
            _add_choices(ways.add_parser(way.value))
        for action in Action:
            bulk = ways.add_parser(action.value)
            bulk.add_argument("--sizes", type=_numbers, default=[BULK_SIZES[action]])
            bulk.add_argument("--databases", type=_each_of(_vendor), default=list(VENDORS))
        export = ways.add_parser(EXPORT)
        export.add_argument("--sizes", type=_numbers, default=[10_000, 100_000, 1_000_000])
        export.add_argument("--kinds", type=_each_of(Kind), default=list(Kind))
        export.add_argument("--databases", type=_each_of(_vendor), default=list(VENDORS))
        export_part = ways.add_parser("export-part", help="One part of an export, as above.")
        export_part.add_argument("argument")
        _add_pages(ways.add_parser("pages"))
        here = ways.add_parser("pages-here", help="The pages of a workspace of this database.")
        here.add_argument("argument", metavar="workspace")
        part = ways.add_parser("bulk-part", help="One part of a bulk action, as above.")
        part.add_argument("argument")
        step = ways.add_parser("step", help="One step in its own process; the bench calls it.")
        step.add_argument("argument")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, or do the one step that a measuring process asks for."""
        if options["way"] in PARTS:
            run_part = PARTS[options["way"]]
            self.stdout.write(run_part(options["argument"]))
            return
        if options["way"] == "step":
            step, batch, way = parse_step_argument(options["argument"])
            figures = run_step(step, batch, way=way)
            self.stdout.write(json.dumps(asdict(figures)) if figures else "")
            return
        # Ended from outside, the bench still drops its databases.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        others = {
            "pages": self._measure_pages,
            EXPORT: self._measure_exports,
            **{action.value: self._measure_bulk for action in Action},
        }
        if (measure := others.get(options["way"])) is not None:
            for vendor in options["databases"]:
                measure(vendor, options)
            return
        measured = {vendor: self._measure(vendor, options) for vendor in options["databases"]}
        if options["json"]:
            options["json"].write_text(json.dumps(_plain(measured), indent=2) + "\n")

    def _measure_bulk(self, vendor: str, options: dict[str, Any]) -> None:
        if self._is_away(vendor):
            return
        action = Action(options["way"])
        with open_scratch(vendor) as scratch:
            for size in options["sizes"]:
                self._tell(vendor, f"{action} {size:,}")
                figures = measure_bulk(action, size, scratch)
                for line in render_bulk(action, size, figures, vendor=vendor):
                    self.stdout.write(line)

    def _measure_exports(self, vendor: str, options: dict[str, Any]) -> None:
        if self._is_away(vendor):
            return
        with open_scratch(vendor) as scratch:
            for kind in options["kinds"]:
                for size in options["sizes"]:
                    self._tell(vendor, f"export of {size:,} {kind}")
                    figures = measure_exports(kind, size, scratch)
                    for line in render_exports(kind, size, figures, vendor=vendor):
                        self.stdout.write(line)

    def _measure_pages(self, vendor: str, options: dict[str, Any]) -> None:
        if self._is_away(vendor):
            return
        sizes = (options["small_rows"], options["rows"])
        with open_scratch(vendor) as scratch:
            small, large = (
                measure_pages_at(scratch, rows, tell=lambda text: self._tell(vendor, text))
                for rows in sizes
            )
        for line in render_pages(small, large, sizes=sizes, vendor=vendor):
            self.stdout.write(line)

    def _is_away(self, vendor: str) -> bool:
        if vendor != "postgresql" or not (reason := why_not_postgresql()):
            return False
        self.stderr.write(f"PostgreSQL is left out ({server_url()}): {reason}")
        return True

    def _measure(self, vendor: str, options: dict[str, Any]) -> list[Line]:
        if self._is_away(vendor):
            return []
        measured = []
        with open_scratch(vendor) as scratch:
            for kind in options["kinds"]:
                plan = _plan(kind, options)
                lines = list(run_plan(plan, scratch, tell=lambda text: self._tell(vendor, text)))
                for line in render_report(lines, kind=kind, vendor=vendor, way=plan.way):
                    self.stdout.write(line)
                measured += lines
        return measured

    def _tell(self, vendor: str, text: str) -> None:
        self.stderr.write(f"{vendor}: {text}")


def _plan(kind: Kind, options: dict[str, Any]) -> Plan:
    return Plan(
        way=Way(options["way"]),
        kind=kind,
        sizes=options["sizes"],
        packaged_sizes=options["import_export_sizes"],
    )


def _add_choices(parser: ArgumentParser) -> None:
    parser.add_argument("--sizes", type=_numbers, default=[1_000, 10_000, 100_000])
    parser.add_argument("--kinds", type=_each_of(Kind), default=list(Kind))
    parser.add_argument(
        "--import-export-sizes",
        type=_numbers,
        default=[1_000, 10_000],
        help="sizes at which django-import-export is measured too; it takes minutes; 0 for none",
    )
    parser.add_argument("--databases", type=_each_of(_vendor), default=list(VENDORS))
    parser.add_argument("--json", type=Path, help="write every figure to this file")


def _add_pages(parser: ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small-rows", type=int, default=1_000)
    parser.add_argument("--databases", type=_each_of(_vendor), default=["postgresql"])


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _each_of(parse: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    def names(text: str) -> list[Any]:
        return [parse(part) for part in text.split(",")]

    return names


def _vendor(text: str) -> str:
    if text not in VENDORS:
        raise CommandError(f"{text} is no database of the bench; choose from {', '.join(VENDORS)}")
    return text


def _plain(measured: dict[str, list[Line]]) -> dict[str, list[dict[str, Any]]]:
    return {vendor: [asdict(line) for line in lines] for vendor, lines in measured.items()}
