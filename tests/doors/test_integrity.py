"""check_integrity finds totals that do not fit their rows; the engine makes none."""

import pytest
from django.db import connection

from operations.doors.integrity import find_problems
from operations.types import IdentifyObject, ObjectKey
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, relate

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> int:
    """Give the key of an object that one person is related to."""
    workspace = make_workspace()
    company = make_object(make_type(workspace), "acme")
    relate(make_person(workspace, "ada"), company)
    return int(company.pk)


def test_finds_nothing_in_what_the_engine_wrote(key: int) -> None:
    assert list(find_problems()) == []


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ("SET relationship_count = 2", "objects with a wrong relationship_count"),
        (
            "SET created_at = '2020-01-01 00:00:00'",
            "objects whose totals have another created_at or object_type",
        ),
        (
            "SET object_type_id = object_type_id + 1",
            "objects whose totals have another created_at or object_type",
        ),
    ],
)
def test_finds_totals_that_differ(key: int, broken: str, problem: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE objects_objecttotals {broken} WHERE id = %s", [key])
    assert list(find_problems()) == [f"{problem}: {key}"]


def test_finds_a_row_without_totals_and_totals_without_a_row(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE objects_objecttotals SET id = %s WHERE id = %s", [key + 1000, key])
    assert list(find_problems()) == [
        f"objects without their totals: {key}",
        f"totals without their object: {key + 1000}",
    ]


def test_totals_follow_the_created_at_of_their_row() -> None:
    workspace = make_workspace()
    company = make_object(make_type(workspace), "acme", {"created_at": 1_600_000_000})
    key = ObjectKey("acme", company.object_type.number)
    apply_one(workspace, IdentifyObject(key, {"created_at": 1_700_000_000, "name": "Acme"}))
    company.refresh_from_db()
    assert company.created_at.timestamp() == 1_700_000_000
    assert company.totals.created_at == company.created_at
    assert list(find_problems()) == []
