"""No number tells of a sensitive attribute: counts of views and of segments."""

import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from operations.doors.origin import read_clock
from operations.doors.view_counts import count_views
from operations.engine.segments import SegmentDefinition, save_segment
from operations.models import AttributeKind, AttributeName
from operations.wire.columns import Kind
from operations.wire.filters import parse_filter
from people.models import Person
from people.segment_members import count_segments
from tests.admin.conftest import sign_in
from tests.admin.pages import PEOPLE, page
from tests.make import make_person, origin
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db(transaction=True)

PAY = "canary-pay"
SALARY = {"attribute": {"field": "salary", "operator": "eq", "value": PAY}}
GOLD = {"attribute": {"field": "plan", "operator": "eq", "value": "gold"}}


@pytest.fixture
def blind(workspace: Workspace) -> Client:
    """Sign in an author from whom sensitive attributes are hidden."""
    client = sign_in(workspace, Role.AUTHOR)
    newest = Membership.objects.latest("pk").pk
    Membership.objects.filter(pk=newest).update(sees_sensitive=False)
    return client


@pytest.fixture
def paid(workspace: Workspace) -> Person:
    return make_person(workspace, "ann", {"salary": PAY, "plan": "gold"})


def mark(workspace: Workspace) -> None:
    kind = AttributeKind.PEOPLE
    AttributeName.objects.create(workspace=workspace, kind=kind, name="salary", is_sensitive=True)


def save_view(client: Client) -> None:
    typed = {"name": "Paid", "is_pinned": "on", "is_shared": "on"}
    query = urlencode({"f": json.dumps(SALARY)})
    assert client.post(f"/admin/views/add/people/?{query}", typed).status_code == 302


def counts_beside(client: Client, title: str) -> list[str]:
    """Give the numbers that the navigation shows beside entries of this title."""
    groups = client.get("/admin/").context["sidebar_navigation"]
    entries = [entry for group in groups for entry in group["items"]]
    return [entry["count"] for entry in entries if entry["title"] == title]


def people_of(row: str) -> str:
    """Read the number of people from the row of a segment."""
    (cell,) = re.findall(r'data-label="People">(.*?)</td>', row)
    return re.sub("<.*?>", "", cell)


SALARY = {"attribute": {"field": "salary", "operator": "eq", "value": PAY}}


def test_no_count_tells_of_what_is_hidden(
    admin: Client, blind: Client, workspace: Workspace, paid: Person
) -> None:
    mark(workspace)
    save_view(admin)
    count_views(now=read_clock() + timedelta(hours=1))
    assert counts_beside(admin, "Paid") == ["1"]
    assert counts_beside(blind, "Paid") == [""]
    AttributeName.objects.update(is_sensitive=False)
    count_views(now=read_clock() + timedelta(hours=2))
    assert counts_beside(blind, "Paid") == ["1"]


def test_an_attribute_that_becomes_sensitive_takes_the_counts_along(
    admin: Client, blind: Client, paid: Person
) -> None:
    save_view(admin)
    assert counts_beside(blind, "Paid") == ["1"]
    address = "/admin/data-index/attribute/?of=people&name=salary"
    assert admin.post(address, {"is_sensitive": "on"}).status_code == 302
    assert counts_beside(blind, "Paid") == [""]


def test_segments_that_ask_for_what_is_hidden_tell_nothing(
    admin: Client, blind: Client, workspace: Workspace, paid: Person
) -> None:
    mark(workspace)
    asks = {"segment": {"id": 1}}
    for name, node in (("Paid", SALARY), ("Through another", asks), ("Gold", GOLD)):
        tree = parse_filter(node, kind=Kind.PEOPLE)
        save_segment(SegmentDefinition(name=name, condition=tree), origin=origin(workspace))
    count_segments(now=read_clock())
    for client, known in ((admin, ["1", "1", "1"]), (blind, ["1", "-", "-"])):
        rows = client.get("/admin/people/segment/").context["cl"].table.rows
        assert [people_of(row) for row in rows] == known
        body = client.get(page(PEOPLE, paid)).content.decode()
        assert [name in body for name in (">Gold<", ">Paid<", ">Through another<")] == [
            True,
            client is admin,
            client is admin,
        ]
