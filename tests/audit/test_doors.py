"""Whatever is of security or operations nature is written down where it happens."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from operations.doors.audit import Actor, record
from operations.models import Job
from tests.audit.conftest import Kind
from tests.make import api_token, make_person, make_superuser, member
from workspaces.models import AuditEntry, Credential, Membership, Role, SavedView, Workspace


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_signing_in_and_out(db: None, workspace: Workspace) -> None:
    member(Role.ADMIN, workspace, username="grace")
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.post("/admin/login/", {"username": "grace", "password": "pass"})
    client.post("/admin/logout/")
    entries = AuditEntry.objects.order_by("pk")
    assert [(each.kind, each.actor, each.address) for each in entries] == [
        (Kind.SIGNED_IN, "grace", "203.0.113.9"),
        (Kind.SIGNED_OUT, "grace", "203.0.113.9"),
    ]


def test_a_failed_sign_in_keeps_the_name_of_a_user_and_nothing_else_that_was_typed(
    workspace: Workspace,
) -> None:
    member(Role.ADMIN, workspace, username="grace")
    client = Client()
    client.post("/admin/login/", {"username": "grace", "password": "wrong"})
    client.post("/admin/login/", {"username": "my secret password", "password": "x"})
    found = [(each.kind, each.actor) for each in AuditEntry.objects.order_by("pk")]
    assert found == [(Kind.SIGN_IN_FAILED, "grace"), (Kind.SIGN_IN_FAILED, "somebody unknown")]
    assert not AuditEntry.objects.filter(description__contains="secret").exists()


def test_a_locked_sign_in_is_written_once(workspace: Workspace) -> None:
    member(Role.ADMIN, workspace, username="grace")
    client = Client()
    for _attempt in range(9):
        client.post("/admin/login/", {"username": "grace", "password": "wrong"})
    assert kinds().count(Kind.SIGN_IN_LOCKED) == 1
    assert kinds().count(Kind.SIGN_IN_FAILED) < 9


def test_failed_sign_ins_do_not_fill_the_log(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cioapp.signing_in.FAILURES_KEPT", 3)
    for number in range(6):
        Client().post("/admin/login/", {"username": f"nobody-{number}", "password": "x"})
    assert kinds() == [Kind.SIGN_IN_FAILED] * 3


def test_an_import_with_what_became_of_the_rows(admin: Client, workspace: Workspace) -> None:
    file = SimpleUploadedFile("people.csv", b"id,name\nann,Ann\nbob,Bob\n", "text/csv")
    answer = admin.post("/admin/people/person/import/", {"import_file": file, "format": "0"})
    form = answer.context["confirm_form"]
    confirmed = {name: value for name, value in form.initial.items() if value is not None}
    admin.post("/admin/people/person/process_import/", confirmed)
    entry = last()
    assert (entry.kind, entry.actor, entry.workspace_id) == (Kind.IMPORTED, "ada", workspace.pk)
    assert entry.details["rows"] == 2
    assert entry.details["created"] == 2


def test_an_export_with_its_rows_and_filters(admin: Client, workspace: Workspace) -> None:
    make_person(workspace, "ann")
    address = reverse("admin:people_person_export")
    answer = admin.post(f"{address}?without_relationships=true", {"format": "0", "resource": "0"})
    assert answer["Content-Type"].startswith("text/csv")
    assert last().kind == Kind.EXPORTED
    assert last().details == {
        "of": "people",
        "rows": 1,
        "filters": "without_relationships=true",
    }


def test_the_export_of_chosen_rows_and_of_one(admin: Client, workspace: Workspace) -> None:
    person = make_person(workspace, "ann")
    form = f"{reverse('admin:export_add', args=['people'])}?keys={person.pk}"
    admin.post(form, {"content": "rows", "columns": "all", "format": "csv"})
    assert (last().kind, last().details["rows"]) == (Kind.EXPORTED, 1)
    link = admin.post(reverse("admin:export_link", args=[last().details["export"]]))
    admin.get(link["Location"])
    assert last().description.startswith("Downloaded ")
    admin.get(reverse("admin:people_person_export_one", args=[person.pk]))
    assert (last().kind, last().details["key"]) == (Kind.EXPORTED, person.pk)


def test_a_bulk_deletion_when_it_is_confirmed(admin: Client, workspace: Workspace) -> None:
    person = make_person(workspace, "ann")
    admin.post(
        reverse("admin:people_person_changelist"),
        {"action": "delete_selected", "_selected_action": person.pk},
    )
    assert kinds() == []
    job = Job.objects.get()
    admin.post(reverse("admin:operations_job_change", args=[job.pk]), {"reason": "asked to"})
    assert last().kind == Kind.DELETED
    assert last().details == {
        "task": job.pk,
        "rows": 1,
        "relationships": 0,
        "suppresses": False,
        "reason": "asked to",
    }


def test_object_types_made_renamed_disabled_and_deleted(
    admin: Client, workspace: Workspace
) -> None:
    form = {"name": "Firms", "singular_name": "Firm", "icon": "store", "enabled": "on"}
    admin.post(reverse("admin:objects_objecttype_add"), form)
    row = workspace.object_types.get()
    page = reverse("admin:objects_objecttype_change", args=[row.pk])
    admin.post(page, form | {"name": "Companies"})
    listed = reverse("admin:objects_objecttype_changelist")
    admin.post(listed, {"action": "disable", "_selected_action": row.pk})
    admin.post(reverse("admin:objects_objecttype_delete", args=[row.pk]), {"typed": "Companies"})
    assert [each.description for each in AuditEntry.objects.order_by("pk")] == [
        "Made the object type Firms",
        "Renamed the object type Firms to Companies",
        "Disabled the object type Companies",
        "Deleted the object type Companies",
    ]
    renamed = AuditEntry.objects.filter(kind=Kind.TYPE_CHANGED).first()
    assert renamed is not None
    assert renamed.details["before"] == {"name": "Firms"}
    assert renamed.details["after"] == {"name": "Companies"}


def test_a_type_that_a_key_makes_names_the_key(workspace: Workspace, client: Client) -> None:
    token = api_token(workspace)
    headers = {"Authorization": f"Bearer {token}"}
    client.post(
        "/api/object-types",
        json.dumps({"name": "Courses", "singular_name": "Course"}),
        "application/json",
        headers=headers,
    )
    key = Credential.objects.get()
    assert (last().kind, last().actor, last().door) == (Kind.TYPE_CREATED, str(key), "rest")


def test_a_refused_type_is_not_written(admin: Client, workspace: Workspace) -> None:
    admin.post(reverse("admin:objects_objecttype_add"), {"name": "", "icon": "store"})
    assert kinds() == []


def test_members_and_their_roles(admin: Client, workspace: Workspace) -> None:
    member(username="bob")
    admin.post(
        reverse("admin:workspaces_membership_add"),
        {"member": "bob", "role": "viewer", "sees_sensitive": "on"},
    )
    row = Membership.objects.get(user__username="bob")
    page = reverse("admin:workspaces_membership_change", args=[row.pk])
    admin.post(page, {"role": "author", "sees_sensitive": "on"})
    admin.post(page, {"role": "author", "sees_sensitive": "on"})
    admin.post(reverse("admin:workspaces_membership_delete", args=[row.pk]), {"post": "yes"})
    assert kinds() == [Kind.MEMBER_ADDED, Kind.MEMBER_CHANGED, Kind.MEMBER_REMOVED]
    changed = AuditEntry.objects.get(kind=Kind.MEMBER_CHANGED).details
    assert changed["before"]["role"] == "viewer"
    assert changed["after"]["role"] == "author"


def test_settings_of_the_workspace(admin: Client, workspace: Workspace) -> None:
    page = reverse("admin:workspaces_workspace_change", args=[workspace.pk])
    admin.post(page, {"name": "First", "colour": "#112233", "limits": "customerio"})
    assert last().kind == Kind.WORKSPACE_CHANGED
    assert last().details["after"] == {"colour": "#112233", "limits": "customerio"}


def test_a_view_when_it_is_shared_and_only_then(admin: Client, workspace: Workspace) -> None:
    address = "/admin/views/add/people/?q=ann"
    admin.post(address, {"name": "Mine"})
    assert kinds() == []
    admin.post(address, {"name": "Ours", "is_shared": "on"})
    assert (last().kind, last().description) == (Kind.VIEW_SHARED, "Shared the view Ours")
    view = SavedView.objects.get(name="Ours")
    admin.post(f"/admin/views/{view.pk}/", {"name": "Everybody's", "is_shared": "on"})
    assert kinds() == [Kind.VIEW_SHARED]


def test_suppressing_names_the_person_by_cio_id_only(admin: Client, workspace: Workspace) -> None:
    person = make_person(workspace, "ann", email="ann@example.com")
    admin.post(reverse("admin:people_person_suppress", args=[person.pk]))
    assert last().kind == Kind.SUPPRESSED
    assert last().details == {"cio_id": person.cio_id}
    assert "ann" not in last().description.lower().replace("a person", "")


def test_commands_are_the_command_line(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "companies.csv"
    file.write_text("object_id,name\nacme,Acme\n")
    options = {"kind": "objects", "type": 1, "type_name": "Companies", "workspace": "First"}
    call_command("import_csv", str(file), **options)
    call_command("import_csv", str(file), dry_run=True, **options)
    out = tmp_path / "out.csv"
    call_command("export_csv", kind="objects", workspace="First", out=out)
    assert kinds() == [Kind.TYPE_CREATED, Kind.IMPORTED, Kind.EXPORTED]
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {"command line"}
    assert last().details["rows"] == 1


def test_a_workspace_and_its_keys_made_on_the_command_line(db: None) -> None:
    call_command("create_workspace", name="New", api_token="a-token-of-some-length-12345")
    assert kinds()[0] == Kind.WORKSPACE_CREATED
    assert kinds().count(Kind.KEY_CREATED) == 4
    AuditEntry.objects.all().delete()
    call_command("create_workspace", name="New")
    assert kinds() == []


def test_users_and_their_rights(workspace: Workspace) -> None:
    client = Client()
    client.force_login(make_superuser("root"))
    row = member(Role.VIEWER, workspace, username="bob")
    page = reverse("admin:auth_user_change", args=[row.pk])
    form: dict[str, Any] = {"username": "bob", "is_active": "on", "is_superuser": "on"}
    client.post(page, form)
    assert last().kind == Kind.USER_CHANGED
    assert last().details["after"]["is_superuser"] is True
    client.post(reverse("admin:auth_user_delete", args=[row.pk]), {"post": "yes"})
    assert (last().kind, last().details["users"]) == (Kind.USER_REMOVED, ["bob"])


def test_long_descriptions_are_cut(workspace: Workspace) -> None:
    entry = record(Actor("x" * 300), Kind.EXPORTED, "y" * 900, workspace=workspace)
    entry.refresh_from_db()
    assert (len(entry.actor), len(entry.description)) == (150, 500)


def test_an_entry_outlives_the_workspace_and_the_user(workspace: Workspace) -> None:
    user = member(Role.ADMIN, workspace, username="bob")
    entry = record(Actor("bob", user=user.pk), Kind.EXPORTED, "Exported", workspace=workspace)
    user.delete()
    workspace.delete()
    entry.refresh_from_db()
    assert (entry.actor, entry.workspace_name) == ("bob", "First")
