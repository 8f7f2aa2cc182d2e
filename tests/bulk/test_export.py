"""Exporting what was chosen: those rows and no others, for those who may export."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from tests.admin.pages import OBJECTS, list_of
from tests.bulk.choosing import choose
from tests.make import make_object, make_type, make_workspace
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

EXPORT = "export_selected"


@pytest.fixture
def firms(workspace: Workspace) -> list[Object]:
    kind = make_type(workspace, "Firms")
    return [make_object(kind, f"firm-{number}", {"sum": "=1+1"}) for number in range(3)]


def download(client: Client, *rows: Any, query: str = "", **more: str) -> list[dict[str, str]]:
    data = {"action": EXPORT, "_selected_action": [row.pk for row in rows], "confirmed": "yes"}
    response = client.post(f"{list_of(OBJECTS)}?{query}", data | more)
    assert "attachment" in response["Content-Disposition"]
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_asks_first_and_counts(admin: Client, firms: list[Object]) -> None:
    page = choose(admin, OBJECTS, EXPORT, *firms[:2]).content.decode()
    assert "Export 2 Firms" in page
    assert page.count('name="_selected_action"') == 2


def test_gives_the_checked_rows(admin: Client, firms: list[Object]) -> None:
    foreign = make_object(make_type(make_workspace()), "foreign")
    found = download(admin, firms[0], firms[2], foreign)
    assert [row["object_id"] for row in found] == ["firm-0", "firm-2"]
    assert found[0]["sum"] == "=1+1"


def test_gives_all_that_match(admin: Client, firms: list[Object]) -> None:
    found = download(admin, firms[0], query="object_id=firm-1", select_across="1")
    assert [row["object_id"] for row in found] == ["firm-1"]


def test_makes_formulas_safe_when_asked(admin: Client, firms: list[Object]) -> None:
    assert download(admin, firms[0], is_made_safe="on")[0]["sum"] == "'=1+1"


def test_an_author_may_not_export(author: Client, firms: list[Object]) -> None:
    data = {"action": EXPORT, "_selected_action": [firms[0].pk], "confirmed": "yes"}
    response = author.post(list_of(OBJECTS), data)
    assert response.status_code == 302
    assert "Content-Disposition" not in response
