"""Lists by relationships follow the indexes of the totals, from the first page to the deepest."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from operations.doors.filters import newest_first
from operations.doors.keyset import Leg, Place, leg, read_page, sort_by_relationships
from people.models import Person
from tests.make import make_person, make_workspace
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20_000
BY_COUNT = sort_by_relationships(within="workspace")


@pytest.fixture
def workspace() -> Workspace:
    """Insert people of one instant, most with three relationships, a tenth with none.

    Straight into the tables: the engine would take a minute, and plans ask for many rows.
    """
    found = make_workspace()
    make_person(found, "first")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_person (workspace_id, person_id, cio_id, name, attributes,"
            " attribute_times, attributes_bytes, version, created_at, updated_at)"
            " WITH RECURSIVE counted(n) AS"
            " (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < %s)"
            " SELECT %s, 'id-' || n, 'made-' || n, 'n' || n, '{}', '{}', 2, 1,"
            " '2024-01-01 00:00:00', '2024-01-01 00:00:00' FROM counted",
            [MANY, found.pk],
        )
        cursor.execute(
            "INSERT INTO people_persontotals (id, workspace_id, created_at, relationship_count)"
            " SELECT id, workspace_id, created_at, CASE WHEN id % 10 = 0 THEN 0 ELSE 3 END"
            " FROM people_person WHERE person_id <> 'first'"
        )
        for table in ("people_person", "people_persontotals"):
            cursor.execute(f"ANALYZE {table}")
    return found


def plan_of(rows: QuerySet[Person], legs: Sequence[Leg], place: Place | None = None) -> str:
    """Read a page and let the database say how it found the rows."""
    with CaptureQueriesContext(connection) as run:
        page = read_page(rows.select_related("totals"), legs, place=place, limit=50)
    assert len(page.rows) == 50
    assert len(run) == 1
    with connection.cursor() as cursor:
        how = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{how} {run[0]['sql']}".replace("%", "%%"))
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    return plan


def skips_to(plan: str, column: str) -> bool:
    """Tell whether the index is entered at the place, and not read up to it."""
    return f"ROW({column}, id)" in plan or f"{column}<?" in plan or f"{column}>?" in plan


@pytest.mark.parametrize("legs", [BY_COUNT.ascending, BY_COUNT.descending], ids=["up", "down"])
def test_sorting_by_relationships_goes_by_the_index_of_totals(
    workspace: Workspace, legs: Sequence[Leg]
) -> None:
    rows = Person.objects.for_workspace(workspace)
    assert "people_by_relationships" in plan_of(rows, legs)
    middle = Person.objects.get(person_id=f"id-{MANY // 2 + 1}")
    plan = plan_of(rows, legs, Place(0, (3, middle.pk)))
    assert "people_by_relationships" in plan
    assert skips_to(plan, "relationship_count"), plan


def test_the_newest_without_relationships_go_by_an_index_of_their_own(
    workspace: Workspace,
) -> None:
    rows = Person.objects.for_workspace(workspace).without_relationships()
    legs = (leg(*newest_first({"without_relationships": "true"})),)
    assert "people_without_relationships" in plan_of(rows, legs)
    middle = rows.order_by("pk")[MANY // 20]
    plan = plan_of(rows, legs, Place(0, (middle.created_at, middle.pk)))
    assert "people_without_relationships" in plan
    assert skips_to(plan, "created_at"), plan
