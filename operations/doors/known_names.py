"""The names of attributes that a list suggests: those of the data index and of some recent rows.

The index knows the names of all rows, a while behind them; the rows know what is inside a value.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Case, F, QuerySet, When

from objects.models import Object, ObjectType
from operations.doors.sensitive import hidden_of
from operations.limits import FILE_COLUMNS_MAX
from operations.models import AttributeName
from operations.types import Json
from operations.wire.columns import Kind
from operations.wire.filter_paths import escape_name
from operations.wire.filter_tree import IDENTIFIERS, Side
from people.models import Person
from relationships.models import Relationship
from workspaces.models import Workspace

SAMPLE_ROWS: Final = 100
NAMES_MAX: Final = 200
# Larger attributes are left out, so that the sample stays small whatever the rows hold.
_ATTRIBUTES_MAX_BYTES: Final = 8_192


def known_names(
    kind: Kind, workspace: Workspace, *, type_number: int | None = None
) -> tuple[str, ...]:
    """Give the fields that conditions on these rows can ask; the reader sees what they hold."""
    hidden = hidden_of(kind)
    names = {*_IDENTIFIERS[kind], *_indexed(kind, workspace, type_number, hidden=hidden)}
    for attributes in _sample(kind, workspace, type_number=type_number):
        for name, value in (attributes or {}).items():
            if name not in hidden:
                names.update(_fields_of(escape_name(name), value))
    return tuple(sorted(names)[:NAMES_MAX])


def attribute_names(
    kind: Kind, workspace: Workspace, *, type_number: int | None = None
) -> tuple[str, ...]:
    """Give the attributes of these rows that the reader may see, by their names alone."""
    hidden = hidden_of(kind)
    found = AttributeName.objects.filter(workspace=workspace, kind=kind.value, row_count__gt=0)
    if type_number is not None:
        found = found.filter(object_type_number=type_number)
    names = set(found.values_list("name", flat=True)[:FILE_COLUMNS_MAX])
    for attributes in _sample(kind, workspace, type_number=type_number):
        names.update(attributes or {})
    return tuple(sorted(names - hidden))


_IDENTIFIERS: Final = {
    Kind.OBJECTS: IDENTIFIERS[Side.OBJECT],
    Kind.PEOPLE: IDENTIFIERS[Side.PERSON],
    Kind.RELATIONSHIPS: (),
}


def _indexed(
    kind: Kind, workspace: Workspace, type_number: int | None, *, hidden: frozenset[str]
) -> Iterator[str]:
    """Give the names that most rows have, as the worker found them."""
    found = AttributeName.objects.filter(workspace=workspace, kind=kind.value, row_count__gt=0)
    if type_number is not None:
        found = found.filter(object_type_number=type_number)
    rows = found.order_by("-row_count", "name").values_list("name", "types")[:NAMES_MAX]
    for name, types in rows:
        if name not in hidden:
            field = escape_name(name)
            yield f"{field}[]" if types.keys() == {"list"} else field


def _sample(
    kind: Kind, workspace: Workspace, *, type_number: int | None
) -> QuerySet[Any, dict[str, Json] | None]:
    """Take each list by an index that begins with the workspace or the type."""
    rows: QuerySet[Any]
    match kind:
        case Kind.OBJECTS if type_number is not None:
            types = ObjectType.objects.for_workspace(workspace).filter(number=type_number)
            found = Object.objects.filter(object_type=types.values("pk")[:1])
            rows = found.order_by("-created_at", "-pk")
        case Kind.OBJECTS:
            rows = Object.objects.for_workspace(workspace).order_by("-cio_object_id")
        case Kind.PEOPLE:
            rows = Person.objects.for_workspace(workspace).order_by("-cio_id")
        case Kind.RELATIONSHIPS:
            rows = Relationship.objects.for_workspace(workspace).order_by("-pk")
    small = Case(When(attributes_bytes__lte=_ATTRIBUTES_MAX_BYTES, then=F("attributes")))
    return rows.values_list(small, flat=True)[:SAMPLE_ROWS]


def _fields_of(field: str, value: Json) -> Iterator[str]:
    """Name a value, what is directly in it, and its elements."""
    if isinstance(value, dict):
        yield from (f"{field}.{escape_name(name)}" for name in value)
    elif isinstance(value, list):
        yield f"{field}[]"
        first = value[0] if value else None
        if isinstance(first, dict):
            yield from (f"{field}[].{escape_name(name)}" for name in first)
    else:
        yield field
