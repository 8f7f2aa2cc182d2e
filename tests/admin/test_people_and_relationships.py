"""People and relationships are added, changed and deleted through their pages."""

from django.test import Client

from objects.models import Object
from people.models import Person
from relationships.models import Relationship
from tests.admin.pages import (
    OBJECTS,
    PEOPLE,
    RELATIONSHIPS,
    add,
    deletion,
    errors,
    page,
    person_form,
)
from tests.make import make_object, make_person, make_type, make_workspace
from workspaces.models import Workspace


def test_adds_a_person_by_id_and_email(author: Client) -> None:
    typed = {"person_id": "bob", "email": "Bob@Example.com", "attributes": '{"age": 40}'}
    response = author.post(add(PEOPLE), typed)
    stored = Person.objects.get()
    assert response.url == page(PEOPLE, stored)
    assert (stored.person_id, stored.email) == ("bob", "Bob@Example.com")
    assert stored.attributes["age"] == 40


def test_adds_a_person_by_email_alone(author: Client) -> None:
    author.post(add(PEOPLE), {"person_id": "", "email": "eve@example.com", "attributes": ""})
    assert Person.objects.get().email == "eve@example.com"


def test_asks_for_an_identifier(author: Client) -> None:
    response = author.post(add(PEOPLE), {"person_id": "", "email": "", "attributes": "{}"})
    assert errors(response) == {
        "person_id": ["A person needs an id or an e-mail address: fill in one of the two."]
    }
    assert not Person.objects.exists()


def test_says_beside_the_field_who_has_the_identifier(author: Client, person: Person) -> None:
    by_id = author.post(add(PEOPLE), {"person_id": "ann", "email": "", "attributes": "{}"})
    taken = {"person_id": "", "email": "ANN@example.com", "attributes": "{}"}
    by_email = author.post(add(PEOPLE), taken)
    for response, field in ((by_id, "person_id"), (by_email, "email")):
        assert list(errors(response)) == [field]
        assert page(PEOPLE, person) in errors(response)[field][0]


def test_refuses_an_email_that_is_none(author: Client) -> None:
    response = author.post(add(PEOPLE), {"email": "nobody", "attributes": "{}"})
    assert "e-mail" in errors(response)["email"][0]
    assert b'value="nobody"' in response.content


def test_refuses_the_email_of_somebody_else(author: Client, person: Person) -> None:
    typed = {"person_id": "other", "email": "ANN@example.com", "attributes": "{}"}
    assert errors(author.post(add(PEOPLE), typed))
    assert Person.objects.count() == 1


def test_changes_both_identifiers(author: Client, person: Person) -> None:
    typed = person_form(person, person_id="ann-2", email="ann2@example.com")
    author.post(page(PEOPLE, person), typed)
    person.refresh_from_db()
    assert (person.person_id, person.email) == ("ann-2", "ann2@example.com")


def test_refuses_to_take_an_identifier_away(author: Client, person: Person) -> None:
    response = author.post(page(PEOPLE, person), person_form(person, email=""))
    assert "not removed" in errors(response)["email"][0]


def test_deletes_a_person_with_relationships(author: Client, relationship: Relationship) -> None:
    response = author.get(deletion(PEOPLE, relationship.person))
    assert b"1 relationship" in response.content
    author.post(deletion(PEOPLE, relationship.person))
    assert not Person.objects.exists()
    assert not Relationship.objects.exists()


def test_relates_a_person_to_an_object(author: Client, person: Person, company: Object) -> None:
    typed = {"person": person.pk, "object": company.pk, "attributes": '{"role": "admin"}'}
    response = author.post(add(RELATIONSHIPS), typed)
    stored = Relationship.objects.get()
    assert response.url == page(RELATIONSHIPS, stored)
    assert stored.attributes == {"role": "admin"}


def test_relates_to_an_object_of_a_second_type(
    author: Client, workspace: Workspace, company: Object, person: Person
) -> None:
    course = make_object(make_type(workspace, "Courses"), "algebra")
    author.post(add(RELATIONSHIPS), {"person": person.pk, "object": course.pk, "attributes": "{}"})
    assert Relationship.objects.get().object_id == course.pk


def test_refuses_a_second_relationship_of_the_same_pair(
    author: Client, relationship: Relationship
) -> None:
    typed = {"person": relationship.person_id, "object": relationship.object_id, "attributes": ""}
    response = author.post(add(RELATIONSHIPS), typed)
    assert "already" in errors(response)["object"][0]


def test_refuses_the_object_of_another_workspace(author: Client, person: Person) -> None:
    foreign = make_object(make_type(make_workspace()), "secret")
    typed = {"person": person.pk, "object": foreign.pk, "attributes": "{}"}
    assert errors(author.post(add(RELATIONSHIPS), typed))["object"]
    assert not Relationship.objects.exists()


def test_changes_the_attributes_of_a_relationship(
    author: Client, relationship: Relationship
) -> None:
    typed = {"version": relationship.version, "attributes": '{"role": "admin", "since": 2024}'}
    author.post(page(RELATIONSHIPS, relationship), typed)
    relationship.refresh_from_db()
    assert relationship.attributes == {"role": "admin", "since": 2024}


def test_ends_a_relationship_and_keeps_both_sides(
    author: Client, relationship: Relationship
) -> None:
    author.post(deletion(RELATIONSHIPS, relationship))
    assert not Relationship.objects.exists()
    assert Person.objects.exists()
    assert Object.objects.exists()


def test_pages_list_the_other_side(author: Client, relationship: Relationship) -> None:
    of_object = author.get(f"{page(OBJECTS, relationship.object)}?tab=relationships")
    of_person = author.get(f"{page(PEOPLE, relationship.person)}?tab=relationships")
    assert b"Ann Lee" in of_object.content
    assert b"owner" in of_object.content
    assert b"Acme" in of_person.content


def test_a_page_beyond_the_end_shows_the_last_one(
    author: Client, relationship: Relationship
) -> None:
    address = f"/admin/objects/object/{relationship.object_id}/change/"
    response = author.get(f"{address}?tab=relationships&page=999")
    assert b"Ann Lee" in response.content


def test_pickers_offer_the_rows_of_this_workspace_only(author: Client, person: Person) -> None:
    make_person(make_workspace(), "ann-of-elsewhere", {"name": "Ann Elsewhere"})
    asked = {"term": "ann", "app_label": "relationships", "model_name": "relationship"}
    response = author.get("/admin/autocomplete/", asked | {"field_name": "person"})
    assert [found["text"] for found in response.json()["results"]] == ["Ann Lee · ann@example.com"]
