"""Object types are made, renamed, switched off and deleted through their pages."""

from django.test import Client

from objects.models import Object, ObjectType
from relationships.models import Relationship
from tests.admin.pages import TYPES, add, deletion, errors, list_of, page
from tests.make import make_object, make_type
from workspaces.models import Workspace


def test_makes_the_next_type(admin: Client, workspace: Workspace) -> None:
    make_type(workspace, "Companies")
    typed = {"name": "Courses", "singular_name": "Course", "icon": "school", "enabled": "on"}
    admin.post(add(TYPES), typed)
    made = ObjectType.objects.get(name="Courses")
    assert (made.number, made.singular_name, made.icon, made.enabled) == (
        2,
        "Course",
        "school",
        True,
    )


def test_renames_and_switches_off_a_type(admin: Client, workspace: Workspace) -> None:
    kind = make_type(workspace, "Companies")
    admin.post(
        page(TYPES, kind), {"name": "Accounts", "singular_name": "Account", "icon": "home_work"}
    )
    kind.refresh_from_db()
    assert (kind.name, kind.enabled, kind.number) == ("Accounts", False, 1)
    assert b"cio-nav-type" not in admin.get("/admin/").content


def test_asks_for_a_name(admin: Client) -> None:
    response = admin.post(add(TYPES), {"name": " ", "singular_name": ""})
    assert errors(response)["name"]


def test_deletes_a_type_after_its_name_was_typed(
    admin: Client, relationship: Relationship
) -> None:
    kind = relationship.object.object_type
    response = admin.get(deletion(TYPES, kind))
    assert b"1 objects" in response.content or b"1 object" in response.content

    response = admin.post(deletion(TYPES, kind), {"typed": "companies"})
    assert response.status_code == 200
    assert ObjectType.objects.exists()

    admin.post(deletion(TYPES, kind), {"typed": "Companies"})
    assert not ObjectType.objects.exists()
    assert not Object.objects.exists()


def test_authors_read_types_but_do_not_make_them(author: Client, company: Object) -> None:
    assert author.get(list_of(TYPES)).status_code == 200
    assert author.get(add(TYPES)).status_code == 403
    assert (
        author.post(deletion(TYPES, company.object_type), {"typed": "Companies"}).status_code
        == 403
    )


def test_more_than_three_types_share_one_entry(admin: Client, workspace: Workspace) -> None:
    for name in ("One", "Two", "Three"):
        make_type(workspace, name)
    assert admin.get("/admin/").content.count(b"cio-nav-type") == 3
    make_type(workspace, "Four")
    body = admin.get("/admin/").content
    assert b"cio-nav-type" not in body
    assert b"Custom objects" in body
    assert b"Four" in admin.get(list_of("objects_object")).content


def test_a_preset_fills_in_names_and_icon(admin: Client) -> None:
    initial = admin.get(f"{add(TYPES)}?preset=courses").context["adminform"].form.initial
    assert initial == {"name": "Courses", "singular_name": "Course", "icon": "school"}
    assert admin.get(f"{add(TYPES)}?preset=nonsense").status_code == 200


def test_actions_switch_types_off_and_on(admin: Client, workspace: Workspace) -> None:
    kind, other = make_type(workspace, "Companies"), make_type(workspace, "Courses")
    chosen = {"_selected_action": [kind.pk, other.pk]}
    admin.post(list_of(TYPES), {"action": "disable", **chosen})
    assert not ObjectType.objects.filter(enabled=True).exists()
    admin.post(list_of(TYPES), {"action": "enable", **chosen})
    assert ObjectType.objects.filter(enabled=True).count() == 2


def test_the_list_shows_objects_and_those_without_relationships(
    admin: Client, relationship: Relationship
) -> None:
    make_object(relationship.object.object_type, "alone")
    body = admin.get(list_of(TYPES)).content.decode()
    assert '?object_type=1"><span class="cio-number">2</span>' in body
    assert (
        '?object_type=1&amp;without_relationships=true"><span class="cio-number">1</span>' in body
    )
    assert 'data-copy="1"' in body
