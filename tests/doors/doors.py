"""The doors, each driven as its users drive it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.test import Client
from django.urls import reverse

from objects.models import Object, ObjectType
from operations.json import dump
from operations.wire.cells import render_cell
from operations.wire.columns import Kind, render_column
from people.models import Person
from relationships.models import Relationship
from tests.api.caller import errors_of, token_caller
from tests.data_in.importing import import_csv
from tests.doors.inputs import OBJECT, PERSON, Input
from tests.make import member
from workspaces.models import Role, Workspace


@dataclass(frozen=True)
class Answer:
    """What a door said: the messages of a refusal, or nothing."""

    messages: tuple[str, ...] = ()


class Door(Protocol):
    """One way in."""

    name: str

    def send(self, workspace: Workspace, sent: Input) -> Answer:
        """Send an input and read the answer."""


class AdminDoor:
    """The add and change pages of the admin, without scripts."""

    name = "admin"

    def send(self, workspace: Workspace, sent: Input) -> Answer:
        """Fill in the form and save it."""
        client = Client()
        client.force_login(
            member(Role.ADMIN, workspace), backend="django.contrib.auth.backends.ModelBackend"
        )
        stored = stored_row(workspace, sent)
        response = client.post(_page(sent, stored), _typed(workspace, sent, stored), follow=True)
        assert response.status_code == 200
        context = response.context
        form = context["adminform"].form if "adminform" in context else None
        if form is None or not form.is_bound:
            return Answer()
        return Answer(tuple(str(text) for texts in form.errors.values() for text in texts))


class RestDoor:
    """The REST API, with a token."""

    name = "rest"

    def send(self, workspace: Workspace, sent: Input) -> Answer:
        """POST a new row, or PATCH the stored one."""
        caller = token_caller(workspace)
        stored = stored_row(workspace, sent)
        if stored is None:
            response = caller.post(sent.kind, _body(sent))
        else:
            response = caller.patch(
                f"{sent.kind}/{_address(stored)}", {"attributes": sent.attributes}
            )
        if response.status_code < 300:
            return Answer()
        return Answer(tuple(error["message"] for error in errors_of(response)))


class CsvDoor:
    """A file of one row, imported by the command."""

    name = "csv"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, workspace: Workspace, sent: Input) -> Answer:
        """Import a file of the one row; a null is a blank cell of an import that clears."""
        path, errors = self.folder / "row.csv", self.folder / "errors.csv"
        errors.unlink(missing_ok=True)
        kind = Kind(sent.kind)
        keys = {**sent.keys}
        columns = {**keys, **{render_column(n, kind=kind): v for n, v in sent.attributes.items()}}
        path.write_bytes(_line(columns.keys()) + _line(_cells(keys, sent.attributes)))
        run = import_csv(
            path, "--workspace", workspace.name, "--kind", sent.kind, "--blank", "clear",
            "--delimiter", ",", "--errors", str(errors),
        )  # fmt: skip
        assert run.code in {0, 1}, run.error
        return Answer(_messages(errors) if run.code else ())


def stored_row(workspace: Workspace, sent: Input) -> Any:
    """Find the row that an input changes; None when it adds one."""
    if sent.stored is None:
        return None
    if sent.kind == OBJECT:
        return Object.objects.for_workspace(workspace).get(object_id=sent.keys["object_id"])
    if sent.kind == PERSON:
        return Person.objects.for_workspace(workspace).get(person_id=sent.keys["id"])
    return Relationship.objects.for_workspace(workspace).get()


def _page(sent: Input, stored: Any) -> str:
    names = {OBJECT: "objects_object", PERSON: "people_person"}
    name = names.get(sent.kind, "relationships_relationship")
    if stored is None:
        return reverse(f"admin:{name}_add")
    return reverse(f"admin:{name}_change", args=[stored.pk])


def _typed(workspace: Workspace, sent: Input, stored: Any) -> dict[str, Any]:
    attributes = {**(stored.attributes if stored is not None else {}), **sent.attributes}
    if stored is not None:
        attributes = {name: value for name, value in attributes.items() if value is not None}
    typed: dict[str, Any] = {"attributes": dump(attributes).decode(), "_continue": "1"}
    if stored is not None:
        typed["version"] = stored.version
    if sent.kind == OBJECT:
        number = sent.keys["object_type_id"]
        typed["object_type"] = ObjectType.objects.get(workspace=workspace, number=number).pk
        typed["object_id"] = sent.keys["object_id"]
    elif sent.kind == PERSON:
        typed["person_id"] = sent.keys.get("id", "")
        typed["email"] = sent.keys.get("email", "")
    else:
        typed["person"] = Person.objects.for_workspace(workspace).get().pk
        typed["object"] = Object.objects.for_workspace(workspace).get().pk
    return typed


def _body(sent: Input) -> dict[str, Any]:
    if sent.kind in {OBJECT, PERSON}:
        return {**sent.keys, "attributes": sent.attributes}
    return {
        "person": {"id": sent.keys["id"]},
        "object": {
            "object_type_id": sent.keys["object_type_id"],
            "object_id": sent.keys["object_id"],
        },
        "attributes": sent.attributes,
    }


def _address(stored: Any) -> str:
    if isinstance(stored, Object):
        return stored.cio_object_id
    if isinstance(stored, Person):
        return stored.cio_id
    return f"{stored.object.cio_object_id}/{stored.person.cio_id}"


def _cells(keys: dict[str, Any], attributes: dict[str, Any]) -> list[str]:
    return [
        *(str(value) for value in keys.values()),
        *("" if value is None else render_cell(value) for value in attributes.values()),
    ]


def _line(cells: Any) -> bytes:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return quoted.encode() + b"\r\n"


def _messages(errors: Path) -> tuple[str, ...]:
    import csv

    csv.field_size_limit(10_000_000)
    with errors.open(encoding="utf-8-sig", newline="") as file:
        return tuple(row["error_message"] for row in csv.DictReader(file))
