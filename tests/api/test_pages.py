"""Pages of lists: by cursor, complete, and without losses when many rows share one second."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from operations.engine import apply
from operations.types import Call, IdentifyPerson, ObjectKey, Operation, PersonKey, Relate
from tests.api.caller import Caller, errors_of
from tests.make import make_type, origin
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
# Many rows of one second, some alone, some before 1970 and far away.
TIMES = [1_700_000_000] * 17 + [-5, 0, 1, 1_600_000_000, 250_000_000_000] + [1_700_000_001] * 8
LISTS = (
    "people",
    "people?without_relationships=false",
    "people?without_relationships=true",
    "objects",
    "objects?object_type=1",
    "objects?object_type=1&without_relationships=false",
    "relationships",
    "object-types",
)


@pytest.fixture
def rows(workspace: Workspace) -> None:
    """Make 30 people, each related to an object, and as many of both who are not."""
    operations: list[Operation] = []
    for number, seconds in enumerate(TIMES):
        key = PersonKey(id=f"related-{number}")
        alone = PersonKey(id=f"alone-{number}")
        operations += [
            Relate(key, ObjectKey(f"object-{number}")),
            IdentifyPerson(key, {"created_at": seconds}),
            IdentifyPerson(alone, {"created_at": seconds}),
        ]
    for number in range(12):
        make_type(workspace, f"Type {number}")
    apply([Call(origin(workspace), (operation,)) for operation in operations])


@pytest.mark.parametrize("limit", [1, 7, 29, 30, 31])
@pytest.mark.parametrize("path", LISTS)
def test_the_pages_together_are_the_list(path: str, limit: int, rows: None, api: Caller):
    whole = api.get(_with(path, "limit=1000")).json()["results"]
    assert len(whole) in {12, 30, 60}
    pages = _walk(api, _with(path, f"limit={limit}"), "next")
    assert [row for page in pages for row in page["results"]] == whole
    assert all(len(page["results"]) == limit for page in pages[:-1])
    last = (pages[-1]["previous"] or "").partition("/api/")[2]
    back = _walk(api, last, "previous") if last else []
    assert [page["results"] for page in back] == [page["results"] for page in pages[-2::-1]]


def test_a_list_by_time_goes_from_new_to_old(rows: None, api: Caller):
    found = api.get("people?limit=1000").json()["results"]
    times = [row["created_at"] for row in found]
    assert times == sorted(times, reverse=True)
    assert len(times) == 60


def test_a_page_has_50_rows_unless_asked_otherwise(rows: None, api: Caller):
    assert len(api.get("people").json()["results"]) == 50


def test_a_cursor_keeps_the_filters(rows: None, api: Caller):
    answer = api.get("people?limit=1&without_relationships=true").json()
    assert "without_relationships=true" in answer["next"]
    assert "limit=1" in answer["next"]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "1.5", "²", "9" * 30])
def test_refuses_a_limit_that_cannot_be_kept(limit: str, api: Caller):
    response = api.get("people", {"limit": limit})
    assert response.status_code == 400
    assert errors_of(response)[0]["field"] == "limit"


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "p=5",
        "[]",
        "{}",
        '[false,0,["2026-01-01T00:00:00+00:00"]]',
        '[false,1,["2026-01-01T00:00:00+00:00",1]]',
        '[false,-1,["2026-01-01T00:00:00+00:00",1]]',
        '[false,0,["2026-01-01T00:00:00",1]]',
        '[false,0,["0001-01-01T00:00:00+23:59",1]]',
        '[false,0,["x",1]]',
        "[false,0,[1,1]]",
        '[false,0,["2026-01-01T00:00:00+00:00",-1]]',
        f'[false,0,["2026-01-01T00:00:00+00:00",{2**63}]]',
        "[false,0,[1]]",
    ],
)
def test_refuses_a_cursor_that_the_list_did_not_give(inside: str, api: Caller):
    response = api.get("people", {"cursor": urlsafe_b64encode(inside.encode()).decode() or "="})
    assert response.status_code == 400
    assert errors_of(response)[0]["field"] == "cursor"


@pytest.mark.parametrize("cursor", ["ä", "a", "\u20ac" * 200])
def test_refuses_a_cursor_that_is_no_base64(cursor: str, api: Caller):
    assert api.get("people", {"cursor": cursor}).status_code == 400


def _walk(api: Caller, path: str, direction: str) -> list[dict[str, Any]]:
    pages = []
    while path:
        pages.append(api.get(path).json())
        path = (pages[-1][direction] or "").partition("/api/")[2]
    return pages


def _with(path: str, parameter: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{parameter}"
