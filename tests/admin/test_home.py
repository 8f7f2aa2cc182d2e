"""The home page: counts that nobody counts, unrelated objects, and changes per day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.test import Client

from objects.models import Object
from operations.doors.counts import count_unrelated
from operations.doors.days import SHOWN_DAYS, count_days, forget_days, newest_activity, read_days
from operations.models import Activity, DayCount
from people.models import Person
from tests.make import RECEIVED_AT, make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

TODAY = date(2026, 1, 2)


def test_unrelated_objects_link_to_the_filtered_list(admin: Client, company: Object) -> None:
    answer = admin.get("/admin/")
    each = answer.context["unrelated"][0]
    assert (each.title, each.count, each.total, each.percent) == ("Companies", "1", "1", 100)
    assert admin.get(each.link).context["cl"].result_list[0] == company


def test_unrelated_objects_are_counted_in_one_statement(
    workspace: Workspace, company: Object, person: Person, statements: Callable
) -> None:
    relate(person, make_object(company.object_type, "related"))
    courses = make_type(workspace, "Courses")
    make_object(courses, "a")
    make_object(courses, "b")
    make_object(make_type(make_workspace()), "elsewhere")
    with statements() as run:
        assert count_unrelated(workspace.pk) == {1: 1, 2: 2}
    assert len(run) == 1


def test_the_chart_has_every_day_and_what_is_not_counted_yet(
    workspace: Workspace, company: Object
) -> None:
    days = read_days(workspace.pk, now=RECEIVED_AT)
    assert len(days) == SHOWN_DAYS
    assert days[TODAY] == Activity.objects.for_workspace(workspace).count() > 0
    assert sum(days.values()) == days[TODAY]


def test_counting_again_changes_nothing_and_goes_on_where_it_ended(
    workspace: Workspace, company: Object
) -> None:
    expected = read_days(workspace.pk, now=RECEIVED_AT)
    count_days(up_to=newest_activity())
    count_days(up_to=newest_activity())
    assert read_days(workspace.pk, now=RECEIVED_AT) == expected
    make_person(workspace, "later")
    assert read_days(workspace.pk, now=RECEIVED_AT)[TODAY] == expected[TODAY] + 1
    count_days(up_to=newest_activity())
    assert read_days(workspace.pk, now=RECEIVED_AT)[TODAY] == expected[TODAY] + 1


def test_days_are_those_of_the_workspace(workspace: Workspace, company: Object) -> None:
    other = make_workspace()
    make_person(other, "elsewhere")
    count_days(up_to=newest_activity())
    assert read_days(other.pk, now=RECEIVED_AT)[TODAY] == 1


def test_old_days_are_let_go_but_not_the_place_of_the_counting(company: Object) -> None:
    count_days(up_to=newest_activity())
    later = datetime(2026, 6, 1, tzinfo=UTC)
    forget_days(now=later)
    assert DayCount.objects.count() == 1
    count_days(up_to=newest_activity())
    assert DayCount.objects.count() == 1
    make_person(company.workspace, "later")
    count_days(up_to=newest_activity())
    forget_days(now=later + timedelta(days=1))
    assert DayCount.objects.count() == 1


def test_the_page_takes_as_many_statements_with_more_types_and_rows(
    admin: Client, workspace: Workspace, company: Object, statements: Callable
) -> None:
    admin.get("/admin/")
    with statements() as few:
        admin.get("/admin/")
    for number in range(6):
        make_object(make_type(workspace, f"Type {number}"), "one")
    with statements() as many:
        admin.get("/admin/")
    assert len(many) == len(few)


def test_an_empty_workspace_says_what_to_do_next(admin: Client) -> None:
    assert b"Next steps" in admin.get("/admin/").content
