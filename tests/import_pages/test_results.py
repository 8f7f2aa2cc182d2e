"""The check of an import, its review, its run, and what can be done afterwards."""

from typing import Any

from django.test import Client
from django.urls import reverse

from data_in.files import Shelf, folder_path, remove_folder
from data_in.models import Import
from data_in.settings import Mode, parse
from operations.doors.jobs import work_on
from operations.models import ChangeSet, Job
from operations.wire.column_settings import Role
from people.models import Person
from tests.import_pages.walking import (
    ADD,
    PEOPLE,
    WRONG,
    check,
    import_all,
    page,
    set_up,
    sign_in,
    upload,
)
from tests.make import make_person, make_workspace, member
from workspaces.models import AuditEntry, Workspace
from workspaces.models import Role as MemberRole

MANY = "id\n" + "".join(f"p{number}\n" for number in range(120))


# The check and the review


def test_the_review_counts_and_shows_the_rows_of_each_group(
    client: Client, workspace: Workspace
) -> None:
    make_person(workspace, "ann", {"plan": "free"})
    row = upload(client, WRONG)
    assert check(client, row)["Location"] == page(row)
    response = client.get(page(row))
    counts = {tile.group: tile.count for tile in response.context["tiles"]}
    assert counts == {"created": 1, "updated": 1, "unchanged": 0, "refused": 1}
    reason = response.context["group_rows"][0].reasons[0]
    assert (response.context["group"], reason.column) == ("refused", "id")
    assert "151 characters" in reason.message
    updated = client.get(page(row), {"group": "updated"}).context["group_rows"][0]
    change = updated.changes[0]
    assert (updated.line, change.name) == (2, "plan")
    assert ("free" in change.before, "gold" in change.after) == (True, True)
    assert Person.objects.count() == 1


def test_a_group_has_pages(client: Client) -> None:
    row = upload(client, MANY)
    check(client, row)
    response = client.get(page(row), {"group": "created", "page": "3"})
    assert [shown.line for shown in response.context["group_rows"]] == list(range(102, 122))
    assert not response.context["next_link"]
    beyond = client.get(page(row), {"group": "created", "page": "999"})
    assert beyond.context["group_page"].page == 3


def test_completing_imports_and_tells_what_became_of_the_rows(client: Client) -> None:
    row = import_all(client, WRONG)
    assert set(Person.objects.values_list("person_id", flat=True)) == {"ann", "bob"}
    response = client.get(page(row))
    counts = {tile.group: tile.count for tile in response.context["tiles"]}
    assert (counts["created"], counts["refused"]) == (2, 1)
    change_set = ChangeSet.objects.get()
    assert reverse("admin:operations_changeset_change", args=[change_set.pk]).encode() in (
        response.content
    )
    assert f"change_set={change_set.pk}".encode() in response.content
    assert b"151 characters" in response.content


def test_pressing_twice_imports_once(client: Client) -> None:
    row = import_all(client, PEOPLE)
    again = client.post(page(row, "import_start"), follow=True)
    assert b"has begun already" in again.content
    assert ChangeSet.objects.count() == 1


def test_all_or_nothing_imports_nothing_while_a_row_is_refused(client: Client) -> None:
    row = upload(client, WRONG)
    set_up(client, row, all_or_nothing="on")
    check(client, row)
    response = client.get(page(row))
    assert not response.context["may_start"]
    assert b"All rows or none" in response.content
    client.post(page(row, "import_start"))
    assert not Person.objects.exists()


def test_nothing_to_do_is_said(client: Client) -> None:
    import_all(client, PEOPLE)
    row = upload(client, PEOPLE)
    check(client, row)
    response = client.get(page(row))
    assert b"nothing that is not stored already" in response.content
    assert b"Complete import" not in response.content


def test_removing_deletes_the_people_that_the_rows_name(
    client: Client, workspace: Workspace
) -> None:
    make_person(workspace, "ann")
    make_person(workspace, "eve")
    row = upload(client, "id\nann\n")
    set_up(client, row, does="remove")
    check(client, row)
    assert client.get(page(row)).context["tiles"][0].group == "deleted"
    client.post(page(row, "import_start"))
    assert [person.person_id for person in Person.objects.all()] == ["eve"]


def test_other_settings_after_the_check_need_another_check(client: Client) -> None:
    row = upload(client, PEOPLE)
    check(client, row)
    set_up(client, row, does="only_existing")
    client.post(page(row, "import_start"))
    assert not Person.objects.exists()
    assert client.get(page(row))["Location"] == page(row, "import_setup")


# In the background


def test_the_check_shows_how_far_it_is_and_can_be_left(client: Client, slow: None) -> None:
    row = upload(client, PEOPLE)
    check(client, row)
    assert b'role="progressbar"' in client.get(page(row)).content
    told = client.get(page(row, "import_state")).json()
    assert (told["is_finished"], told["percent"]) == (False, 0)
    listed = client.get(reverse("admin:imports_state"), {"keys": f"{row.pk},x"}).json()
    assert listed["imports"][0]["is_running"]
    row.refresh_from_db()
    work_on(row.check_job_id)
    assert client.get(page(row, "import_state")).json() == {"is_finished": True}
    assert client.get(page(row)).context["changing"] == 2


def test_a_stopped_check_can_be_set_up_again(client: Client, slow: None) -> None:
    row = upload(client, PEOPLE)
    check(client, row)
    assert client.get(page(row, "import_setup"))["Location"] == page(row)
    client.post(page(row, "import_stop"))
    assert client.get(page(row))["Location"] == page(row, "import_setup")


def test_an_import_in_the_background_can_be_stopped(client: Client, slow: None) -> None:
    row = upload(client, PEOPLE)
    check(client, row)
    row.refresh_from_db()
    work_on(row.check_job_id)
    client.post(page(row, "import_start"))
    assert b'role="progressbar"' in client.get(page(row)).content
    client.post(page(row, "import_stop"))
    response = client.get(page(row))
    assert b"Stopped after" in response.content
    assert not Person.objects.exists()


def test_the_page_of_its_task_leads_to_the_import(client: Client) -> None:
    row = import_all(client, PEOPLE)
    for job in Job.objects.filter(pk__in=(row.check_job_id, row.job_id)):
        answer = client.get(reverse("admin:operations_job_change", args=[job.pk]))
        assert answer["Location"] == page(row)
    viewer = Client()
    viewer.force_login(member(MemberRole.VIEWER, row.workspace))
    shown = viewer.get(reverse("admin:operations_job_change", args=[row.job_id]))
    assert shown.status_code == 200


# Afterwards


def test_errors_and_the_original_are_downloaded_and_audited(client: Client) -> None:
    row = import_all(client, WRONG)
    errors = client.get(page(row, "import_file", which="errors"))
    text = b"".join(errors.streaming_content).decode("utf-8-sig")
    header, *rows = text.splitlines()
    assert header == "id,plan,error_row,error_code,error_column,error_message"
    assert len(rows) == 1
    assert "rows-errors.csv" in errors["Content-Disposition"]
    original = client.get(page(row, "import_file", which="original"))
    assert b"".join(original.streaming_content) == WRONG.encode()
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.EXPORTED).count() == 2
    assert client.get(page(row, "import_file", which="passwords")).status_code == 404


def test_another_file_is_set_up_like_an_earlier_one(client: Client) -> None:
    earlier = upload(client, PEOPLE, description="Weekly")
    set_up(client, earlier, does="only_new")
    check(client, earlier, becomes_1="skip", name_2="places")
    form = client.get(f"{ADD}?like={earlier.pk}").context["form"]
    assert (form["what"].value(), form["description"].value()) == ("people", "Weekly")
    row = upload(client, "id,seats,plan,new\neve,1,gold,x\n", query=f"?like={earlier.pk}")
    found = parse(row.settings)
    assert found.mode is Mode.ONLY_NEW
    assert [(column.role, column.name) for column in found.columns] == [
        (Role.IDENTIFIER, "id"),
        (Role.ATTRIBUTE, "places"),
        (Role.SKIP, ""),
        (Role.ATTRIBUTE, "new"),
    ]


def test_a_corrected_file_is_checked_at_once(client: Client) -> None:
    earlier = import_all(client, WRONG)
    errors = client.get(page(earlier, "import_file", which="errors"))
    text = b"".join(errors.streaming_content).replace(b"x" * 151, b"eve")
    row = upload(client, text, query=f"?like={earlier.pk}&corrected=1")
    assert client.get(page(row)).context["changing"] == 1
    client.post(page(row, "import_start"))
    assert Person.objects.get(person_id="eve").attributes == {"plan": "free"}


def test_failing_cells_are_corrected_in_the_page(client: Client) -> None:
    row = import_all(client, WRONG)
    response = client.get(page(row, "import_fix"))
    cell = response.context["rows"][0].cells[0]
    assert (cell.header, "151 characters" in cell.messages[0]) == ("id", True)
    answer = client.post(page(row, "import_fix"), {cell.field: "eve"})
    corrected = Import.objects.latest("pk")
    assert answer["Location"] == page(corrected)
    client.post(page(corrected, "import_start"))
    assert Person.objects.get(person_id="eve").attributes == {"plan": "free"}


def test_deleting_removes_the_files_and_keeps_what_was_imported(client: Client) -> None:
    row = import_all(client, PEOPLE)
    folder = folder_path(Shelf.IMPORTS, row.folder)
    assert folder.exists()
    assert client.get(page(row, "import_delete")).status_code == 200
    client.post(page(row, "import_delete"))
    assert not Import.objects.exists()
    assert not folder.exists()
    assert Person.objects.count() == 2


# The list


def test_the_list_tells_what_each_was_and_what_became_of_it(client: Client) -> None:
    assert b"No imports yet" in client.get("/admin/imports/").content
    import_all(client, WRONG, name="Spring")
    line = client.get("/admin/imports/").context["lines"][0]
    assert (line.row.name, line.mode, line.subject.title) == ("Spring", "Add and update", "People")
    assert line.counts == "Created 2 · Refused 1"


def test_the_list_goes_from_page_to_page(
    client: Client, workspace: Workspace, statements: Any
) -> None:
    upload(client, PEOPLE)
    client.get("/admin/imports/")
    with statements() as few:
        client.get("/admin/imports/")
    for number in range(29):
        upload(client, PEOPLE, name=f"Number {number}")
    with statements() as many:
        first = client.get("/admin/imports/")
    assert len(many) == len(few)
    second = client.get(first.context["next_link"])
    assert (len(first.context["lines"]), len(second.context["lines"])) == (25, 5)
    assert second.context["previous_link"]


def test_an_import_of_another_workspace_is_not_found(client: Client) -> None:
    row = upload(client, PEOPLE)
    stranger = sign_in(make_workspace())
    for name in ("import_page", "import_setup", "import_columns", "import_delete", "import_fix"):
        assert stranger.get(page(row, name)).status_code == 404
    for name in ("import_start", "import_stop", "import_resume", "import_delete"):
        assert stranger.post(page(row, name)).status_code == 404
    assert not stranger.get("/admin/imports/").context["lines"]
    assert stranger.get(f"{ADD}?like={row.pk}").context["earlier"] is None


def test_before_the_check_there_are_no_errors_to_fetch(client: Client) -> None:
    row = upload(client, WRONG)
    for which in ("errors", "warnings"):
        answer = client.get(page(row, "import_file", which=which), follow=True)
        assert b"no rows of that kind" in answer.content
    check(client, row)
    answer = client.get(page(row, "import_file", which="warnings"), follow=True)
    assert b"no rows of that kind" in answer.content
    assert client.get(page(row, "import_file", which="errors")).status_code == 200


def test_an_import_whose_files_are_gone_still_has_a_page(
    client: Client, workspace: Workspace
) -> None:
    waiting, checked = upload(client, PEOPLE), upload(client, PEOPLE)
    check(client, checked)
    done = import_all(client, WRONG)
    for row in (waiting, checked, done):
        remove_folder(Shelf.IMPORTS, row.folder)
    for row in (waiting, checked):
        assert b"not kept any more" in client.get(page(row)).content
        for name in ("import_setup", "import_columns"):
            assert client.get(page(row, name))["Location"] == page(row)
        client.post(page(row, "import_start"))
    response = client.get(page(done))
    assert b"not kept any more" in response.content
    assert b"Download errors" not in response.content
    assert client.get(page(done, "import_file", which="errors"))["Location"] == page(done)
    assert client.get(page(done, "import_fix"))["Location"] == page(done)
