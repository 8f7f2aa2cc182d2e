"""The pages of exports: the form, the list, the link to a file, and who gets what."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.signing import TimestampSigner
from django.test import Client
from django.urls import reverse

from data_in import export_words
from data_in.export_links import make_token
from data_in.exporting import timedelta
from data_in.models import Export
from data_in.upkeep import forget_files
from objects.models import Object
from operations.doors import jobs
from operations.doors.origin import read_clock
from operations.json import dump
from operations.models import AttributeName, Job
from tests.admin.conftest import admin, author, company, sign_in, workspace
from tests.data_in.exporting import export, rows_of_csv, rows_of_json, text_of
from tests.make import make_object, make_person, make_type, make_workspace, member, relate
from workspaces.models import AuditEntry, Membership, Role, Workspace

__all__ = ["admin", "author", "company", "workspace"]
pytestmark = pytest.mark.django_db
LIST = "/admin/exports/"
FILLED = {"content": "rows", "columns": "all", "format": "csv"}


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def form(kind: str = "objects", **query: Any) -> str:
    address = reverse("admin:export_add", args=[kind])
    return f"{address}?{urlencode(query)}" if query else address


def order(client: Client, address: str, **filled: Any) -> Export:
    answer = client.post(address, FILLED | filled)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer["Location"] == LIST
    return Export.objects.latest("pk")


def body(answer: Any) -> str:
    return answer.content.decode()


def test_an_empty_workspace_says_what_to_do(admin: Client, workspace: Workspace) -> None:
    page = body(admin.get(LIST))
    assert "No exports yet" in page
    assert form("people") in page
    assert "There is nothing to export" in body(admin.get(form("people")))
    admin.post(form("people"), FILLED)
    assert not Export.objects.exists()


def test_a_card_leads_to_the_rows_of_a_type(admin: Client, company: Object) -> None:
    make_object(make_type(company.workspace, "Courses"), "math")
    address = form(object_type=1)
    assert address in body(admin.get(LIST))
    assert "Export 1 Companie" in body(admin.get(address))
    made = order(admin, address)
    assert [row["object_id"] for row in rows_of_csv(text_of(made))] == ["acme"]
    assert made.description == "1 Companie"


def test_the_filters_of_a_list_are_told_in_words_and_kept(admin: Client, company: Object) -> None:
    make_object(company.object_type, "other", {"plan": "free"})
    tree = {"object_attribute": {"field": "plan", "operator": "eq", "value": "gold"}}
    made = order(admin, form(object_type=1, q="acm", f=dump(tree).decode(), sort="-name"))
    assert made.description == "1 Companie · found by “acm”; plan is gold"
    assert "plan is gold" in body(admin.get(LIST))
    assert made.job is not None
    assert made.job.title == "Export of objects"
    assert [row["object_id"] for row in rows_of_csv(text_of(made))] == ["acme"]


def test_a_toggled_filter_is_told_too(admin: Client, company: Object) -> None:
    address = form(without_relationships="true")
    assert "without relationships" in body(admin.get(address))


def test_a_count_that_takes_too_long_is_left_out(
    admin: Client, company: Object, monkeypatch: Any
) -> None:
    monkeypatch.setattr(export_words, "run_within", lambda read, seconds: None)
    address = form(object_type=1, q="acm")
    assert "too many to be counted" in body(admin.get(address))
    made = order(admin, address)
    assert (made.state, made.description) == (Export.State.PENDING, "Companies · found by “acm”")


@pytest.mark.parametrize("query", ["workspace__id=1", "f=%7B", "q=%00", "keys=x"])
def test_a_list_that_cannot_be_read_leads_back_with_a_message(
    admin: Client, company: Object, query: str
) -> None:
    answer = admin.get(f"{form()}?{query}", follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert list(answer.context["messages"])


def test_an_unknown_kind_is_no_page(admin: Client, workspace: Workspace) -> None:
    assert admin.get("/admin/exports/add/devices/").status_code == 404


def test_chosen_attributes_and_json_lines(admin: Client, company: Object) -> None:
    made = order(
        admin, form(), columns="some", known=["plan"], names="odd\r\nseats", format="jsonl"
    )
    assert rows_of_json(made)[0]["attributes"] == {"plan": "gold", "seats": 3}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"columns": "some", "names": " \n"}, "columns"),
        ({"format": "jsonl", "is_made_safe": "on"}, "is_made_safe"),
        ({"format": "pdf"}, "format"),
        ({"content": "x"}, "content"),
        ({"known": ["never seen"]}, "known"),
    ],
)
def test_a_form_in_error_keeps_what_was_typed(
    admin: Client, company: Object, typed: dict[str, Any], field: str
) -> None:
    answer = admin.post(form(), FILLED | {"is_gzipped": "on", "names": "kept name"} | typed)
    assert field in answer.context["form"].errors
    assert answer.context["form"]["is_gzipped"].value()
    assert "names" in typed or "kept name" in body(answer)
    assert not Export.objects.exists()


def test_a_relationship_list_offers_no_other_files(admin: Client, company: Object) -> None:
    relate(make_person(company.workspace, "ann"), company, {"role": "owner"})
    address = form("relationships")
    assert "Their relationships" not in body(admin.get(address))
    made = order(admin, address, content="")
    assert [row["role"] for row in rows_of_csv(text_of(made))] == ["owner"]


def test_a_download_needs_a_fresh_link_and_is_counted(admin: Client, company: Object) -> None:
    made = order(admin, form())
    link = admin.post(reverse("admin:export_link", args=[made.pk]))["Location"]
    answer = admin.get(link)
    assert b"".join(answer.streaming_content).decode() == text_of(made)
    assert answer["Content-Disposition"] == f'attachment; filename="{made.file_name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    made.refresh_from_db()
    assert made.downloads == 1
    assert AuditEntry.objects.latest("pk").description == f"Downloaded {made.file_name}"
    assert "downloaded once" in body(admin.get(LIST))


@pytest.mark.parametrize("token", ["x", "x:y:z"])
def test_a_link_that_was_not_given_out_leads_back(
    admin: Client, company: Object, token: str
) -> None:
    answer = admin.get(reverse("admin:export_file", args=[token]), follow=True)
    assert "run out" in body(answer)


def test_a_link_is_good_for_a_quarter_of_an_hour(
    admin: Client, company: Object, monkeypatch: Any
) -> None:
    made = order(admin, form())
    monkeypatch.setattr(TimestampSigner, "timestamp", lambda self: "1u0000")
    link = reverse("admin:export_file", args=[make_token(made)])
    monkeypatch.undo()
    assert "run out" in body(admin.get(link, follow=True))


def test_a_link_is_no_permission(admin: Client, author: Client, company: Object) -> None:
    made = order(admin, form())
    link = reverse("admin:export_file", args=[make_token(made)])
    assert author.get(link).status_code == 403
    assert sign_in(make_workspace()).get(link).status_code == 404
    assert Client().get(link).status_code == 302
    colleague = sign_in(company.workspace)
    assert colleague.get(link).status_code == 200


def test_the_row_of_another_workspace_is_not_there(admin: Client, company: Object) -> None:
    made = order(admin, form())
    stranger = sign_in(make_workspace())
    for page in ("export_link", "export_again", "export_delete"):
        assert stranger.post(reverse(f"admin:{page}", args=[made.pk])).status_code == 404
    assert Export.objects.filter(pk=made.pk).exists()
    assert made.file_name not in body(stranger.get(LIST))
    keys = form(keys=str(company.pk))
    assert "There is nothing to export" in body(stranger.get(keys))


def test_whoever_may_not_see_an_attribute_gets_a_file_without_it(
    company: Object, monkeypatch: Any
) -> None:
    AttributeName.objects.create(
        workspace=company.workspace,
        kind="objects",
        object_type_number=1,
        name="plan",
        is_sensitive=True,
    )
    whole = export(company.workspace)
    user = member(Role.ADMIN, company.workspace)
    monkeypatch.setattr("operations.doors.sensitive.sees_sensitive", lambda user, workspace: False)
    client = Client()
    client.force_login(user)
    assert "The file goes without plan" in body(client.get(form()))
    made = order(client, form())
    assert "gold" not in text_of(made)
    assert "plan" not in text_of(made)
    refused = client.post(form(), FILLED | {"columns": "some", "names": "plan"})
    assert "sensitive" in str(refused.context["form"].errors["names"])
    link = reverse("admin:export_file", args=[make_token(whole)])
    assert "may not see" in body(client.get(link, follow=True))
    assert Membership.objects.filter(user=user).exists()


def test_a_large_one_waits_for_the_worker_and_shows_where_it_is(
    admin: Client, company: Object, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    made = order(admin, form())
    assert made.state is Export.State.PENDING
    page = body(admin.get(LIST))
    assert "data-export-running" in page
    assert "Being made" in page
    task = reverse("admin:operations_job_change", args=[made.job_id])
    assert admin.get(task)["Location"] == LIST
    jobs.work_on(made.job_id)
    page = body(admin.get(LIST))
    assert "data-export-running" not in page
    assert "Download" in page


def test_a_failed_one_says_why_and_can_be_run_again(
    admin: Client, company: Object, monkeypatch: Any
) -> None:
    made = order(admin, form())
    Job.objects.filter(pk=made.job_id).update(state="failed", message="The disk is full.")
    page = body(admin.get(LIST))
    assert "The disk is full." in page
    assert "Run again" in page
    assert admin.post(reverse("admin:export_again", args=[made.pk]))["Location"] == LIST
    assert Export.objects.latest("pk").state is Export.State.DONE


def test_an_old_file_is_said_to_be_gone(admin: Client, company: Object) -> None:
    made = order(admin, form())
    forget_files(now=read_clock() + timedelta(days=8))
    assert "Expired" in body(admin.get(LIST))
    answer = admin.post(reverse("admin:export_link", args=[made.pk]), follow=True)
    assert "not kept any more" in body(answer)


def test_deleting_takes_the_file_along(admin: Client, company: Object, settings: Any) -> None:
    made = order(admin, form())
    admin.post(reverse("admin:export_delete", args=[made.pk]))
    assert not Export.objects.exists()
    assert not any((Path(settings.DATA_DIR) / "exports").iterdir())
    assert AuditEntry.objects.latest("pk").description.startswith("Deleted the export")


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_does_not_ask_once_for_each_export(
    admin: Client, company: Object, statements: Any, count: int
) -> None:
    for _each in range(count):
        export(company.workspace)
    admin.get(LIST)
    with statements() as run:
        admin.get(LIST)
    assert len(run) <= 12


def test_older_exports_are_on_the_next_page(admin: Client, company: Object) -> None:
    for _each in range(26):
        export(company.workspace)
    page = admin.get(LIST)
    assert len(page.context["lines"]) == 25
    assert len(admin.get(page.context["next_link"]).context["lines"]) == 1
