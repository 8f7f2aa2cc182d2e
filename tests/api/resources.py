"""The four resources of the REST API, for the tests that hold for each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from objects.models import Object, ObjectType
from people.models import Person
from relationships.models import Relationship
from tests.make import make_object, make_person, make_type, relate
from workspaces.models import Workspace


@dataclass(frozen=True)
class Resource:
    """How a resource is made in tests, and what it takes."""

    name: str
    model: type[Model]
    make: Callable[[Workspace, int], str]
    """Makes row number n and gives its path."""
    new: dict[str, Any]
    """A body that makes row number 0."""
    change: dict[str, Any]
    keys: tuple[str, ...]
    writer: str
    """The least role that may write."""
    statements: int = 2
    """A list and a row each take this many: the token, the rows, and the types of objects."""


def _make_type(workspace: Workspace, number: int) -> str:
    row = make_type(workspace, f"Type {number}", number=number + 1)
    return f"object-types/{row.number}"


def _make_object(workspace: Workspace, number: int) -> str:
    row = make_object(_companies(workspace), f"company-{number}", {"plan": "gold"})
    return f"objects/{row.cio_object_id}"


def _make_person(workspace: Workspace, number: int) -> str:
    row = make_person(workspace, f"person-{number}", {"plan": "gold"})
    return f"people/{row.cio_id}"


def _make_relationship(workspace: Workspace, number: int) -> str:
    company = make_object(_companies(workspace), "company-0")
    person = make_person(workspace, f"person-{number}")
    relate(person, company, {"role": "admin"})
    return f"relationships/{company.cio_object_id}/{person.cio_id}"


def _companies(workspace: Workspace) -> ObjectType:
    found = ObjectType.objects.for_workspace(workspace).filter(number=1).first()
    return found or make_type(workspace, "Companies")


RESOURCES = (
    Resource(
        name="object-types",
        model=ObjectType,
        make=_make_type,
        new={"object_type_id": 1, "name": "Companies", "singular_name": "Company"},
        change={"name": "Firms"},
        keys=("object_type_id",),
        writer="admin",
    ),
    Resource(
        name="objects",
        model=Object,
        make=_make_object,
        new={"object_type_id": 1, "object_id": "company-0", "attributes": {"plan": "gold"}},
        change={"attributes": {"seats": 5, "plan": None}},
        keys=("cio_object_id",),
        writer="author",
        statements=3,
    ),
    Resource(
        name="people",
        model=Person,
        make=_make_person,
        new={"id": "person-0", "attributes": {"plan": "gold"}},
        change={"attributes": {"seats": 5, "plan": ""}},
        keys=("cio_id",),
        writer="author",
    ),
    Resource(
        name="relationships",
        model=Relationship,
        make=_make_relationship,
        new={"person": {"id": "person-0"}, "object": {"object_id": "company-0"}},
        change={"attributes": {"seats": 5, "role": None}},
        keys=("cio_object_id", "cio_id"),
        writer="author",
    ),
)
