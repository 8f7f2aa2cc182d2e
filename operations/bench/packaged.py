"""The default path of django-import-export into the same models: a preview, then the real run."""

import csv
import io
from datetime import UTC, datetime
from typing import Final

from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import Result
from import_export.widgets import ForeignKeyWidget
from tablib import Dataset

from objects.models import Object
from operations.bench.data import (
    Batch,
    Kind,
    email,
    object_attributes,
    object_id,
    pair,
    person_attributes,
    person_id,
    relationship_attributes,
)
from operations.bench.measure import Meter
from operations.json import dump
from operations.types import Json
from people.models import Person
from relationships.models import Relationship

WARM_UP_ROWS: Final = 20
INSTANT: Final = datetime(2026, 1, 1, tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S")


class PackagedError(RuntimeError):
    """The import of django-import-export did not take every row."""


class ObjectResource(ModelResource):
    """Objects, as the package imports them unless told otherwise."""

    class Meta:
        model = Object
        use_transactions = True
        import_id_fields = ("object_type", "object_id")
        fields = (
            "workspace",
            "object_type",
            "object_id",
            "cio_object_id",
            "name",
            "attributes",
            "created_at",
            "updated_at",
        )


class PersonResource(ModelResource):
    """People, as the package imports them unless told otherwise."""

    class Meta:
        model = Person
        use_transactions = True
        import_id_fields = ("workspace", "person_id")
        fields = (
            "workspace",
            "person_id",
            "email",
            "email_key",
            "cio_id",
            "name",
            "attributes",
            "created_at",
            "updated_at",
        )


class RelationshipResource(ModelResource):
    """Relationships, with the package's own look-up of both ends."""

    object = Field("object", "object", ForeignKeyWidget(Object, "object_id"))
    person = Field("person", "person", ForeignKeyWidget(Person, "person_id"))

    class Meta:
        model = Relationship
        use_transactions = True
        import_id_fields = ("object", "person")
        fields = ("workspace", "object", "person", "attributes", "created_at", "updated_at")


RESOURCES: Final[dict[Kind, type[ModelResource]]] = {
    Kind.OBJECTS: ObjectResource,
    Kind.PEOPLE: PersonResource,
    Kind.RELATIONSHIPS: RelationshipResource,
}


def measure_packaged(batch: Batch, *, workspace_id: int, object_type_key: int) -> Meter:
    """Import the rows as CSV: parsed, previewed and written, as a person at the page would."""
    rows = [
        _row(batch, number, workspace_id=workspace_id, object_type_key=object_type_key)
        for number in batch.numbers()
    ]
    warm_up = Dataset().load(_as_csv(rows[:WARM_UP_ROWS]), format="csv")
    _checked(RESOURCES[batch.kind]().import_data(warm_up, dry_run=True))
    text = _as_csv(rows)
    meter = Meter()
    with meter:
        for dry_run in (True, False):
            dataset = Dataset().load(text, format="csv")
            _checked(RESOURCES[batch.kind]().import_data(dataset, dry_run=dry_run))
    return meter


def _checked(result: Result) -> None:
    if result.has_errors() or result.has_validation_errors():
        errors = [str(error.error) for _, row in result.row_errors() for error in row]
        raise PackagedError("; ".join(errors[:3]) or "the import was refused")


def _row(batch: Batch, number: int, *, workspace_id: int, object_type_key: int) -> dict[str, Json]:
    row: dict[str, Json] = {"workspace": workspace_id}
    match batch.kind:
        case Kind.OBJECTS:
            attributes = object_attributes(number, edition=batch.edition)
            row |= {
                "object_type": object_type_key,
                "object_id": object_id(number),
                "cio_object_id": f"ob{number:024x}",
                "name": attributes["name"],
            }
        case Kind.PEOPLE:
            attributes = person_attributes(number, edition=batch.edition)
            row |= {
                "person_id": person_id(number),
                "email": email(number),
                "email_key": email(number),
                "cio_id": f"{number:024x}",
                "name": attributes["name"],
            }
        case Kind.RELATIONSHIPS:
            attributes = relationship_attributes(number, edition=batch.edition)
            person, related = pair(number, size=batch.size)
            row |= {"object": object_id(related), "person": person_id(person)}
    return row | {
        "attributes": dump(attributes).decode(),
        "created_at": INSTANT,
        "updated_at": INSTANT,
    }


def _as_csv(rows: list[dict[str, Json]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
