"""The pages of the audit log: who may read it, its filters, one entry, the export."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from operations.doors.audit import Actor, forget_entries, record, recorded_lately
from operations.doors.origin import read_clock
from tests.audit.conftest import Kind, sign_in
from tests.make import make_superuser, make_workspace, member
from workspaces.models import AuditEntry, Role, Workspace

LIST = "/admin/workspaces/auditentry/"


def write(workspace: Workspace | None, text: str, **fields: object) -> AuditEntry:
    actor = Actor(
        str(fields.get("actor", "ada")),
        user=fields.get("user"),
        address=str(fields.get("address", "")),
    )
    kind = fields.get("kind", Kind.EXPORTED)
    return record(actor, kind, text, workspace=workspace)


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    return [row.description for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
def test_only_workspace_admins_read_it(workspace: Workspace, role: Role) -> None:
    client = sign_in(workspace, role)
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}export/").status_code == 403


def test_shows_the_entries_of_the_workspace_and_of_no_other(
    admin: Client, workspace: Workspace
) -> None:
    write(workspace, "ours")
    theirs = write(make_workspace(), "theirs")
    assert shown(admin) == ["ours"]
    assert shown(admin, "?everywhere=true") == ["ours"]
    assert admin.get(f"{LIST}{theirs.pk}/change/").status_code == 302


def test_shows_the_sign_ins_of_those_who_may_use_the_workspace(
    admin: Client, workspace: Workspace
) -> None:
    ours = member(Role.VIEWER, workspace)
    stranger = member(Role.ADMIN, make_workspace())
    for user in (ours, stranger, make_superuser("root")):
        write(None, f"{user} signed in", user=user.pk, kind=Kind.SIGNED_IN)
    write(None, "somebody", kind=Kind.SIGN_IN_FAILED)
    write(None, "not about signing in", user=ours.pk, kind=Kind.USER_CHANGED)
    assert shown(admin) == ["root signed in", f"{ours} signed in"]


def test_a_superuser_may_see_the_whole_installation(workspace: Workspace) -> None:
    client = Client()
    client.force_login(make_superuser())
    client.post("/admin/workspace/", {"workspace": workspace.pk})
    write(workspace, "first")
    other = write(make_workspace(), "second")
    write(None, "installation", kind=Kind.USER_ADDED)
    assert shown(client) == ["first"]
    assert shown(client, "?everywhere=true") == ["installation", "second", "first"]
    assert client.get(f"{LIST}{other.pk}/change/").status_code == 200


def test_filters_by_member_address_kind_and_time(admin: Client, workspace: Workspace) -> None:
    old = write(workspace, "old", actor="System", kind=Kind.IMPORTED)
    AuditEntry.objects.filter(pk=old.pk).update(happened_at=datetime(2026, 1, 2, tzinfo=UTC))
    write(workspace, "new", address="203.0.113.9")
    assert shown(admin, "?actor=System") == ["old"]
    assert shown(admin, "?actor=ada") == ["new"]
    assert shown(admin, "?actor=gone") == []
    assert shown(admin, "?address=203.0.113.9") == ["new"]
    assert shown(admin, "?kind=imported") == ["old"]
    assert shown(admin, "?after=2026-01-03") == ["new"]
    assert shown(admin, "?before=2026-01-03") == ["old"]


def test_a_filter_that_cannot_be_read_says_so_and_finds_nothing(
    admin: Client, workspace: Workspace
) -> None:
    write(workspace, "new")
    answer = admin.get(f"{LIST}?after=yesterday")
    assert list(answer.context["cl"].result_list) == []
    assert "write Unix seconds" in answer.content.decode()


def test_goes_from_page_to_page_by_place(admin: Client, workspace: Workspace) -> None:
    for number in range(30):
        write(workspace, str(number))
    answer = admin.get(f"{LIST}?rows=25")
    following = admin.get(LIST + answer.context["cl"].next_link)
    assert [row.description for row in following.context["cl"].result_list] == [
        "4",
        "3",
        "2",
        "1",
        "0",
    ]


def test_a_page_of_many_takes_as_many_statements_as_one_of_few(
    admin: Client, workspace: Workspace, statements: Callable
) -> None:
    write(workspace, "one")
    shown(admin)
    with statements() as few:
        shown(admin)
    for number in range(40):
        write(workspace, str(number))
    with statements() as many:
        shown(admin)
    assert len(many) == len(few)


def test_an_entry_shows_before_and_after_and_its_raw_data(
    admin: Client, workspace: Workspace
) -> None:
    entry = record(
        Actor("ada"),
        Kind.TYPE_CHANGED,
        "Renamed <b>",
        workspace=workspace,
        details={"before": {"name": "Firms"}, "after": {"name": "Companies"}},
    )
    page = admin.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "Renamed &lt;b&gt;" in page
    assert "<del><bdi>Firms</bdi>" in page
    assert "<ins><bdi>Companies</bdi>" in page
    assert "&quot;kind&quot;: &quot;type_changed&quot;" in page


def test_nobody_changes_or_deletes_an_entry(workspace: Workspace) -> None:
    client = Client()
    client.force_login(make_superuser())
    entry = write(workspace, "stays")
    page = f"{LIST}{entry.pk}/change/"
    assert client.post(page, {"description": "other"}).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert not django_admin.site.get_model_admin(AuditEntry).actions
    entry.refresh_from_db()
    assert entry.description == "stays"


def test_the_export_has_what_the_filters_leave_and_is_audited(
    admin: Client, workspace: Workspace
) -> None:
    write(workspace, "=1+1", address="203.0.113.9")
    write(workspace, "other")
    address = reverse("admin:workspaces_auditentry_export")
    asked = admin.get(f"{address}?address=203.0.113.9")
    assert "Export 1 entry" in asked.content.decode()
    assert AuditEntry.objects.count() == 2
    answer = admin.post(f"{address}?address=203.0.113.9")
    text = b"".join(answer.streaming_content).decode()
    header, row = csv.reader(text.splitlines())
    assert dict(zip(header, row, strict=True))["description"] == "'=1+1"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.details["rows"], entry.details["of"]) == (
        Kind.EXPORTED,
        1,
        "audit log",
    )


def test_the_export_of_an_empty_log_has_a_header(admin: Client) -> None:
    answer = admin.post(reverse("admin:workspaces_auditentry_export"))
    assert b"".join(answer.streaming_content).startswith(b"id,happened_at,")


def test_entries_are_let_go_after_the_retention(workspace: Workspace) -> None:
    now = read_clock()
    old, new = write(workspace, "old"), write(workspace, "new")
    AuditEntry.objects.filter(pk=old.pk).update(happened_at=now - timedelta(days=31))
    forget_entries(now=now, days=0)
    assert AuditEntry.objects.count() == 2
    forget_entries(now=now, days=30)
    assert list(AuditEntry.objects.all()) == [new]


def test_counts_what_was_recorded_lately(workspace: Workspace) -> None:
    entry = write(workspace, "x", address="203.0.113.9", kind=Kind.KEY_REFUSED)
    within = timedelta(minutes=10)
    asked = {"address": "203.0.113.9", "within": within}
    assert recorded_lately(Kind.KEY_REFUSED, **asked) == 1
    assert recorded_lately(Kind.SIGN_IN_FAILED, **asked) == 0
    AuditEntry.objects.filter(pk=entry.pk).update(happened_at=read_clock() - 2 * within)
    assert recorded_lately(Kind.KEY_REFUSED, **asked) == 0
