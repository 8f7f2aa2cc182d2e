"""Merging and suppressing people, the list of blocked identifiers, activity and exports."""

import io
import json
import zipfile
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from objects.models import Object
from operations.models import Activity
from operations.types import AddDevice, PersonKey
from people.models import Person, Suppression
from relationships.models import Relationship
from tests.admin.conftest import sign_in
from tests.admin.pages import OBJECTS, PEOPLE, add, errors, list_of, object_form, page
from tests.make import apply_one, make_object, make_person, make_type, make_workspace, relate
from workspaces.models import Role, Workspace

SUPPRESSIONS = "people_suppression"


def hanging(name: str, row: Any, what: str) -> str:
    """Give the address of a page that hangs on the page of a row."""
    return page(name, row).replace("/change/", f"/{what}/")


@pytest.fixture
def twin(workspace: Workspace) -> Person:
    return make_person(workspace, attributes={"name": "Annie", "city": "Oslo"}, email="a@b.no")


def confirmed(response: Any) -> dict[str, Any]:
    context = response.context
    return {
        "other": context["other"].pk,
        "keep": context["keep"],
        "versions": context["versions"],
    }


def test_finds_the_other_person_by_any_identifier(
    author: Client, person: Person, twin: Person
) -> None:
    for words in ("A@B.no", twin.cio_id, "anni"):
        response = author.get(hanging(PEOPLE, person, "merge"), {"q": words})
        assert [found for found, _ in response.context["found"]] == [twin], words
    nobody = author.get(hanging(PEOPLE, person, "merge"), {"q": "\0zzz"})
    assert b"Nobody else matches" in nobody.content


def test_previews_a_merge_side_by_side_and_changes_nothing(
    author: Client, person: Person, twin: Person, company: Object
) -> None:
    relate(twin, company)
    response = author.get(hanging(PEOPLE, person, "merge"), {"other": twin.pk})
    comparison = response.context["comparison"]
    shown = {row.name: (row.kept, row.absorbed, row.result) for row in comparison.attributes}
    assert shown["name"] == ("Ann Lee", "Annie", "Ann Lee")
    assert shown["city"] == (None, "Oslo", "Oslo")
    identifiers = {row.name: row.result for row in comparison.identifiers}
    assert identifiers["email"] == "ann@example.com"
    assert comparison.moved == ["acme"]
    assert Person.objects.count() == 2


def test_two_of_one_name_are_told_apart_in_the_preview_of_a_merge(
    author: Client, workspace: Workspace, person: Person
) -> None:
    other = make_person(workspace, "ann-2", {"name": "Ann Lee"})
    told = author.get(hanging(PEOPLE, person, "merge"), {"other": other.pk}).content.decode()
    assert "Merge Ann Lee (ann-2) into Ann Lee (ann)?" in told
    assert "Keep Ann Lee (ann-2) instead" in told


def test_merges_into_the_person_who_was_shown_to_stay(
    author: Client, person: Person, twin: Person, company: Object
) -> None:
    relate(twin, company, {"role": "owner"})
    address = hanging(PEOPLE, person, "merge")
    preview = author.get(address, {"other": twin.pk})
    response = author.post(address, confirmed(preview))
    assert response.url == page(PEOPLE, person)
    stored = Person.objects.get()
    assert stored.pk == person.pk
    assert stored.attributes["city"] == "Oslo"
    assert Relationship.objects.get().person_id == person.pk


def test_the_other_person_can_stay_instead(author: Client, person: Person, twin: Person) -> None:
    address = hanging(PEOPLE, person, "merge")
    preview = author.get(address, {"other": twin.pk, "keep": "other"})
    response = author.post(address, confirmed(preview))
    assert response.url == page(PEOPLE, twin)
    stored = Person.objects.get()
    assert (stored.pk, stored.person_id, stored.name) == (twin.pk, "ann", "Annie")


def test_shows_the_preview_again_when_one_of_the_two_changed(
    author: Client, person: Person, twin: Person
) -> None:
    address = hanging(PEOPLE, person, "merge")
    preview = author.get(address, {"other": twin.pk})
    make_person(person.workspace, attributes={"city": "Bergen"}, email="a@b.no")
    response = author.post(address, confirmed(preview))
    assert b"changed while you were looking" in response.content
    assert b"Bergen" in response.content
    assert Person.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x", "9" * 30, "-1", "\0"])
def test_a_merge_with_nobody_asks_for_somebody(author: Client, person: Person, key: str) -> None:
    for answer in (
        author.get(hanging(PEOPLE, person, "merge"), {"other": key}),
        author.post(hanging(PEOPLE, person, "merge"), {"other": key}),
    ):
        assert b"Find the other" in answer.content


def test_nobody_is_merged_with_themselves_or_across_workspaces(
    author: Client, person: Person
) -> None:
    foreign = make_person(make_workspace(), "elsewhere", {"name": "Canary"})
    for key in (person.pk, foreign.pk):
        response = author.post(hanging(PEOPLE, person, "merge"), {"other": key, "versions": "1.1"})
        assert b"Find the other" in response.content
        assert b"Canary" not in response.content
    assert Person.objects.count() == 2


def test_suppresses_a_person_and_ignores_them_from_then_on(
    author: Client, relationship: Relationship
) -> None:
    person = relationship.person
    address = hanging(PEOPLE, person, "suppress")
    shown = author.get(address).content
    assert b"ann@example.com" in shown
    assert b"1 relationship" in shown
    assert Person.objects.exists()

    author.post(address)

    assert not Person.objects.exists()
    assert set(Suppression.objects.values_list("value", flat=True)) == {"ann", "ann@example.com"}
    response = author.post(add(PEOPLE), {"person_id": "ann", "email": "", "attributes": "{}"})
    assert errors(response)
    assert not Person.objects.exists()


def test_frees_all_identifiers_of_a_suppressed_person(author: Client, person: Person) -> None:
    author.post(hanging(PEOPLE, person, "suppress"))
    chosen = Suppression.objects.filter(kind="id").values_list("pk", flat=True)
    sent = {"action": "unsuppress", "_selected_action": list(chosen)}

    response = author.post(list_of(SUPPRESSIONS), sent)
    assert b"Free these identifiers?" in response.content
    assert Suppression.objects.count() == 2

    author.post(list_of(SUPPRESSIONS), sent | {"post": "yes"})
    assert not Suppression.objects.exists()


def test_blocked_identifiers_are_readable_for_workspace_admins_only(
    admin: Client, workspace: Workspace, person: Person
) -> None:
    admin.post(hanging(PEOPLE, person, "suppress"))
    assert b"ann@example.com" in admin.get(list_of(SUPPRESSIONS)).content
    for role in (Role.AUTHOR, Role.VIEWER):
        content = sign_in(workspace, role).get(list_of(SUPPRESSIONS)).content
        assert b"ann@example.com" not in content
        assert b"hash " in content
        guess = sha256(b"ann@example.com").hexdigest()
        assert guess[:12] not in content.decode(), "whoever has no key could try out addresses"


def test_another_workspace_sees_no_blocked_identifier(
    author: Client, stranger: Client, person: Person
) -> None:
    author.post(hanging(PEOPLE, person, "suppress"))
    assert b"hash " not in stranger.get(list_of(SUPPRESSIONS)).content
    assert b"ann@example.com" not in stranger.get(list_of(SUPPRESSIONS)).content
    chosen = list(Suppression.objects.values_list("pk", flat=True))
    sent = {"action": "unsuppress", "_selected_action": chosen, "post": "yes"}
    stranger.post(list_of(SUPPRESSIONS), sent)
    assert Suppression.objects.count() == 2


@pytest.mark.parametrize("what", ["merge", "suppress"])
def test_viewers_neither_merge_nor_suppress(
    viewer: Client, stranger: Client, person: Person, what: str
) -> None:
    address = hanging(PEOPLE, person, what)
    assert viewer.get(address).status_code == 403
    assert viewer.post(address).status_code == 403
    assert stranger.post(address).status_code == 302
    assert address.encode() not in viewer.get(page(PEOPLE, person)).content
    assert Person.objects.exists()


def test_activity_comes_fifty_at_a_time(author: Client, company: Object) -> None:
    for number in range(60):
        make_object(company.object_type, "acme", {"seats": number})
    first = author.get(f"{page(OBJECTS, company)}?tab=activity")
    assert len(first.context["lines"]) == 50
    older = author.get(first.context["older_link"])
    assert len(older.context["lines"]) == 11
    assert older.context["older_link"] == ""
    assert len({line.raw for line in first.context["lines"]}) == 50


def test_activity_tells_before_after_and_the_raw_operation(
    author: Client, company: Object
) -> None:
    author.post(page(OBJECTS, company), object_form(company, plan="silver"))
    line = author.get(f"{page(OBJECTS, company)}?tab=activity").context["lines"][0]
    plan = next(each for each in line.differences if each.name == "plan")
    assert (plan.before, plan.after) == ("gold", "silver")
    raw = json.loads(line.raw)
    assert raw["object"]["object_id"] == "acme"
    assert raw["door"] == "admin"


@pytest.mark.parametrize("before", ["x", "9" * 40, "-1", "\0"])
def test_a_forged_place_in_the_activity_does_not_crash(
    author: Client, company: Object, before: str
) -> None:
    address = f"{page(OBJECTS, company)}?tab=activity"
    assert author.get(address, {"tab": "activity", "before": before}).status_code == 200


@pytest.mark.parametrize("name", [OBJECTS, PEOPLE])
def test_exports_one_row_as_json_files(
    admin: Client, relationship: Relationship, name: str
) -> None:
    row = relationship.object if name == OBJECTS else relationship.person
    response = admin.get(hanging(name, row, "export-one"))
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        whole = json.loads(archive.read("attributes.json"))
        related = json.loads(archive.read("relationships.json"))
        assert ("activity.json" in archive.namelist()) == (name == PEOPLE)
        activity = json.loads(archive.read("activity.json")) if name == PEOPLE else None
    assert activity is None or {each["kind"] for each in activity} == {"person", "relationship"}
    assert whole["attributes"] == row.attributes
    assert related[0]["attributes"] == {"role": "owner"}
    assert "attachment" in response["Content-Disposition"]


def test_authors_do_not_export_one_row(author: Client, company: Object) -> None:
    address = hanging(OBJECTS, company, "export-one")
    assert author.get(address).status_code == 403
    assert address.encode() not in author.get(page(OBJECTS, company)).content


def test_the_page_of_a_person_shows_devices(author: Client, person: Person) -> None:
    key = PersonKey(cio_id=person.cio_id)
    apply_one(person.workspace, AddDevice(person=key, token="token-1", platform="ios"))
    assert b"token-1" in author.get(page(PEOPLE, person)).content


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\"'><img src=x>", "{{ 7|add:7 }}"])
def test_texts_of_people_are_escaped_on_the_pages_of_people(
    admin: Client, workspace: Workspace, text: str
) -> None:
    person = make_person(workspace, text, {"name": text, text: text})
    twin = make_person(workspace, f"{text}2", {"name": text, text: {text: text}})
    relate(person, make_object(make_type(workspace, text), text), {text: text})
    for address in (
        page(PEOPLE, person),
        f"{page(PEOPLE, person)}?tab=manage",
        f"{page(PEOPLE, person)}?tab=relationships",
        f"{page(PEOPLE, person)}?tab=activity",
        f"{hanging(PEOPLE, person, 'merge')}?q={text[:5]}",
        f"{hanging(PEOPLE, person, 'merge')}?other={twin.pk}",
        hanging(PEOPLE, person, "suppress"),
    ):
        content = admin.get(address).content.decode()
        assert "<script>alert" not in content, address
        assert "<img src=x>" not in content, address


def test_nothing_of_a_deleted_activity_is_missing_its_person(
    author: Client, person: Person, twin: Person
) -> None:
    address = hanging(PEOPLE, person, "merge")
    author.post(address, confirmed(author.get(address, {"other": twin.pk})))
    assert Activity.objects.filter(kind="merge", cio_id=person.cio_id).exists()
    assert author.get(f"{page(PEOPLE, person)}?tab=activity").status_code == 200


@pytest.mark.parametrize("tab", ["attributes", "activity"])
def test_a_tab_asks_the_database_as_often_for_little_as_for_much(
    author: Client, company: Object, statements: Any, tab: str
) -> None:
    address = f"{page(OBJECTS, company)}?tab={tab}"
    author.get(address)
    with statements() as little:
        author.get(address)
    for number in range(8):
        make_object(company.object_type, "acme", {f"attribute-{number}": number})
    with statements() as much:
        author.get(address)
    assert len(little) == len(much)


def test_the_form_says_that_an_identifier_is_suppressed(author: Client, person: Person) -> None:
    author.post(hanging(PEOPLE, person, "suppress"))
    sent = {"person_id": "new", "email": "ANN@example.com", "attributes": "{}"}
    told = author.post(add(PEOPLE), sent).content.decode()
    assert "is suppressed; unsuppress it to use it again" in told
    assert "is there already" not in told
