"""Saved views: what they keep, who sees and changes them, and where they are shown."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.doors.origin import read_clock
from operations.doors.saved_views import QUERY_MAX_CHARS, address_of
from operations.doors.view_counts import count_views
from tests.admin.conftest import sign_in
from tests.admin.pages import PEOPLE, list_of
from tests.make import make_object, make_person, make_type
from tests.views.conftest import shown
from workspaces.models import Role, SavedView, Workspace

pytestmark = pytest.mark.django_db

GOLD = {"attribute": {"field": "plan", "operator": "eq", "value": "gold"}}
GOLD_QUERY = {"f": json.dumps(GOLD), "q": "a", "sort": "-name"}


def add(client: Client, name: str = "Gold", *, kind: str = "people", **sent: Any) -> Any:
    query = sent.pop("query", GOLD_QUERY)
    return client.post(f"/admin/views/add/{kind}/?{urlencode(query)}", {"name": name, **sent})


def bar(client: Client, address: str) -> Any:
    return client.get(address).context["views"]


def test_a_view_keeps_filter_search_order_and_columns(admin: Client, workspace: Workspace) -> None:
    columns = json.dumps(["title", "attribute:plan"])
    answer = add(admin, query=GOLD_QUERY | {"columns": columns, "cursor": "x", "p": "2"})
    view = SavedView.objects.get()
    assert answer.url == address_of(view)
    page = admin.get(answer.url)
    assert "plan is gold" in page.content.decode(), "the chip of its filter"
    assert page.context["cl"].query == "a"
    assert "sort=-name" in answer.url
    assert shown(page) == ["title", "attribute:plan"]
    assert page.context["views"].opened == view
    assert not page.context["views"].is_modified


def test_a_changed_list_is_modified_until_it_is_saved(admin: Client) -> None:
    add(admin)
    view = SavedView.objects.get()
    changed = {"view": view.pk, "q": "b"}
    found = bar(admin, f"{list_of(PEOPLE)}?{urlencode(changed)}")
    assert found.opened == view
    assert found.is_modified
    answer = admin.post(f"/admin/views/{view.pk}/?{urlencode(changed)}", {"go": "update"})
    view.refresh_from_db()
    assert (view.query, view.sort) == ("q=b", "")
    assert not bar(admin, answer.url).is_modified


def test_other_columns_modify_a_view_and_stay_out_of_the_own_choice(admin: Client) -> None:
    add(admin)
    view = SavedView.objects.get()
    form = f"/admin/columns/people/?{urlencode(GOLD_QUERY | {'view': view.pk})}"
    answer = admin.post(form, {"column": ["title", "id"], "go": "save"})
    page = admin.get(answer.url)
    assert shown(page) == ["title", "id"]
    assert page.context["views"].is_modified
    assert shown(admin.get(list_of(PEOPLE))) != ["title", "id"]
    assert not bar(admin, address_of(view)).is_modified


def test_own_views_are_seen_by_nobody_else_and_shared_ones_by_the_workspace(
    author: Client, admin: Client, stranger: Client
) -> None:
    add(author, "Mine")
    add(author, "Ours", is_shared="on")
    mine, ours = SavedView.objects.order_by("pk")
    assert bar(admin, list_of(PEOPLE)).views == (ours,)
    assert bar(author, list_of(PEOPLE)).views == (ours, mine)
    assert bar(stranger, list_of(PEOPLE)).views == ()
    assert bar(stranger, address_of(ours)).opened is None
    assert admin.get(f"/admin/views/{mine.pk}/").status_code == 404
    assert stranger.get(f"/admin/views/{ours.pk}/").status_code == 404
    assert admin.get(f"/admin/views/{ours.pk}/").status_code == 200


def test_viewers_save_views_but_share_none(viewer: Client, author: Client) -> None:
    add(viewer, is_shared="on")
    view = SavedView.objects.get()
    assert not view.is_shared
    viewer.post(f"/admin/views/{view.pk}/", {"name": "New", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("New", False)


@pytest.mark.parametrize("sent", [{"name": "Taken"}, {"go": "update"}, {"go": "delete"}])
def test_only_the_owner_or_an_admin_changes_a_shared_view(
    author: Client, workspace: Workspace, admin: Client, sent: dict[str, str]
) -> None:
    add(author, "Ours", is_shared="on")
    view = SavedView.objects.get()
    address = f"/admin/views/{view.pk}/?q=changed"
    for other in (sign_in(workspace, Role.AUTHOR), sign_in(workspace, Role.VIEWER)):
        assert not bar(other, address_of(view)).may_change
        assert other.post(address, sent).status_code == 403
    view.refresh_from_db()
    assert (view.name, "changed" in view.query) == ("Ours", False)
    assert bar(admin, address_of(view)).may_change
    assert admin.post(address, sent).status_code == 302
    assert list(SavedView.objects.values_list("name", "query")) != [("Ours", view.query)]


def test_a_view_is_renamed_pinned_and_deleted(admin: Client) -> None:
    add(admin)
    view = SavedView.objects.get()
    sent = {"name": "Renamed", "is_pinned": "on", "is_shared": "on"}
    assert admin.post(f"/admin/views/{view.pk}/", sent).url == address_of(view)
    view.refresh_from_db()
    assert (view.name, view.is_pinned, view.is_shared) == ("Renamed", True, True)
    assert admin.post(f"/admin/views/{view.pk}/", {"go": "delete"}).url == list_of(PEOPLE)
    assert not SavedView.objects.exists()


def test_a_name_is_refused_when_it_is_missing_or_taken_and_stays_typed(admin: Client) -> None:
    add(admin)
    for name in ("", "Gold", "x" * 101):
        answer = add(admin, name)
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert answer.context["form"]["name"].value() == name
    assert SavedView.objects.count() == 1
    assert add(admin, query={"q": "x" * (QUERY_MAX_CHARS - 2)}, name="Long").status_code == 302
    too_long = add(admin, query={"q": "x" * (QUERY_MAX_CHARS - 1)}, name="Longer")
    assert "at most" in too_long.context["problem"]


def test_pinned_views_stand_in_the_navigation_with_a_kept_count(
    admin: Client, workspace: Workspace
) -> None:
    companies = make_type(workspace, "Companies")
    make_object(companies, "acme", {"name": "Acme", "plan": "gold"})
    make_person(workspace, "ann", {"name": "Ann", "plan": "gold"})
    add(admin, "People of gold", is_pinned="on", query={"attribute": 'plan:"gold"'})
    sharp = {"attribute": 'plan:"gold"', "object_type": companies.number}
    add(admin, "Firms of gold", kind="objects", is_pinned="on", query=sharp)
    add(admin, "Not pinned")
    body = admin.get("/admin/").content.decode()
    assert body.index("People of gold") < body.index("Companies</bdi>")
    assert body.index("Companies</bdi>") < body.index("Firms of gold")
    assert "Not pinned" not in body
    assert list(SavedView.objects.order_by("pk").values_list("row_count", flat=True)) == [1, 1, 1]
    make_person(workspace, "bob", {"plan": "gold"})
    SavedView.objects.update(counted_at=None)
    count_views(now=read_clock())
    counted = SavedView.objects.filter(is_pinned=True).order_by("pk")
    assert list(counted.values_list("row_count", flat=True)) == [2, 1]


def test_a_filter_that_cannot_be_read_is_counted_as_unknown(admin: Client) -> None:
    add(admin, query={"f": "nonsense"}, is_pinned="on")
    assert SavedView.objects.get().row_count is None
    assert admin.get(address_of(SavedView.objects.get())).status_code == 200
    assert admin.get("/admin/").status_code == 200


def test_views_cost_one_statement_however_many_there_are(
    admin: Client, statements: Callable
) -> None:
    def count() -> int:
        with statements() as run:
            admin.get(list_of(PEOPLE))
        return len(run)

    count()
    before = count()
    for number in range(12):
        add(admin, f"View {number}", is_pinned="on")
    assert count() == before


def test_shared_views_outlive_the_account_of_their_owner(
    author: Client, admin: Client, workspace: Workspace
) -> None:
    add(author, "Ours", is_shared="on")
    view = SavedView.objects.get()
    User.objects.filter(pk=view.owner_id).delete()
    assert bar(admin, address_of(view)).may_change


def test_the_selection_of_all_that_match_keeps_the_filter_of_a_view(
    author: Client, workspace: Workspace
) -> None:
    make_person(workspace, "ann", {"plan": "gold"})
    make_person(workspace, "bob", {"plan": "free"})
    add(author, query={"f": json.dumps(GOLD)})
    address = address_of(SavedView.objects.get())
    sent = {"action": "delete_selected", "select_across": "1", "_selected_action": "1", "index": 0}
    answer = author.post(address, sent)
    assert answer.status_code == 302
    assert "1 person" in author.get(answer.url).content.decode()
