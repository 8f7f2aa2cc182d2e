"""Walks the pages of an import as a member of the team does."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from data_in.models import Import
from tests.make import member
from workspaces.models import Role, Workspace

ADD = "/admin/imports/add/"
PEOPLE = "id,plan,seats\nann,gold,3\nbob,free,5\n"
WRONG = f"id,plan\nann,gold\n{'x' * 151},free\nbob,free\n"


def sign_in(workspace: Workspace, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(member(Role.ADMIN, workspace))
    return client


def send(client: Client, text: str | bytes, *, query: str = "", **typed: Any) -> HttpResponse:
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile(typed.pop("file_name", "rows.csv"), content)
    return client.post(f"{ADD}{query}", {"what": "people"} | typed | {"file": file})


def upload(client: Client, text: str | bytes, *, query: str = "", **typed: Any) -> Import:
    response = send(client, text, query=query, **typed)
    assert response.status_code == 302, response.content
    return Import.objects.latest("pk")


def page(row: Import, name: str = "import_page", **keys: str) -> str:
    return reverse(f"admin:{name}", kwargs={"key": row.pk, **keys})


def columns_of(client: Client, row: Import) -> dict[str, str]:
    """Give what the form of the columns would post as it stands."""
    context = client.get(page(row, "import_columns")).context
    typed = {"time_zone": context["zone"]}
    for line in context["lines"]:
        typed[f"becomes-{line.number}"] = line.becomes
        typed[f"name-{line.number}"] = line.name
        typed[f"type-{line.number}"] = line.type
    return typed


def check(client: Client, row: Import, **changes: str) -> HttpResponse:
    typed = columns_of(client, row) | {name.replace("_", "-"): changes[name] for name in changes}
    return client.post(page(row, "import_columns"), typed | {"go": "check"})


def import_all(client: Client, text: str, **typed: Any) -> Import:
    row = upload(client, text, **typed)
    check(client, row)
    client.post(page(row, "import_start"))
    row.refresh_from_db()
    return row


def set_up(client: Client, row: Import, **changes: str) -> HttpResponse:
    form = client.get(page(row, "import_setup")).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value is not False}
    return client.post(page(row, "import_setup"), typed | {"go": "next"} | changes)
