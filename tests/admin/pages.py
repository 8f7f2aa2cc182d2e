"""Addresses and form data that the tests of the admin share."""

import json
from typing import Any

from django.urls import reverse

from objects.models import Object
from people.models import Person

OBJECTS = "objects_object"
PEOPLE = "people_person"
RELATIONSHIPS = "relationships_relationship"
TYPES = "objects_objecttype"


def list_of(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


def add(name: str) -> str:
    return reverse(f"admin:{name}_add")


def page(name: str, row: Any) -> str:
    return reverse(f"admin:{name}_change", args=[row.pk])


def manage(name: str, row: Any) -> str:
    return f"{page(name, row)}?tab=manage"


def deletion(name: str, row: Any) -> str:
    return reverse(f"admin:{name}_delete", args=[row.pk])


def rows(*cells: tuple[str, str, str]) -> str:
    """Write attribute rows as the page's script posts them."""
    return json.dumps(cells)


def object_form(row: Object, **attributes: Any) -> dict[str, Any]:
    """Fill in the form of a stored object as a browser without scripts would."""
    return {"version": row.version, "attributes": json.dumps(row.attributes | attributes)}


def person_form(row: Person, **fields: Any) -> dict[str, Any]:
    stored = {
        "person_id": row.person_id or "",
        "email": row.email or "",
        "version": row.version,
        "attributes": json.dumps(row.attributes),
    }
    return stored | fields


def errors(response: Any) -> dict[str, list[str]]:
    """Give the errors of the form on a page."""
    form = response.context["adminform"].form
    return {name: [str(error) for error in found] for name, found in form.errors.items()}
