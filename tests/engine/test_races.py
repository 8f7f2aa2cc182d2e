"""Eight processes write the same rows in opposite orders: no loss, and no error for anybody."""

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from objects.models import Object
from operations.models import Activity
from people.models import Person
from relationships.models import Relationship
from tests.engine.clear_racer import BATCH, RELATES, ROWS, TURNS, operation_of
from tests.engine.racer import BATCHES, NEW, SHARED, attribute, new_numbers
from tests.engine.state import assert_consistent
from tests.make import apply_one, make_type, make_workspace
from workspaces.models import Workspace

WRITERS = 8
TIMEOUT_SECONDS = 180
KINDS: dict[str, Any] = {"person": Person, "object": Object, "relationship": Relationship}


def test_database_url() -> str:
    """Return the address of the database of this test, for other processes."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    given = connection.settings_dict
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    return f"postgres://{given['USER']}{password}@{given['HOST']}:{given['PORT']}/{name}"


test_database_url.__test__ = False  # type: ignore[attr-defined]  # a function, not a test


def start(
    workspace: Workspace, writer: int, *, racer: str = "tests.engine.racer"
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", racer, str(workspace.pk), str(writer)],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": test_database_url(),
            "CIO_DATA_DIR": str(settings.DATA_DIR),
            "CIO_POOL_MAX_CONNECTIONS": "0",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def race(
    workspace: Workspace, *, racer: str = "tests.engine.racer", count: int = WRITERS
) -> Counter[str]:
    """Let all writers run at once and add up what they were answered."""
    writers = [start(workspace, writer, racer=racer) for writer in range(count)]
    statuses: Counter[str] = Counter()
    try:
        for process in writers:
            printed, errors = process.communicate(timeout=TIMEOUT_SECONDS)
            assert process.returncode == 0, errors
            statuses.update(json.loads(printed))
    finally:
        for process in writers:
            process.kill()
    return statuses


@pytest.mark.races
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_attribute_is_lost_and_no_writer_sees_an_error() -> None:
    workspace = make_workspace("Race")
    make_type(workspace, "Companies", number=1)
    statuses = race(workspace)
    calls = WRITERS * BATCHES * (2 * SHARED + 2 * NEW // BATCHES)
    assert sum(statuses.values()) == calls
    assert statuses.keys() == {"created", "updated"}, "every call sets an attribute of its own"
    marks = {attribute(writer, turn) for writer in range(WRITERS) for turn in range(BATCHES)}
    own = {attribute(writer): turn for turn in range(BATCHES) for writer in range(WRITERS)}.keys()

    objects = attributes_of(Object, workspace, "object_id")
    people = attributes_of(Person, workspace, "person_id")
    for number in range(SHARED):
        assert marks <= objects[f"shared {number}"].keys()
        assert marks <= people[f"shared {number}"].keys()
    for turn in range(BATCHES):
        for number in new_numbers(turn):
            expected = dict.fromkeys(own, turn)
            assert expected.items() <= objects[f"new {number}"].items()
    relationships = Relationship.objects.for_workspace(workspace)
    assert [row.attributes.keys() for row in relationships] == [own] * NEW
    assert Activity.objects.for_workspace(workspace).filter(kind="relationship").count() == (
        WRITERS * NEW
    )
    assert_consistent(workspace)


@pytest.mark.races
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_deletions_that_overlap_leave_nothing_half_done() -> None:
    workspace = make_workspace("Race")
    make_type(workspace, "Companies", number=1)
    for number in range(ROWS):
        apply_one(workspace, operation_of(RELATES, number))
    statuses = race(workspace, racer="tests.engine.clear_racer")
    assert sum(statuses.values()) == WRITERS * TURNS * BATCH
    assert statuses.keys() <= {"created", "updated", "deleted", "unchanged"}
    assert statuses["deleted"] > ROWS
    assert_consistent(workspace)
    for kind, model in KINDS.items():
        logged = Activity.objects.for_workspace(workspace).filter(kind=kind)
        made, gone = (logged.filter(status=each).count() for each in ("created", "deleted"))
        assert made - gone == model.objects.for_workspace(workspace).count(), kind


def attributes_of(model: Any, workspace: Workspace, key: str) -> dict[str, dict[str, Any]]:
    return dict(model.objects.for_workspace(workspace).values_list(key, "attributes"))
