"""The usage page and the totals that the upkeep keeps, one row a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.test import Client

from objects.models import Object
from operations.doors.day_totals import KEPT_DAYS, keep_totals, read_totals
from operations.models import DayTotal
from operations.tasks import maintain
from people.models import Person
from tests.admin.conftest import sign_in
from tests.make import make_object, make_person, make_superuser, make_type, make_workspace
from workspaces.models import Role, Workspace

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_keeps_one_row_a_day_of_each_workspace(workspace: Workspace, company: Object) -> None:
    make_person(workspace, "ann")
    other = make_workspace()
    make_person(other, "bob")
    keep_totals(now=NOW - timedelta(days=1))
    make_person(workspace, "bob")
    keep_totals(now=NOW)
    make_person(workspace, "cid")
    keep_totals(now=NOW)
    rows = DayTotal.objects.filter(workspace=workspace).order_by("day")
    assert [(row.day, row.people, row.objects_of_all_types) for row in rows] == [
        (date(2026, 3, 9), 1, 1),
        (date(2026, 3, 10), 3, 1),
    ]
    assert DayTotal.objects.filter(workspace=other).count() == 2


def test_old_totals_are_let_go(workspace: Workspace, person: Person) -> None:
    keep_totals(now=NOW)
    keep_totals(now=NOW + timedelta(days=KEPT_DAYS + 1))
    assert DayTotal.objects.filter(workspace=workspace).count() == 1


def test_keeping_takes_as_many_statements_for_many_workspaces(
    workspace: Workspace, person: Person, statements: Callable
) -> None:
    with statements() as few:
        keep_totals(now=NOW)
    for _number in range(5):
        make_person(make_workspace(), "ann")
    with statements() as many:
        keep_totals(now=NOW)
    assert len(many) == len(few)


def test_a_day_without_a_row_is_like_the_one_before(workspace: Workspace, person: Person) -> None:
    keep_totals(now=NOW - timedelta(days=3))
    found = read_totals(workspace.pk, people=5, objects=2, now=NOW)
    assert [(each.day.day, each.people, each.objects) for each in found] == [
        (7, 1, 0),
        (8, 1, 0),
        (9, 1, 0),
        (10, 5, 2),
    ]


def test_the_upkeep_keeps_the_totals(workspace: Workspace, person: Person) -> None:
    maintain.call()
    assert DayTotal.objects.get(workspace=workspace).people == 1


def test_the_page_shows_what_could_go(admin: Client, workspace: Workspace) -> None:
    companies = make_type(workspace)
    oldest = make_object(companies, "old", {"name": "Oldest", "created_at": 1_000_000_000})
    make_object(companies, "new", {"name": "Newest"})
    answer = admin.get("/admin/usage/")
    [usage] = answer.context["types"]
    assert (usage.total, usage.unrelated, usage.share) == ("2", "2", 100)
    assert (usage.oldest, str(oldest.pk) in usage.oldest_link) == ("Oldest", True)
    listed = admin.get(usage.unrelated_link)
    assert listed.context["cl"].result_count == 2


def test_the_size_of_the_database_is_for_superusers(admin: Client, workspace: Workspace) -> None:
    size = "Database, all workspaces"
    assert size not in admin.get("/admin/usage/").content.decode()
    root = Client()
    root.force_login(make_superuser())
    assert size in root.get("/admin/usage/").content.decode()


def test_an_empty_workspace_says_when_the_picture_begins(viewer: Client) -> None:
    page = viewer.get("/admin/usage/").content.decode()
    assert "the picture begins tomorrow" in page
    assert "No object types yet" in page


def test_the_trend_is_drawn_from_the_kept_days(admin: Client, workspace: Workspace) -> None:
    yesterday = datetime.now(tz=UTC).date() - timedelta(days=1)
    make_person(workspace, "ann")
    DayTotal.objects.create(workspace=workspace, day=yesterday, people=4)
    trend = admin.get("/admin/usage/").context["trend"]
    assert (trend.grown, trend.highest, len(trend.days)) == ("-3", "4", 2)


def test_the_page_takes_as_many_statements_for_many_types(
    admin: Client, workspace: Workspace, statements: Callable
) -> None:
    make_object(make_type(workspace, "Companies"))
    make_object(make_type(workspace, "Courses"))
    admin.get("/admin/usage/")
    with statements() as few:
        admin.get("/admin/usage/")
    for number in range(6):
        make_object(make_type(workspace, f"Types {number}"))
    with statements() as many:
        admin.get("/admin/usage/")
    assert len(many) == len(few)


def test_a_stranger_sees_only_their_own(company: Object) -> None:
    stranger = sign_in(make_workspace(), Role.VIEWER)
    assert stranger.get("/admin/usage/").context["types"] == []
