"""What monitors are told: that the server works, or what is wrong, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django_tasks_db.models import DBTaskResult

from cioapp import health
from operations.doors.origin import read_clock
from operations.tasks import maintain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unknown_migrations() -> None:
    health._Applied.is_known = False


def ask(client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).get("/healthz", **extra)


def test_answers_everybody_that_all_is_well() -> None:
    response = ask()
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "worker": "ok",
        "waiting_seconds": 0,
    }
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_tells_how_long_the_oldest_task_has_waited(settings: Any) -> None:
    maintain.enqueue()
    maintain.using(run_after=read_clock() + timedelta(hours=1)).enqueue()
    waiting = DBTaskResult.objects.order_by("enqueued_at").first()
    assert waiting is not None
    since = read_clock() - timedelta(seconds=300)
    DBTaskResult.objects.filter(pk=waiting.pk).update(enqueued_at=since)
    response = ask()
    assert response.status_code == 200
    assert 300 <= response.json()["waiting_seconds"] < 330

    settings.HEALTH_MAX_WAITING_SECONDS = 200
    response = ask()
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["worker"]) == ("failing", "late")


def test_a_task_that_was_due_a_while_ago_has_waited_since_then() -> None:
    maintain.using(run_after=read_clock() + timedelta(hours=1)).enqueue()
    assert ask().json()["waiting_seconds"] == 0
    DBTaskResult.objects.update(run_after=read_clock() - timedelta(seconds=120))
    assert 120 <= ask().json()["waiting_seconds"] < 150


def test_tells_that_migrations_are_missing() -> None:
    recorder = MigrationRecorder(connection)
    (newest,) = MigrationLoader(connection).graph.leaf_nodes("operations")
    recorder.record_unapplied(*newest)
    response = ask()
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "database": "ok", "migrations": "missing"}
    recorder.record_applied(*newest)
    assert ask().status_code == 200


def test_tells_that_the_database_is_away_and_not_where_it_was() -> None:
    with connection.execute_wrapper(_fail):
        response = ask()
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "database": "unreachable"}


def test_answers_over_http_beside_a_server_that_wants_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert ask().status_code == 200
    assert Client().get("/").status_code == 301


def test_asks_the_database_for_little(statements: Any) -> None:
    ask()
    with statements() as run:
        ask()
    assert len(run) == 2


def test_takes_nothing() -> None:
    assert Client().post("/healthz").status_code == 405


def _fail(*_arguments: Any) -> Any:
    message = "connection to server at 10.0.0.7 failed"
    raise OperationalError(message)
