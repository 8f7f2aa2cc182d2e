"""Who may not do something is told so, and keeps what was typed."""

from django.test import Client

from tests.admin.pages import PEOPLE, TYPES, add
from tests.make import member
from workspaces.models import Membership, Role, Workspace


def test_a_role_lost_while_a_form_was_open_gives_back_what_was_typed(
    client: Client, workspace: Workspace
) -> None:
    user = member(Role.AUTHOR, workspace)
    client.force_login(user)
    assert client.get(add(PEOPLE)).status_code == 200
    Membership.objects.filter(user=user).update(role=Role.VIEWER)
    typed = {"person_id": "<b>long id</b>", "email": "", "csrfmiddlewaretoken": "x"}
    answer = client.post(add(PEOPLE), typed)
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "Your role in" in body and "is Viewer" in body
    assert "&lt;b&gt;long id&lt;/b&gt;" in body
    assert answer.context["typed"] == (("person_id", "<b>long id</b>"),)


def test_a_password_is_never_given_back(viewer: Client) -> None:
    answer = viewer.post(add(TYPES), {"name": "Companies", "password1": "secret words"})
    assert answer.status_code == 403
    assert b"secret words" not in answer.content


def test_a_missing_page_has_the_navigation_beside_it(viewer: Client) -> None:
    answer = viewer.get("/admin/objects/t/nothing-like-this/")
    assert answer.status_code == 404
    assert b"There is no such page" in answer.content
    assert b'aria-label="Main"' in answer.content


def test_programs_get_json(client: Client, db: None) -> None:
    answer = client.get("/api/nothing/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")
