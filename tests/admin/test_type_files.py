"""Object types through the Import and Export buttons: known by their number, admins only."""

import pytest
from django.test import Client

from objects.models import Object, ObjectType
from tests.admin.pages import list_of
from tests.admin.test_import_export import confirm, upload
from workspaces.models import AuditEntry, Workspace

TYPES = "objects_objecttype"
HEADER = "object_type_id,name,singular_name,icon,enabled\n"


def test_makes_and_changes_types(admin: Client, company: Object) -> None:
    rows = "1,Firms,Firm,apartment,true\n7,Boats,Boat,directions_car,false\n8,,,,maybe\n"
    response = upload(admin, TYPES, HEADER + rows)
    preview = response.context["preview"]
    assert (preview["created"], preview["updated"], preview["refused"]) == (1, 1, 1)
    assert b"enabled must be true or false" in response.content

    confirm(admin, TYPES, response)
    found = ObjectType.objects.order_by("number").values_list("number", "name", "enabled")
    assert list(found) == [(1, "Firms", True), (7, "Boats", False)]
    kinds = AuditEntry.objects.values_list("kind", flat=True)
    assert {"type_created", "type_changed", "imported"} <= set(kinds)


@pytest.mark.parametrize("number", range(4))
def test_an_export_imported_again_changes_nothing(
    admin: Client, company: Object, number: int
) -> None:
    exported = admin.post(f"{list_of(TYPES)}export/", {"format": str(number), "resource": "0"})
    ending = exported["Content-Disposition"].rpartition(".")[2].strip('"')
    response = upload(admin, TYPES, exported.content, ending=ending)
    preview = response.context["preview"]
    assert (preview["unchanged"], preview["changing"], preview["refused"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nBoats\n", b"need a column object_type_id"),
        ("object_type_id,colour\n1,red\n", b"is none of an object type"),
        ("object_type_id,object_type_id\n1,1\n", b"repeats the name"),
        ("object_type_id,name\n,Boats\n", b"must be a whole number"),
        ("object_type_id,name\n9\n", b"the row has 1 cells"),
    ],
)
def test_says_what_is_wrong(admin: Client, workspace: Workspace, text: str, said: bytes) -> None:
    assert said in upload(admin, TYPES, text).content.replace(b"&quot;", b'"')
    assert not ObjectType.objects.exists()
