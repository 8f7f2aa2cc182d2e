"""Two people who save one form at the same moment: one wins, the other is asked."""

import json
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from operations.doors import admin as door
from people.models import Person
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, RELATIONSHIPS, errors, page
from tests.make import make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Workspace

WAIT_SECONDS = 30
PAGES = ("people", "objects", "relationships", "panel")


def make_row(workspace: Workspace, kind: str) -> tuple[Any, str]:
    """Make a row with a plan, and give it with the address of its form."""
    if kind == "people":
        row: Any = make_person(workspace, "ada", {"plan": "free", "seats": 1})
        return row, page(PEOPLE, row)
    company = make_object(make_type(workspace), "acme", {"plan": "free", "seats": 1})
    if kind == "objects":
        return company, page(OBJECTS, company)
    row = relate(make_person(workspace, "ada"), company, {"plan": "free", "seats": 1})
    return row, page(RELATIONSHIPS, row) + ("?panel=1" if kind == "panel" else "")


def form_of(row: Any, **attributes: Any) -> dict[str, Any]:
    """Fill in the form of a row as a browser without scripts would."""
    return {
        "version": row.version,
        "opened": json.dumps({"attributes": row.attributes}),
        "attributes": json.dumps(row.attributes | attributes),
        **({"person_id": row.person_id, "email": ""} if isinstance(row, Person) else {}),
    }


def post_at_once(
    clients: list[Client], address: str, forms: list[dict[str, Any]], patch: pytest.MonkeyPatch
) -> list[Any]:
    """Post forms so that every one is checked before the first of them is saved."""
    all_checked = Barrier(len(forms))
    real_apply, waited = door.apply, []

    def apply_together(calls: Any) -> Any:
        if len(waited) < len(forms):
            waited.append(calls)
            all_checked.wait(timeout=WAIT_SECONDS)
        return real_apply(calls)

    patch.setattr(door, "apply", apply_together)
    responses: list[Any] = []

    def post(client: Client, form: dict[str, Any]) -> None:
        responses.append(client.post(address, form))
        connection.close()

    threads = [Thread(target=post, args=pair) for pair in zip(clients, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses


def is_saved(response: Any) -> bool:
    """Tell a save from a form that comes back: a page redirects, a panel gives its new cell."""
    return response.status_code == 302 or response.context.get("adminform") is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", PAGES)
def test_exactly_one_save_wins_and_the_other_is_asked(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace()
    row, address = make_row(workspace, kind)
    clients = [sign_in(workspace), sign_in(workspace)]
    forms = [form_of(row, plan="first"), form_of(row, plan="second")]

    responses = post_at_once(clients, address, forms, monkeypatch)

    (asked,) = [response for response in responses if not is_saved(response)]
    row.refresh_from_db()
    assert row.version == 2
    lost = ({"first", "second"} - {row.attributes["plan"]}).pop()
    assert "Somebody else saved this" in " ".join(errors(asked)["__all__"])
    shown = asked.content.decode()
    assert f'"plan": "{lost}"' in shown or f"&quot;plan&quot;:&quot;{lost}&quot;" in shown
    sides = asked.context["adminform"].form.fields["attributes"].widget.choices[0].sides
    assert [side.value for side in sides] == [lost, row.attributes["plan"], "free"]
    assert asked.context["adminform"].form["version"].value() == "2"


@pytest.mark.django_db(transaction=True)
def test_what_was_picked_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace()
    row, address = make_row(workspace, "people")
    clients = [sign_in(workspace), sign_in(workspace)]
    forms = [form_of(row, plan="first"), form_of(row, plan="second")]
    responses = post_at_once(clients, address, forms, monkeypatch)
    (asked,) = [response for response in responses if not is_saved(response)]
    form = asked.context["adminform"].form
    picked = {name: form[name].value() for name in ("version", "opened", "person_id")}
    picked |= {"email": "", "attributes": form.data["attributes"]}
    picked |= {"attributes_name_0": "plan", "attributes_pick_0": "yours"}
    mine = json.loads(form.data["attributes"])["plan"]

    assert is_saved(clients[0].post(address, picked))

    row.refresh_from_db()
    assert (row.attributes["plan"], row.attributes["seats"]) == (mine, 1)


@pytest.mark.django_db(transaction=True)
def test_saves_of_different_attributes_both_ask_no_more_than_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who came second sees what the first one changed, and nothing is lost by then saving."""
    workspace = make_workspace()
    row, address = make_row(workspace, "objects")
    clients = [sign_in(workspace), sign_in(workspace)]
    forms = [form_of(row, plan="gold"), form_of(row, seats=2)]
    responses = post_at_once(clients, address, forms, monkeypatch)
    (asked,) = [response for response in responses if not is_saved(response)]
    form = asked.context["adminform"].form
    choices = form.fields["attributes"].widget.choices
    assert not any(choice.is_contested for choice in choices)
    again = {"version": form["version"].value(), "opened": form["opened"].value()}
    again |= {"attributes": form.data["attributes"]}
    for number, choice in enumerate(choices):
        again |= {f"attributes_name_{number}": choice.name}
        again |= {f"attributes_pick_{number}": choice.picked}
    assert is_saved(clients[0].post(address, again))
    row.refresh_from_db()
    assert {name: row.attributes[name] for name in ("plan", "seats")} == {
        "plan": "gold",
        "seats": 2,
    }


@pytest.mark.django_db(transaction=True)
def test_two_equal_saves_at_once_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to choose, so nobody is asked."""
    workspace = make_workspace()
    row, address = make_row(workspace, "objects")
    clients = [sign_in(workspace), sign_in(workspace)]
    same = form_of(row, plan="gold")
    responses = post_at_once(clients, address, [same, dict(same)], monkeypatch)
    assert [response.status_code for response in responses] == [302, 302]
    row.refresh_from_db()
    assert (row.attributes["plan"], row.version) == ("gold", 2)
