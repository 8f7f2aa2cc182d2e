"""Runs the case files: rows before, one call, and everything that it has to leave behind."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from operations.engine import apply, open_change_set, preview
from operations.results import Outcome, Status
from operations.types import Call, Door, Operation, Origin, Rules
from people.models import Segment
from tests.engine.notation import parse_operation, parse_rules
from tests.engine.state import (
    activity_of,
    assert_consistent,
    in_order,
    latest_activity,
    logged_changes,
    rows_of,
    whole_database,
)
from workspaces.models import Workspace

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.json"))
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)  # 1767225600
AT = datetime(2026, 1, 2, tzinfo=UTC)  # 1767312000
NAMES = {"why", "segments", "limits", "rules", "rows before", "later", "operations"} | {
    "outcome",
    "rejections",
    "warnings",
    "rows after",
    "activity",
    "preview",
}
DEFAULT_TYPES = [{"number": 1, "name": "Companies", "singular_name": "Company"}]


def folder_of(operation: type) -> str:
    """Name the folder of an operation: IdentifyPerson has identify_person."""
    name = operation.__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def test_every_operation_has_cases_of_success_and_refusal() -> None:
    missing = []
    for operation in get_args(Operation):
        cases = [json.loads(path.read_text()) for path in CASES.glob(f"{folder_of(operation)}/*")]
        own = [
            case for case in cases if any(operation.__name__ in one for one in case["operations"])
        ]
        refusals = [case for case in own if "rejections" in case]
        if len(own) < 3 or not refusals or len(refusals) == len(own):
            missing.append(operation.__name__)
    assert not missing, f"too few cases: {', '.join(missing)}"


def test_every_folder_belongs_to_an_operation() -> None:
    operations = {folder_of(operation) for operation in get_args(Operation)}
    assert {path.parent.name for path in FILES} <= operations


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(path: Path, db: None) -> None:
    case = json.loads(path.read_text())
    assert case.keys() <= NAMES
    workspace = make_start(case)
    call = Call(
        origin=_origin(workspace, AT),
        operations=_operations(case["operations"], workspace),
        rules=parse_rules(case.get("rules", {})),
    )
    start, start_of_log = whole_database(), latest_activity()

    previewed = preview([call]).outcomes[0]
    assert whole_database() == start, "the preview wrote something"
    outcome = apply([call]).outcomes[0]

    activity = activity_of(workspace, after=start_of_log)
    assert seen(outcome) == expected(case)
    assert seen(previewed) == seen(outcome), "the preview foretold another outcome"
    assert rows_of(workspace) == rows_after(case)
    assert activity == case["activity"]
    foretold = case.get("preview", activity)
    assert logged_changes(previewed.changes) == foretold, "the preview showed another difference"
    assert_consistent(workspace)
    if outcome.status is Status.REFUSED:
        assert whole_database() == start, "a refused call left a trace"


def make_start(case: dict[str, Any]) -> Workspace:
    """Make the rows before through the engine, one call for each operation."""
    limits = case.get("limits", "standard")
    workspace = Workspace.objects.create(name="The case", limits=limits)
    for number in case.get("segments", ()):
        Segment.objects.create(workspace=workspace, number=number, name=f"Segment {number}")
    companies = {"SaveObjectType": {"number": 1, "name": "Companies", "singular_name": "Company"}}
    change_set = open_change_set(_origin(workspace, BEFORE))
    steps = [(BEFORE, operation) for operation in [companies, *case["rows before"]]]
    steps += [(BEFORE + timedelta(minutes=1), operation) for operation in case.get("later", ())]
    for at, operation in steps:
        operations = _operations([operation], workspace)
        call = Call(_origin(workspace, at), operations, Rules(creates_types=True))
        outcome = apply([call], change_set=change_set).outcomes[0]
        assert outcome.status is not Status.REFUSED, outcome.rejections
    return workspace


def seen(outcome: Outcome) -> dict[str, Any]:
    """Write an outcome as a case states it."""
    refused = {
        "outcome": outcome.status.value,
        "rejections": [
            {"position": one.position, "reason": one.reason.value, "field": one.field}
            for one in outcome.rejections
        ],
        "warnings": [
            {"position": one.position, "reason": one.reason.value, "field": one.field}
            for one in outcome.warnings
        ],
    }
    return {name: value for name, value in refused.items() if value}


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """Pick what a case says of its outcome."""
    return {name: case[name] for name in ("outcome", "rejections", "warnings") if name in case}


def rows_after(case: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Fill in the tables that a case leaves out: they are empty, and there is the one type."""
    tables = {
        "object types": DEFAULT_TYPES,
        "people": [],
        "objects": [],
        "relationships": [],
        "devices": [],
        "segment members": [],
        "suppressions": [],
    }
    assert case["rows after"].keys() <= tables.keys()
    given = {name: in_order(rows) for name, rows in case["rows after"].items()}
    return {
        **tables,
        **given,
        "object types": case["rows after"].get("object types", DEFAULT_TYPES),
    }


def _operations(values: list[dict[str, Any]], workspace: Workspace) -> tuple[Operation, ...]:
    return tuple(parse_operation(value, workspace=workspace) for value in values)


def _origin(workspace: Workspace, at: datetime) -> Origin:
    return Origin(workspace=workspace.pk, door=Door.SYSTEM, actor="test", received_at=at)
