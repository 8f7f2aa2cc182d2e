"""Exports in the REST API: ordered, listed, fetched, and refused with a reason."""

from pathlib import Path
from typing import Any

import pytest

from data_in.models import Export
from operations.doors import jobs
from tests.api.caller import Caller
from tests.data_in.exporting import export, rows_of_csv, text_of
from tests.make import api_token, make_object, make_person, make_type, make_workspace, relate
from workspaces.models import AuditEntry, Role, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def workspace() -> Workspace:
    found = make_workspace()
    acme = make_object(make_type(found), "acme", {"plan": "gold", "n": 1.0})
    relate(make_person(found, "ann", {"plan": "free"}), acme, {"role": "owner"})
    return found


@pytest.fixture
def caller(workspace: Workspace) -> Caller:
    return Caller(api_token(workspace))


def test_orders_an_export_and_fetches_its_file(caller: Caller, workspace: Workspace) -> None:
    made = caller.post("exports", {"kind": "objects", "object_type_id": 1, "attributes": ["n"]})
    assert made.status_code == 201, made.json()
    body = made.json()
    assert (body["status"], body["total"], body["problem"]) == ("done", 1, None)
    assert caller.get(f"exports/{body['id']}").json() == body
    assert caller.get("exports").json()["results"] == [body]
    answer = caller.get(body["download_url"].partition("/api/")[2])
    assert "attachment" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    rows = rows_of_csv(b"".join(answer.streaming_content))
    assert [(row["object_id"], row["n"]) for row in rows] == [("acme", "1.0")]
    assert "plan" not in rows[0]
    assert caller.get(f"exports/{body['id']}").json()["downloads"] == 1
    kinds = AuditEntry.objects.filter(workspace_id=workspace.pk).values_list("kind", flat=True)
    assert list(kinds) == ["exported", "exported"]


def test_filters_like_the_list(caller: Caller, workspace: Workspace) -> None:
    make_person(workspace, "bob")
    body = caller.post("exports", {"kind": "people", "filter": "id=ann"}).json()
    assert "id: ann" in body["description"]
    assert [row["id"] for row in rows_of_csv(text_of(Export.objects.get()))] == ["ann"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "devices"}, "kind"),
        ({"kind": "people", "object_type_id": 1}, "object_type_id"),
        ({"kind": "objects", "object_type_id": 9}, "object_type_id"),
        ({"kind": "people", "filter": "f=%7B"}, "filter"),
        ({"kind": "people", "filter": "workspace__id=1"}, "filter"),
        ({"kind": "people", "filter": 1}, "filter"),
        ({"kind": "people", "attributes": [1]}, "attributes"),
        ({"kind": "people", "attributes": None}, "attributes"),
        ({"kind": "people", "format": "pdf"}, "format"),
        ({"kind": "people", "gzip": "yes"}, "gzip"),
        ({"kind": "people", "colour": "red"}, "colour"),
    ],
)
def test_says_what_is_wrong(caller: Caller, body: dict[str, Any], field: str) -> None:
    answer = caller.post("exports", body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Export.objects.exists()


def test_a_large_one_is_pending_without_a_file(caller: Caller, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    body = caller.post("exports", {"kind": "people"}).json()
    assert (body["status"], body["total"], body["download_url"]) == ("pending", 0, None)
    assert caller.get(f"exports/{body['id']}/file").status_code == 404


def test_only_admins_of_the_workspace(workspace: Workspace) -> None:
    made = export(workspace)
    for role in (Role.VIEWER, Role.AUTHOR):
        lower = Caller(api_token(workspace, role))
        for path in ("exports", f"exports/{made.pk}", f"exports/{made.pk}/file"):
            assert lower.get(path).status_code == 403
        assert lower.post("exports", {"kind": "people"}).status_code == 403
    stranger = Caller(api_token(make_workspace()))
    assert stranger.get("exports").json()["results"] == []
    for path in (f"exports/{made.pk}", f"exports/{made.pk}/file"):
        assert stranger.get(path).status_code == 404
