"""Builds data for the tests through the engine, so that every test starts from true rows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from objects.models import Object, ObjectType
from operations.engine import apply
from operations.results import Outcome, Status
from operations.types import (
    Call,
    Door,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
    SaveObjectType,
)
from people.models import Person
from relationships.models import Relationship
from workspaces.credentials import create_credential
from workspaces.models import Credential, Membership, Role, Workspace

RECEIVED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_numbers = count(1)


def origin(workspace: Workspace, *, at: datetime = RECEIVED_AT) -> Origin:
    """Give an origin whose clock stands still."""
    return Origin(workspace=workspace.pk, door=Door.SYSTEM, actor="test", received_at=at)


def apply_one(workspace: Workspace, *operations: Operation) -> Outcome:
    """Apply the operations as one call and give its outcome, refused or not."""
    call = Call(origin=origin(workspace), operations=operations)
    return apply([call]).outcomes[0]


def make_workspace(name: str | None = None, *, limits: str = "standard") -> Workspace:
    """Make a workspace; without a name, one that no other test uses."""
    return Workspace.objects.create(name=name or f"Workspace {next(_numbers)}", limits=limits)


def make_type(
    workspace: Workspace, name: str = "Companies", *, number: int | None = None
) -> ObjectType:
    """Make an object type; without a number, the next one."""
    operation = SaveObjectType(number=number, name=name, singular_name=name.removesuffix("s"))
    outcome = _must(apply_one(workspace, operation))
    return ObjectType.objects.for_workspace(workspace).get(number=outcome.object_type_number)


def make_object(
    object_type: ObjectType,
    object_id: str | None = None,
    attributes: Mapping[str, Json] | None = None,
) -> Object:
    """Make an object of a type or merge attributes into it."""
    key = ObjectKey(object_id or f"object-{next(_numbers)}", object_type.number)
    operation = IdentifyObject(key=key, attributes=attributes or {})
    outcome = _must(apply_one(object_type.workspace, operation))
    return Object.objects.get(cio_object_id=outcome.cio_object_id)


def make_person(
    workspace: Workspace,
    id: str | None = None,
    attributes: Mapping[str, Json] | None = None,
    *,
    email: str | None = None,
) -> Person:
    """Make a person by id or e-mail (or both), or merge attributes into one."""
    if id is None and email is None:
        id = f"person-{next(_numbers)}"
    key = PersonKey(id=id) if id is not None else PersonKey(email=email)
    identifiers = Identifiers(email=email) if id is not None and email is not None else None
    operation = IdentifyPerson(key=key, attributes=attributes or {}, identifiers=identifiers)
    outcome = _must(apply_one(workspace, operation))
    return Person.objects.get(cio_id=outcome.cio_id)


def relate(
    person: Person, related_object: Object, attributes: Mapping[str, Json] | None = None
) -> Relationship:
    """Relate a person to an object."""
    operation = Relate(
        person=PersonKey(cio_id=person.cio_id),
        object=ObjectKey(cio_object_id=related_object.cio_object_id),
        attributes=attributes or {},
    )
    _must(apply_one(person.workspace, operation))
    return Relationship.objects.get(person=person, object=related_object)


def member(
    role: Role | str = Role.AUTHOR,
    workspace: Workspace | None = None,
    *,
    username: str | None = None,
    staff: bool = True,
) -> User:
    """Make a user with a role in a workspace; without a workspace, a user without any role."""
    user = make_user(username, staff=staff)
    if workspace is not None:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


def make_user(username: str | None = None, *, staff: bool = True) -> User:
    """Make a user who is not a member of anything."""
    username = username or f"user-{next(_numbers)}"
    return get_user_model().objects.create_user(username, password="pass", is_staff=staff)


def make_superuser(username: str | None = None) -> User:
    """Make a user who sees every workspace."""
    username = username or f"superuser-{next(_numbers)}"
    return get_user_model().objects.create_superuser(username, password="pass")


def api_token(workspace: Workspace, role: Role | str = Role.ADMIN) -> str:
    """Make a REST API token of a workspace and give its secret."""
    _, secret = create_credential(
        workspace=workspace, kind=Credential.Kind.API, name="test token", role=Role(role)
    )
    return secret


def _must(outcome: Outcome) -> Outcome:
    assert outcome.status != Status.REFUSED, outcome.rejections
    return outcome
