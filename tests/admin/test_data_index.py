"""The data index: which attributes there are, what is said about them, and who may say it."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from objects.models import Object
from operations.doors import data_index, data_index_scans
from operations.doors.counts import read_counts
from operations.doors.data_index_entries import read_entries, twin_key
from operations.doors.data_index_scans import ask_for_reading, due_scans, read_attributes
from operations.doors.known_names import known_names
from operations.doors.origin import read_clock
from operations.models import Activity, AttributeName, AttributeScan
from operations.types import DeletePerson, PersonKey
from operations.wire.columns import Kind
from people.models import Segment
from relationships.models import Relationship
from tests.make import apply_one, make_object, make_person, make_type, make_user, make_workspace
from workspaces.models import AuditEntry, SavedView, Workspace

INDEX = "/admin/data-index/"
ATTRIBUTE = "/admin/data-index/attribute/"


@pytest.fixture
def rows(workspace: Workspace, company: Object, relationship: Relationship) -> None:
    attributes = {"companySize": 12, "company_size": "12", "signed_up_at": 1_700_000_000}
    make_person(workspace, "bob", {**attributes, "born": "1990-05-01", "tags": ["a"], "vip": True})
    make_person(workspace, "eve", {"companySize": "many", "Company Size": 3, "home": {"zip": "1"}})


def entries(workspace: Workspace, kind: str = "people", number: int = 0) -> dict[str, Any]:
    found = read_entries(workspace, kind=kind, number=number, counts=read_counts(workspace.pk))
    return {entry.name: entry for entry in found.entries}


def walk(workspace: Workspace) -> None:
    """Let the worker read everything, whatever the size."""
    ask_for_reading(workspace)
    while due_scans(now=read_clock()).filter(workspace=workspace).exists():
        read_attributes.func()


@pytest.fixture(params=["live", "walked", "walked in small steps"])
def read(request: Any, monkeypatch: pytest.MonkeyPatch, workspace: Workspace, rows: None) -> str:
    """Have the entries read in each of the ways, which all give the same."""
    if request.param != "live":
        monkeypatch.setattr(data_index, "LIVE_MAX_ROWS", -1)
        if request.param == "walked in small steps":
            monkeypatch.setattr(data_index_scans, "SPAN_KEYS", 1)
            monkeypatch.setattr(data_index_scans, "TURN_SECONDS", 0.003)
        walk(workspace)
    return str(request.param)


def test_counts_the_rows_and_the_types_of_each_attribute(read: str, workspace: Workspace) -> None:
    found = entries(workspace)
    assert found["companySize"].row_count == 2
    assert found["companySize"].types == {"number": 1, "text": 1}
    types = {name: next(iter(found[name].types)) for name in ("signed_up_at", "born", "vip")}
    assert types == {"signed_up_at": "date", "born": "date", "vip": "boolean"}
    assert (found["tags"].types, found["home"].types) == ({"list": 1}, {"object": 1})
    assert found["vip"].last_set_at == 1_767_323_045


def test_tells_objects_and_relationships_of_each_type_apart(
    read: str, workspace: Workspace
) -> None:
    make_object(make_type(workspace, "Courses"), "math", {"level": 1})
    if read != "live":
        walk(workspace)
    assert set(entries(workspace, "objects", 1)) == {"name", "plan", "seats", "created_at"}
    assert set(entries(workspace, "objects", 2)) == {"level", "created_at"}
    assert set(entries(workspace, "relationships", 1)) == {"role"}
    assert entries(workspace, "relationships", 2) == {}


def test_points_out_names_that_differ_in_case_and_signs_only(
    read: str, workspace: Workspace
) -> None:
    found = entries(workspace)
    assert set(found["companySize"].similar) == {"company_size", "Company Size"}
    assert found["vip"].similar == ()
    assert twin_key("E-Mail") == twin_key("email") != twin_key("email2")


def test_reads_only_its_own_workspace(read: str, workspace: Workspace) -> None:
    other = make_workspace()
    make_person(other, "zoe", {"theirs": 1})
    if read != "live":
        walk(workspace)
    assert "theirs" not in entries(workspace)


def test_what_was_said_outlives_the_last_value(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, rows: None, admin: Client
) -> None:
    monkeypatch.setattr(data_index, "LIVE_MAX_ROWS", -1)
    walk(workspace)
    admin.post(f"{ATTRIBUTE}?of=people&name=vip", {"description": "Very important", "tags": "crm"})
    for name in ("bob", "eve"):
        apply_one(workspace, DeletePerson(key=PersonKey(id=name)))
    walk(workspace)
    found = entries(workspace)
    assert (found["vip"].row_count, found["vip"].description) == (0, "Very important")
    assert "tags" not in found
    assert "vip" in admin.get(INDEX).content.decode()
    assert "Very important" not in admin.get(f"{INDEX}?show=in_use").content.decode()


def test_a_walk_is_due_again_only_after_a_change(workspace: Workspace, rows: None) -> None:
    walk(workspace)
    late = read_clock() + data_index_scans.READ_AGAIN_AFTER * 2
    assert not due_scans(now=late).filter(workspace=workspace).exists()
    make_person(workspace, "new", {"fresh": 1})
    assert not due_scans(now=read_clock()).filter(workspace=workspace).exists()
    assert due_scans(now=late).filter(workspace=workspace).count() == 3
    assert AttributeScan.objects.filter(workspace=workspace, position=None).count() == 3


def test_a_walk_keeps_nothing_of_the_values(workspace: Workspace, rows: None) -> None:
    make_person(workspace, "sue", {"secret": "canary-value"})
    walk(workspace)
    stored = str(list(AttributeName.objects.values())) + str(list(AttributeScan.objects.values()))
    assert "canary-value" not in stored and "secret" in stored


def test_the_index_is_read_in_as_many_statements_for_few_rows_as_for_many(
    workspace: Workspace, rows: None, admin: Client, statements: Any
) -> None:
    admin.get(INDEX)
    with statements() as few:
        admin.get(INDEX)
    for number in range(30):
        make_person(workspace, f"p{number}", {f"a{number}": number, "same": number})
    with statements() as many:
        admin.get(INDEX)
    assert len(few) == len(many)


def test_the_page_shows_samples_and_leads_to_the_attribute(admin: Client, rows: None) -> None:
    text = admin.get(f"{INDEX}?of=objects-1").content.decode()
    assert "Acme" in text and "gold" in text
    assert f"{ATTRIBUTE}?of=objects-1&amp;name=plan" in text
    assert admin.get(f"{INDEX}?of=objects-9").status_code == 404


def test_in_use_lists_what_views_and_segments_name(
    admin: Client, workspace: Workspace, rows: None
) -> None:
    SavedView.objects.create(
        workspace=workspace,
        owner=make_user(),
        kind="people",
        name="With birthdays",
        columns=["title", "attribute:born"],
        is_shared=True,
    )
    condition = '{"attribute": {"field": "vip", "operator": "is_true"}}'
    Segment.objects.create(workspace=workspace, number=1, name="Important", condition=condition)
    page = admin.get(f"{INDEX}?show=in_use")
    assert [row["entry"].name for row in page.context["rows"]] == ["born", "vip"]
    text = page.content.decode()
    assert "With birthdays" in text and "Important" in text
    assert 'href="/admin/people/person/?segment=1"' in text


def test_searches_names_descriptions_and_tags(admin: Client, rows: None) -> None:
    admin.post(f"{ATTRIBUTE}?of=people&name=vip", {"description": "Important", "tags": "crm, a"})
    for words in ("VIP", "import", "crm"):
        text = admin.get(INDEX, {"q": words}).content.decode()
        assert "Important" in text and "signed_up_at" not in text


def test_says_what_is_wrong_with_a_description_and_keeps_it(admin: Client, rows: None) -> None:
    typed = {"description": "x" * 256, "tags": "t" * 41}
    text = admin.post(f"{ATTRIBUTE}?of=people&name=vip", typed).content.decode()
    assert "255" in text and "40" in text and "x" * 256 in text
    assert not AttributeName.objects.filter(name="vip").exists()
    admin.post(f"{ATTRIBUTE}?of=people&name=vip", {"description": "x" * 255})
    assert AttributeName.objects.get(name="vip").description == "x" * 255


def test_an_attribute_can_be_described_before_any_row_has_it(admin: Client, rows: None) -> None:
    typed = {"name": "next_year", "description": "To come", "is_sensitive": "on"}
    assert admin.post(f"{ATTRIBUTE}?of=people", typed).status_code == 302
    text = admin.get(INDEX).content.decode()
    assert "next_year" in text and "To come" in text


def test_a_mark_holds_in_every_type_and_is_audited(
    admin: Client, workspace: Workspace, rows: None
) -> None:
    make_object(make_type(workspace, "Courses"), "math", {"plan": "free"})
    admin.post(f"{ATTRIBUTE}?of=objects-1&name=plan", {"is_sensitive": "on"})
    assert entries(workspace, "objects", 2)["plan"].is_sensitive
    admin.post(f"{ATTRIBUTE}?of=objects-2&name=plan", {})
    assert not entries(workspace, "objects", 1)["plan"].is_sensitive
    kinds = AuditEntry.objects.filter(workspace=workspace).values_list("kind", flat=True)
    assert list(kinds).count("sensitive_marked") == 2


def test_what_rows_are_called_by_cannot_be_sensitive(admin: Client, rows: None) -> None:
    typed = {"name": "first_name", "is_sensitive": "on"}
    text = admin.post(f"{ATTRIBUTE}?of=people", typed).content.decode()
    assert "first_name cannot be sensitive" in text
    assert not AttributeName.objects.filter(is_sensitive=True).exists()


def test_everybody_looks_and_only_admins_say_and_export(
    admin: Client, author: Client, viewer: Client, rows: None
) -> None:
    for client in (author, viewer):
        assert client.get(INDEX).status_code == 200
        assert client.get(f"{ATTRIBUTE}?of=people&name=vip").status_code == 403
        assert client.post(f"{ATTRIBUTE}?of=people&name=vip", {}).status_code == 403
        assert client.get(reverse("admin:data_index_export")).status_code == 403
        assert ATTRIBUTE not in client.get(INDEX).content.decode()
    answer = admin.get(reverse("admin:data_index_export"))
    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    found = {(row["attributes_of"], row["name"]): row for row in table}
    assert found["People", "companySize"]["rows"] == "2"
    assert found["Companies", "seats"]["types"] == "Number 1"
    assert AuditEntry.objects.filter(kind="exported").exists()


def test_looking_writes_nothing(admin: Client, workspace: Workspace, rows: None) -> None:
    before = list(AttributeName.objects.values()), Activity.objects.count()
    admin.get(INDEX)
    assert (list(AttributeName.objects.values()), Activity.objects.count()) == before
    assert not AttributeScan.objects.filter(workspace=workspace).exists()


def test_a_large_workspace_shows_when_it_was_read_and_can_be_read_again(
    monkeypatch: pytest.MonkeyPatch, admin: Client, workspace: Workspace, rows: None
) -> None:
    monkeypatch.setattr(data_index, "LIVE_MAX_ROWS", -1)
    assert "Not read yet" in admin.get(INDEX).content.decode()
    walk(workspace)
    text = admin.get(INDEX).content.decode()
    assert "As of" in text and "companySize" in text
    admin.post(f"{reverse('admin:data_index_refresh')}?of=people")
    assert "The worker is reading the rows." in admin.get(INDEX).content.decode()


def test_the_condition_builder_suggests_names_of_the_index(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, rows: None
) -> None:
    monkeypatch.setattr("operations.doors.known_names.SAMPLE_ROWS", 0)
    assert "vip" not in known_names(Kind.PEOPLE, workspace)
    walk(workspace)
    assert {"vip", "tags[]"} <= set(known_names(Kind.PEOPLE, workspace))
