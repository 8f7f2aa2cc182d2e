"""Two workspaces, a caller for each role, and a row of the first workspace for each address."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django_tasks_db.models import DBTaskResult

from operations.doors.audit import Actor, record
from operations.engine import apply_stream, open_change_set
from operations.engine.segments import SegmentDefinition, save_segment
from operations.models import Activity, ChangeSet, Job
from operations.tasks import maintain
from operations.types import Call, IdentifyPerson, PersonKey, Suppress
from people.models import Person, Segment, Suppression
from relationships.models import Draft
from tests.make import (
    RECEIVED_AT,
    api_token,
    apply_one,
    make_object,
    make_person,
    make_superuser,
    make_type,
    make_workspace,
    member,
    origin,
    relate,
)
from workspaces.models import AuditEntry, Credential, Membership, Role, SavedView, Workspace


@pytest.fixture
def first(db: None) -> Workspace:
    return make_workspace("First")


@pytest.fixture
def second(db: None) -> Workspace:
    return make_workspace("Second")


@pytest.fixture
def callers(first: Workspace, second: Workspace) -> dict[str, Client]:
    """Give a browser for each column of the table."""
    users = {
        "viewer": member(Role.VIEWER, first),
        "author": member(Role.AUTHOR, first),
        "admin": member(Role.ADMIN, first),
        "stranger": member(Role.ADMIN, second),
        "superuser": make_superuser(),
    }
    clients = {name: Client(raise_request_exception=False) for name in ("anonymous", *users)}
    for name, user in users.items():
        clients[name].force_login(user)
    session = clients["superuser"].session
    session["workspace_id"] = first.pk
    session.save()
    return clients


@pytest.fixture
def tokens(first: Workspace, second: Workspace) -> dict[str, str]:
    """Give a token for each column of the table; a superuser has none of its own."""
    return {
        "viewer": api_token(first, Role.VIEWER),
        "author": api_token(first, Role.AUTHOR),
        "admin": api_token(first, Role.ADMIN),
        "stranger": api_token(second, Role.ADMIN),
    }


@pytest.fixture
def rows(first: Workspace, second: Workspace) -> dict[str, Any]:
    """Name the value of each key of a path: by address, by model, or wherever it stands."""
    company = make_object(make_type(first), "acme", {"name": "Secret Acme"})
    person = make_person(first, "ann", {"name": "Secret Ann"}, email="ann@example.com")
    relationship = relate(person, company, {"role": "owner"})
    api_token(first)
    call = Call(origin=origin(first), operations=(IdentifyPerson(key=PersonKey(id="bob")),))
    apply_stream([call], change_set=open_change_set(origin(first)))
    make_type(second, "Courses")
    apply_one(first, Suppress(key=PersonKey(id="secret-gone")))
    stamps = {"created_at": RECEIVED_AT, "updated_at": RECEIVED_AT}
    draft = Draft.objects.create(workspace=first, user=member(Role.AUTHOR, first), **stamps)
    job = Job.objects.create(
        workspace=first, kind="delete", state=Job.State.DONE, actor="test", created_at=RECEIVED_AT
    )
    values = {
        "people_person.object_id": person.pk,
        "objects_object.object_id": company.pk,
        "objects_objecttype.object_id": company.object_type_id,
        "relationships_relationship.object_id": relationship.pk,
        "operations_activity.object_id": Activity.objects.for_workspace(first).latest("pk").pk,
        "operations_changeset.object_id": ChangeSet.objects.get(workspace=first).pk,
        "people_suppression.object_id": Suppression.objects.get(workspace=first).pk,
        "operations_job.object_id": job.pk,
        "operations_job.key": job.pk,
        "workspaces_auditentry.object_id": record(
            Actor("secret-user"), AuditEntry.Kind.EXPORTED, "Exported", workspace=first
        ).pk,
        "people_segment.object_id": _make_segment(first),
        "admin:saved_view.key": _make_view(first),
        "admin:saved_view_add.kind": "people",
        "admin:list_columns.kind": "people",
        "admin:relate_step.key": draft.pk,
        "admin:relate_step.name": "people",
        "workspaces_workspace.object_id": first.pk,
        "workspaces_membership.object_id": lambda: (
            Membership.objects.filter(workspace=first, role=Role.VIEWER)[0].pk
        ),
        "workspaces_credential.object_id": Credential.objects.filter(workspace=first)[0].pk,
        "auth_user.object_id": member(Role.VIEWER, first, username="secret-user").pk,
        "auth_user.id": make_superuser("secret-superuser").pk,
        "django_tasks_database_dbtaskresult.object_id": _make_task(),
        "admin:view_on_site.content_type_id": ContentType.objects.get_for_model(Person).pk,
        "admin:view_on_site.object_id": person.pk,
        "admin:app_list.app_label": "people",
        "admin:objects_of_type.slug": company.object_type.slug,
        "object_type_id": company.object_type.number,
        "cio_object_id": company.cio_object_id,
        "cio_id": person.cio_id,
    }
    return {name: value() if callable(value) else value for name, value in values.items()}


def _make_segment(workspace: Workspace) -> Any:
    definition = SegmentDefinition(name="Secret segment")
    outcome = save_segment(definition, origin=origin(workspace))
    return Segment.objects.get(workspace=workspace, number=outcome.number).pk


def _make_view(workspace: Workspace) -> Any:
    view = SavedView(workspace=workspace, kind="people", name="Secret view", is_shared=True)
    view.owner = member(Role.AUTHOR, workspace)
    view.save()
    return view.pk


def _make_task() -> Any:
    maintain.enqueue()
    return DBTaskResult.objects.latest("enqueued_at").pk


def everything(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Give all rows of a workspace, and who may do what anywhere."""
    found = {
        model._meta.label: model._default_manager.order_by("pk").filter(workspace=workspace)
        for model in apps.get_models()
        if any(field.name == "workspace" for field in model._meta.fields)
    }
    found["workspaces.Workspace"] = Workspace.objects.filter(pk=workspace.pk)
    # Every member has columns and views of their own; what is shared is not theirs to change.
    del found["workspaces.ColumnChoice"]
    found["workspaces.SavedView"] = found["workspaces.SavedView"].filter(is_shared=True)
    users = User.objects.order_by("pk").values("username", "password", "is_superuser", "is_staff")
    kept = {label: list(rows.values()) for label, rows in found.items()}
    return kept | {"auth.User": list(users)}
