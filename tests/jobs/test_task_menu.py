"""The icon of the tasks: what its script is told, and what stands on the page without it."""

from collections.abc import Callable

from django.test import Client

from operations.models import Job
from tests.make import RECEIVED_AT, make_workspace, member
from workspaces.models import Role, Workspace


def make_job(workspace: Workspace, state: Job.State, title: str = "Delete 5 people") -> Job:
    return Job.objects.create(
        workspace=workspace,
        kind="delete",
        state=state,
        actor="ada",
        title=title,
        total=10,
        done=5,
        created_at=RECEIVED_AT,
        queued_at=RECEIVED_AT,
    )


def sign_in(workspace: Workspace, role: Role = Role.VIEWER) -> Client:
    client = Client()
    client.force_login(member(role, workspace))
    return client


def test_tells_the_last_tasks_and_how_many_are_running(db: None) -> None:
    workspace = make_workspace()
    make_job(workspace, Job.State.DRAFT)
    make_job(workspace, Job.State.DONE, "first")
    running = make_job(workspace, Job.State.RUNNING, "second")
    make_job(make_workspace(), Job.State.RUNNING, "of others")
    found = sign_in(workspace).get("/admin/tasks/state/").json()
    assert (found["running"], found["label"]) == (1, "1 task running")
    assert [task["title"] for task in found["tasks"]] == ["second", "first"]
    assert found["tasks"][0]["link"].endswith(f"/{running.pk}/change/")
    assert (found["tasks"][0]["percent"], found["tasks"][0]["is_finished"]) == (50, False)


def test_tells_six_at_most_in_two_statements_of_its_own(db: None, statements: Callable) -> None:
    workspace = make_workspace()
    client = sign_in(workspace)
    client.get("/admin/tasks/state/")
    with statements() as none:
        client.get("/admin/tasks/state/")
    for number in range(9):
        make_job(workspace, Job.State.DONE, str(number))
    with statements() as many:
        found = client.get("/admin/tasks/state/").json()
    assert [task["title"] for task in found["tasks"]] == ["8", "7", "6", "5", "4", "3"]
    assert len(many) == len(none)


def test_every_page_has_the_icon_with_the_number(db: None) -> None:
    workspace = make_workspace()
    client = sign_in(workspace)
    assert 'data-running="0"' in client.get("/admin/").content.decode()
    make_job(workspace, Job.State.QUEUED)
    page = client.get("/admin/").content.decode()
    assert 'data-running="1"' in page
    assert "1 task running" in page


def test_somebody_without_a_workspace_is_told_nothing(db: None) -> None:
    client = Client()
    client.force_login(member())
    assert client.get("/admin/tasks/state/").status_code == 403
    assert "data-tasks=" not in client.get("/admin/").content.decode()
