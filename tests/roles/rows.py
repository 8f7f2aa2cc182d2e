"""A row of the first workspace for each address that names one."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django_tasks_db.models import DBTaskResult

from data_in.export_links import make_token
from data_in.export_settings import ExportSettings
from data_in.exporting import order_export
from data_in.importing import receive
from operations.doors.audit import Actor, record
from operations.doors.selection import select_matching
from operations.engine import apply_stream, open_change_set
from operations.engine.segments import SegmentDefinition, save_segment
from operations.models import Activity, ChangeSet, Job
from operations.tasks import maintain
from operations.types import Call, IdentifyPerson, PersonKey, Suppress
from operations.wire.columns import Kind
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
    member,
    origin,
    relate,
)
from workspaces.models import AuditEntry, Credential, Membership, Role, SavedView, Workspace


def make_rows(first: Workspace, second: Workspace) -> dict[str, Any]:
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
        "operations_changeset.key": ChangeSet.objects.get(workspace=first).pk,
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
        **_import_keys(first),
        **_export_keys(first),
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


def _export_keys(workspace: Workspace) -> dict[str, Any]:
    made = order_export(
        workspace,
        ExportSettings(select_matching(Kind.PEOPLE, workspace=workspace.pk, query="")),
        actor="test",
        description="Secret export",
        rows=1,
    )
    pages = ("link", "again", "delete")
    return {
        "admin:export_add.kind": "people",
        "admin:export_file.token": make_token(made),
        "api-exports-one.key": made.pk,
        "api-exports-file.key": made.pk,
        **{f"admin:export_{page}.key": made.pk for page in pages},
    }


def _import_keys(workspace: Workspace) -> dict[str, Any]:
    made = receive(
        workspace,
        kind=Kind.PEOPLE,
        object_type_number=None,
        actor="test",
        file_name="secret.csv",
        chunks=[b"id\nsecret-row\n"],
        name="Secret import",
    )
    pages = ("page", "setup", "columns", "start", "state", "stop", "resume", "fix", "delete")
    keys = {f"admin:import_{page}.key": made.pk for page in (*pages, "file")}
    api = {f"api-imports-{page}.key": made.pk for page in ("one", "start", "file")}
    which = {"admin:import_file.which": "original", "api-imports-file.which": "errors"}
    return keys | api | which
