"""Objects are added, changed and deleted through their pages, by the engine."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from objects.models import Object
from operations.models import Activity
from operations.results import Outcome, Result, Status
from operations.types import SaveObjectType
from people.models import Person
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import (
    OBJECTS,
    add,
    deletion,
    errors,
    list_of,
    manage,
    object_form,
    page,
    rows,
)
from tests.bulk.choosing import confirm, prepare
from tests.make import apply_one, make_object, make_type, make_workspace, relate
from workspaces.models import Workspace


def new_object(type_key: int, object_id: str = "globex", attributes: str = "{}") -> dict[str, str]:
    return {"object_type": str(type_key), "object_id": object_id, "attributes": attributes}


def test_adds_an_object_and_stays_on_its_page(author: Client, workspace: Workspace) -> None:
    companies = make_type(workspace)

    response = author.post(add(OBJECTS), new_object(companies.pk, attributes='{"name": "Globex"}'))

    stored = Object.objects.get(object_id="globex")
    assert response.url == page(OBJECTS, stored)
    assert stored.name == "Globex"
    assert "created_at" in stored.attributes


def test_records_the_member_and_the_door_in_the_activity_log_only(
    author: Client, company: Object
) -> None:
    author.post(page(OBJECTS, company), object_form(company, plan="silver"))

    activity = Activity.objects.latest("pk")
    assert (activity.door, activity.status) == ("admin", "updated")
    assert activity.actor.startswith("user-")
    assert not LogEntry.objects.exists()


def test_refuses_an_object_id_of_151_characters_and_keeps_what_was_typed(
    author: Client, workspace: Workspace
) -> None:
    companies = make_type(workspace)
    typed = new_object(companies.pk, "x" * 151) | {
        "attributes_rows": rows(("plan", "text", "Zoë"))
    }

    response = author.post(add(OBJECTS), typed)

    assert "limit is 150" in errors(response)["object_id"][0]
    body = response.content.decode()
    assert "x" * 151 in body
    assert "Zoë" in body
    assert not Object.objects.exists()


def test_takes_an_object_id_of_150_emoji(author: Client, workspace: Workspace) -> None:
    companies = make_type(workspace)
    author.post(add(OBJECTS), new_object(companies.pk, "🦄" * 150))
    stored = Object.objects.get()
    assert author.get(page(OBJECTS, stored)).status_code == 200


def test_refuses_an_object_id_that_is_there_already(author: Client, company: Object) -> None:
    response = author.post(add(OBJECTS), new_object(company.object_type_id, "acme"))
    assert "already" in errors(response)["object_id"][0]


def test_refuses_a_reserved_attribute_beside_its_row(author: Client, company: Object) -> None:
    typed = object_form(company) | {"attributes_rows": rows(("relationship", "text", "x"))}
    response = author.post(page(OBJECTS, company), typed)
    assert "reserved" in errors(response)["attributes"][0]
    assert b"data-row-problem" in response.content


def test_removes_an_attribute_that_the_person_removed(author: Client, company: Object) -> None:
    typed = object_form(company) | {"attributes": '{"name": "Acme"}'}
    author.post(page(OBJECTS, company), typed)
    company.refresh_from_db()
    assert set(company.attributes) == {"name", "created_at"} or set(company.attributes) == {"name"}


def test_saving_without_a_change_changes_nothing(author: Client, company: Object) -> None:
    before = Activity.objects.count()
    author.post(page(OBJECTS, company), object_form(company))
    stored = Object.objects.get(pk=company.pk)
    assert (stored.version, Activity.objects.count()) == (company.version, before)


def test_a_page_carries_the_version_that_it_was_made_from(author: Client, company: Object) -> None:
    form = author.get(manage(OBJECTS, company)).context["adminform"].form
    assert form["version"].value() == company.version


def test_tells_that_somebody_else_saved_and_keeps_what_was_typed(
    author: Client, company: Object
) -> None:
    stale = object_form(company, plan="mine")
    make_object(company.object_type, "acme", {"plan": "theirs"})

    response = author.post(page(OBJECTS, company), stale)

    shown = " ".join(errors(response)["__all__"])
    assert "Somebody else saved this" in shown
    body = response.content.decode()
    assert "theirs" in body
    assert "mine" in body
    assert Object.objects.get(pk=company.pk).attributes["plan"] == "theirs"


def test_a_second_save_of_a_stale_form_goes_through(author: Client, company: Object) -> None:
    stale = object_form(company, plan="mine")
    make_object(company.object_type, "acme", {"plan": "theirs"})
    response = author.post(page(OBJECTS, company), stale)
    version = response.context["adminform"].form["version"].value()

    author.post(page(OBJECTS, company), stale | {"version": version})

    assert Object.objects.get(pk=company.pk).attributes["plan"] == "mine"


def test_deletes_an_object_after_showing_what_goes_along(
    author: Client, relationship: Relationship, company: Object
) -> None:
    response = author.get(deletion(OBJECTS, company))
    assert b"1 relationship" in response.content

    author.post(deletion(OBJECTS, company))

    assert not Object.objects.exists()
    assert not Relationship.objects.exists()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\"'><img src=x>", "a/b?c=%2F"])
def test_texts_of_people_are_escaped_on_every_page(
    admin: Client, workspace: Workspace, person: Person, text: str
) -> None:
    kind = make_type(workspace, text)
    stored = make_object(kind, text, {"name": text, text: text})
    relate(person, stored, {text: text})
    addresses = [
        list_of(OBJECTS),
        f"{list_of(OBJECTS)}?object_type={kind.number}&q={text}",
        page(OBJECTS, stored),
        f"{page(OBJECTS, stored)}?tab=relationships",
        f"{page(OBJECTS, stored)}?tab=activity",
        deletion(OBJECTS, stored),
        "/admin/",
    ]
    for address in addresses:
        response = admin.get(address)
        assert response.status_code == 200, address
        body = response.content.decode()
        assert "<script>alert" not in body, address
        assert "<img src=x>" not in body, address


def test_a_refusal_after_a_clean_preview_comes_back_as_a_form_error(
    author: Client, company: Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the preview let pass and the save refuses is what another writer did in between."""
    clean = Result([Outcome(Status.UPDATED)])
    monkeypatch.setattr("operations.doors.forms.preview", lambda calls: clean)
    typed = object_form(company) | {"attributes_rows": rows(("relationship", "text", "typed"))}

    response = author.post(page(OBJECTS, company), typed)

    assert "reserved" in errors(response)["attributes"][0]
    assert b"typed" in response.content


@pytest.mark.django_db(transaction=True)
def test_saves_and_deletes_outside_any_transaction_of_the_page() -> None:
    """The engine opens its own and fails loudly inside another one."""
    workspace = make_workspace()
    stored = make_object(make_type(workspace), "acme")
    client = sign_in(workspace)
    client.post(page(OBJECTS, stored), object_form(stored, plan="gold"))
    assert Object.objects.get().attributes["plan"] == "gold"
    confirm(client, prepare(client, OBJECTS, "delete_selected", stored))
    assert not Object.objects.exists()


def test_offers_enabled_types_and_the_one_whose_list_is_open(
    author: Client, workspace: Workspace
) -> None:
    make_type(workspace, "Companies")
    off = make_type(workspace, "Courses")
    apply_one(workspace, SaveObjectType(number=off.number, enabled=False))

    plain = author.get(add(OBJECTS)).content.decode()
    from_its_list = author.get(f"{add(OBJECTS)}?object_type={off.number}").content.decode()

    assert "Companies</option>" in plain
    assert "Courses</option>" not in plain
    assert "selected>Courses</option>" in from_its_list
    author.post(add(OBJECTS), new_object(off.pk))
    assert Object.objects.get().object_type == off


def test_a_new_object_leads_back_to_the_list_of_its_type(
    author: Client, workspace: Workspace
) -> None:
    kind = make_type(workspace, "Companies")
    trail = author.get(f"{add(OBJECTS)}?object_type={kind.number}").context["trail"]
    assert [(each.title, each.link) for each in trail] == [
        ("Companies", f"{list_of(OBJECTS)}?object_type={kind.number}"),
        (f"Add {kind.singular_name}", ""),
    ]


def test_a_page_that_is_gone_leads_to_the_list_and_says_where_it_may_be(
    author: Client, workspace: Workspace
) -> None:
    elsewhere = make_object(make_type(make_workspace(), "Companies"), "far")
    answer = author.get(page(OBJECTS, elsewhere), follow=True)
    assert answer.redirect_chain == [(list_of(OBJECTS), 302)]
    (message,) = answer.context["messages"]
    assert f"with the key {elsewhere.pk} in {workspace.name}" in str(message)


def test_the_page_of_a_deletion_names_the_row(author: Client, company: Object) -> None:
    assert author.get(deletion(OBJECTS, company)).context["title"] == f"Delete {company}"
