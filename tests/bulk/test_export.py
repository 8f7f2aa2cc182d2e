"""Exporting what was chosen in a list: those rows and no others, for those who may export."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from data_in.models import Export
from objects.models import Object
from tests.admin.pages import OBJECTS, list_of
from tests.bulk.choosing import choose
from tests.data_in.exporting import rows_of_csv, text_of
from tests.make import make_object, make_type, make_workspace
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

EXPORT = "export_selected"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def firms(workspace: Workspace) -> list[Object]:
    kind = make_type(workspace, "Firms")
    return [make_object(kind, f"firm-{number}", {"sum": "=1+1"}) for number in range(3)]


def rows(client: Client, *chosen: Any, **how: Any) -> list[dict[str, str]]:
    """Choose rows in the list, fill in the form that comes, and read the file."""
    form = choose(client, OBJECTS, EXPORT, *chosen, **how)
    assert form.status_code == 302
    filled = {"content": "rows", "columns": "all", "format": "csv"}
    answer = client.post(form["Location"], filled)
    assert answer.status_code == 302, answer.context["form"].errors
    return rows_of_csv(text_of(Export.objects.latest("pk")))


def test_asks_first_and_counts(admin: Client, firms: list[Object]) -> None:
    page = admin.get(choose(admin, OBJECTS, EXPORT, *firms[:2])["Location"]).content.decode()
    assert "Export 2 Firms" in page
    assert not Export.objects.exists()


def test_gives_the_checked_rows(admin: Client, firms: list[Object]) -> None:
    foreign = make_object(make_type(make_workspace()), "foreign")
    found = rows(admin, firms[0], firms[2], foreign)
    assert [row["object_id"] for row in found] == ["firm-0", "firm-2"]
    assert found[0]["sum"] == "=1+1"


def test_gives_all_that_match(admin: Client, firms: list[Object]) -> None:
    found = rows(admin, firms[0], query="object_id=firm-1", every=True)
    assert [row["object_id"] for row in found] == ["firm-1"]


def test_takes_as_many_rows_as_a_page_of_the_list_has(admin: Client, workspace: Workspace) -> None:
    kind = make_type(workspace)
    chosen = [make_object(kind) for _each in range(250)]
    assert len(rows(admin, *chosen)) == 250


def test_an_author_may_not_export(author: Client, firms: list[Object]) -> None:
    data = {"action": EXPORT, "_selected_action": [firms[0].pk]}
    response = author.post(list_of(OBJECTS), data)
    assert response["Location"] == list_of(OBJECTS)
