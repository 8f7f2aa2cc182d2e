"""The deletion of an object type with many objects: in chunks, and the type last of all."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from objects.models import Object, ObjectType
from operations.doors.bulk_rows import READINGS, Row, cut_into_steps, delete_row, subject_of
from operations.doors.counts import read_counts
from operations.doors.jobs import AT_ONCE_MAX_ROWS, Order, Step, Subject
from operations.doors.selection import walk
from operations.models import Job
from operations.types import Call, DeleteObjectType, Origin
from operations.wire.columns import Kind

KIND: Final = "delete_type"
# Stands behind the last object in the position of a job whose type is gone.
_TYPE_IS_GONE: Final = 1


def find_large_deletion(object_type: ObjectType, *, actor: str) -> Order | None:
    """Prepare the deletion of a type; None where one transaction can hold all that goes along."""
    counts = read_counts(object_type.workspace_id)
    objects = counts.objects.get(object_type.number, 0)
    relationships = counts.relationships.get(object_type.number, 0)
    weight = objects + relationships + 1
    if weight <= AT_ONCE_MAX_ROWS:
        return None
    return Order(
        kind=KIND,
        workspace=object_type.workspace_id,
        actor=actor,
        title=_("Delete the object type %(name)s") % {"name": object_type.name},
        parameters={
            "number": object_type.number,
            "name": object_type.name,
            "relationships": relationships,
        },
        total=objects + 1,
        weight=weight,
    )


def delete_type_steps(job: Job, origin: Origin) -> Iterator[Step]:
    """Give the steps from where the job stands: the objects, then the type.

    An object that is added meanwhile goes along with the type.
    """
    after, *is_over = job.position or (0,)
    if is_over:
        return
    walked = walk(_objects_of(job), *READINGS[Kind.OBJECTS].columns, after=after)
    for rows in cut_into_steps(Kind.OBJECTS, walked):
        after = rows[-1][0]
        yield Step(
            calls=[
                Call(origin, (delete_row(Kind.OBJECTS, row, suppresses=False),)) for row in rows
            ],
            position=(after,),
            describe=_describing(rows),
        )
    yield Step(
        calls=[Call(origin, (DeleteObjectType(job.parameters["number"]),))],
        position=(after, _TYPE_IS_GONE),
        describe=lambda _index: Subject(
            job.parameters["name"], reverse("admin:objects_objecttype_changelist")
        ),
    )


def _describing(rows: Sequence[Row]) -> Callable[[int], Subject]:
    return lambda index: subject_of(Kind.OBJECTS, rows[index])


def _objects_of(job: Job) -> QuerySet[Any]:
    types = ObjectType.objects.for_workspace(job.workspace_id)
    key = types.filter(number=job.parameters["number"]).values_list("pk", flat=True).first()
    return Object.objects.for_workspace(job.workspace_id).filter(object_type=key)
