"""The pages of the API: browsable for members, described by OpenAPI for everybody."""

from html import unescape

import pytest
from django.core.management import call_command

from tests.api.caller import Caller, member_caller
from tests.api.resources import RESOURCES, Resource
from tests.make import member
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
HTML = "text/html,application/xhtml+xml"


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_a_member_browses_lists_and_rows(role: str, resource: Resource, workspace: Workspace):
    path = resource.make(workspace, 0)
    caller = member_caller(member(role, workspace))
    for address in (resource.name, path):
        response = caller.get(address, Accept=HTML)
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/html")
        assert b"attributes" in response.content or resource.name == "object-types"


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
def test_the_form_of_a_page_starts_with_what_can_be_sent(resource: Resource, workspace: Workspace):
    caller = member_caller(member("admin", workspace))
    page = unescape(caller.get(resource.name, Accept=HTML).content.decode())
    form = page.partition('name="_content"')[2].partition(">")[2].partition("</textarea>")[0]
    errors = caller.post(resource.name, form.encode()).json().get("errors", [])
    assert not [error for error in errors if "must be a text" in error["message"]]
    assert "null" not in form


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
def test_options_describes_a_resource(resource: Resource, workspace: Workspace):
    path = resource.make(workspace, 0)
    caller = member_caller(member("admin", workspace))
    for address in (resource.name, path):
        response = caller.client.options(f"/api/{address}")
        assert response.status_code == 200
        assert response.json()["parses"] == ["application/json"]


def test_a_member_sees_an_error_as_a_page(workspace: Workspace):
    caller = member_caller(member("admin", workspace))
    response = caller.get("people/999", Accept=HTML)
    assert response.status_code == 404
    assert b"there is no such person in this workspace" in response.content


def test_a_page_escapes_what_people_wrote(workspace: Workspace):
    caller = member_caller(member("admin", workspace))
    caller.post("people", {"id": "<script>alert(1)</script>"})
    assert b"<script>alert" not in caller.get("people", Accept=HTML).content


def test_a_list_offers_its_filters_as_a_form(workspace: Workspace):
    caller = member_caller(member("viewer", workspace))
    page = caller.get("objects?attribute=a:1", Accept=HTML).content
    assert b'name="without_relationships"' in page
    assert b'value="a:1"' in page


def test_somebody_unknown_gets_json_also_in_a_browser(workspace: Workspace):
    response = Caller().get("people", Accept=HTML)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/json"


def test_the_root_names_the_parts():
    assert Caller().get("").json()["people"].endswith("/api/people")
    assert Caller().client.get("/api").status_code == 200


def test_the_document_is_valid_and_complete(capsys):
    call_command("spectacular", "--validate", "--fail-on-warn")
    document = capsys.readouterr().out
    for resource in RESOURCES:
        assert f"/api/{resource.name}:" in document


@pytest.mark.parametrize("address", ["docs", "docs/"])
def test_the_page_of_the_document_has_no_inline_script(address: str):
    response = Caller().get(address, Accept=HTML)
    assert response.status_code == 200
    assert b"<script>" not in response.content
    assert b"swagger-ui-bundle.js" in response.content
    script = Caller().get(f"{address}?script=", Accept="*/*")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert b"/api/schema" in script.content


def test_the_document_is_served():
    response = Caller().get("schema?format=json")
    assert response.status_code == 200
    assert "/api/objects" in response.json()["paths"]
