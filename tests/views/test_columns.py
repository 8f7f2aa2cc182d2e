"""Choosing the columns of a list: what is shown, for whom it is kept, and what it costs."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.html import escape

from objects.models import Object
from operations.doors.column_cells import render_cell
from operations.doors.list_columns import COLUMNS_MAX
from operations.wire.filter_paths import parse_path
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, list_of
from tests.make import make_object, make_person, make_type, make_workspace, relate
from tests.views.conftest import shown
from workspaces.models import ColumnChoice, Role, Workspace

pytestmark = pytest.mark.django_db

FORM = "/admin/columns/people/"
USUAL = ["title", "email", "id", "relationships", "created", "updated"]


def choose(client: Client, *codes: str, form: str = FORM, **more: Any) -> Any:
    return client.post(form, {"column": codes, "go": "save", **more})


def test_shows_attributes_and_nested_values_in_the_order_chosen(
    admin: Client, workspace: Workspace
) -> None:
    make_person(workspace, "ann", {"plan": "gold", "address": {"city": "Oslo"}, "tags": ["a", 2]})
    answer = choose(
        admin, "attribute:address.city", "title", "attribute:tags[]", "attribute:plan", "id"
    )
    assert answer.status_code == 302
    page = admin.get(list_of(PEOPLE))
    assert shown(page) == [
        "attribute:address.city",
        "title",
        "attribute:tags[]",
        "attribute:plan",
        "id",
    ]
    body = page.content.decode()
    for cell in (">Oslo</bdi>", ">gold</bdi>", ">a, 2</bdi>"):
        assert cell in body
    assert ">address.city</bdi>" in body, "the header says it as it is written"


def test_the_choice_is_kept_for_one_user_and_one_list(workspace: Workspace) -> None:
    mine, other = sign_in(workspace, Role.VIEWER), sign_in(workspace, Role.VIEWER)
    companies, courses = make_type(workspace, "Companies"), make_type(workspace, "Courses")
    form = f"/admin/columns/objects/?object_type={companies.number}"
    choose(mine, "title", "attribute:plan", form=form)
    address = list_of(OBJECTS)
    assert shown(mine.get(address, {"object_type": companies.number})) == [
        "title",
        "attribute:plan",
    ]
    assert "attribute:plan" not in shown(mine.get(address, {"object_type": courses.number}))
    assert "attribute:plan" not in shown(other.get(address, {"object_type": companies.number}))
    assert "type" in shown(mine.get(address))


def test_the_name_cannot_be_hidden_and_reset_brings_the_usual_columns(admin: Client) -> None:
    choose(admin, "email")
    assert shown(admin.get(list_of(PEOPLE))) == ["title", "email"]
    admin.post(FORM, {"go": "reset"})
    assert shown(admin.get(list_of(PEOPLE))) == USUAL
    assert not ColumnChoice.objects.exists()


@pytest.mark.parametrize(
    ("go", "expected"),
    [
        ("up:id", ["title", "id", "email"]),
        ("down:title", ["email", "title", "id"]),
        ("up:title", ["title", "email", "id"]),
        ("hide:email", ["title", "id"]),
        ("hide:title", ["title", "email", "id"]),
        ("show:created", ["title", "email", "id", "created"]),
        ("show:nonsense", ["title", "email", "id"]),
        ("up:nonsense", ["title", "email", "id"]),
        ("sideways:id", ["title", "email", "id"]),
    ],
)
def test_each_button_of_the_form_answers_with_the_next_form(
    admin: Client, go: str, expected: list[str]
) -> None:
    answer = admin.post(FORM, {"column": ["title", "email", "id"], "go": go})
    assert [column.code for column in answer.context["shown"]] == expected
    assert not ColumnChoice.objects.exists(), "only Apply keeps anything"


def test_a_typed_name_is_added_and_a_bad_one_stays_with_what_is_wrong(admin: Client) -> None:
    answer = admin.post(FORM, {"column": ["title"], "typed": r"a\.b", "go": "add"})
    assert answer.context["shown"][-1].label == r"a\.b"
    answer = admin.post(FORM, {"column": ["title"], "typed": "plan\\", "go": "save"})
    assert answer.status_code == 200
    assert answer.context["chosen"].typed == "plan\\"
    assert "backslash" in answer.context["chosen"].problem
    answer = admin.post(FORM, {"column": ["title"], "typed": "plan", "go": "save"})
    assert shown(admin.get(answer.url)) == ["title", "attribute:plan"]


def test_names_that_cannot_be_read_and_columns_beyond_the_limit_are_said(admin: Client) -> None:
    answer = admin.post(FORM, {"column": ["title", "attribute:a\\"], "go": "save"})
    assert "backslash" in answer.context["chosen"].problem
    for count, status in ((COLUMNS_MAX, 302), (COLUMNS_MAX + 1, 200)):
        codes = ["title", *(f"attribute:a{number}" for number in range(count - 1))]
        assert admin.post(FORM, {"column": codes, "go": "save"}).status_code == status
    assert len(ColumnChoice.objects.get().columns) == COLUMNS_MAX


def test_the_list_comes_back_as_it_was(admin: Client) -> None:
    query = urlencode({"q": "ann", "without_relationships": "true", "sort": "-name"})
    answer = choose(admin, "title", form=f"{FORM}?{query}&cursor=x&p=3&rows=25")
    assert answer.url == f"{list_of(PEOPLE)}?q=ann&without_relationships=true&sort=-name"


@pytest.mark.parametrize("columns", ["x", "[1", "{}", '"a"', "[1,2]", "[]", '["nonsense"]', "\0"])
def test_columns_in_an_address_that_mean_nothing_show_the_usual_ones(
    admin: Client, columns: str
) -> None:
    assert shown(admin.get(list_of(PEOPLE), {"columns": columns})) == USUAL


def test_an_address_may_name_columns(admin: Client) -> None:
    columns = json.dumps(["title", "cio_id", "attribute:a", "attribute:a", "attribute:"])
    assert shown(admin.get(list_of(PEOPLE), {"columns": columns})) == [
        "title",
        "cio_id",
        "attribute:a",
    ]


def test_relationships_show_their_own_attributes(admin: Client, workspace: Workspace) -> None:
    company = make_object(make_type(workspace), "acme")
    relate(make_person(workspace, "ann"), company, {"role": "owner"})
    choose(admin, "person", "attribute:role", form="/admin/columns/relationships/")
    page = admin.get(list_of(RELATIONSHIPS))
    assert shown(page) == ["person", "attribute:role"]
    assert b">owner</bdi>" in page.content
    assert b"chevron_right" in page.content, "the way to the relationship stays"


def test_a_link_of_a_header_means_the_same_with_other_columns(
    admin: Client, workspace: Workspace
) -> None:
    companies = make_type(workspace)
    for number in range(3):
        make_object(companies, f"o{number}", {"name": f"Company {2 - number}"})
    page = admin.get(list_of(OBJECTS), {"object_type": 1, "o": "1"}).content.decode()
    header = page[page.index("<thead") : page.index("</thead")]
    assert "sort=-name" in header
    assert "o=" not in header.replace("object_type=", "")
    form = "/admin/columns/objects/?object_type=1"
    choose(admin, "created", "title", form=form)
    answer = admin.get(list_of(OBJECTS), {"object_type": 1, "sort": "-name"})
    names = [row.name for row in answer.context["cl"].result_list]
    assert names == ["Company 2", "Company 1", "Company 0"]
    assert answer.content.decode().count('aria-sort="descending"') == 1
    choose(admin, "title", form=form)
    answer = admin.get(list_of(OBJECTS), {"object_type": 1, "sort": "updated_at"})
    assert answer.status_code == 200, "sorted by a column that is not shown"


@pytest.mark.parametrize("sort", ["", "-", "name", "-created_at", "totals__relationship_count"])
def test_an_order_that_the_list_has_is_taken(admin: Client, sort: str) -> None:
    assert admin.get(list_of(PEOPLE), {"sort": sort}).status_code == 200


@pytest.mark.parametrize("sort", ["attributes", "-nonsense", "name__x", "\0"])
def test_an_order_without_an_index_is_left_out_and_said(admin: Client, sort: str) -> None:
    answer = admin.get(list_of(PEOPLE), {"q": "a", "sort": sort}, follow=True)
    assert answer.redirect_chain == [(f"{list_of(PEOPLE)}?q=a", 302)]
    name = escape(sort.removeprefix("-"))
    assert f"cannot be sorted by {name}" in answer.content.decode()


def test_attribute_columns_cost_no_statement_and_no_row_more(
    admin: Client, workspace: Workspace, statements: Callable
) -> None:
    companies = make_type(workspace)

    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            make_object(companies, f"o{number}", {"name": f"C{number}", "plan": "gold"})

    def count(**query: str) -> int:
        with statements() as run:
            answer = admin.get(list_of(OBJECTS), {"object_type": 1, **query})
        assert answer.status_code == 200
        return len(run)

    fill(0, 2)
    columns = json.dumps(["title", *(f"attribute:a{number}" for number in range(20))])
    count()
    usual = count()
    assert count(columns=columns) == usual - 1, "the kept choice is not even read"
    fill(2, 40)
    assert count() == usual
    assert count(columns=columns) == usual - 1
    assert Object.objects.count() == 40


@pytest.mark.parametrize(
    ("field", "attributes", "expected"),
    [
        ("plan", {}, ">-</span>"),
        ("plan", {"plan": "gold"}, '<bdi class="cio-cell-text">gold</bdi>'),
        ("seats", {"seats": 3}, '<span class="cio-code cio-value-number">3</span>'),
        ("on", {"on": True}, '<span class="cio-code cio-value-boolean">true</span>'),
        ("at", {"at": {"x": None}}, 'cio-code">{&quot;x&quot;:null}</bdi>'),
        ("at.x", {"at": {"x": None}}, ">null</bdi>"),
        ("seen_at", {"seen_at": 1_700_000_000}, "<time datetime="),
        ("seen_at", {"seen_at": 10**18}, "1000000000000000000"),
        ("long", {"long": "x" * 500}, 'title="xxx'),
        ("tags[]", {"tags": ["a", "b"]}, ">a, b</bdi>"),
        ("tags[]", {"tags": []}, ">-</span>"),
        ("lines[].sku", {"lines": [{"sku": "1"}, {}, {"sku": 2}]}, ">1, 2</bdi>"),
        ("html", {"html": "<b>x</b>"}, "&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_a_cell_shows_the_value_in_the_look_of_its_type(
    field: str, attributes: Any, expected: str
) -> None:
    assert expected in render_cell(parse_path(field), attributes)


def test_strangers_and_unknown_kinds_find_no_form(stranger: Client, admin: Client) -> None:
    assert admin.get("/admin/columns/nonsense/").status_code == 404
    lonely = sign_in(None)
    assert lonely.get(FORM).status_code == 403
    workspace = make_workspace()
    make_person(workspace, "ann", {"secret_name": 1})
    assert b"secret_name" not in stranger.get(FORM).content


def test_an_export_suggests_the_attributes_shown(admin: Client, workspace: Workspace) -> None:
    make_person(workspace, "ann", {"plan": "gold", "address": {"city": "Oslo"}, "other": 1})
    columns = json.dumps(["title", "attribute:address.city", "attribute:plan"])
    address = f"{list_of(PEOPLE)}?{urlencode({'columns': columns})}"
    sent = {"action": "export_selected", "select_across": "1", "_selected_action": "1", "index": 0}
    form = admin.post(address, sent, follow=True).context["form"]
    assert list(form["known"].initial) == ["address", "plan"]
