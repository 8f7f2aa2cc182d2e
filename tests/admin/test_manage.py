"""Managing attributes: what is refused and how, and what becomes of a later save."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from people.models import Person
from tests.admin.pages import (
    OBJECTS,
    PEOPLE,
    add,
    errors,
    manage,
    object_form,
    page,
    person_form,
    rows,
)
from tests.make import make_object, make_person


def opened(client: Client, name: str, row: Any) -> dict[str, Any]:
    """Read the hidden fields of a form as a browser gets them."""
    form = client.get(manage(name, row)).context["adminform"].form
    return {"version": form["version"].value(), "opened": form["opened"].value()}


def picks(**picked: str) -> dict[str, str]:
    """Pick a side for each name, as the page posts it."""
    found: dict[str, str] = {}
    for number, (name, side) in enumerate(sorted(picked.items())):
        found |= {f"attributes_name_{number}": name, f"attributes_pick_{number}": side}
    return found


def hidden(response: Any) -> dict[str, Any]:
    """Give what the page that asks which values to keep posts besides the picks."""
    form = response.context["adminform"].form
    return {name: form.data.get(name, "") for name in ("version", "opened", "attributes")}


@pytest.fixture
def conflict(author: Client, company: Object) -> Any:
    """Two people changed seats, one the plan, the other added a note."""
    start = opened(author, OBJECTS, company)
    make_object(company.object_type, "acme", {"seats": 5, "note": "theirs"})
    typed = dict(company.attributes) | {"seats": 4, "plan": "silver"}
    return author.post(page(OBJECTS, company), start | {"attributes": json.dumps(typed)})


def test_asks_for_each_attribute_whose_value_to_keep(conflict: Any, company: Object) -> None:
    assert "Somebody else saved this" in " ".join(errors(conflict)["__all__"])
    choices = conflict.context["adminform"].form.fields["attributes"].widget.choices
    shown = {choice.name: [side.value for side in choice.sides] for choice in choices}
    assert shown == {
        "note": [None, "theirs", None],
        "plan": ["silver", "gold", "gold"],
        "seats": ["4", "5", "3"],
    }
    assert {choice.name for choice in choices if choice.is_contested} == {"seats"}
    assert {choice.name: choice.picked for choice in choices} == {
        "note": "theirs",
        "plan": "yours",
        "seats": "yours",
    }
    assert Object.objects.get(pk=company.pk).attributes["seats"] == 5


@pytest.mark.parametrize(("side", "seats"), [("yours", 4), ("theirs", 5), ("before", 3)])
def test_keeps_the_values_that_were_picked(
    author: Client, conflict: Any, company: Object, side: str, seats: int
) -> None:
    picked = picks(note="theirs", plan="yours", seats=side)
    author.post(page(OBJECTS, company), hidden(conflict) | picked)
    stored = Object.objects.get(pk=company.pk).attributes
    assert (stored["seats"], stored["plan"], stored["note"]) == (seats, "silver", "theirs")


def test_asks_again_when_a_third_person_saved(
    author: Client, conflict: Any, company: Object
) -> None:
    make_object(company.object_type, "acme", {"seats": 6})
    sent = hidden(conflict) | picks(note="theirs", plan="yours", seats="before")
    response = author.post(page(OBJECTS, company), sent)
    choices = response.context["adminform"].form.fields["attributes"].widget.choices
    seats = next(choice for choice in choices if choice.name == "seats")
    assert [side.value for side in seats.sides] == ["4", "6", "3"]
    assert seats.picked == "before"


def test_does_not_ask_when_the_same_was_saved(author: Client, company: Object) -> None:
    start = opened(author, OBJECTS, company)
    make_object(company.object_type, "acme", {"seats": 4})
    typed = dict(company.attributes) | {"seats": 4}
    response = author.post(page(OBJECTS, company), start | {"attributes": json.dumps(typed)})
    assert response.status_code == 302


def test_an_identifier_that_somebody_else_changed_is_not_taken_back(
    author: Client, person: Person
) -> None:
    start = opened(author, PEOPLE, person) | {"opened_only": ""}
    author.post(page(PEOPLE, person), person_form(person, email="new@example.com"))
    typed = person_form(person, **start, attributes=json.dumps({**person.attributes, "a": 1}))
    response = author.post(page(PEOPLE, person), typed)
    assert response.status_code == 302
    person.refresh_from_db()
    assert person.email == "new@example.com"
    assert person.attributes["a"] == 1


def test_tells_beside_the_field_that_both_changed_an_identifier(
    author: Client, person: Person
) -> None:
    start = opened(author, PEOPLE, person)
    author.post(page(PEOPLE, person), person_form(person, email="new@example.com"))
    typed = person_form(person, email="mine@example.com", **start)
    response = author.post(page(PEOPLE, person), typed)
    assert "new@example.com" in errors(response)["email"][0]
    again = typed | hidden(response)
    author.post(page(PEOPLE, person), again)
    person.refresh_from_db()
    assert person.email == "mine@example.com"


@pytest.mark.parametrize("text", ["", "[]", "{", "\0", "9" * 5000, '{"attributes": 7}'])
def test_a_forged_state_does_not_crash(author: Client, company: Object, text: str) -> None:
    make_object(company.object_type, "acme", {"seats": 5})
    typed = object_form(company, plan="mine") | {"opened": text}
    assert author.post(page(OBJECTS, company), typed).status_code == 200


@pytest.mark.parametrize("version", ["", "x", "9" * 50, "-1"])
def test_a_forged_version_does_not_crash(author: Client, company: Object, version: str) -> None:
    typed = object_form(company, plan="mine") | {"version": version}
    assert author.post(page(OBJECTS, company), typed).status_code == 200


@pytest.mark.parametrize("kind", ["text", "number", "time", "json"])
def test_an_emptied_value_removes_the_attribute(
    author: Client, company: Object, kind: str
) -> None:
    typed = object_form(company) | {"attributes_rows": rows(("seats", kind, ""))}
    assert author.post(page(OBJECTS, company), typed).status_code == 302
    assert "seats" not in Object.objects.get(pk=company.pk).attributes


def test_null_removes_the_attribute(author: Client, company: Object) -> None:
    typed = object_form(company) | {"attributes_rows": rows(("seats", "json", "null"))}
    author.post(page(OBJECTS, company), typed)
    assert "seats" not in Object.objects.get(pk=company.pk).attributes


def test_every_type_is_kept(author: Client, company: Object) -> None:
    typed = object_form(company) | {
        "attributes_rows": rows(
            ("name", "text", "007"),
            ("seats", "number", "-0.5"),
            ("paid", "boolean", "false"),
            ("renewed_at", "time", "2026-05-18T22:58:45+02:00"),
            ("tags", "json", '["a", {"b": 1}]'),
        )
    }
    author.post(page(OBJECTS, company), typed)
    stored = Object.objects.get(pk=company.pk).attributes
    assert stored["name"] == "007"
    assert stored["seats"] == -0.5
    assert stored["paid"] is False
    assert stored["renewed_at"] == 1779137925
    assert stored["tags"] == ["a", {"b": 1}]


def test_wrong_json_is_told_with_line_and_column_and_kept(author: Client, company: Object) -> None:
    typed = object_form(company) | {"attributes": '{\n  "a": 1,\n  b\n}'}
    response = author.post(page(OBJECTS, company), typed)
    assert "line 3, column 3" in errors(response)["attributes"][0]
    assert "  b\n}" in response.content.decode()


def test_too_much_is_told_with_the_size_and_the_limit(author: Client, company: Object) -> None:
    typed = object_form(company, note="x" * 102_400)
    message = errors(author.post(page(OBJECTS, company), typed))["attributes"][0]
    assert "102,400" in message
    assert "102,4" in message.replace("102,400", "")


def test_the_summary_leads_to_the_fields(author: Client, company: Object) -> None:
    typed = object_form(company) | {"attributes_rows": rows(("cio_object_id", "text", "x"))}
    content = author.post(page(OBJECTS, company), typed).content.decode()
    assert 'href="#id_attributes"' in content
    assert 'aria-describedby="id_attributes_problem_1"' in content
    assert 'id="id_attributes_problem_1"' in content


def test_a_duplicate_object_id_leads_to_the_object_that_has_it(
    author: Client, company: Object
) -> None:
    typed = {"object_type": company.object_type_id, "object_id": "acme", "attributes": "{}"}
    response = author.post(add(OBJECTS), typed)
    assert page(OBJECTS, company).encode() in response.content
    assert b"Open Acme" in response.content


def test_an_identifier_of_somebody_else_leads_to_merging(author: Client, person: Person) -> None:
    other = make_person(person.workspace, "bob")
    typed = person_form(other, email="ANN@example.com")
    response = author.post(page(PEOPLE, other), typed)
    content = response.content.decode()
    assert "belongs to another person" in content
    assert f"{page(PEOPLE, other).replace('change', 'merge')}?other={person.pk}" in content
    assert page(PEOPLE, person) in content


def test_a_new_person_with_a_known_identifier_leads_to_the_one_who_has_it(
    author: Client, person: Person
) -> None:
    response = author.post(add(PEOPLE), {"person_id": "ann", "email": "", "attributes": "{}"})
    assert page(PEOPLE, person).encode() in response.content


def test_the_page_shows_values_times_and_who_set_them(author: Client, company: Object) -> None:
    author.post(page(OBJECTS, company), object_form(company, plan="silver"))
    lines = {line.name: line for line in author.get(page(OBJECTS, company)).context["attributes"]}
    assert "silver" in lines["plan"].value
    assert "Admin" in lines["plan"].set_by
    assert "just now" in lines["plan"].set_at
    assert "in Unix seconds" in lines["created_at"].value


def test_a_lost_permission_gives_back_what_was_typed(viewer: Client, company: Object) -> None:
    typed = object_form(company, plan="typed for an hour")
    response = viewer.post(page(OBJECTS, company), typed)
    assert response.status_code == 403
    assert b"may not edit here any more" in response.content
    assert b"typed for an hour" in response.content
    assert Object.objects.get(pk=company.pk).attributes["plan"] == "gold"


def test_a_lost_permission_gives_back_the_rows_as_json(viewer: Client, company: Object) -> None:
    typed = rows(("plan", "text", "silver"), ("seats", "number", "4"))
    for address in (page(OBJECTS, company), add(OBJECTS)):
        response = viewer.post(address, object_form(company) | {"attributes_rows": typed})
        assert response.status_code == 403
        assert dict(response.context["typed"])["attributes"] == (
            '{\n  "plan": "silver",\n  "seats": 4\n}'
        )
        assert "attributes_rows" not in dict(response.context["typed"])


@pytest.mark.parametrize(
    ("typed", "at_name"),
    [(("relationship", "text", "x"), True), (("seats", "number", "many"), False)],
)
def test_a_problem_stands_at_the_name_or_at_the_value(
    author: Client, company: Object, typed: tuple[str, str, str], at_name: bool
) -> None:
    sent = object_form(company) | {"attributes_rows": rows(typed)}
    content = author.post(page(OBJECTS, company), sent).content.decode()
    name = re.search(r"<input[^>]*data-name[^>]*>", content)
    value = re.search(r"<textarea[^>]*data-text[^>]*>", content)
    assert name is not None
    assert value is not None
    assert ("aria-invalid" in name[0]) is at_name
    assert ("aria-invalid" in value[0]) is not at_name
