"""What the tests of bulk actions do again and again: choose rows in a list, and confirm."""

from typing import Any

from django.test import Client

from operations.models import Job
from tests.admin.pages import list_of


def choose(
    client: Client, name: str, action: str, *rows: Any, query: str = "", every: bool = False
) -> Any:
    """Post a list's action for these rows, or for all that match its address."""
    data: dict[str, Any] = {"action": action, "_selected_action": [row.pk for row in rows]}
    if every:
        data["select_across"] = "1"
    return client.post(f"{list_of(name)}?{query}", data)


def prepare(client: Client, name: str, action: str, *rows: Any, **how: Any) -> Job:
    """Choose rows and give the job that waits for a confirmation."""
    response = choose(client, name, action, *rows, **how)
    assert response.status_code == 302, response.content
    job = Job.objects.order_by("-pk")[0]
    assert response["Location"] == page_of(job)
    return job


def page_of(job: Job) -> str:
    return f"/admin/operations/job/{job.pk}/change/"


def confirm(client: Client, job: Job, **data: Any) -> Job:
    """Post the page of a prepared job with what its form holds, and give the job as it is then."""
    page = client.get(page_of(job))
    form = page.context["form"]
    filled = {name: form[name].value() for name in form.fields if form[name].value()}
    response = client.post(page_of(job), filled | data)
    assert response.status_code == 302, response.content
    job.refresh_from_db()
    return job
