"""The navigation, the pages of imports and exports, and the short addresses of types."""

from django.test import Client

from cioapp.navigation import shorten
from objects.models import Object, ObjectType
from operations.types import SaveObjectType
from tests.admin.pages import OBJECTS, list_of
from tests.make import apply_one, make_type, make_workspace
from workspaces.models import Workspace


def test_names_of_types_are_escaped_wherever_they_stand(
    admin: Client, workspace: Workspace
) -> None:
    make_type(workspace, "<b>Bold</b>")
    for address in ("/admin/", "/admin/imports/", "/admin/exports/", "/admin/objects/objecttype/"):
        body = admin.get(address).content
        assert b"<b>Bold</b>" not in body
        assert b"&lt;b&gt;Bold&lt;/b&gt;" in body


def test_numbers_stand_beside_people_and_types(admin: Client, company: Object) -> None:
    body = admin.get("/admin/").content
    assert b'title="1">1</span>' in body


def test_viewers_see_no_way_to_what_they_may_not_do(viewer: Client, company: Object) -> None:
    body = viewer.get("/admin/").content
    for address in (b"/admin/imports/", b"/admin/exports/", b"/credential/", b"/membership/"):
        assert address not in body
    assert viewer.get("/admin/imports/").status_code == 403
    assert viewer.get("/admin/exports/").status_code == 403


def test_the_short_address_of_a_type_stays_when_it_is_renamed(
    admin: Client, workspace: Workspace
) -> None:
    kind = make_type(workspace, "Companies")
    apply_one(workspace, SaveObjectType(number=kind.number, name="Accounts"))
    answer = admin.get("/admin/objects/t/companies/?without_relationships=true")
    assert answer.status_code == 302
    assert answer.url.startswith(list_of(OBJECTS))
    assert "object_type=1" in answer.url
    assert "without_relationships=true" in answer.url


def test_the_short_address_knows_the_types_of_the_workspace_only(admin: Client) -> None:
    make_type(make_workspace(), "Companies")
    assert admin.get("/admin/objects/t/companies/").status_code == 404
    assert ObjectType.objects.count() == 1


def test_large_numbers_are_written_short() -> None:
    assert [shorten(count) for count in (0, 999, 1000, 1234, 45_678, 999_999, 5_600_000)] == [
        "0",
        "999",
        "1K",
        "1.2K",
        "45K",
        "999K",
        "5.6M",
    ]
