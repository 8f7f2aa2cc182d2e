"""The contract over the doors: the same input gives the same rows, activity and refusal."""

import time
from pathlib import Path
from typing import Any

import pytest

from objects.models import Object
from operations.models import Activity
from people.models import Person
from relationships.models import Relationship
from tests.doors.doors import AdminDoor, CsvDoor, Door, RestDoor
from tests.doors.inputs import INPUTS, OBJECT, PERSON, Input
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
DOORS = ("admin", "rest", "csv")
_JUST_NOW_SECONDS = 600


def test_there_are_enough_inputs_and_every_gap_has_its_reason() -> None:
    assert len(INPUTS) >= 30
    assert len({sent.name for sent in INPUTS}) == len(INPUTS)
    for sent in INPUTS:
        assert set(sent.cannot) <= set(DOORS)
        assert all(len(reason) > 20 for reason in sent.cannot.values())
        assert len(sent.cannot) < len(DOORS) - 1 or sent.refused, "one door proves nothing"


@pytest.mark.parametrize("sent", INPUTS, ids=lambda sent: sent.name)
def test_every_door_does_the_same(sent: Input, tmp_path: Path) -> None:
    doors: list[Door] = [AdminDoor(), RestDoor(), CsvDoor(tmp_path)]
    told: dict[str, Any] = {}
    for door in doors:
        if door.name not in sent.cannot:
            told[door.name] = _send(door, sent)
    first = next(iter(told.values()))
    for name, seen in told.items():
        assert seen == first, f"{name} differs"
    _check_refusal(sent, first["messages"])


def _send(door: Door, sent: Input) -> dict[str, Any]:
    workspace, other = _prepared(sent, f"{door.name} A"), _prepared(sent, f"{door.name} B")
    before, canary = _rows(workspace), _rows(other)
    logged = Activity.objects.for_workspace(workspace).count()
    answer = door.send(workspace, sent)
    assert _rows(other) == canary, "the other workspace has changed"
    rows = _rows(workspace)
    if answer.messages:
        assert rows == before, "a refused input has left a trace"
    activity = _activity(workspace)[logged:]
    return {
        "messages": sorted(message.rstrip(".") for message in answer.messages),
        "rows": rows,
        "activity": activity,
    }


def _check_refusal(sent: Input, messages: list[str]) -> None:
    if sent.refused is None:
        assert not messages
    else:
        assert any(sent.refused[1] in message for message in messages), messages


def _prepared(sent: Input, name: str) -> Workspace:
    workspace = make_workspace(name)
    object_type = make_type(workspace)
    if sent.kind == PERSON:
        if sent.stored is not None:
            make_person(workspace, sent.keys["id"], sent.stored)
    elif sent.kind == OBJECT:
        if sent.stored is not None:
            make_object(object_type, sent.keys["object_id"], sent.stored)
    else:
        related = make_object(object_type, "known", {"name": "Known"})
        person = make_person(workspace, "known")
        if sent.stored is not None:
            relate(person, related, sent.stored)
    return workspace


def _rows(workspace: Workspace) -> dict[str, Any]:
    objects = Object.objects.for_workspace(workspace).order_by("object_id")
    people = Person.objects.for_workspace(workspace).order_by("person_id", "email")
    relationships = Relationship.objects.for_workspace(workspace)
    return {
        "objects": [
            (row.object_type.number, row.object_id, row.name, *_state(row), row.relationship_count)
            for row in objects.select_related("object_type")
        ],
        "people": [
            (row.person_id, row.email, row.name, *_state(row), row.relationship_count)
            for row in people
        ],
        "relationships": [
            (row.object.object_id, row.person.person_id, *_state(row))
            for row in relationships.select_related("object", "person")
        ],
    }


def _state(row: Any) -> tuple[Any, ...]:
    times = {name: _roughly(at) for name, at in row.attribute_times.items()}
    return _roughly_all(row.attributes), times, row.attributes_bytes, row.version


def _activity(workspace: Workspace) -> list[tuple[Any, ...]]:
    return [
        (
            entry.kind,
            entry.status,
            entry.object_type_number,
            entry.object_id,
            entry.person_id,
            entry.email,
            _roughly_all(entry.before),
            _roughly_all(entry.after),
        )
        for entry in Activity.objects.for_workspace(workspace).order_by("id")
    ]


def _roughly_all(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _roughly(item) if name == "created_at" else _roughly_all(item)
            for name, item in value.items()
        }
    return value


def _roughly(at: Any) -> Any:
    """Make instants of this test run equal: each door reads the clock for itself."""
    is_now = type(at) is int and abs(time.time() - at) < _JUST_NOW_SECONDS
    return "now" if is_now else at
