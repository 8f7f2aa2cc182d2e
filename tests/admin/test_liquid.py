"""The Liquid preview shows a text with the values of a row, and nothing a template does hurts."""

from typing import Any

import pytest
from django.test import Client

from operations.doors.liquid import TEMPLATE_MAX_CHARS, render_liquid
from relationships.models import Relationship
from tests.admin.pages import OBJECTS, PEOPLE, page


def preview(client: Client, name: str, row: Any, template: str) -> Any:
    address = page(name, row).replace("/change/", "/liquid/")
    return client.post(address, {"template": template}).context["rendered"]


def test_a_person_and_related_objects_can_be_named(
    viewer: Client, relationship: Relationship
) -> None:
    template = "{{ customer.name }} {{ customer.email }}{% for each in objects.companies %}"
    template += " {{ each.name }} {{ each.relationship.role }}{% endfor %}"
    rendered = preview(viewer, PEOPLE, relationship.person, template)
    assert rendered.text == "Ann Lee ann@example.com Acme owner"


def test_an_object_and_related_people_can_be_named(
    viewer: Client, relationship: Relationship
) -> None:
    template = "{{ object.plan | upcase }} {{ people[0].name }} {{ people[0].relationship.role }}"
    rendered = preview(viewer, OBJECTS, relationship.object, template)
    assert rendered.text == "GOLD Ann Lee owner"


def test_the_result_is_text_and_never_markup(viewer: Client, relationship: Relationship) -> None:
    address = page(PEOPLE, relationship.person).replace("/change/", "/liquid/")
    sent = {"template": "<script>alert(1)</script>{{ '<img src=x>' }}"}
    content = viewer.post(address, sent).content.decode()
    assert "<script>alert" not in content
    assert "<img src=x>" not in content


@pytest.mark.once
@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{% if %}", "1:3"),
        ("{{ 'a' | nosuch }}", "nosuch"),
        ("{% include 'x' %}", "not found"),
        ("{% for i in (1..100000) %}a{% endfor %}", "limit"),
        ("x" * (TEMPLATE_MAX_CHARS + 1), "limit"),
        ("{% for i in (1..9000) %}" + "a" * 50 + "{% endfor %}", "limit"),
    ],
)
def test_a_wrong_template_is_told(template: str, told: str) -> None:
    assert told in render_liquid(template, {}).problem


@pytest.mark.once
@pytest.mark.parametrize(
    "template",
    [
        "{{ (1..2000000000) | join: 'x' }}",
        "{{ 'a' " + "| replace: 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaa'" * 8 + " }}",
        "{% assign x = 'a' %}" + "{% assign x = x | append: x %}" * 60 + "{{ x }}",
    ],
)
def test_a_template_that_grows_without_end_is_stopped(template: str) -> None:
    rendered = render_liquid(template, {})
    assert rendered.problem
    assert not rendered.text


@pytest.mark.once
@pytest.mark.parametrize("template", ["\0", "{{ a.__class__ }}", "{{ a.mro }}", ""])
def test_odd_templates_do_not_crash(template: str) -> None:
    assert render_liquid(template, {"a": {"b": 1}}).text == ""
