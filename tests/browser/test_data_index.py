"""The data index in a browser: describe an attribute, mark it, and meet the mask."""

import pytest
from playwright.sync_api import Page, expect

from people.models import Person
from tests.make import make_person, member
from workspaces.models import Membership, Role, Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]


def test_an_attribute_is_described_and_hidden_from_a_member(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    person = make_person(samples, "ann", {"name": "Ann", "salary": "canary", "Salary": 1})
    team = Membership.objects.get(user=member(Role.AUTHOR, samples, username="grace"))
    describe_and_mark(page)
    take_the_right_away(page, team)
    meet_the_mask(page, person)
    stored = Person.objects.get(pk=person.pk).attributes
    assert stored == {"name": "Ann Lee", "salary": "canary", "Salary": 1}
    assert complaints == []


def describe_and_mark(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Data index").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="salary", exact=True))
    expect(row).to_contain_text("canary")
    expect(row).to_contain_text("Similar name: Salary")
    row.get_by_role("link", name="Edit salary").click()
    page.get_by_label("Description").fill("Gross, a year")
    page.get_by_label("Tags").fill("payroll, gdpr")
    page.get_by_label("Sensitive").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Sensitive 1").click()
    expect(page.get_by_role("table")).to_contain_text("Gross, a year")
    expect(page.get_by_role("table")).to_contain_text("gdpr")


def take_the_right_away(page: Page, team: Membership) -> None:
    page.goto(f"/admin/workspaces/membership/{team.pk}/change/")
    page.get_by_label("Sees sensitive attributes").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="grace")).to_contain_text("Sensitive hidden")


def meet_the_mask(page: Page, person: Person) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill("pass")
    page.get_by_role("button", name="Log in").click()
    page.goto(f"/admin/people/person/{person.pk}/change/?tab=manage")
    locked = page.get_by_role("group", name="salary", exact=True)
    expect(locked.get_by_role("textbox", name="Attribute value")).not_to_be_editable()
    expect(locked.get_by_role("img", name="Sensitive")).to_be_visible()
    assert "canary" not in page.content()
    name = page.get_by_role("group", name="name", exact=True)
    name.get_by_role("textbox", name="Attribute value").fill("Ann Lee")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#content-main h2").first).to_have_text("Ann Lee")
